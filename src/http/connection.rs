//! What is known of one connection of a client: when it last did something, and what it waits for.
//!
//! The HTTP library bounds the time for a head, but counts the time before its first byte, too.
//! Load balancers keep connections idle for a minute, and nobody needs a minute for a head.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Time for the head of a request, from its first byte on.
pub const HEAD: Duration = Duration::from_secs(10);
/// How long a connection is kept without a request. Load balancers drop theirs after 60 seconds,
/// and must be the first to do so: otherwise they may send a request into a closing connection.
pub const IDLE: Duration = Duration::from_secs(75);
/// How long the client may leave an answer unread.
pub const UNREAD: Duration = Duration::from_secs(30);

/// No such moment.
const NEVER: u64 = u64::MAX;

/// What a connection is found to be.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Fine; look again after this time.
    Fine(Duration),
    /// Without a request for too long: it may be closed in good manners.
    Idle,
    /// In the middle of something for too long: it is cut.
    Stuck,
}

/// The moments of one connection, in milliseconds since it was opened.
pub struct Activity {
    opened: Instant,
    /// Requests that are being answered.
    busy: AtomicUsize,
    /// When a head began that is not complete.
    head_since: AtomicU64,
    /// When the client stopped to take what is written.
    unread_since: AtomicU64,
    /// When something was last written or answered.
    quiet_since: AtomicU64,
    /// HTTP/2 sends small frames at any time, which begin no head.
    framed: AtomicBool,
}

impl Activity {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            opened: Instant::now(),
            busy: AtomicUsize::new(0),
            head_since: AtomicU64::new(NEVER),
            unread_since: AtomicU64::new(NEVER),
            quiet_since: AtomicU64::new(0),
            framed: AtomicBool::new(false),
        })
    }

    /// Counts a request as being answered until the guard is dropped.
    pub fn begin(self: &Arc<Self>) -> Busy {
        self.head_since.store(NEVER, Ordering::Relaxed);
        self.busy.fetch_add(1, Ordering::Relaxed);
        Busy(Arc::clone(self))
    }

    pub fn verdict(&self) -> Verdict {
        let now = self.now();
        let left = |since: u64, limit: Duration| {
            let passed = Duration::from_millis(now.saturating_sub(since));
            limit.checked_sub(passed).filter(|left| !left.is_zero())
        };
        let unread_since = self.unread_since.load(Ordering::Relaxed);
        if unread_since != NEVER && left(unread_since, UNREAD).is_none() {
            return Verdict::Stuck;
        }
        if self.busy.load(Ordering::Relaxed) > 0 {
            return Verdict::Fine(HEAD);
        }
        let head_since = self.head_since.load(Ordering::Relaxed);
        if head_since != NEVER {
            return left(head_since, HEAD).map_or(Verdict::Stuck, Verdict::Fine);
        }
        match left(self.quiet_since.load(Ordering::Relaxed), IDLE) {
            // A head may begin in a moment, so nothing is left alone for longer than one may take.
            Some(left) => Verdict::Fine(left.min(HEAD)),
            None => Verdict::Idle,
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(NEVER - 1)
    }

    fn was_read(&self, bytes: &[u8]) {
        if bytes.starts_with(b"PRI") {
            self.framed.store(true, Ordering::Relaxed);
        }
        if self.framed.load(Ordering::Relaxed) || self.busy.load(Ordering::Relaxed) > 0 {
            return;
        }
        // Bytes that follow do not begin it anew.
        let _ = self.head_since.compare_exchange(
            NEVER,
            self.now(),
            Ordering::Relaxed,
            Ordering::Relaxed,
        );
    }

    fn was_written(&self, outcome: &Poll<io::Result<usize>>) {
        match outcome {
            Poll::Ready(_) => {
                self.quiet_since.store(self.now(), Ordering::Relaxed);
                self.unread_since.store(NEVER, Ordering::Relaxed);
            }
            Poll::Pending => {
                let _ = self.unread_since.compare_exchange(
                    NEVER,
                    self.now(),
                    Ordering::Relaxed,
                    Ordering::Relaxed,
                );
            }
        }
    }
}

/// A request that is being answered.
pub struct Busy(Arc<Activity>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.quiet_since.store(self.0.now(), Ordering::Relaxed);
        self.0.busy.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A stream that notes its activity.
pub struct Noted<S> {
    stream: S,
    activity: Arc<Activity>,
}

impl<S> Noted<S> {
    pub fn new(stream: S, activity: Arc<Activity>) -> Self {
        Self { stream, activity }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Noted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut self.stream).poll_read(context, buffer);
        let read = &buffer.filled()[before..];
        if !read.is_empty() {
            self.activity.was_read(read);
        }
        outcome
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Noted<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.activity.was_written(&outcome);
        outcome
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.activity.was_written(&outcome);
        outcome
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The activity of a connection that was opened some time ago.
    fn opened(ago: Duration) -> Arc<Activity> {
        let mut activity = Activity::new();
        let fresh = Arc::get_mut(&mut activity).expect("the only one");
        fresh.opened -= ago;
        activity
    }

    const MOMENT: Duration = Duration::from_secs(1);

    #[test]
    fn a_connection_without_requests_is_idle_in_the_end() {
        assert!(matches!(opened(IDLE - MOMENT).verdict(), Verdict::Fine(_)));
        assert_eq!(opened(IDLE).verdict(), Verdict::Idle);
    }

    #[test]
    fn a_head_has_its_time_and_drops_of_it_win_none() {
        let activity = opened(Duration::ZERO);
        activity.was_read(b"POST /gra");
        let mut later = activity;
        for step in 0..9 {
            let moved = Arc::get_mut(&mut later).expect("the only one");
            moved.opened -= MOMENT;
            later.was_read(b"X");
            assert!(matches!(later.verdict(), Verdict::Fine(_)), "{step}");
        }
        Arc::get_mut(&mut later).expect("the only one").opened -= MOMENT;
        assert_eq!(later.verdict(), Verdict::Stuck);
    }

    #[test]
    fn a_request_that_is_answered_may_take_its_time() {
        let mut activity = opened(Duration::ZERO);
        activity.was_read(b"GET / HTTP/1.1");
        let busy = activity.begin();
        assert!(matches!(activity.verdict(), Verdict::Fine(_)));
        drop(busy);
        Arc::get_mut(&mut activity).expect("the only one").opened -= IDLE;
        assert_eq!(activity.verdict(), Verdict::Idle);
        let busy = activity.begin();
        assert!(matches!(activity.verdict(), Verdict::Fine(_)));
        drop(busy);
    }

    #[test]
    fn frames_begin_no_head_and_an_unread_answer_cuts() {
        let mut activity = opened(Duration::ZERO);
        activity.was_read(b"PRI * HTTP/2.0");
        activity.was_read(b"a ping");
        Arc::get_mut(&mut activity).expect("the only one").opened -= HEAD;
        assert!(matches!(activity.verdict(), Verdict::Fine(_)));
        let busy = activity.begin();
        activity.was_written(&Poll::Pending);
        drop(busy);
        Arc::get_mut(&mut activity).expect("the only one").opened -= UNREAD;
        assert_eq!(activity.verdict(), Verdict::Stuck);
        activity.was_written(&Poll::Ready(Ok(1)));
        assert!(matches!(activity.verdict(), Verdict::Fine(_)));
    }
}
