//! A transaction on a pooled connection that never gives a doubtful connection back to the pool.
//!
//! The driver's own transaction returns its connection whatever happened: cut off while it began,
//! it would come back inside an open transaction; on a dead network its clean-up would keep a
//! place of the pool for as long as TCP hopes.

use std::future::Future;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::PgTransactionManager;
use sqlx::{AssertSqlSafe, PgConnection, Postgres, SqlSafeStr};
use sqlx_core::transaction::TransactionManager;

use super::acquire::unreachable;
use super::loss;
use crate::error::{Code, Error};

/// How long the server may take to begin a transaction. It has nothing to look up for that.
const BEGIN_PATIENCE: Duration = Duration::from_secs(3);
/// How much longer than the server's own limit a statement may take before the server counts as
/// gone.
const GRACE: Duration = Duration::from_secs(2);

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// What the connection is in is not known: it is closed, not kept.
    Doubtful,
    /// In the transaction.
    Open,
    /// Out of the transaction again.
    Ended,
}

/// Dropping it rolls back, in the background.
pub(super) struct Scope {
    connection: PoolConnection<Postgres>,
    state: State,
    /// The server's own limit for a statement, and the grace.
    patience: Duration,
}

impl Scope {
    /// Begins a transaction with the statement, which may set things up in the same message.
    pub async fn begin(
        connection: PoolConnection<Postgres>,
        statement: String,
        statement_timeout: Duration,
    ) -> Result<Self, sqlx::Error> {
        let mut scope = Self {
            connection,
            state: State::Doubtful,
            patience: statement_timeout + GRACE,
        };
        let statement = AssertSqlSafe(statement).into_sql_str();
        let begin = PgTransactionManager::begin(&mut scope.connection, Some(statement));
        match tokio::time::timeout(BEGIN_PATIENCE, begin).await {
            Ok(begun) => begun?,
            Err(_) => return Err(loss::no_answer()),
        }
        scope.state = State::Open;
        Ok(scope)
    }

    /// Runs one statement on the connection. The work borrows nothing else, so that the outcome
    /// can decide what becomes of the connection.
    pub async fn run<'a, T, W>(
        &'a mut self,
        work: impl FnOnce(&'a mut PgConnection) -> W,
    ) -> Result<T, Error>
    where
        W: Future<Output = Result<T, sqlx::Error>> + 'a,
    {
        let Self {
            connection,
            state,
            patience,
        } = self;
        if *state == State::Doubtful {
            // The statement before this one lost the connection; this one need not wait as long.
            return Err(unreachable());
        }
        match tokio::time::timeout(*patience, work(connection)).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => {
                if loss::is_lost(&error) {
                    *state = State::Doubtful;
                }
                Err(loss::from_driver(&error))
            }
            Err(_) => {
                *state = State::Doubtful;
                tracing::error!("the database did not answer a statement in time");
                Err(Error::new(
                    Code::Timeout,
                    "The database did not answer in time; try again shortly.",
                ))
            }
        }
    }

    pub async fn commit(mut self) -> Result<(), Error> {
        // Cut off on the way, it is not known whether it ended.
        self.state = State::Doubtful;
        let commit = PgTransactionManager::commit(&mut self.connection);
        match tokio::time::timeout(self.patience, commit).await {
            Ok(Ok(())) => {
                self.state = State::Ended;
                Ok(())
            }
            Ok(Err(error)) => Err(loss::from_driver(&error)),
            Err(_) => Err(loss::from_driver(&loss::no_answer())),
        }
    }

    /// Whether the connection was found to be of no use.
    pub fn is_lost(&self) -> bool {
        self.state == State::Doubtful
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        if self.state == State::Open {
            PgTransactionManager::start_rollback(&mut self.connection);
        }
        // It waits for the end of a statement that nobody waits for any more, and checks that the
        // connection is sound.
        let back = self.connection.return_to_pool();
        if self.state == State::Doubtful {
            // Not run, it closes the connection and frees its place.
            drop(back);
            return;
        }
        tokio::spawn(tokio::time::timeout(self.patience, back));
    }
}
