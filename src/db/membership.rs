//! Reads from the database whether a user is a member of a workspace.

use sqlx::Row;
use uuid::Uuid;

use super::{Db, GATEWAY_ROLE, from_driver, loss};
use crate::error::Error;

macro_rules! membership_by {
    ($name:literal) => {
        concat!(
            "select w.id, m.role::text as role from read.workspaces w \
             join read.workspace_members m on m.workspace_id = w.id \
             join read.users u on u.id = m.user_id \
             where m.user_id = $1 and u.is_active and ",
            $name,
            " = $2"
        )
    };
}
const MEMBERSHIP_BY_ID: &str = membership_by!("w.id");
const MEMBERSHIP_BY_SLUG: &str = membership_by!("w.slug");

/// What the database says about a user in a workspace.
#[derive(Clone, Debug)]
pub struct Membership {
    pub workspace: Uuid,
    /// Name of the role.
    pub role: String,
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
        let begin = format!(
            "BEGIN READ ONLY; SET LOCAL ROLE {GATEWAY_ROLE}; SET LOCAL app.user_id = '{user}'"
        );
        let mut scope = self.begin(begin.clone()).await?;
        // What reads as an id is never taken for a slug: whoever may rename a workspace could
        // otherwise give it the id of another one.
        let query = || match workspace_id(workspace) {
            Some(id) => sqlx::query(MEMBERSHIP_BY_ID).bind(user).bind(id),
            None => sqlx::query(MEMBERSHIP_BY_SLUG)
                .bind(user)
                .bind(workspace.to_owned()),
        };
        let mut row = scope.fetch_optional(query()).await;
        if row.as_ref().is_err_and(loss::is_worth_another) {
            // It changes nothing, so it is asked once more on another connection.
            drop(scope);
            self.lost();
            row = self.begin(begin).await?.fetch_optional(query()).await;
        }
        let row = row.map_err(|error| from_driver(&error))?;
        row.map(|row| {
            Ok(Membership {
                workspace: row.try_get("id").map_err(|error| from_driver(&error))?,
                role: row.try_get("role").map_err(|error| from_driver(&error))?,
            })
        })
        .transpose()
    }
}
