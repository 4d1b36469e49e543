//! JSON Web Tokens: verifying those of callers, issuing those of development.

use std::fmt;
use std::time::Duration;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde_json::{Value, json};
use uuid::Uuid;

use super::claims::Claims;
use crate::error::Error;
use crate::session::Role;

/// Longest token that is looked at, in bytes.
const LONGEST: usize = 16 * 1024;
/// How far the clocks of issuer and gateway may differ, in seconds.
const LEEWAY: u64 = 30;

/// The shared secret of HS256. It is never printed.
#[derive(Clone)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// Shortest secret in bytes: as long as the hash, as RFC 7518 asks.
    pub const SHORTEST: usize = 32;

    /// # Errors
    /// A sentence when the secret is too short.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, String> {
        let bytes = bytes.into();
        if bytes.len() < Self::SHORTEST {
            return Err(format!(
                "the JWT secret has {} bytes; HS256 needs {} or more, such as the output of `openssl rand -base64 48`",
                bytes.len(),
                Self::SHORTEST
            ));
        }
        Ok(Self(bytes))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(..)")
    }
}

pub(super) struct Verifier {
    key: DecodingKey,
    validation: Validation,
}

impl Verifier {
    pub(super) fn new(secret: &Secret) -> Self {
        // The algorithm is ours to say, not the token's.
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = LEEWAY;
        validation.validate_nbf = true;
        validation.validate_aud = false;
        validation.set_required_spec_claims(&["exp"]);
        Self {
            key: DecodingKey::from_secret(&secret.0),
            validation,
        }
    }

    pub(super) fn verify(&self, token: &str) -> Result<Claims, Error> {
        if token.len() > LONGEST {
            return Err(Error::unauthenticated("The token is too long."));
        }
        let decoded = jsonwebtoken::decode::<Value>(token, &self.key, &self.validation);
        let decoded = decoded.map_err(|error| {
            Error::unauthenticated(match error.kind() {
                ErrorKind::ExpiredSignature => "The token has expired; get a new one.",
                ErrorKind::ImmatureSignature => "The token is not valid yet.",
                ErrorKind::MissingRequiredClaim(_) => {
                    "The token has no claim `exp`, which is required."
                }
                ErrorKind::InvalidAlgorithm => "The token is not signed with HS256.",
                _ => "The token is not valid.",
            })
        })?;
        Claims::read(&decoded.claims)
    }
}

/// Issues a token for development and for scripts.
///
/// # Errors
/// When it cannot be signed.
pub fn issue(
    secret: &Secret,
    user: Uuid,
    workspaces: &[(&str, Role)],
    lifetime: Duration,
) -> Result<String, String> {
    let now = chrono::Utc::now().timestamp();
    let lifetime = i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX / 2);
    let roles: serde_json::Map<String, Value> = workspaces
        .iter()
        .map(|(workspace, role)| ((*workspace).to_owned(), json!(role.name())))
        .collect();
    let claims = json!({
        "sub": user,
        "iat": now,
        "exp": now.saturating_add(lifetime),
        "workspaces": roles,
    });
    jsonwebtoken::encode(
        &Header::new(Algorithm::HS256),
        &claims,
        &EncodingKey::from_secret(&secret.0),
    )
    .map_err(|error| format!("the token cannot be signed: {error}"))
}
