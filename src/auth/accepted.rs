//! Remembers tokens that were found good: checking a public-key signature costs more than
//! answering a small query.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::claims::Claims;
use super::generations::Generations;
use super::jwk::KeySet;

/// How long tokens are kept that nobody uses, at least.
const SPAN: Duration = Duration::from_secs(60);
/// Most tokens of a span.
const CAPACITY: usize = 10_000;

/// A token is known by its SHA-256; the token itself is not kept.
type Name = [u8; 32];

/// What a good token said.
#[derive(Clone, Debug)]
pub(super) struct Accepted {
    pub(super) claims: Arc<Claims>,
    /// When it ends, in seconds since 1970, leeway included.
    pub(super) ends: f64,
    /// The fetched set whose key signed it; none for a key of the settings.
    pub(super) set: Option<Arc<KeySet>>,
}

pub(super) struct AcceptedTokens(Mutex<Generations<Name, Accepted>>);

impl AcceptedTokens {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Generations::new(SPAN, CAPACITY)))
    }

    pub(super) fn name(token: &str) -> Name {
        Sha256::digest(token).into()
    }

    /// What the token said, while it lasts and the keys are those that it was checked with: a key
    /// that was withdrawn takes its tokens with it.
    pub(super) fn get(
        &self,
        name: &Name,
        now: f64,
        known: Option<&Arc<KeySet>>,
    ) -> Option<Arc<Claims>> {
        let tokens = self.lock();
        let accepted = tokens.get(name)?;
        let keys_hold = match (&accepted.set, known) {
            (None, _) => true,
            (Some(then), Some(now)) => Arc::ptr_eq(then, now),
            (Some(_), None) => false,
        };
        (now < accepted.ends && keys_hold).then(|| Arc::clone(&accepted.claims))
    }

    pub(super) fn insert(&self, name: Name, accepted: Accepted) {
        self.lock().insert(name, accepted, Instant::now());
    }

    fn lock(&self) -> MutexGuard<'_, Generations<Name, Accepted>> {
        // Nothing under the lock can fail halfway.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_forgotten_with_its_end_and_with_its_keys() {
        let tokens = AcceptedTokens::new();
        let claims = Arc::new(Claims {
            user: uuid::Uuid::nil(),
            workspaces: Vec::new(),
        });
        let (first, second) = (Arc::new(KeySet::default()), Arc::new(KeySet::default()));
        let accept = |text: &str, set: Option<&Arc<KeySet>>| {
            let accepted = Accepted {
                claims: Arc::clone(&claims),
                ends: 100.0,
                set: set.cloned(),
            };
            tokens.insert(AcceptedTokens::name(text), accepted);
        };
        accept("fetched", Some(&first));
        accept("set", None);
        let get = |text: &str, now, known| {
            tokens
                .get(&AcceptedTokens::name(text), now, known)
                .is_some()
        };
        assert!(get("fetched", 99.0, Some(&first)));
        assert!(!get("fetched", 100.0, Some(&first)), "ended");
        assert!(!get("fetched", 99.0, Some(&second)), "other keys");
        assert!(!get("fetched", 99.0, None), "no keys");
        assert!(get("set", 99.0, None));
        assert!(get("set", 99.0, Some(&second)));
        assert!(!get("other", 99.0, None));
    }
}
