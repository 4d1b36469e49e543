//! Issues tokens, for development and for scripts.

use std::time::Duration;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use uuid::Uuid;

use super::secret::Secret;
use crate::session::Role;

/// Issues a token with the claims that the gateway reads by default.
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
        &EncodingKey::from_secret(secret.bytes()),
    )
    .map_err(|error| format!("the token cannot be signed: {error}"))
}
