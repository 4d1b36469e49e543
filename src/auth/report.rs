//! The keys as `tessera doctor` reports them.

use std::time::Duration;

use super::key::Algorithm;

/// The keys that tokens are checked with at the moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyReport {
    /// Whether tokens signed with the shared secret are taken.
    pub secret: bool,
    /// Algorithms of the public keys of the settings.
    pub public_keys: Vec<&'static str>,
    pub jwks: Option<JwksReport>,
    /// Settings that work and yet are risky, as sentences.
    pub warnings: Vec<String>,
}

/// What the issuer's address holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JwksReport {
    /// The address without its query.
    pub url: String,
    /// Algorithm and name of each key that can be used.
    pub keys: Vec<(&'static str, Option<String>)>,
    /// Which entries cannot be used, and why.
    pub skipped: Vec<String>,
    /// How long keys are used without another fetch; none is for ever.
    pub max_age: Option<Duration>,
    /// An algorithm of which there are more keys than a token without `kid` is tried with.
    pub too_many: Option<Algorithm>,
}
