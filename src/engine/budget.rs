//! The bytes of one operation: what it may read and write, and what it holds meanwhile.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::{Code, Error};
use crate::guard::{Limit, Limits};
use crate::memory::Held;

/// What a row takes beside its bytes: the driver's view of it, and its place in the index by key.
const ROW: usize = 160;
/// What one error of an answer takes, with its path and as JSON.
const ERROR: usize = 2048;
/// An answer may be larger than what it holds by so much; more is given back.
const SLACK: usize = 64 * 1024;

/// Counts the bytes of an operation against its own limit and, with those of all others, against
/// the memory of the gateway.
pub struct Budget {
    limits: Limits,
    state: Mutex<State>,
}

struct State {
    held: Held,
    /// Bytes of values that came from the database.
    read: u64,
    /// What was read takes in memory.
    rows: usize,
    /// Whether the operation was refused because others hold too much.
    full: bool,
}

impl Budget {
    pub fn new(limits: Limits, held: Held) -> Self {
        Self {
            limits,
            state: Mutex::new(State {
                held,
                read: 0,
                rows: 0,
                full: false,
            }),
        }
    }

    /// Counts something that stays for the whole operation.
    ///
    /// # Errors
    /// `UNAVAILABLE`.
    pub fn keep(&self, bytes: usize) -> Result<(), Error> {
        let mut state = self.state();
        state.rows += bytes;
        state.fit(0)
    }

    /// Counts a row of so many bytes.
    ///
    /// # Errors
    /// `QUERY_TOO_EXPENSIVE` when the operation has read too much, `UNAVAILABLE` when all
    /// operations hold too much.
    pub fn read(&self, bytes: usize) -> Result<(), Error> {
        let mut state = self.state();
        state.read += bytes as u64;
        self.limits.hold(Limit::AnswerBytes, state.read)?;
        state.rows += bytes + ROW;
        state.fit(0)
    }

    /// How many bytes of values were read.
    pub fn bytes_read(&self) -> usize {
        usize::try_from(self.state().read).unwrap_or(usize::MAX)
    }

    /// Forgets the rows, which are read once more.
    pub fn restart(&self) {
        let mut state = self.state();
        state.read = 0;
        state.rows = 0;
        // Less always fits.
        let _ = state.fit(0);
    }

    /// Makes room for `more` bytes of an answer that has `errors` errors so far, and tells how long
    /// it may become before room is needed again.
    ///
    /// # Errors
    /// As [`Self::read`], of what is written.
    pub fn write(&self, out: &mut Vec<u8>, more: usize, errors: usize) -> Result<usize, Error> {
        let told = errors * ERROR;
        let wanted = out.len() + more;
        self.limits
            .hold(Limit::AnswerBytes, (wanted + told) as u64)?;
        if wanted > out.capacity() {
            // In steps, so that a long answer is not copied for each of its values; never far
            // beyond the limit, so that the last step is not the largest.
            let step = (out.capacity() + out.capacity() / 2).max(wanted);
            self.state().fit(step + told)?;
            out.reserve_exact(step - out.len());
        }
        let limit = self.limits.of(Limit::AnswerBytes);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(out.capacity().min(limit.saturating_sub(told)))
    }

    /// Whether the operation was refused because others hold too much.
    pub fn is_full(&self) -> bool {
        self.state().full
    }

    /// What the answer holds once the rows are gone.
    pub fn finish(self, out: &mut Vec<u8>, errors: usize) -> Held {
        if out.capacity() - out.len() > SLACK {
            out.shrink_to(out.len() + SLACK / 2);
        }
        let mut state = self
            .state
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        state.rows = 0;
        // It is less than what was held while it was written.
        let _ = state.fit(out.capacity() + errors * ERROR);
        state.held
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The numbers are valid at every moment.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Holds what was read and so much beside it.
    fn fit(&mut self, beside: usize) -> Result<(), Error> {
        self.held.resize(self.rows + beside).map_err(|_| {
            self.full = true;
            Error::new(
                Code::Unavailable,
                "The gateway has no memory left for this request at the moment; try again after the time in the header `Retry-After`, or ask for a smaller page.",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Memory;

    #[test]
    fn reading_stops_at_the_limit_before_anything_is_written() {
        let limits = Limits {
            max_answer_bytes: 1000,
            ..Limits::default()
        };
        let memory = Memory::new(1 << 20);
        let budget = Budget::new(limits, memory.begin(None, 0));
        assert!(budget.read(600).is_ok());
        let error = budget.read(600).unwrap_err();
        assert_eq!(error.code, Code::QueryTooExpensive, "{error}");
        assert!(!budget.is_full(), "others hold nothing");
        // What is read once more is counted once.
        budget.restart();
        assert!(budget.read(600).is_ok());
        drop(budget);
        assert_eq!(memory.held(), 0);
    }
}
