//! Cancels statements whose request is gone.
//!
//! The driver does not expose the key for PostgreSQL's own cancel message. So each scope gives its
//! connection a unique name, and a connection outside of the pool asks PostgreSQL to cancel the
//! statement of that name. Meanwhile the pool cannot use the connection, and it is closed afterwards,
//! so a late cancel hits nobody else.

use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgPoolOptions, PgTransactionManager};
use sqlx::{Connection, Executor, Postgres};
use sqlx_core::transaction::TransactionManager;

/// How long each step of stopping a statement may take. What does not stop in this time is left
/// to `client_connection_check_interval`, or else to `statement_timeout`.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long the connection beside the pool is kept for the next time.
const KEEP: Duration = Duration::from_secs(60);

/// Cancels statements of the connections of one pool.
#[derive(Clone)]
pub(super) struct Canceller {
    /// None where the pool has the only connection that the server grants, as the embedded one
    /// does; statements then run to their end.
    beside: Option<sqlx::PgPool>,
}

impl Canceller {
    pub(super) fn beside(pool: &sqlx::PgPool) -> Self {
        let beside = (pool.options().get_max_connections() > 1).then(|| {
            PgPoolOptions::new()
                .max_connections(1)
                .acquire_timeout(PATIENCE)
                .idle_timeout(KEEP)
                .connect_lazy_with((*pool.connect_options()).clone())
        });
        Self { beside }
    }

    /// Stops what runs on a connection under a name, and gives the connection's place in the pool
    /// free once it has stopped. The connection is closed when it is dropped.
    pub(super) async fn stop(self, mut connection: PoolConnection<Postgres>, name: String) {
        let Some(beside) = &self.beside else {
            drain(connection).await;
            return;
        };
        let cancel = sqlx::query(
            "select pg_cancel_backend(pid) from pg_stat_activity \
             where application_name = $1 and pid <> pg_backend_pid()",
        );
        match tokio::time::timeout(PATIENCE, beside.execute(cancel.bind(&name))).await {
            Ok(Ok(_)) => tracing::debug!("a statement was cancelled, because its request is gone"),
            Ok(Err(error)) => {
                tracing::warn!(%error, "a statement cannot be cancelled; it ends when PostgreSQL notices that the connection is closed")
            }
            Err(_) => tracing::warn!(
                "PostgreSQL does not respond to the request to cancel a statement; it ends when PostgreSQL notices that the connection is closed"
            ),
        }
        // Answers when the statement has ended, so the pool never has more of them than places.
        let _ = tokio::time::timeout(PATIENCE, connection.ping()).await;
    }

    pub(super) async fn close(&self) {
        if let Some(beside) = &self.beside {
            beside.close().await;
        }
    }
}

/// Waits for the end of what runs, and gives the connection back as clean as it was.
async fn drain(mut connection: PoolConnection<Postgres>) {
    PgTransactionManager::start_rollback(&mut connection);
    // Once more in words: the driver does not know of a transaction whose beginning it did not see.
    let ended = sqlx::raw_sql("ROLLBACK").execute(&mut *connection).await;
    if let Err(error) = ended {
        tracing::warn!(%error, "a connection cannot be used again; it is replaced");
        return;
    }
    connection.return_to_pool().await;
}
