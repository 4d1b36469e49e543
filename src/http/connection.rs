//! The state of one client connection: when it was last active, and what it waits for.
//!
//! The HTTP library limits the time for a head, but also counts the time before the first byte. Load
//! balancers keep connections idle for a minute, and no client needs a minute for a head.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::telemetry::Closed;

/// What a client of HTTP/2 sends first. A head of HTTP/1.1 may begin like it, but not be it.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// How many more requests than were answered a client of HTTP/2 may have reset.
const RESETS: usize = 256;

/// How long the gateway waits for a client.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// From the opening of a connection to its first byte.
    pub first_byte: Duration,
    /// From the first byte of a head to its end.
    pub head: Duration,
    /// From the end of an answer to the next request. Load balancers drop idle connections after
    /// 60 seconds, and must be the first to do so: otherwise they may send a request into a
    /// connection that is being closed.
    pub idle: Duration,
    /// For the client to take a piece of an answer.
    pub unread: Duration,
    /// The same while answers take up more than half of the memory that there is for them.
    pub unread_when_full: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            first_byte: Duration::from_secs(10),
            head: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            unread: Duration::from_secs(30),
            unread_when_full: Duration::from_secs(2),
        }
    }
}

/// No such moment.
const NEVER: u64 = u64::MAX;

/// What a connection is found to be.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Fine; look again after this time.
    Fine(Duration),
    /// Without a request for too long: it is closed after a notice.
    Idle,
    /// In the middle of something for too long: it is cut.
    Stuck(Closed),
}

/// The moments of one connection, in microseconds since it was opened.
pub struct Activity {
    opened: Instant,
    /// Requests that are being answered.
    busy: AtomicUsize,
    /// Those of them whose bodies have not arrived.
    reading: AtomicUsize,
    /// Answers and pieces of answers that the client has not taken.
    owed: AtomicUsize,
    /// Requests that the client gave up, less those that were answered.
    reset: AtomicUsize,
    /// When a head began that is not complete.
    head_since: AtomicU64,
    /// Whether the client still sends a body that nobody reads.
    left_body: AtomicBool,
    /// When the client stopped to take what is written.
    unread_since: AtomicU64,
    /// When a request last began or ended, or a piece of an answer was taken.
    quiet_since: AtomicU64,
    /// How many bytes of the preface of HTTP/2 came first; [`NO_PREFACE`] when others did.
    preface: AtomicUsize,
    /// Why the connection has to end at once.
    ending: OnceLock<Closed>,
    end: Notify,
}

/// The connection does not begin as one of HTTP/2.
const NO_PREFACE: usize = usize::MAX;

