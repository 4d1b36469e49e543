//! The token buckets of a rate limit, in the memory of this process.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use uuid::Uuid;

use super::value::Rate;

/// Buckets that are full again are forgotten at the earliest after so many takings.
const SWEEP_AFTER: usize = 1024;

/// What came of taking units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    Granted {
        /// Units that are left.
        remaining: u32,
    },
    Refused {
        /// Units that are left, fewer than were asked for.
        remaining: u32,
        /// After how long the same could be granted.
        wait: Duration,
    },
    /// More units than the bucket ever holds.
    Never,
}

/// Keeps the buckets of one limit, a bucket for each key. Each of several processes has its own.
pub struct Limiter<C: Clock = DefaultClock> {
    buckets: RateLimiter<Uuid, HashMapStateStore<Uuid>, C, StateInformationMiddleware>,
    clock: C,
    interval: Duration,
    /// Takings since full buckets were last forgotten.
    takings: AtomicUsize,
}

impl Limiter {
    pub fn new(rate: Rate) -> Self {
        Self::with_clock(rate, DefaultClock::default())
    }
}

impl<C: Clock + Clone> Limiter<C> {
    /// A limiter with a clock of one's own, as tests want it.
    pub fn with_clock(rate: Rate, clock: C) -> Self {
        let interval = rate.interval();
        // An interval is never zero; a limit of one a nanosecond would be the same.
        let quota = Quota::with_period(interval).unwrap_or(Quota::per_second(NonZeroU32::MAX));
        Self {
            buckets: RateLimiter::hashmap_with_clock(
                quota.allow_burst(rate.burst()),
                clock.clone(),
            )
            .with_middleware(),
            clock,
            interval,
            takings: AtomicUsize::new(0),
        }
    }
}

impl<C: Clock> Limiter<C> {
    /// How many buckets are kept.
    pub fn len(&self) -> usize {
        self.buckets.len()
    }

    pub fn is_empty(&self) -> bool {
        self.buckets.is_empty()
    }

    /// Forgets full buckets now and then: each taking pays for a look at two buckets at most.
    fn sweep(&self) {
        let takings = self.takings.fetch_add(1, Ordering::Relaxed);
        if takings >= SWEEP_AFTER && takings >= self.buckets.len() / 2 {
            self.takings.store(0, Ordering::Relaxed);
            self.buckets.retain_recent();
        }
    }
}

impl<C: Clock> Limiter<C> {
    /// Takes units out of the bucket of a key: all of them, or none.
    pub fn take(&self, key: Uuid, units: NonZeroU32) -> Taken {
        self.sweep();
        match self.buckets.check_key_n(&key, units) {
            Ok(Ok(state)) => Taken::Granted {
                remaining: state.remaining_burst_capacity(),
            },
            Ok(Err(until)) => {
                let wait = until.wait_time_from(self.clock.now());
                // The wait is for the units that are missing.
                let missing = wait.as_nanos().div_ceil(self.interval.as_nanos());
                let missing = u32::try_from(missing).unwrap_or(u32::MAX);
                Taken::Refused {
                    remaining: units.get().saturating_sub(missing),
                    wait,
                }
            }
            Err(_) => Taken::Never,
        }
    }
}
