//! Texts for the terminal, on streams that may be full or closed.

use std::io::{self, Write};
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Duration;

/// How long a text is waited for.
const PATIENCE: Duration = Duration::from_millis(500);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    Output,
    Error,
}

/// Writes a text without waiting long for it: a pipe that nobody reads must not stop the process,
/// and one that was closed must not end it. What is not written by the end of the process is lost.
pub fn say(stream: Stream, text: impl Into<String>) {
    let text = text.into();
    let (done, finished) = sync_channel(1);
    let writing = thread::Builder::new()
        .name("console".to_owned())
        .spawn(move || {
            let mut to = open(stream);
            // There is nobody left to tell that it failed.
            let _ = to.write_all(text.as_bytes());
            let _ = to.flush();
            let _ = done.try_send(());
        });
    if writing.is_ok() {
        let _ = finished.recv_timeout(PATIENCE);
    }
}

/// The stream by a handle of its own. Those of the standard library have a lock, which a thread
/// that is stuck would hold against all others.
pub(super) fn open(stream: Stream) -> Box<dyn Write + Send> {
    #[cfg(unix)]
    {
        use std::fs::File;
        use std::os::fd::AsFd;

        let handle = match stream {
            Stream::Output => io::stdout().as_fd().try_clone_to_owned(),
            Stream::Error => io::stderr().as_fd().try_clone_to_owned(),
        };
        if let Ok(handle) = handle {
            return Box::new(File::from(handle));
        }
    }
    match stream {
        Stream::Output => Box::new(io::stdout()),
        Stream::Error => Box::new(io::stderr()),
    }
}
