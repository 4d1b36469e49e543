//! Caches verified tokens, because reading a token and verifying its signature costs more than finding
//! it again. Invalid tokens are not cached.

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use sha2::{Digest, Sha256};

use super::claims::Claims;
use super::jwk::KeySet;

/// How long tokens are kept that nobody uses.
const IDLE: Duration = Duration::from_secs(120);
/// Most bytes of what is kept.
const MOST: u64 = 16 * 1024 * 1024;
/// Bytes that an entry takes beside the names of its workspaces, roughly, and each of those.
const OVERHEAD: usize = 256;
const WORKSPACE: usize = 32;

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

pub(super) struct AcceptedTokens(Cache<Name, Accepted>);

impl AcceptedTokens {
    pub(super) fn new() -> Self {
        let tokens = Cache::builder()
            .max_capacity(MOST)
            .weigher(|_, accepted: &Accepted| weight(&accepted.claims))
            .time_to_idle(IDLE);
        Self(tokens.build())
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
        let accepted = self.0.get(name)?;
        let keys_hold = match (&accepted.set, known) {
            (None, _) => true,
            (Some(then), Some(now)) => Arc::ptr_eq(then, now),
            (Some(_), None) => false,
        };
        (now < accepted.ends && keys_hold).then_some(accepted.claims)
    }

    pub(super) fn insert(&self, name: Name, accepted: Accepted) {
        self.0.insert(name, accepted);
    }
}

fn weight(claims: &Claims) -> u32 {
    let names = claims.workspaces.iter();
    let names: usize = names.map(|(name, _)| name.len() + WORKSPACE).sum();
    u32::try_from(OVERHEAD + names).unwrap_or(u32::MAX)
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
