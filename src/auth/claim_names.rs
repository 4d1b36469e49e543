//! Where the claims are in a token, and how the issuer names the roles.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde_json::{Map, Value};

use crate::session::Role;

/// A JSON pointer (RFC 6901) into the claims, such as `/app_metadata/role`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimPointer(String);

impl ClaimPointer {
    pub(super) fn in_claims<'a>(&self, claims: &'a Value) -> Option<&'a Value> {
        claims.pointer(&self.0).filter(|value| !value.is_null())
    }

    /// Puts a value where the pointer looks, into objects that are made where there are none.
    pub(super) fn set(&self, claims: &mut Value, value: Value) {
        let mut place = claims;
        for name in self.0.split('/').skip(1) {
            if !place.is_object() {
                *place = Value::Object(Map::new());
            }
            place = &mut place[name.replace("~1", "/").replace("~0", "~")];
        }
        *place = value;
    }
}

impl FromStr for ClaimPointer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let escaped = text.split('~').skip(1);
        if text.starts_with('/') && escaped.into_iter().all(|rest| rest.starts_with(['0', '1'])) {
            return Ok(Self(text.to_owned()));
        }
        Err(format!(
            "`{text}` is not a JSON pointer; write a / before each name, such as /app_metadata/role, and in a name ~1 for / and ~0 for ~"
        ))
    }
}

impl fmt::Display for ClaimPointer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The claims of the standard read better without their slash.
        let simple = &self.0[1..];
        formatter.write_str(if simple.contains(['/', '~']) {
            &self.0
        } else {
            simple
        })
    }
}

/// What the issuer calls the roles, beside our own names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleMap(BTreeMap<String, Role>);

impl RoleMap {
    /// The role of a name in a token.
    pub(super) fn role(&self, name: &str) -> Option<Role> {
        self.0.get(name).copied().or_else(|| name.parse().ok())
    }

    /// A name of a role in tokens: our own, unless the map gives it to another role.
    pub(super) fn name(&self, role: Role) -> Option<&str> {
        let own = role.name();
        match self.role(own) == Some(role) {
            true => Some(own),
            false => {
                let mut names = self.0.iter();
                names.find_map(|(name, of)| (*of == role).then_some(name.as_str()))
            }
        }
    }
}

impl FromStr for RoleMap {
    type Err = String;

    /// Reads `authenticated=member,org:admin=admin`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut map = BTreeMap::new();
        for pair in text
            .split(',')
            .map(str::trim)
            .filter(|pair| !pair.is_empty())
        {
            // The issuer's names may hold the sign, ours do not.
            let (theirs, ours) = pair.rsplit_once('=').ok_or_else(|| {
                format!("`{pair}` does not map a role; write the issuer's role, = and the gateway's role, such as org:admin=admin")
            })?;
            let (theirs, ours) = (theirs.trim(), ours.trim().parse::<Role>()?);
            if theirs.is_empty() || map.insert(theirs.to_owned(), ours).is_some() {
                return Err(format!(
                    "the role `{theirs}` is mapped twice, or has no name"
                ));
            }
        }
        Ok(Self(map))
    }
}

/// Where the claims stand in a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimNames {
    /// The user's id.
    pub user: ClaimPointer,
    /// Workspaces: roles by id or slug, or a list of ids and slugs.
    pub workspaces: ClaimPointer,
    /// The workspace of a token for one.
    pub workspace: ClaimPointer,
    /// The role in the workspace of a token for one, or in all that are listed.
    pub role: ClaimPointer,
    pub role_map: RoleMap,
}

impl Default for ClaimNames {
    fn default() -> Self {
        Self {
            user: ClaimPointer("/sub".to_owned()),
            workspaces: ClaimPointer("/workspaces".to_owned()),
            workspace: ClaimPointer("/workspace_id".to_owned()),
            role: ClaimPointer("/role".to_owned()),
            role_map: RoleMap::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn pointers_reach_into_claims() {
        let claims = json!({
            "https://acme.example/user": "a",
            "o": {"id": "org_1", "~": {"x/y": [1, "b"]}},
            "": "nameless",
        });
        for (pointer, expected) in [
            ("/https:~1~1acme.example~1user", json!("a")),
            ("/o/id", json!("org_1")),
            ("/o/~0/x~1y/1", json!("b")),
            ("/", json!("nameless")),
        ] {
            let pointer: ClaimPointer = pointer.parse().unwrap();
            assert_eq!(pointer.in_claims(&claims), Some(&expected), "{pointer}");
        }
        for wrong in ["", "sub", "$.sub", "/a~", "/a~2"] {
            assert!(wrong.parse::<ClaimPointer>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn roles_are_mapped_and_ours_stay() {
        let map: RoleMap = "authenticated=member, a=b=owner,staff=viewer,"
            .parse()
            .unwrap();
        assert_eq!(map.role("authenticated"), Some(Role::Member));
        assert_eq!(map.role("a=b"), Some(Role::Owner));
        assert_eq!(map.role("staff"), Some(Role::Viewer), "the map goes first");
        assert_eq!(map.role("admin"), Some(Role::Admin));
        assert_eq!(map.role("king"), None);
        for wrong in ["admin", "x=king", "=admin", "x=admin,x=owner"] {
            assert!(wrong.parse::<RoleMap>().is_err(), "{wrong}");
        }
    }
}
