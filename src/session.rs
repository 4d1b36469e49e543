//! The session: the verified caller of a request. Every access to the database needs one.

pub use migration::Role;
use uuid::Uuid;

/// A verified caller inside one workspace. It is born in `auth` and lives for one request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Session {
    pub workspace: Uuid,
    pub user: Uuid,
    pub role: Role,
}

impl Session {
    /// A caller without a token, who may ask about the schema but read nothing.
    pub fn nobody() -> Self {
        Self {
            workspace: Uuid::nil(),
            user: Uuid::nil(),
            role: Role::Viewer,
        }
    }
}
