//! Reads from the database whether a user is a member of a workspace.

use entity::sea_orm_active_enums::WorkspaceRole;
use entity::{users, workspace_members, workspaces};
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::Db;
use super::form::{Mode, ScopeSettings};
use crate::error::Error;
use crate::session::Role;

#[derive(FromQueryResult)]
struct Found {
    workspace_id: Uuid,
    role: WorkspaceRole,
}

/// What the database says about a user in a workspace.
#[derive(Clone, Copy, Debug)]
pub struct Membership {
    pub workspace: Uuid,
    pub role: Role,
}

/// The id that a name of a workspace is, in the usual form with hyphens; otherwise it is a slug.
pub fn workspace_id(name: &str) -> Option<Uuid> {
    Uuid::try_parse(name)
        .ok()
        .filter(|_| name.len() == uuid::fmt::Hyphenated::LENGTH)
}

impl Db {
    /// The membership of an active user in the workspace of this id or slug, if there is one.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the database cannot be asked.
    pub async fn membership(
        &self,
        user: Uuid,
        workspace: &str,
    ) -> Result<Option<Membership>, Error> {
        let settings = ScopeSettings {
            user: Some(user),
            ..ScopeSettings::none(self.time_left())
        };
        // What reads as an id is never taken for a slug: whoever may rename a workspace could
        // otherwise give it the id of another one.
        let name = match workspace_id(workspace) {
            Some(id) => workspaces::Column::Id.eq(id),
            None => workspaces::Column::Slug.eq(workspace),
        };
        let entities = self.scope(settings, Mode::Read).entities();
        let found = workspace_members::Entity::find()
            .select_only()
            .column(workspace_members::Column::WorkspaceId)
            .column(workspace_members::Column::Role)
            .inner_join(workspaces::Entity)
            .inner_join(users::Entity)
            .filter(workspace_members::Column::UserId.eq(user))
            .filter(users::Column::IsActive.eq(true))
            .filter(name)
            .into_model::<Found>()
            .one(&entities)
            .await
            .map_err(|error| entities.error(error))?;
        let membership = |found: Found| {
            let role = found.role.to_value().value;
            Ok(Membership {
                workspace: found.workspace_id,
                role: role.parse().map_err(Error::internal)?,
            })
        };
        found.map(membership).transpose()
    }
}
