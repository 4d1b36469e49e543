//! Keeps a flood of equal events out of the log: the first few of some seconds have a line each,
//! and one line stands for the others.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How many events of one kind are told one by one.
pub struct Flood {
    /// Events of a window that have a line each.
    first: u64,
    window: Duration,
    /// Tells in one line of so many further events.
    report: fn(u64),
    state: Mutex<State>,
}

struct State {
    /// When the window began; none before the first event.
    since: Option<Instant>,
    events: u64,
}

impl Flood {
    pub const fn new(first: u64, window: Duration, report: fn(u64)) -> Self {
        Self {
            first,
            window,
            report,
            state: Mutex::new(State {
                since: None,
                events: 0,
            }),
        }
    }

    /// Counts an event, and says whether it has a line of its own. At the end of the window the
    /// others are reported, which needs a Tokio runtime around the caller.
    pub fn admits(&'static self) -> bool {
        let mut state = self.lock();
        if state
            .since
            .is_none_or(|since| since.elapsed() >= self.window)
        {
            // A report that is due takes its number first, or has none to tell.
            let held = state.events.saturating_sub(self.first);
            state.since = Some(Instant::now());
            state.events = 0;
            if held > 0 {
                (self.report)(held);
            }
        }
        state.events += 1;
        let admits = state.events <= self.first;
        let starts_to_hold = state.events == self.first + 1;
        drop(state);
        if starts_to_hold {
            tokio::spawn(async move {
                tokio::time::sleep(self.window).await;
                self.close();
            });
        }
        admits
    }

    /// Reports what the window held back, if it is over.
    fn close(&self) {
        let mut state = self.lock();
        if state
            .since
            .is_some_and(|since| since.elapsed() >= self.window)
        {
            let held = state.events.saturating_sub(self.first);
            state.since = None;
            state.events = 0;
            drop(state);
            if held > 0 {
                (self.report)(held);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing under the lock can fail halfway.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

    use super::*;

    #[tokio::test]
    async fn the_first_have_a_line_each_and_the_others_one_together() {
        static TOLD: AtomicU64 = AtomicU64::new(0);
        static FLOOD: Flood = Flood::new(3, Duration::from_millis(50), |events| {
            TOLD.fetch_add(events, SeqCst);
        });
        let mut lines = 0;
        for _ in 0..100_000 {
            lines += u64::from(FLOOD.admits());
        }
        assert!(lines >= 3);
        // All are told, however many windows it took, without a further event.
        while lines + TOLD.load(SeqCst) < 100_000 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(lines + TOLD.load(SeqCst), 100_000);
        assert!(lines < 10_000, "{lines}");
    }
}
