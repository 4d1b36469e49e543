//! Workspaces, users and memberships, as administrators manage them.
//!
//! The connection acts as `model_owner`: row security does not bind the owner, and changes are
//! written under the claim `system`, which the audit log records.

mod email;
mod error;
mod member;
mod similar;
mod user;
mod workspace;

use sqlx::{Connection, PgConnection};
use uuid::Uuid;

pub use error::AccountError;
pub use member::{Addition, Listed, Removal, add_member, members, remove_member, role_of};
pub use user::{User, user};
pub use workspace::{Workspace, WorkspaceSummary, ensure_workspace, find_workspace, workspaces};

pub(crate) use workspace::unknown_workspace;

/// Runs changes in a transaction: all of them are kept, or none. It is rolled back before the error
/// is returned, so that the connection can be closed or used again.
async fn in_transaction<T>(
    connection: &mut PgConnection,
    changes: impl AsyncFnOnce(&mut PgConnection) -> Result<T, AccountError>,
) -> Result<T, AccountError> {
    let mut transaction = connection.begin().await?;
    match changes(&mut transaction).await {
        Ok(made) => {
            transaction.commit().await?;
            Ok(made)
        }
        Err(error) => {
            // Where this fails the connection is gone, and the server rolls back by itself.
            let _ = transaction.rollback().await;
            Err(error)
        }
    }
}

/// Tells the audit log who writes to the workspace until the transaction ends.
async fn act_as_system(connection: &mut PgConnection, workspace: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query(
        "select set_config('app.role', 'system', true), set_config('app.workspace_id', $1, true)",
    )
    .bind(workspace.to_string())
    .execute(connection)
    .await?;
    Ok(())
}
