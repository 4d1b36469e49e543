//! Keeps the texts of automatic persisted queries in the memory of this process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use moka::sync::Cache;
use uuid::Uuid;

use super::hash::Hash;

/// Most bytes of all texts, and of those of one workspace: no workspace can push out what the
/// others use.
const MOST: u64 = 16 * 1024 * 1024;
const MOST_OF_WORKSPACE: u64 = MOST / 8;
/// Bytes that an entry takes beside its text, roughly.
const OVERHEAD: u64 = 256;
/// How long a text is kept that nobody asks for.
const IDLE: Duration = Duration::from_secs(600);

type Key = (Uuid, Hash);

/// Texts by workspace and hash. It may forget any of them at any time: clients then send the text
/// again.
pub struct Store {
    texts: Cache<Key, Arc<str>>,
    held: Arc<Held>,
}

/// Bytes that each workspace holds at the moment.
#[derive(Default)]
struct Held(Mutex<HashMap<Uuid, u64>>);

impl Default for Store {
    fn default() -> Self {
        let held = Arc::new(Held::default());
        let given_back = Arc::clone(&held);
        let texts = Cache::builder()
            .max_capacity(MOST)
            .weigher(|_, text: &Arc<str>| u32::try_from(weight(text)).unwrap_or(u32::MAX))
            .time_to_idle(IDLE)
            .eviction_listener(move |key: Arc<Key>, text, _| {
                given_back.give_back(key.0, weight(&text));
            })
            .build();
        Self { texts, held }
    }
}

impl Store {
    pub fn get(&self, workspace: Uuid, hash: Hash) -> Option<Arc<str>> {
        self.texts.get(&(workspace, hash))
    }

    /// Keeps a text, unless the workspace holds as much as it may.
    pub fn put(&self, workspace: Uuid, hash: Hash, text: Arc<str>) {
        let key = (workspace, hash);
        if !self.texts.contains_key(&key) && self.held.take(workspace, weight(&text)) {
            self.texts.insert(key, text);
        }
    }

    /// Bytes that a workspace holds, those of its entries included.
    pub fn held_by(&self, workspace: Uuid) -> u64 {
        self.texts.run_pending_tasks();
        self.held.lock().get(&workspace).copied().unwrap_or(0)
    }
}

impl Held {
    fn take(&self, workspace: Uuid, bytes: u64) -> bool {
        let mut held = self.lock();
        let before = held.get(&workspace).copied().unwrap_or(0);
        let fits = before + bytes <= MOST_OF_WORKSPACE;
        if fits {
            held.insert(workspace, before + bytes);
        }
        fits
    }

    fn give_back(&self, workspace: Uuid, bytes: u64) {
        let mut held = self.lock();
        if let Some(before) = held.get_mut(&workspace) {
            *before = before.saturating_sub(bytes);
            if *before == 0 {
                held.remove(&workspace);
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Uuid, u64>> {
        // Nothing under the lock can fail halfway.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn weight(text: &str) -> u64 {
    text.len() as u64 + OVERHEAD
}
