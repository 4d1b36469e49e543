//! One transaction on one connection. It leaves no statement running, and never returns a connection
//! in an unknown state to the pool.

use std::future::Future;
use std::time::Duration;

use futures_util::TryStreamExt;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgRow, PgTransactionManager};
use sqlx::{Execute, Executor, Postgres, SqlSafeStr};
use sqlx_core::transaction::TransactionManager;

use super::cancel::Canceller;
use super::loss;

/// How long the server may take to begin a transaction. It has nothing to look up for that.
const BEGIN_PATIENCE: Duration = Duration::from_secs(3);
/// How much longer than the server's own limit a statement may take before the server counts as
/// gone.
const GRACE: Duration = Duration::from_secs(2);

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
    /// Whether the server was lost. The connection is closed then without a word more: what it is
    /// in is not known, and on a dead network nobody answers.
    lost: bool,
    /// The server's own limit for a statement, and the grace.
    patience: Duration,
    canceller: Canceller,
}

impl Scope {
    /// Begins a transaction with a message of its own. `statement` must begin one and give it
    /// `name` as its `application_name`.
    pub(super) async fn begin(
        connection: PoolConnection<Postgres>,
        name: String,
        statement: String,
        statement_timeout: Duration,
        canceller: Canceller,
    ) -> sqlx::Result<Self> {
        let mut scope = Self {
            connection: Some(connection),
            name,
            unfinished: true,
            lost: false,
            patience: statement_timeout + GRACE,
            canceller,
        };
        // Made of fixed texts, ids and names of our own.
        let statement = sqlx::AssertSqlSafe(statement).into_sql_str();
        let begin = PgTransactionManager::begin(scope.connection()?, Some(statement));
        let begun = tokio::time::timeout(BEGIN_PATIENCE, begin)
            .await
            .unwrap_or_else(|_| Err(loss::no_answer()));
        scope.unfinished = false;
        // After a refusal the server may be in what the driver does not know of.
        scope.lost = begun.is_err();
        begun.map(|()| scope)
    }

    pub(super) async fn fetch_all<'q>(
        &mut self,
        query: impl Execute<'q, Postgres> + 'q,
    ) -> sqlx::Result<Vec<PgRow>> {
        let patience = self.patience;
        let connection = self.start()?;
        let rows = in_time(patience, connection.fetch_all(query)).await;
        self.judge(rows)
    }

    /// Hands over the rows of a query as they arrive. An error of `take` ends the reading in the
    /// middle of the answer; the scope is of no use then, and dropping it stops the statement.
    pub(super) async fn fetch_each<'q, E>(
        &mut self,
        query: impl Execute<'q, Postgres> + 'q,
        mut take: impl FnMut(PgRow) -> Result<(), E> + Send,
    ) -> sqlx::Result<Result<(), E>> {
        let patience = self.patience;
        let connection = self.start()?;
        let read = async {
            let mut rows = connection.fetch(query);
            while let Some(row) = rows.try_next().await? {
                if let Err(error) = take(row) {
                    return Ok(Err(error));
                }
            }
            Ok(Ok(()))
        };
        match in_time(patience, read).await {
            Ok(Err(error)) => Ok(Err(error)),
            outcome => self.judge(outcome),
        }
    }

    pub(super) async fn fetch_optional<'q>(
        &mut self,
        query: impl Execute<'q, Postgres> + 'q,
    ) -> sqlx::Result<Option<PgRow>> {
        let patience = self.patience;
        let connection = self.start()?;
        let row = in_time(patience, connection.fetch_optional(query)).await;
        self.judge(row)
    }

    pub(super) async fn commit(mut self) -> sqlx::Result<()> {
        let patience = self.patience;
        let connection = self.start()?;
        let committed = in_time(patience, PgTransactionManager::commit(connection)).await;
        self.judge(committed)
    }

    fn judge<T>(&mut self, outcome: sqlx::Result<T>) -> sqlx::Result<T> {
        self.unfinished = false;
        self.lost = outcome.as_ref().is_err_and(loss::is_lost);
        outcome
    }

    fn start(&mut self) -> sqlx::Result<&mut PoolConnection<Postgres>> {
        if self.lost {
            // The statement before lost the server; this one need not wait for it as long.
            return Err(loss::no_answer());
        }
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
        if self.lost {
            // Without its pool it is closed at once, and its place is free.
            drop(connection.detach());
            return;
        }
        // Without a runtime the process is ending, and PostgreSQL sees its connections close.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            drop(connection.detach());
            return;
        };
        if self.unfinished {
            connection.close_on_drop();
            let name = std::mem::take(&mut self.name);
            runtime.spawn(self.canceller.clone().stop(connection, name));
        } else {
            // Sent when the pool takes the connection back, while the answer is on its way. A
            // server that does not answer that keeps no place of the pool.
            PgTransactionManager::start_rollback(&mut connection);
            runtime.spawn(tokio::time::timeout(
                self.patience,
                connection.return_to_pool(),
            ));
        }
    }
}

/// The outcome of something that the server must answer in time.
async fn in_time<T>(
    patience: Duration,
    work: impl Future<Output = sqlx::Result<T>>,
) -> sqlx::Result<T> {
    let outcome = tokio::time::timeout(patience, work).await;
    outcome.unwrap_or_else(|_| Err(loss::late()))
}
