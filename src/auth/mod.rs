//! From a bearer token to a session. Nothing below this module sees a header.

mod cache;
mod claims;
mod token;

use std::time::Duration;

pub use self::claims::Claims;
pub use self::token::{Secret, issue};

use self::cache::MembershipCache;
use self::token::Verifier;
use crate::db::Db;
use crate::error::{Code, Error};
use crate::session::{Role, Session};

/// How long the database's word on a membership is believed.
const MEMBERSHIP_LIFETIME: Duration = Duration::from_secs(5);

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
    memberships: MembershipCache,
}

impl Auth {
    pub fn new(secret: &Secret) -> Self {
        Self {
            verifier: Verifier::new(secret),
            memberships: MembershipCache::new(MEMBERSHIP_LIFETIME),
        }
    }

    /// The session of a request; none when it carries no token at all.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` when the token is no good or names no usable workspace, `FORBIDDEN` when
    /// the chosen workspace is not one of the token's or the database knows no such member.
    pub async fn session(
        &self,
        db: &Db,
        credentials: Credentials<'_>,
    ) -> Result<Option<Session>, Error> {
        let Some(header) = credentials.authorization else {
            return Ok(None);
        };
        let claims = self.verifier.verify(bearer(header)?)?;
        let (workspace, granted) = claims.choose(credentials.workspace)?;
        let membership = self
            .memberships
            .get_or_ask(db, claims.user, &workspace)
            .await?
            .ok_or_else(|| {
                // The same words whether the workspace exists, the user left it or was closed.
                Error::new(
                    Code::Forbidden,
                    format!("The token's user is no active member of the workspace `{workspace}`."),
                )
            })?;
        let role: Role = membership.role.parse().map_err(Error::internal)?;
        // A token may grant less than the membership, never more.
        let role = role.min(granted.unwrap_or(role));
        Ok(Some(Session {
            workspace: membership.workspace,
            user: claims.user,
            role,
        }))
    }
}

fn bearer(header: &str) -> Result<&str, Error> {
    let (scheme, token) = header.split_once(' ').unwrap_or((header, ""));
    if scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty() {
        Ok(token.trim())
    } else {
        Err(Error::unauthenticated(
            "The header `Authorization` must read `Bearer <token>`.",
        ))
    }
}
