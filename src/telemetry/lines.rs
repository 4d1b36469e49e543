//! Log lines on their way to a stream that perhaps nobody reads. A thread writes them, so that a
//! full pipe stops this thread alone; lines that find no room are dropped and counted.
//!
//! `tracing-appender` does this too, and neither bounds the bytes nor says in the log that lines
//! are missing.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use tracing_subscriber::fmt::MakeWriter;

use super::metrics;

/// Most lines and bytes that wait to be written.
const MOST_LINES: usize = 4096;
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// How long the process waits at its end for the last lines to be written.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long the thread sleeps when there is nothing to write: at first, and twice as long each time
/// up to the longest, since a process without requests should not wake the processor for nothing.
const SHORTEST_REST: Duration = Duration::from_millis(10);
const LONGEST_REST: Duration = Duration::from_millis(160);
/// Bytes that are written with one call.
const BATCH: usize = 64 * 1024;
/// How often the log says that lines were dropped.
const REPORT: Duration = Duration::from_secs(1);

enum Entry {
    Line(Vec<u8>),
    /// Everything before it is written when it is answered.
    End(SyncSender<()>),
}

/// Takes lines without ever waiting.
#[derive(Clone)]
pub(super) struct Lines {
    queue: SyncSender<Entry>,
    backlog: Arc<Backlog>,
    thread: Thread,
}

#[derive(Default)]
struct Backlog {
    bytes: AtomicUsize,
    /// Dropped lines that the log has not told yet.
    dropped: AtomicU64,
}

impl Backlog {
    fn drop_line(&self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
        metrics().log_line_dropped();
    }
}

impl Lines {
    /// Starts the thread that writes to a stream; `tell` makes the line about dropped lines.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub(super) fn start(
        stream: impl Write + Send + 'static,
        tell: impl Fn(u64) -> String + Send + 'static,
    ) -> io::Result<Self> {
        let (queue, entries) = sync_channel(MOST_LINES);
        let backlog = Arc::new(Backlog::default());
        let writer = Writer {
            stream,
            tell,
            told: None,
            lines: 0,
            backlog: Arc::clone(&backlog),
        };
        let started = thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || writer.run(entries))?;
        Ok(Self {
            queue,
            backlog,
            thread: started.thread().clone(),
        })
    }

    fn push(&self, line: &[u8]) {
        let size = line.len();
        let waiting = self.backlog.bytes.fetch_add(size, Ordering::Relaxed);
        let fits = waiting.saturating_add(size) <= MOST_BYTES;
        if !fits || self.queue.try_send(Entry::Line(line.to_vec())).is_err() {
            self.backlog.bytes.fetch_sub(size, Ordering::Relaxed);
            self.backlog.drop_line();
        }
    }

    /// Waits until the lines so far are written, and no longer than a second.
    pub(super) fn finish(&self) {
        let (done, finished) = sync_channel(1);
        let deadline = Instant::now() + PATIENCE;
        let mut end = Entry::End(done);
        while let Err(TrySendError::Full(entry)) = self.queue.try_send(end) {
            if Instant::now() >= deadline {
                return;
            }
            thread::sleep(Duration::from_millis(5));
            end = entry;
        }
        self.thread.unpark();
        let _ = finished.recv_timeout(deadline.saturating_duration_since(Instant::now()));
    }
}

