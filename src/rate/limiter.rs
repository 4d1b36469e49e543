//! The interface of what keeps buckets.

use std::num::NonZeroU32;
use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

/// Keeps the buckets of one limit, a bucket for each key. A limiter over a shared store that cannot
/// be reached grants: it is no reason to refuse everybody.
#[async_trait]
pub trait Limiter: Send + Sync {
    /// Takes units out of the bucket of a key: all of them, or none.
    async fn take(&self, key: Uuid, units: NonZeroU32) -> Taken;
}

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
