//! The claims of a token: its user, and the roles in workspaces that it grants.

use serde_json::Value;
use uuid::Uuid;

use super::claim_names::ClaimNames;
use crate::db::workspace_id;
use crate::error::{Code, Error};
use crate::session::Role;

/// Longest slug of a workspace, in characters, as the model has it.
const LONGEST_NAME: usize = 100;

/// What a verified token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    pub user: Uuid,
    /// Workspaces by id or slug, with the most that the token grants there; none grants whatever
    /// the membership does.
    pub workspaces: Vec<(String, Option<Role>)>,
}

impl Claims {
    /// Reads the claims of user, workspaces and role, wherever they stand.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` with a sentence that says which claim is missing or wrong.
    pub(super) fn read(claims: &Value, names: &ClaimNames) -> Result<Self, Error> {
        let user = names
            .user
            .in_claims(claims)
            .and_then(Value::as_str)
            .and_then(|user| Uuid::try_parse(user).ok());
        let user = user.ok_or_else(|| {
            Error::unauthenticated(format!(
                "The token's claim `{}` must be the id of a user, a UUID.",
                names.user
            ))
        })?;
        let several = names.workspaces.in_claims(claims);
        let one = names.workspace.in_claims(claims);
        let role = || role(names.role.in_claims(claims), names);
        let workspaces: Vec<(String, Option<Role>)> = match (several, one) {
            (Some(Value::Object(members)), _) => members
                .iter()
                .map(|(workspace, value)| Ok((workspace.clone(), self::role(Some(value), names)?)))
                .collect::<Result<_, Error>>()?,
            (Some(Value::Array(listed)), _) => {
                let role = role()?;
                listed
                    .iter()
                    .map(|workspace| Some((workspace.as_str()?.to_owned(), role)))
                    .collect::<Option<_>>()
                    .ok_or_else(|| no_workspaces(names))?
            }
            (None, Some(Value::String(workspace))) => vec![(workspace.clone(), role()?)],
            _ => return Err(no_workspaces(names)),
        };
        if !workspaces.iter().all(|(workspace, _)| is_name(workspace)) {
            return Err(Error::unauthenticated(format!(
                "The token names a workspace by a value that is neither an id nor a slug of 1 to {LONGEST_NAME} characters.",
            )));
        }
        Ok(Self { user, workspaces })
    }

    /// The workspace of a request: the one that the header names, or the only one of the token.
    ///
    /// # Errors
    /// `FORBIDDEN` when the token does not name the wanted one, `BAD_REQUEST` when it leaves the
    /// choice open.
    pub(super) fn choose(&self, wanted: Option<&str>) -> Result<&(String, Option<Role>), Error> {
        match (wanted, &self.workspaces[..]) {
            (Some(wanted), workspaces) => {
                let found = workspaces
                    .iter()
                    .find(|(workspace, _)| is_same(workspace, wanted));
                found.ok_or_else(|| {
                    Error::new(
                        Code::Forbidden,
                        "The token does not contain the workspace of the header `X-Workspace`; send the same id or slug that the token contains.",
                    )
                })
            }
            (None, [only]) => Ok(only),
            (None, []) => Err(Error::unauthenticated("The token contains no workspace.")),
            // The token is good, so another one would not help.
            (None, _) => Err(Error::new(
                Code::BadRequest,
                "The token contains several workspaces; choose one with the header `X-Workspace`, by its id or slug.",
            )),
        }
    }
}

/// The role of a claim: one, the greatest of several, or none where there is no claim.
fn role(claim: Option<&Value>, names: &ClaimNames) -> Result<Option<Role>, Error> {
    let known = |value: &Value| names.role_map.role(value.as_str()?);
    let role = match claim {
        None | Some(Value::Null) => return Ok(None),
        // Providers put roles of other applications beside ours.
        Some(Value::Array(several)) => several.iter().filter_map(known).max(),
        Some(one) => known(one),
    };
    // Without a role that is known nothing is granted, rather than everything.
    role.map(Some).ok_or_else(|| {
        Error::unauthenticated("The gateway does not know the token's role. Its roles are viewer, member, staff, manager, admin, owner and system; the operator can map other roles to them.")
    })
}

fn no_workspaces(names: &ClaimNames) -> Error {
    Error::unauthenticated(format!(
        "The token must contain a workspace: the claim `{}` maps ids or slugs to roles or lists them, or the claim `{}` contains one id or slug.",
        names.workspaces, names.workspace
    ))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(char::is_control) && text.chars().count() <= LONGEST_NAME
}