impl Activity {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            opened: Instant::now(),
            busy: AtomicUsize::new(0),
            reading: AtomicUsize::new(0),
            owed: AtomicUsize::new(0),
            reset: AtomicUsize::new(0),
            head_since: AtomicU64::new(NEVER),
            left_body: AtomicBool::new(false),
            unread_since: AtomicU64::new(NEVER),
            quiet_since: AtomicU64::new(0),
            preface: AtomicUsize::new(0),
            ending: OnceLock::new(),
            end: Notify::new(),
        })
    }

    /// Counts a request as being answered until the guard is dropped.
    pub fn begin(self: &Arc<Self>) -> Busy {
        self.head_since.store(NEVER, Ordering::Relaxed);
        self.busy.fetch_add(1, Ordering::Relaxed);
        self.moved();
        Busy {
            of: Arc::clone(self),
            answered: false,
        }
    }

    /// Counts something as owed to the client until the guard is dropped.
    pub fn owe(self: &Arc<Self>) -> Owed {
        self.owed.fetch_add(1, Ordering::Relaxed);
        Owed(Arc::clone(self))
    }

    /// Counts a request as waiting for its body until the guard is dropped.
    pub fn read(self: &Arc<Self>) -> Reading {
        self.reading.fetch_add(1, Ordering::Relaxed);
        Reading(Arc::clone(self))
    }

    /// Notes that the connection has to end before the body of its last request has arrived.
    pub fn leave_body(&self) {
        self.left_body.store(true, Ordering::Relaxed);
    }

    /// Whether the client was in the middle of a head or a body when it was last read from.
    pub fn is_sending(&self) -> bool {
        self.left_body.load(Ordering::Relaxed) || self.head_since.load(Ordering::Relaxed) != NEVER
    }

    pub fn verdict(&self, patience: &Patience) -> Verdict {
        let now = self.now();
        let left = |since: u64, limit: Duration| {
            let passed = Duration::from_micros(now.saturating_sub(since));
            limit.checked_sub(passed).filter(|left| !left.is_zero())
        };
        let unread_since = self.unread_since.load(Ordering::Relaxed);
        if unread_since != NEVER && left(unread_since, patience.unread).is_none() {
            return Verdict::Stuck(Closed::Unread);
        }
        if !self.is_idle() {
            return Verdict::Fine(patience.head);
        }
        let head_since = self.head_since.load(Ordering::Relaxed);
        if head_since != NEVER {
            let left = left(head_since, patience.head);
            return left.map_or(Verdict::Stuck(Closed::Head), Verdict::Fine);
        }
        if self.preface.load(Ordering::Relaxed) == 0 {
            let left = left(0, patience.first_byte);
            return left.map_or(Verdict::Stuck(Closed::Silent), Verdict::Fine);
        }
        match left(self.quiet_since.load(Ordering::Relaxed), patience.idle) {
            // A head may begin in a moment, so nothing is left alone for longer than one may take.
            Some(left) => Verdict::Fine(left.min(patience.head)),
            None => Verdict::Idle,
        }
    }

    /// Whether nothing is being answered and nothing is owed.
    pub fn is_idle(&self) -> bool {
        self.busy.load(Ordering::Relaxed) == 0 && self.owed.load(Ordering::Relaxed) == 0
    }

    /// How little it would matter if the connection were closed, the least first; none while the
    /// gateway works on a request of it. Idle ones come before those whose clients owe a body or
    /// leave an answer unread.
    pub fn dispensable(&self) -> Option<(bool, Instant)> {
        let working = self.busy.load(Ordering::Relaxed) > self.reading.load(Ordering::Relaxed);
        if working || self.ending.get().is_some() {
            return None;
        }
        let since = Duration::from_micros(self.quiet_since.load(Ordering::Relaxed));
        Some((!self.is_idle(), self.opened + since))
    }

    /// Has the connection end, for the first reason that is given.
    pub fn end(&self, reason: Closed) {
        let _ = self.ending.set(reason);
        self.end.notify_one();
    }

    /// Waits for [`Self::end`].
    pub async fn ended(&self) -> Closed {
        loop {
            self.end.notified().await;
            if let Some(reason) = self.ending.get() {
                return *reason;
            }
        }
    }

    /// Microseconds since the connection was opened.
    pub fn now(&self) -> u64 {
        u64::try_from(self.opened.elapsed().as_micros()).unwrap_or(NEVER - 1)
    }

    fn moved(&self) {
        self.quiet_since.store(self.now(), Ordering::Relaxed);
    }

    /// Notes bytes that came from the client.
    pub fn was_read(&self, bytes: &[u8]) {
        let preface = self.preface.load(Ordering::Relaxed);
        let rest = PREFACE.get(preface..).unwrap_or_default();
        let length = rest.len().min(bytes.len());
        if preface < PREFACE.len() {
            if rest[..length] == bytes[..length] {
                self.preface.store(preface + length, Ordering::Relaxed);
            } else {
                self.preface.store(NO_PREFACE, Ordering::Relaxed);
            }
        }
        // HTTP/2 sends small frames at any time, which begin no head.
        if self.preface.load(Ordering::Relaxed) == PREFACE.len() {
            self.head_since.store(NEVER, Ordering::Relaxed);
            return;
        }
        if self.busy.load(Ordering::Relaxed) > 0 {
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

    /// Notes whether the client took what was written.
    pub fn was_written(&self, outcome: &Poll<io::Result<usize>>) {
        match outcome {
            Poll::Ready(_) => self.unread_since.store(NEVER, Ordering::Relaxed),
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
pub struct Busy {
    of: Arc<Activity>,
    answered: bool,
}

impl Busy {
    /// The request has its answer.
    pub fn answered(mut self) {
        self.answered = true;
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let reset = |reset: usize| {
            if self.answered {
                reset.checked_sub(1)
            } else {
                reset.checked_add(1)
            }
        };
        let _ = self
            .of
            .reset
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, reset);
        if self.of.reset.load(Ordering::Relaxed) > RESETS {
            self.of.end(Closed::Resets);
        }
        self.of.moved();
        self.of.busy.fetch_sub(1, Ordering::Relaxed);
    }
}

/// An answer, or a piece of one, that the client has not taken.
pub struct Owed(Arc<Activity>);

impl Drop for Owed {
    fn drop(&mut self) {
        self.0.moved();
        self.0.owed.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A request whose body has not arrived.
pub struct Reading(Arc<Activity>);

impl Drop for Reading {
    fn drop(&mut self) {
        self.0.moved();
        self.0.reading.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience = Patience {
        first_byte: Duration::from_secs(10),
        head: Duration::from_secs(10),
        idle: Duration::from_secs(75),
        unread: Duration::from_secs(30),
        unread_when_full: Duration::from_secs(2),
    };
    const MOMENT: Duration = Duration::from_secs(1);

    /// The activity of a connection that was opened some time ago.
    fn opened(ago: Duration) -> Arc<Activity> {
        let mut activity = Activity::new();
        pass(&mut activity, ago);
        activity
    }

    /// Lets time pass.
    fn pass(activity: &mut Arc<Activity>, time: Duration) {
        Arc::get_mut(activity).expect("the only one").opened -= time;
    }

    fn is_fine(activity: &Activity) -> bool {
        matches!(activity.verdict(&PATIENCE), Verdict::Fine(_))
    }

    #[test]
    fn a_connection_that_says_nothing_is_cut_soon() {
        assert!(is_fine(&opened(PATIENCE.first_byte - MOMENT)));
        assert_eq!(
            opened(PATIENCE.first_byte).verdict(&PATIENCE),
            Verdict::Stuck(Closed::Silent)
        );
    }

    #[test]
    fn a_connection_is_idle_some_time_after_its_last_request() {
        let mut activity = opened(Duration::ZERO);
        activity.was_read(b"GET / HTTP/1.1");
        activity.begin().answered();
        pass(&mut activity, PATIENCE.idle - MOMENT);
        assert!(is_fine(&activity));
        pass(&mut activity, MOMENT);
        assert_eq!(activity.verdict(&PATIENCE), Verdict::Idle);
        // What is written by itself, such as a PING, is no request.
        activity.was_written(&Poll::Ready(Ok(17)));
        assert_eq!(activity.verdict(&PATIENCE), Verdict::Idle);
    }

    #[test]
    fn a_head_has_its_time_and_drops_of_it_win_none() {
        for head in [
            &b"POST /graphql"[..],
            b"PRIX / HTTP/1.1",
            b"PRI * HTTP/2.0\r\n\r\nSX",
        ] {
            let mut activity = opened(Duration::ZERO);
            for byte in head {
                activity.was_read(&[*byte]);
            }
            for step in 0..9 {
                pass(&mut activity, MOMENT);
                activity.was_read(b"X");
                assert!(is_fine(&activity), "{step}");
            }
            pass(&mut activity, MOMENT);
            assert_eq!(activity.verdict(&PATIENCE), Verdict::Stuck(Closed::Head));
        }
    }

    #[test]
    fn half_a_preface_is_a_head_and_a_whole_one_is_none() {
        for (length, expected) in [
            (1, false),
            (PREFACE.len() - 1, false),
            (PREFACE.len(), true),
        ] {
            let mut activity = opened(Duration::ZERO);
            for part in PREFACE[..length].chunks(7) {
                activity.was_read(part);
            }
            pass(&mut activity, PATIENCE.head);
            assert_eq!(is_fine(&activity), expected, "{length}");
        }
        let mut activity = opened(Duration::ZERO);
        activity.was_read(&[PREFACE, b"frames"].concat());
        activity.was_read(b"a ping");
        pass(&mut activity, PATIENCE.head);
        assert!(is_fine(&activity));
    }

    #[test]
    fn a_request_that_is_answered_may_take_its_time() {
        let mut activity = opened(Duration::ZERO);
        activity.was_read(b"GET / HTTP/1.1");
        let busy = activity.begin();
        assert!(activity.dispensable().is_none());
        drop(busy);
        pass(&mut activity, PATIENCE.idle);
        assert_eq!(activity.verdict(&PATIENCE), Verdict::Idle);
        let busy = activity.begin();
        assert!(is_fine(&activity));
        drop(busy);
        let owed = activity.owe();
        assert!(is_fine(&activity));
        drop(owed);
    }

    #[test]
    fn an_unread_answer_cuts() {
        let mut activity = opened(Duration::ZERO);
        activity.was_read(PREFACE);
        let busy = activity.begin();
        activity.was_written(&Poll::Pending);
        drop(busy);
        pass(&mut activity, PATIENCE.unread);
        assert_eq!(activity.verdict(&PATIENCE), Verdict::Stuck(Closed::Unread));
        activity.was_written(&Poll::Ready(Ok(1)));
        assert!(is_fine(&activity));
    }

    #[test]
    fn the_longest_idle_comes_first_and_who_is_worked_for_never() {
        let old = opened(PATIENCE.idle);
        let young = opened(MOMENT);
        let unread = opened(PATIENCE.idle * 2);
        let _owed = unread.owe();
        let sending = opened(PATIENCE.idle);
        let _busy = sending.begin();
        assert!(sending.dispensable().is_none(), "it is worked on");
        let _reading = sending.read();
        let mut order = [
            ("sending", &sending),
            ("unread", &unread),
            ("young", &young),
            ("old", &old),
        ];
        order.sort_by_key(|(_, activity)| activity.dispensable());
        assert_eq!(
            order.map(|(name, _)| name),
            ["old", "young", "unread", "sending"]
        );
        old.end(Closed::Evicted);
        assert!(old.dispensable().is_none(), "it ends already");
    }

    #[test]
    fn resets_beyond_answers_are_counted() {
        let activity = opened(Duration::ZERO);
        for _ in 0..RESETS * 2 {
            drop(activity.begin());
            activity.begin().answered();
        }
        assert_eq!(activity.ending.get(), None, "one of two was waited for");
        for _ in 0..=RESETS {
            drop(activity.begin());
        }
        assert_eq!(activity.ending.get(), Some(&Closed::Resets));
    }
}
