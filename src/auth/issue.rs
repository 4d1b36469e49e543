//! Issues tokens, for development and for scripts.

use std::time::Duration;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::claims::Claims;
use super::options::AuthOptions;
use super::secret::Secret;
use crate::session::Role;

/// Issues a token that a gateway with no other settings than the secret accepts.
///
/// # Errors
/// When it cannot be signed.
pub fn issue(
    secret: &Secret,
    user: Uuid,
    workspaces: &[(&str, Role)],
    lifetime: Duration,
) -> Result<String, String> {
    AuthOptions::from(secret).issue(user, workspaces, lifetime)
}

impl AuthOptions {
    /// Issues a token that a gateway with these settings accepts: signed with the secret, for the
    /// first issuer and the first audience, and with the claims where they are looked for.
    ///
    /// # Errors
    /// When there is no secret, when no name stands for a role, or when it cannot be signed.
    pub fn issue(
        &self,
        user: Uuid,
        workspaces: &[(&str, Role)],
        lifetime: Duration,
    ) -> Result<String, String> {
        let secret = self
            .secret
            .as_ref()
            .ok_or("there is no secret to sign the token with")?;
        let now = chrono::Utc::now().timestamp();
        let lifetime = i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX / 2);
        let mut roles = Map::new();
        for (workspace, role) in workspaces {
            let name = self.claims.role_map.name(*role).ok_or_else(|| {
                format!(
                    "no name stands for the role {role}, because jwt_role_map gives its name to another role; map one to it"
                )
            })?;
            roles.insert((*workspace).to_owned(), json!(name));
        }
        let mut claims = json!({ "iat": now, "exp": now.saturating_add(lifetime) });
        for (name, value) in [("iss", &self.issuers), ("aud", &self.audiences)] {
            if let Some(value) = value.first() {
                claims[name] = json!(value);
            }
        }
        let (terms, granted) = (claims.clone(), roles.len());
        self.claims.user.set(&mut claims, json!(user));
        self.claims
            .workspaces
            .set(&mut claims, Value::Object(roles));
        // Settings may name a claim twice, or one of those above.
        let read = Claims::read(&claims, &self.claims);
        let stand = terms
            .as_object()
            .is_some_and(|terms| terms.iter().all(|(name, value)| claims[name] == *value));
        if !stand || !read.is_ok_and(|read| read.user == user && read.workspaces.len() == granted) {
            return Err("the pointers of claims in the settings lead to the same claim, or to `iat`, `exp`, `iss` or `aud`; give each a claim of its own".to_owned());
        }
        jsonwebtoken::encode(
            &Header::new(Algorithm::HS256),
            &claims,
            &EncodingKey::from_secret(secret.bytes()),
        )
        .map_err(|error| format!("the token cannot be signed: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Auth, RoleMap};
    use super::*;

    #[test]
    fn a_gateway_accepts_what_its_own_settings_issue() {
        let secret = Secret::new("a secret of more than thirty-two bytes").unwrap();
        let mut options = AuthOptions::from(&secret);
        options.issuers = vec!["https://a.example".to_owned(), "b".to_owned()];
        options.audiences = vec!["tessera".to_owned()];
        options.claims.user = "/https:~1~1a.example~1user/id".parse().unwrap();
        options.claims.workspaces = "/https:~1~1a.example~1user/of".parse().unwrap();
        options.claims.role_map = "owner=viewer,boss=owner".parse().unwrap();
        let user = Uuid::from_u128(7);
        let token = |options: &AuthOptions| {
            let workspaces = [
                ("acme", Role::Owner),
                ("acme", Role::Owner),
                ("shop", Role::Member),
            ];
            options.issue(user, &workspaces, Duration::from_secs(60))
        };
        let claims = |options: &AuthOptions, token: &str| {
            let runtime = tokio::runtime::Builder::new_current_thread().build();
            runtime
                .unwrap()
                .block_on(Auth::new(options.clone()).verifier.verify(token))
        };
        let issued = token(&options).unwrap();
        let read = claims(&options, &issued).unwrap();
        assert_eq!(read.user, user);
        let roles: Vec<_> = read.workspaces.iter().collect();
        assert_eq!(roles.len(), 2);
        // Settings that ask for more refuse what those with the secret alone issue.
        let plain = token(&AuthOptions::from(&secret)).unwrap();
        assert!(claims(&options, &plain).is_err());
        assert_eq!(options.issue(user, &[], Duration::MAX).err(), None);
        options.claims.role_map = "owner=viewer".parse().unwrap();
        let error = token(&options).unwrap_err();
        assert!(
            error.contains("no name stands for the role owner"),
            "{error}"
        );
        options.claims.role_map = RoleMap::default();
        options.claims.workspaces = options.claims.user.clone();
        assert!(token(&options).unwrap_err().contains("a claim of its own"));
        options.claims.workspaces = "/exp".parse().unwrap();
        assert!(token(&options).unwrap_err().contains("a claim of its own"));
        options.secret = None;
        assert!(token(&options).is_err());
    }
}
