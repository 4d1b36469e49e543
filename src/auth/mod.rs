//! From a bearer token to a session. The code below this module never sees a header.

mod accepted;
mod claim_names;
mod claims;
mod fetch;
mod issue;
mod jwk;
mod jwks;
mod key;
mod memberships;
mod options;
mod pem;
mod report;
mod secret;
mod terms;
mod token;
mod verifier;

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub use self::claim_names::{ClaimNames, ClaimPointer, RoleMap};
pub use self::claims::Claims;
pub use self::fetch::JwksUrl;
pub use self::issue::issue;
pub use self::jwks::JwksOptions;
pub use self::key::{Algorithm, Key, too_many};
pub use self::options::AuthOptions;
pub use self::pem::read_public_keys;
pub use self::report::{JwksReport, KeyReport};
pub use self::secret::Secret;
pub use self::token::MOST_TRIED;

use self::accepted::AcceptedTokens;
use self::jwks::Jwks;
use self::memberships::Memberships;
use self::terms::Terms;
use self::verifier::Verifier;
use crate::db::{Db, Membership};
use crate::error::{Code, Error};
use crate::session::{Role, Session};

/// What of a request identifies the caller.
#[derive(Clone, Copy, Debug, Default)]
pub struct Credentials<'a> {
    /// The header `Authorization`.
    pub authorization: Option<&'a str>,
    /// The header `X-Workspace`: id or slug.
    pub workspace: Option<&'a str>,
}

/// Verifies tokens and memberships.
pub struct Auth {
    verifier: Verifier,
    memberships: Memberships,
    /// Of the settings, for the report.
    warnings: Vec<String>,
}

impl Auth {
    pub fn new(options: impl Into<AuthOptions>) -> Self {
        let options: AuthOptions = options.into();
        let warnings = options.warnings();
        let secret = options.secret.as_ref().map(Key::secret);
        Self {
            verifier: Verifier {
                keys: secret.into_iter().chain(options.public_keys).collect(),
                jwks: options.jwks.map(|jwks| Arc::new(Jwks::new(jwks))),
                terms: Terms {
                    issuers: options.issuers.into_iter().collect(),
                    audiences: options.audiences.into_iter().collect(),
                    leeway: options.leeway,
                },
                names: options.claims,
                accepted: AcceptedTokens::new(),
            },
            memberships: Memberships::new(options.membership_lifetime),
            warnings,
        }
    }

    /// Fetches the issuer's keys, and fetches them anew whenever they are due; it never ends where
    /// an address is set. Without it they are fetched when a token asks for one.
    pub fn keep_keys_fresh(&self) -> impl Future<Output = ()> + Send + 'static {
        let jwks = self.verifier.jwks.clone();
        async move {
            if let Some(jwks) = jwks {
                jwks.keep_fresh().await;
            }
        }
    }

    /// Fetches the issuer's keys, if an address is set, and tells which keys there are.
    ///
    /// # Errors
    /// A sentence with the address when the keys there cannot be used.
    pub async fn check_keys(&self) -> Result<KeyReport, String> {
        let jwks = match &self.verifier.jwks {
            None => None,
            Some(jwks) => {
                let url = jwks.url().to_string();
                let set = jwks.fetch_now().await.map_err(|cause| {
                    format!(
                        "{url} {cause}; check --jwks-url, and that this machine can connect to it"
                    )
                })?;
                let named = |key: &Key| (key.algorithm.name(), key.id.clone());
                Some(JwksReport {
                    url,
                    keys: set.keys.iter().map(named).collect(),
                    skipped: set.skipped.clone(),
                    max_age: jwks.max_age(),
                    too_many: too_many(&set.keys),
                })
            }
        };
        let keys = || self.verifier.keys.iter().map(|key| key.algorithm);
        Ok(KeyReport {
            secret: keys().any(|algorithm| algorithm == Algorithm::Hs256),
            public_keys: keys()
                .filter(|algorithm| *algorithm != Algorithm::Hs256)
                .map(Algorithm::name)
                .collect(),
            jwks,
            warnings: self.warnings.clone(),
        })
    }

    /// The session of a request whose token and membership were found good shortly before; none
    /// where that is not known, which says nothing of the request.
    pub fn known_session(&self, credentials: Credentials<'_>) -> Option<Session> {
        let claims = self
            .verifier
            .known(bearer(credentials.authorization?).ok()?)?;
        let (workspace, granted) = claims.choose(credentials.workspace).ok()?;
        let membership = self.memberships.known(claims.user, workspace)?;
        Some(session(&claims, membership, *granted))
    }

    /// The session of a request; none when it carries no token at all.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` when the token is no good or names no usable workspace, `FORBIDDEN` when
    /// the chosen workspace is not one of the token's or the database knows no such member,
    /// `UNAVAILABLE` when the database cannot be asked or the issuer's keys were never fetched.
    pub async fn session(
        &self,
        db: &Db,
        credentials: Credentials<'_>,
    ) -> Result<Option<Session>, Error> {
        let Some(header) = credentials.authorization else {
            return Ok(None);
        };
        let claims = self.verifier.verify(bearer(header)?).await?;
        let (workspace, granted) = claims.choose(credentials.workspace)?;
        let ask = || {
            let (db, user, workspace) = (db.clone(), claims.user, workspace.clone());
            async move { db.membership(user, &workspace).await }
        };
        let membership = self
            .memberships
            .get_or_query(claims.user, workspace, ask)
            .await?
            .ok_or_else(|| {
                // The same words whether the workspace exists, the user left it or was closed.
                Error::new(
                    Code::Forbidden,
                    format!(
                        "The token's user is not an active member of the workspace `{workspace}`."
                    ),
                )
            })?;
        Ok(Some(session(&claims, membership, *granted)))
    }
}

fn session(claims: &Claims, membership: Membership, granted: Option<Role>) -> Session {
    let Membership { workspace, role } = membership;
    Session {
        workspace,
        user: claims.user,
        // A token may grant less than the membership, never more.
        role: role.min(granted.unwrap_or(role)),
    }
}

fn bearer(header: &str) -> Result<&str, Error> {
    let (scheme, token) = header.split_once(' ').unwrap_or((header, ""));
    let token = token.trim_matches(' ');
    if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() {
        Ok(token)
    } else {
        Err(Error::unauthenticated(
            "The header `Authorization` must have the form `Bearer <token>`.",
        ))
    }
}

/// The bytes of a text in the one base64 that tokens and keys are written in: no padding, no line
/// breaks, no bits left over. What may be written in two ways could be seen as two tokens.
fn base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}