/// Letters of an id may be large or small, those of a slug not: `Acme` and `acme` can be two
/// workspaces.
fn is_same(one: &str, other: &str) -> bool {
    one == other || workspace_id(one).is_some_and(|id| Some(id) == workspace_id(other))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const USER: &str = "0196b0a0-0000-7000-8000-000000000001";

    fn read(mut claims: Value) -> Result<Vec<(String, Option<Role>)>, Error> {
        claims["sub"] = json!(USER);
        let names = ClaimNames {
            role_map: "authenticated=member, org:admin=admin, boss=owner"
                .parse()
                .unwrap(),
            ..ClaimNames::default()
        };
        Claims::read(&claims, &names).map(|claims| claims.workspaces)
    }

    fn acme(role: Role) -> Vec<(String, Option<Role>)> {
        vec![("acme".to_owned(), Some(role))]
    }

    #[test]
    fn workspaces_and_roles_are_read_in_each_form() {
        for (claims, expected) in [
            (json!({"workspaces": {"acme": "admin"}}), acme(Role::Admin)),
            (json!({"workspaces": {"acme": "boss"}}), acme(Role::Owner)),
            (
                json!({"workspaces": {"acme": ["viewer", "x", "staff"]}, "role": "owner"}),
                acme(Role::Staff),
            ),
            (
                json!({"workspaces": {"acme": null}}),
                vec![("acme".to_owned(), None)],
            ),
            (
                json!({"workspaces": ["acme"], "role": "org:admin"}),
                acme(Role::Admin),
            ),
            (
                json!({"workspaces": ["acme"]}),
                vec![("acme".to_owned(), None)],
            ),
            (
                json!({"workspace_id": "acme", "role": "authenticated"}),
                acme(Role::Member),
            ),
            (
                json!({"workspace_id": "acme", "role": ["offline_access", "viewer"]}),
                acme(Role::Viewer),
            ),
            (
                json!({"workspace_id": "acme"}),
                vec![("acme".to_owned(), None)],
            ),
            (
                json!({"workspaces": null, "workspace_id": "acme", "role": null}),
                vec![("acme".to_owned(), None)],
            ),
        ] {
            assert_eq!(read(claims.clone()).unwrap(), expected, "{claims}");
        }
    }

    #[test]
    fn what_grants_nothing_for_certain_is_refused() {
        let long = "x".repeat(LONGEST_NAME + 1);
        for claims in [
            json!({}),
            json!({"workspaces": "acme"}),
            json!({"workspaces": 1, "workspace_id": "acme"}),
            json!({"workspaces": [1]}),
            json!({"workspaces": [["acme"]]}),
            json!({"workspace_id": 1}),
            json!({"workspaces": {"acme": "king"}}),
            json!({"workspaces": {"acme": "Admin"}}),
            json!({"workspaces": {"acme": {"role": "viewer"}}}),
            json!({"workspaces": {"acme": []}}),
            json!({"workspaces": {"acme": ["king"]}}),
            json!({"workspaces": {"acme": true}}),
            json!({"workspace_id": "acme", "role": "king"}),
            json!({"workspace_id": "acme", "role": {}}),
            json!({"workspace_id": ""}),
            json!({"workspace_id": "a\u{0}b"}),
            json!({"workspaces": [long]}),
        ] {
            let refused = read(claims.clone()).unwrap_err();
            assert_eq!(refused.code, Code::Unauthenticated, "{claims}");
        }
    }

    #[test]
    fn a_workspace_is_chosen_by_exactly_its_name() {
        let id = "0196b0a0-0000-7000-8000-00000000000a";
        let claims = Claims {
            user: Uuid::nil(),
            workspaces: vec![
                ("acme".to_owned(), Some(Role::Viewer)),
                ("Acme".to_owned(), Some(Role::Owner)),
                (id.to_owned(), None),
            ],
        };
        let large = id.to_uppercase();
        let chosen = |wanted| claims.choose(Some(wanted)).map(|(name, _)| name.as_str());
        assert_eq!(chosen("Acme").unwrap(), "Acme");
        assert_eq!(chosen("acme").unwrap(), "acme");
        assert_eq!(chosen(&large).unwrap(), id);
        let simple = id.replace('-', "");
        for wanted in [&*simple, "ACME", "", " acme", "acme,Acme", "acme\u{0}"] {
            assert_eq!(chosen(wanted).unwrap_err().code, Code::Forbidden);
        }
        assert_eq!(claims.choose(None).unwrap_err().code, Code::BadRequest);
    }
}
