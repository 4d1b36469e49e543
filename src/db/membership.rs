//! Asks the database whether a user belongs to a workspace.

use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::scope::Scope;
use super::{Db, GATEWAY_ROLE, from_driver};
use crate::error::{Code, Error};

/// What the database says about a user in a workspace.
#[derive(Clone, Debug)]
pub struct Membership {
    pub workspace: Uuid,
    /// Name of the role.
    pub role: String,
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
        let mut found = find(&mut scope, user, workspace).await;
        if scope.is_lost()
            && found
                .as_ref()
                .is_err_and(|error| error.code == Code::Unavailable)
        {
            // It changes nothing, so it is asked once more on another connection.
            drop(scope);
            scope = self.begin(begin).await?;
            found = find(&mut scope, user, workspace).await;
        }
        found?
            .map(|row| {
                Ok(Membership {
                    workspace: row.try_get("id").map_err(|error| from_driver(&error))?,
                    role: row.try_get("role").map_err(|error| from_driver(&error))?,
                })
            })
            .transpose()
    }
}

async fn find(scope: &mut Scope, user: Uuid, workspace: &str) -> Result<Option<PgRow>, Error> {
    scope
        .run(|connection| {
            sqlx::query(
                "select w.id, m.role::text as role from workspaces w \
                 join workspace_members m on m.workspace_id = w.id \
                 join users u on u.id = m.user_id \
                 where m.user_id = $1 and u.is_active and (w.id::text = lower($2) or w.slug = $2)",
            )
            .bind(user)
            .bind(workspace.to_owned())
            .fetch_optional(connection)
        })
        .await
}
