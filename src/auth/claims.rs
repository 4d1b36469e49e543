//! The claims of a token: its user, and the roles in workspaces that it grants.

use serde_json::Value;
use uuid::Uuid;

use crate::error::{Code, Error};
use crate::session::Role;

/// What a verified token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    pub user: Uuid,
    /// Workspaces by id or slug, with the most that the token grants there; none grants whatever
    /// the membership does.
    pub workspaces: Vec<(String, Option<Role>)>,
}

impl Claims {
    /// Reads the claims `sub`, `workspaces`, `workspace_id` and `role`.
    pub(super) fn read(claims: &Value) -> Result<Self, Error> {
        let user = claims
            .get("sub")
            .and_then(Value::as_str)
            .and_then(|sub| Uuid::try_parse(sub).ok());
        let user = user.ok_or_else(|| {
            Error::unauthenticated("The token's claim `sub` must be the id of a user, a UUID.")
        })?;
        let role = |value: &Value| match value.as_str().map(str::parse::<Role>) {
            Some(Ok(role)) => Ok(Some(role)),
            None if value.is_null() => Ok(None),
            _ => Err(Error::unauthenticated(
                "A role in the token is not one of the known roles.",
            )),
        };
        let workspaces = match (claims.get("workspaces"), claims.get("workspace_id")) {
            (Some(Value::Object(members)), _) => members
                .iter()
                .map(|(workspace, value)| Ok((workspace.clone(), role(value)?)))
                .collect::<Result<_, Error>>()?,
            (None, Some(Value::String(workspace))) => {
                vec![(
                    workspace.clone(),
                    role(claims.get("role").unwrap_or(&Value::Null))?,
                )]
            }
            _ => {
                return Err(Error::unauthenticated(
                    "The token must name workspaces: a claim `workspaces` such as {\"acme\": \"admin\"}, or `workspace_id` with `role`.",
                ));
            }
        };
        Ok(Self { user, workspaces })
    }

    /// The workspace of a request: the one that the header names, or the only one of the token.
    pub(super) fn choose(&self, wanted: Option<&str>) -> Result<(String, Option<Role>), Error> {
        match (wanted, &self.workspaces[..]) {
            (Some(wanted), workspaces) => {
                let found = workspaces
                    .iter()
                    .find(|(workspace, _)| workspace.eq_ignore_ascii_case(wanted));
                found.cloned().ok_or_else(|| {
                    Error::new(
                        Code::Forbidden,
                        "The token does not name the workspace of the header `X-Workspace`; use the id or slug as the token writes it.",
                    )
                })
            }
            (None, [only]) => Ok(only.clone()),
            (None, []) => Err(Error::unauthenticated("The token names no workspace.")),
            (None, _) => Err(Error::unauthenticated(
                "The token names several workspaces; the header `X-Workspace` must choose one by its id or slug.",
            )),
        }
    }
}
