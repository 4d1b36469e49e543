//! What was made once and is kept for other requests, within a number of bytes.

use std::hash::Hash;
use std::sync::Arc;

use moka::sync::Cache;

use crate::telemetry::{Numbers, metrics};

/// What an entry takes beside itself: its place in the cache, and the counts of how often it is
/// asked for.
const OVERHEAD: usize = 256;

/// Bytes of all that is kept, unless it is set.
pub const BYTES: u64 = 64 * 1024 * 1024;

/// Largest document, operation or statement that is kept: one must not push out many.
pub const LARGEST: usize = 1024 * 1024;

/// What is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Parsed documents, by their text.
    Document,
    /// Validated and compiled operations.
    Operation,
    /// Texts of statements.
    Statement,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Document, Self::Operation, Self::Statement];

    pub fn name(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Operation => "operation",
            Self::Statement => "statement",
        }
    }

    /// The part of all bytes that one kind may take. An operation has one document, and its
    /// statements are often those of other operations.
    pub fn share(self, bytes: u64) -> u64 {
        match self {
            Self::Document => bytes / 4,
            Self::Operation => bytes / 2,
            Self::Statement => bytes / 4,
        }
    }
}

/// Entries of one kind. What is asked for often stays, however many others come once.
#[derive(Clone, Debug)]
pub struct Kept<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    entries: Cache<K, V>,
    weigh: fn(&K, &V) -> usize,
    numbers: Numbers,
}

impl<K, V> Kept<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Keeps entries of this kind within its share of so many bytes. `weigh` says about how many
    /// an entry takes.
    pub fn new(kind: Kind, bytes: u64, weigh: fn(&K, &V) -> usize) -> Self {
        let weight = move |key: &K, value: &V| {
            u32::try_from(weigh(key, value) + OVERHEAD).unwrap_or(u32::MAX)
        };
        let numbers = metrics().kept.of(kind);
        let dropped = numbers.clone();
        let entries = Cache::builder()
            .max_capacity(kind.share(bytes))
            .weigher(weight)
            .eviction_listener(move |key: Arc<K>, value: V, _| {
                dropped.shrank(weigh(&key, &value) + OVERHEAD);
            })
            .build();
        Self {
            entries,
            weigh,
            numbers,
        }
    }

    pub fn get<Q>(&self, key: &Q) -> Option<V>
    where
        Q: moka::Equivalent<K> + Hash + ?Sized,
    {
        let found = self.entries.get(key);
        self.numbers.asked(found.is_some());
        found
    }

    pub fn insert(&self, key: K, value: V) {
        self.numbers.grew((self.weigh)(&key, &value) + OVERHEAD);
        self.entries.insert(key, value);
    }

    /// Bytes of all entries, once those that are too many are dropped.
    pub fn bytes(&self) -> u64 {
        self.entries.run_pending_tasks();
        self.entries.weighted_size()
    }
}
