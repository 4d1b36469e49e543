//! From the pool to an open transaction, despite dead connections and short outages.

use std::fmt::Write;
use std::time::Duration;

use sqlx::Postgres;
use sqlx::pool::PoolConnection;
use tokio::time::{Instant, sleep, timeout};
use uuid::Uuid;

use super::scope::Scope;
use super::{Db, from_driver, loss};
use crate::error::{Code, Error};
use crate::telemetry::metrics;

/// How long a request waits for the end of an outage before it is refused.
const OUTAGE_PATIENCE: Duration = Duration::from_millis(500);
/// A pool that gives no connection for so long may have lost its server.
const SUSPICIOUS: Duration = Duration::from_millis(300);
/// How many connections in a row may turn out dead. After the first the idle ones are thrown away,
/// so the second is a new one.
const ATTEMPTS: u32 = 3;

impl Db {
    /// Begins a transaction with one message: the statement, and what every scope needs.
    pub(super) async fn begin(&self, statement: impl Into<String>) -> Result<Scope, Error> {
        self.begin_for(statement.into(), self.statement_timeout)
            .await
    }

    /// As [`Self::begin`], for statements that the server lets run for so long.
    pub(super) async fn begin_for(
        &self,
        statement: String,
        statement_timeout: Duration,
    ) -> Result<Scope, Error> {
        let asked = Instant::now();
        let mut attempts = ATTEMPTS;
        loop {
            attempts -= 1;
            let begun = match self.acquire().await? {
                Ok(connection) => {
                    self.begin_on(connection, statement.clone(), statement_timeout)
                        .await
                }
                Err(error) => Err(error),
            };
            match begun {
                Ok(scope) => {
                    metrics().connection(asked.elapsed());
                    return Ok(scope);
                }
                Err(error) if loss::is_lost(&error) => {
                    self.lost();
                    if attempts == 0 {
                        return Err(from_driver(&error));
                    }
                }
                Err(error) => return Err(from_driver(&error)),
            }
        }
    }

    /// Begins a transaction on this connection.
    pub(super) async fn begin_on(
        &self,
        connection: PoolConnection<Postgres>,
        mut statement: String,
        statement_timeout: Duration,
    ) -> sqlx::Result<Scope> {
        let name = format!("tessera {}", Uuid::now_v7().simple());
        // Writing to a text does not fail.
        let _ = write!(statement, "; SET LOCAL application_name = '{name}'");
        if let Some(limit) = self.shorter_limit() {
            let _ = write!(
                statement,
                "; SET LOCAL statement_timeout = {}",
                limit.as_millis().max(1)
            );
        }
        let canceller = self.canceller.clone();
        Scope::begin(connection, name, statement, statement_timeout, canceller).await
    }

    /// The time that the caller still has, where that may be less than what PostgreSQL gives a
    /// statement anyway.
    fn shorter_limit(&self) -> Option<Duration> {
        /// The longest limit that is worth a setting of its own.
        const SHORT: Duration = Duration::from_secs(10);
        let left = self
            .deadline?
            .saturating_duration_since(std::time::Instant::now());
        (left < SHORT).then_some(left)
    }

    /// A connection. The inner error is the driver's, and may be of that connection alone.
    async fn acquire(&self) -> Result<Result<PoolConnection<Postgres>, sqlx::Error>, Error> {
        if let Some(idle) = self.pool.try_acquire() {
            return Ok(Ok(idle));
        }
        let mut outage = self.outage.watch();
        let turned_away = Instant::now() + OUTAGE_PATIENCE;
        loop {
            if *outage.borrow_and_update() {
                let over = tokio::time::timeout_at(turned_away, outage.wait_for(|down| !down));
                if over.await.is_err() {
                    return Err(unreachable());
                }
            }
            let acquire = self.pool.acquire();
            tokio::pin!(acquire);
            let suspicious = sleep(SUSPICIOUS);
            tokio::pin!(suspicious);
            loop {
                tokio::select! {
                    acquired = &mut acquire => return Ok(acquired),
                    () = &mut suspicious, if !suspicious.is_elapsed() => self.outage.suspect(),
                    _ = outage.wait_for(|down| *down) => break,
                }
            }
            // An outage began: what waits inside the pool would notice the end of it late.
        }
    }

    /// A connection died. Those that lie idle are most likely dead too, and a request should not
    /// have to find that out for each of them.
    pub(super) fn lost(&self) {
        for _ in 0..self.pool.size() {
            let Some(idle) = self.pool.try_acquire() else {
                break;
            };
            drop(idle.detach());
        }
        self.outage.look();
    }
}

/// The error of a request during an outage; the outage itself is logged once, not by each.
pub(super) fn unreachable() -> Error {
    Error::new(
        Code::Unavailable,
        "The database cannot be reached at the moment; try again shortly.",
    )
}

/// The outcome of a future that may take so long.
pub(super) async fn within<T>(
    patience: Duration,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    timeout(patience, work)
        .await
        .unwrap_or_else(|_| Err(unreachable()))
}
