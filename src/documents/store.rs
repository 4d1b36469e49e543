//! Where the texts of automatic persisted queries are kept.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use uuid::Uuid;

use super::hash::Hash;
use super::lru::Lru;

/// Keeps texts by workspace and hash. It may forget any of them at any time, and a store that
/// cannot be reached answers none: clients then send the text again.
#[async_trait]
pub trait Store: Send + Sync {
    async fn get(&self, workspace: Uuid, hash: Hash) -> Option<Arc<str>>;

    async fn put(&self, workspace: Uuid, hash: Hash, text: Arc<str>);
}

/// Most entries of the store in memory, and most bytes of their texts.
const MOST: (usize, usize) = (10_000, 16 * 1024 * 1024);

/// A store in this process alone.
pub struct MemoryStore {
    texts: Mutex<Lru<(Uuid, Hash), Arc<str>>>,
}

impl Default for MemoryStore {
    fn default() -> Self {
        let (entries, bytes) = MOST;
        Self {
            texts: Mutex::new(Lru::new(entries, bytes)),
        }
    }
}

impl MemoryStore {
    fn lock(&self) -> std::sync::MutexGuard<'_, Lru<(Uuid, Hash), Arc<str>>> {
        // A panic while it was locked can at most have lost an entry.
        self.texts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn get(&self, workspace: Uuid, hash: Hash) -> Option<Arc<str>> {
        self.lock().get(&(workspace, hash)).cloned()
    }

    async fn put(&self, workspace: Uuid, hash: Hash, text: Arc<str>) {
        let bytes = text.len();
        self.lock().insert((workspace, hash), text, bytes);
    }
}