/// `tracing-subscriber` writes each line at once.
impl Write for &Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.push(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = &'a Self;

    fn make_writer(&'a self) -> &'a Self {
        self
    }
}

struct Writer<S, T> {
    stream: S,
    tell: T,
    /// When the log last said that lines were dropped.
    told: Option<Instant>,
    /// Lines of the batch that is gathered.
    lines: u32,
    backlog: Arc<Backlog>,
}

impl<S: Write, T: Fn(u64) -> String> Writer<S, T> {
    /// Writes what has come, then sleeps: nobody who has a line has to wake this thread, which
    /// would cost a system call of the request's time.
    fn run(mut self, entries: Receiver<Entry>) {
        let mut batch = Vec::new();
        let mut rest = SHORTEST_REST;
        loop {
            let entry = entries.try_recv();
            match entry {
                Ok(Entry::Line(line)) if batch.len() + line.len() <= BATCH => {
                    rest = SHORTEST_REST;
                    batch.extend_from_slice(&line);
                    self.lines += 1;
                    continue;
                }
                _ => self.write(&mut batch),
            }
            match entry {
                Ok(Entry::Line(line)) => {
                    self.lines = 1;
                    batch.extend_from_slice(&line);
                }
                Ok(Entry::End(done)) => {
                    self.report();
                    let _ = self.stream.flush();
                    let _ = done.try_send(());
                }
                Err(TryRecvError::Empty) => {
                    thread::park_timeout(rest);
                    rest = (rest * 2).min(LONGEST_REST);
                }
                Err(TryRecvError::Disconnected) => return,
            }
        }
    }

    /// Writes lines with one call.
    fn write(&mut self, batch: &mut Vec<u8>) {
        if batch.is_empty() {
            return;
        }
        let written = self.stream.write_all(batch);
        self.backlog.bytes.fetch_sub(batch.len(), Ordering::Relaxed);
        batch.clear();
        let lines = std::mem::take(&mut self.lines);
        match written {
            Ok(()) if self.told.is_none_or(|told| told.elapsed() >= REPORT) => self.report(),
            Ok(()) => {}
            Err(_) => (0..lines).for_each(|_| self.backlog.drop_line()),
        }
    }

    /// Says how many lines were dropped, if any were.
    fn report(&mut self) {
        let dropped = self.backlog.dropped.swap(0, Ordering::Relaxed);
        if dropped == 0 {
            return;
        }
        let line = (self.tell)(dropped);
        if self.stream.write_all(line.as_bytes()).is_ok() {
            self.told = Some(Instant::now());
        } else {
            self.backlog.dropped.fetch_add(dropped, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, pipe};

    use super::*;

    fn tell(dropped: u64) -> String {
        format!("dropped {dropped}\n")
    }

    #[test]
    fn nobody_waits_for_a_pipe_that_is_not_read_and_its_reader_learns_what_is_missing() {
        let (mut reader, writer) = pipe().unwrap();
        let lines = Lines::start(writer, tell).unwrap();
        let mut sent = 0;
        while lines.backlog.dropped.load(Ordering::Relaxed) < 10 {
            sent += 1;
            let line = format!("line {sent:1000}\n");
            (&lines).write_all(line.as_bytes()).unwrap();
            assert!(sent < 100_000, "nothing is dropped");
        }
        let started = Instant::now();
        lines.finish();
        assert!(started.elapsed() < PATIENCE * 10, "the end does not come");
        let reading = thread::spawn(move || {
            let mut text = String::new();
            reader.read_to_string(&mut text).unwrap();
            text
        });
        // Once there is room again.
        while lines.backlog.bytes.load(Ordering::Relaxed) > 0 {
            thread::yield_now();
        }
        (&lines).write_all(b"the last one\n").unwrap();
        lines.finish();
        drop(lines);
        let text = reading.join().unwrap();
        let count = |begins: &str| text.lines().filter(|line| line.starts_with(begins)).count();
        assert_eq!(count("the last one"), 1);
        let dropped: u64 = text
            .lines()
            .filter_map(|line| line.strip_prefix("dropped ")?.parse::<u64>().ok())
            .sum();
        assert_eq!(count("line ") as u64 + dropped, sent);
        assert!(dropped >= 10);
    }

    #[test]
    fn bytes_are_bounded_and_a_closed_pipe_is_no_end() {
        let (reader, writer) = pipe().unwrap();
        let lines = Lines::start(writer, tell).unwrap();
        let large = vec![b'x'; MOST_BYTES / 8];
        for _ in 0..20 {
            (&lines).write_all(&large).unwrap();
        }
        assert!(lines.backlog.bytes.load(Ordering::Relaxed) <= MOST_BYTES);
        assert!(lines.backlog.dropped.load(Ordering::Relaxed) >= 11);
        drop(reader);
        while lines.backlog.bytes.load(Ordering::Relaxed) > 0 {
            thread::yield_now();
        }
        let before = lines.backlog.dropped.load(Ordering::Relaxed);
        (&lines).write_all(b"for nobody\n").unwrap();
        lines.finish();
        assert!(lines.backlog.dropped.load(Ordering::Relaxed) > before);
    }
}
