//! The workspace that an import writes to, inside the transaction of the import.

use sqlx::{PgConnection, PgTransaction};
use uuid::Uuid;

use super::error::ImportError;
use super::keys::Keys;
use super::summary::Summary;
use crate::accounts::unknown_workspace;

/// The workspace of an import and the ids it gives there.
pub(super) struct Target {
    pub workspace: Uuid,
    pub keys: Keys,
}

impl Target {
    /// Finds the workspace, and waits until no other import writes to it.
    pub(super) async fn open(
        connection: &mut PgConnection,
        slug: &str,
        source: &str,
    ) -> Result<Self, ImportError> {
        let found: Option<Uuid> = sqlx::query_scalar("select id from workspaces where slug = $1")
            .bind(slug)
            .fetch_optional(&mut *connection)
            .await?;
        let Some(workspace) = found else {
            return Err(ImportError::NoWorkspace {
                slug: slug.to_owned(),
                known: unknown_workspace(connection, slug).await?,
            });
        };
        sqlx::query("select pg_advisory_xact_lock(hashtextextended('import ' || $1, 0))")
            .bind(workspace.to_string())
            .execute(&mut *connection)
            .await?;
        // The audit log then tells rows of an import from those that a user wrote.
        sqlx::query(
            "select set_config('app.role', 'system', true), set_config('app.workspace_id', $1, true)",
        )
        .bind(workspace.to_string())
        .execute(&mut *connection)
        .await?;
        Ok(Self {
            workspace,
            keys: Keys::new(workspace, source),
        })
    }
}

/// Keeps all that an import did, or nothing of it.
pub(super) async fn close(
    transaction: PgTransaction<'_>,
    outcome: Result<Summary, ImportError>,
) -> Result<Summary, ImportError> {
    match outcome {
        Ok(summary) => {
            transaction.commit().await?;
            Ok(summary)
        }
        Err(error) => {
            // Where this fails the connection is gone, and the server rolls back by itself.
            let _ = transaction.rollback().await;
            Err(error)
        }
    }
}

/// Tells the planner what the tables hold now. Without it the check of a foreign key on a table
/// that was empty when the import began may read a whole workspace to find one row.
pub(super) async fn analyze(
    connection: &mut PgConnection,
    tables: &[&str],
) -> Result<(), ImportError> {
    run(connection, format!("analyze {}", tables.join(", "))).await
}

/// Removes what was staged.
pub(super) async fn finish(
    connection: &mut PgConnection,
    staged: &[&str],
) -> Result<(), ImportError> {
    run(connection, format!("drop table {}", staged.join(", "))).await
}

/// The names in the statement are constants of the importers.
async fn run(connection: &mut PgConnection, sql: String) -> Result<(), ImportError> {
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
        .execute(connection)
        .await?;
    Ok(())
}
