//! Remembers for seconds what the database said about memberships.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::db::{Db, Membership};
use crate::error::Error;

/// Most entries that are kept; beyond it the expired ones are dropped, or else all.
const CAPACITY: usize = 10_000;

type Key = (Uuid, String);

pub(super) struct MembershipCache {
    lifetime: Duration,
    /// Only memberships that exist are kept: a new member need not wait, and asking for many
    /// names of workspaces fills nothing.
    known: Mutex<HashMap<Key, (Instant, Membership)>>,
}

impl MembershipCache {
    pub(super) fn new(lifetime: Duration) -> Self {
        Self {
            lifetime,
            known: Mutex::default(),
        }
    }

    pub(super) async fn get_or_ask(
        &self,
        db: &Db,
        user: Uuid,
        workspace: &str,
    ) -> Result<Option<Membership>, Error> {
        let key = (user, workspace.to_owned());
        let fresh = self
            .lock()
            .get(&key)
            .filter(|(since, _)| since.elapsed() < self.lifetime)
            .cloned();
        if let Some((_, membership)) = fresh {
            return Ok(Some(membership));
        }
        let membership = db.membership(user, workspace).await?;
        let mut known = self.lock();
        match &membership {
            Some(membership) => {
                if known.len() >= CAPACITY {
                    known.retain(|_, (since, _)| since.elapsed() < self.lifetime);
                }
                if known.len() >= CAPACITY {
                    known.clear();
                }
                known.insert(key, (Instant::now(), membership.clone()));
            }
            None => {
                known.remove(&key);
            }
        }
        Ok(membership)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Key, (Instant, Membership)>> {
        // Every change of the map is a single call, so a panic elsewhere leaves it whole.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
