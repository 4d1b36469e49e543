//! What a member may do in a workspace.

use std::fmt;
use std::str::FromStr;

/// The roles of a member, from least to most. The order is that of rights, not that of the enum
/// type in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    Viewer,
    Member,
    Staff,
    Manager,
    Admin,
    Owner,
    System,
}

impl Role {
    pub const ALL: [Self; 7] = [
        Self::Viewer,
        Self::Member,
        Self::Staff,
        Self::Manager,
        Self::Admin,
        Self::Owner,
        Self::System,
    ];

    /// The name in tokens and in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Member => "member",
            Self::Staff => "staff",
            Self::Manager => "manager",
            Self::Admin => "admin",
            Self::Owner => "owner",
            Self::System => "system",
        }
    }

    /// Whether the role sees rows that belong to other users of the workspace.
    pub fn sees_all(self) -> bool {
        matches!(self, Self::Admin | Self::Owner | Self::System)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|role| role.name() == name)
            .ok_or_else(|| {
                let names = Self::ALL.map(Self::name).join(", ");
                format!("`{name}` is no role; the roles are {names}")
            })
    }
}
