//! One transaction on one connection, which leaves nothing running behind.

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgRow, PgTransactionManager};
use sqlx::{Execute, Executor, Postgres, SqlSafeStr};
use sqlx_core::transaction::TransactionManager;

use super::cancel::Canceller;

/// A transaction of one caller. Dropping it rolls back; while a statement is under way, as when
/// the caller is gone or out of time, dropping it also stops the statement in PostgreSQL.
pub(super) struct Scope {
    /// Present until the scope ends.
    connection: Option<PoolConnection<Postgres>>,
    /// The name under which PostgreSQL shows this scope and no other.
    name: String,
    /// Whether something was sent whose answer was not read to its end. The driver would hand the
    /// connection to the next caller only after that end, however far it is, and would forget a
    /// transaction whose beginning was not awaited.
    unfinished: bool,
    canceller: Canceller,
}

impl Scope {
    /// Begins a transaction with a message of its own. `statement` must begin one and give it
    /// `name` as its `application_name`.
    pub(super) async fn begin(
        connection: PoolConnection<Postgres>,
        name: String,
        statement: String,
        canceller: Canceller,
    ) -> sqlx::Result<Self> {
        let mut scope = Self {
            connection: Some(connection),
            name,
            unfinished: true,
            canceller,
        };
        // Made of fixed texts, ids and names of our own.
        let statement = sqlx::AssertSqlSafe(statement).into_sql_str();
        let begun = PgTransactionManager::begin(scope.connection()?, Some(statement)).await;
        scope.unfinished = false;
        if begun.is_err() {
            // The server may have begun what the driver does not know of.
            scope.connection()?.close_on_drop();
        }
        begun.map(|()| scope)
    }

    pub(super) async fn fetch_all<'q>(
        &mut self,
        query: impl Execute<'q, Postgres> + 'q,
    ) -> sqlx::Result<Vec<PgRow>> {
        let connection = self.start()?;
        let rows = connection.fetch_all(query).await;
        self.unfinished = false;
        rows
    }

    pub(super) async fn fetch_optional<'q>(
        &mut self,
        query: impl Execute<'q, Postgres> + 'q,
    ) -> sqlx::Result<Option<PgRow>> {
        let connection = self.start()?;
        let row = connection.fetch_optional(query).await;
        self.unfinished = false;
        row
    }

    pub(super) async fn commit(mut self) -> sqlx::Result<()> {
        let connection = self.start()?;
        let committed = PgTransactionManager::commit(connection).await;
        self.unfinished = false;
        committed
    }

    fn start(&mut self) -> sqlx::Result<&mut PoolConnection<Postgres>> {
        self.unfinished = true;
        self.connection()
    }

    fn connection(&mut self) -> sqlx::Result<&mut PoolConnection<Postgres>> {
        // It is taken by `drop` alone, after which nobody can ask.
        self.connection.as_mut().ok_or(sqlx::Error::PoolClosed)
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else {
            return;
        };
        if !self.unfinished {
            // Sent when the pool takes the connection back, while the answer is on its way.
            PgTransactionManager::start_rollback(&mut connection);
            return;
        }
        connection.close_on_drop();
        // Without a runtime the process is ending, and PostgreSQL sees its connections close.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let name = std::mem::take(&mut self.name);
            runtime.spawn(self.canceller.clone().stop(connection, name));
        }
    }
}
