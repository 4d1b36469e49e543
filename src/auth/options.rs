//! Who may sign tokens, and what a valid token contains.

use std::time::Duration;

use super::claim_names::ClaimNames;
use super::jwks::JwksOptions;
use super::key::Key;
use super::secret::Secret;

/// Settings of identity. Several sources of keys may be set at once, so that issuers and keys can
/// change while tokens of both are about.
#[derive(Clone, Debug)]
pub struct AuthOptions {
    /// Signs with HS256.
    pub secret: Option<Secret>,
    pub public_keys: Vec<Key>,
    pub jwks: Option<JwksOptions>,
    /// Issuers of whom one must stand in `iss`; any where there are none.
    pub issuers: Vec<String>,
    /// Audiences of which one must stand in `aud`; any where there are none.
    pub audiences: Vec<String>,
    /// How far the clocks of issuer and gateway may differ.
    pub leeway: Duration,
    pub claims: ClaimNames,
    /// How long memberships are cached.
    pub membership_lifetime: Duration,
}

impl Default for AuthOptions {
    fn default() -> Self {
        Self {
            secret: None,
            public_keys: Vec::new(),
            jwks: None,
            issuers: Vec::new(),
            audiences: Vec::new(),
            leeway: Duration::from_secs(30),
            claims: ClaimNames::default(),
            membership_lifetime: Duration::from_secs(5),
        }
    }
}

impl From<&Secret> for AuthOptions {
    fn from(secret: &Secret) -> Self {
        Self {
            secret: Some(secret.clone()),
            ..Self::default()
        }
    }
}

impl AuthOptions {
    /// Whether any token can be checked.
    pub fn has_keys(&self) -> bool {
        self.secret.is_some() || !self.public_keys.is_empty() || self.jwks.is_some()
    }

    /// What an operator should know about settings that work and yet are risky.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if let Some(weakness) = self.secret.as_ref().and_then(Secret::weakness) {
            warnings.push(format!(
                "{weakness}; outside of development mode it is refused"
            ));
        }
        if self.has_keys() {
            if self.issuers.is_empty() {
                warnings.push(
                    "tokens of any issuer are accepted if one of the keys signed them; set jwt_issuer"
                        .to_owned(),
                );
            }
            if self.audiences.is_empty() {
                warnings.push(
                    "tokens for other services are accepted too if one of the keys signed them; set jwt_audience"
                        .to_owned(),
                );
            }
        }
        warnings
    }
}
