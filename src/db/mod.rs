//! The only door to the database. The pool is private; whoever wants to read brings a session.

mod bind;
mod cancel;
#[cfg(test)]
mod driver_tests;
pub mod embedded;
mod maintain;
mod membership;
mod read;
mod scope;

use std::fmt::Write;
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::Executor;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use uuid::Uuid;

pub use membership::{Membership, workspace_id};
pub use read::ReadScope;

use cancel::Canceller;
use scope::Scope;

use crate::error::{Code, Error};

/// Role that every statement of a request runs as: it owns nothing and row security binds it.
pub const GATEWAY_ROLE: &str = "gateway";

/// Is told the text of every statement that is sent for a request, before it is sent.
pub type Observer = Arc<dyn Fn(&str) + Send + Sync>;

/// How to reach the database.
#[derive(Clone)]
pub struct DbOptions {
    pub url: String,
    pub max_connections: u32,
    /// How long a request waits for a free connection.
    pub acquire_timeout: Duration,
    /// After how long PostgreSQL gives a statement up.
    pub statement_timeout: Duration,
}

impl DbOptions {
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            max_connections: 16,
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(10),
        }
    }
}

/// The database.
#[derive(Clone)]
pub struct Db {
    pool: sqlx::PgPool,
    observer: Option<Observer>,
    canceller: Canceller,
    /// When the caller stops waiting.
    deadline: Option<Instant>,
}

impl DbOptions {
    /// A pool with these settings; connections are opened when they are needed.
    ///
    /// # Errors
    /// A sentence without the URL's password when the URL cannot be used.
    pub fn pool(&self) -> Result<sqlx::PgPool, String> {
        let timeout = self.statement_timeout.as_millis().to_string();
        let connect = PgConnectOptions::from_str(&self.url)
            .map_err(|error| format!("the database URL cannot be read: {error}"))?
            .application_name("tessera")
            .statement_cache_capacity(1000)
            .options([("statement_timeout", timeout.as_str())]);
        let pool = PgPoolOptions::new()
            .max_connections(self.max_connections)
            .acquire_timeout(self.acquire_timeout)
            // A ping before every read costs a tenth of a point read. `begin` tries another
            // connection instead when the one it got is dead.
            .test_before_acquire(false);
        // The embedded server has no clients that it could look for.
        let pool = if self.max_connections > 1 {
            pool.after_connect(|connection, _| Box::pin(look_for_client(connection)))
        } else {
            pool
        };
        Ok(pool.connect_lazy_with(connect))
    }
}

/// Lets PostgreSQL look every two seconds whether the gateway is still there while a statement
/// runs. The gateway stops statements itself; this is for when it was killed or cut off.
async fn look_for_client(connection: &mut PgConnection) -> sqlx::Result<()> {
    match connection
        .execute("set client_connection_check_interval = '2s'")
        .await
    {
        // Not every system that PostgreSQL runs on can look.
        Err(sqlx::Error::Database(error)) => {
            tracing::debug!(%error, "PostgreSQL cannot look for clients that are gone");
            Ok(())
        }
        looked => looked.map(drop),
    }
}

impl Db {
    /// The door to the database behind a pool.
    pub fn new(pool: sqlx::PgPool, observer: Option<Observer>) -> Self {
        Self {
            canceller: Canceller::beside(&pool),
            pool,
            observer,
            deadline: None,
        }
    }

    /// The same door for a caller who stops waiting at `deadline`: PostgreSQL stops then, too.
    pub fn until(&self, deadline: Instant) -> Self {
        Self {
            deadline: Some(deadline),
            ..self.clone()
        }
    }

    /// Whether the database answers and the gateway may act there.
    ///
    /// # Errors
    /// What is wrong, for the operator's log.
    pub async fn ping(&self) -> Result<(), Error> {
        let mut scope = self
            .begin("BEGIN READ ONLY; SET LOCAL ROLE gateway")
            .await?;
        scope
            .fetch_optional(sqlx::query("select 1 from workspaces limit 1"))
            .await
            .map_err(|error| from_driver(&error))?;
        Ok(())
    }

    /// Closes every connection once the requests that hold them are done.
    pub async fn close(&self) {
        self.pool.close().await;
        self.canceller.close().await;
    }

    /// Begins a transaction with one message: `statement`, and what every scope needs.
    async fn begin(&self, statement: impl Into<String>) -> Result<Scope, Error> {
        let mut statement = statement.into();
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
        let mut attempts = self.pool.size() + 1;
        loop {
            attempts = attempts.saturating_sub(1);
            let begun = async {
                let connection = self.pool.acquire().await?;
                let (name, statement) = (name.clone(), statement.clone());
                Scope::begin(connection, name, statement, self.canceller.clone()).await
            };
            match begun.await {
                Ok(scope) => return Ok(scope),
                // A connection that died while it was idle is found out here.
                Err(sqlx::Error::Io(_)) if attempts > 0 => {}
                Err(error) => return Err(from_driver(&error)),
            }
        }
    }

    /// The time that the caller still has, where that may be less than what PostgreSQL gives a
    /// statement anyway.
    fn shorter_limit(&self) -> Option<Duration> {
        /// The longest limit that is worth a setting of its own.
        const SHORT: Duration = Duration::from_secs(10);
        let left = self.deadline?.saturating_duration_since(Instant::now());
        (left < SHORT).then_some(left)
    }
}

/// Turns an error of the driver into one that tells the caller nothing of the inside.
fn from_driver(error: &sqlx::Error) -> Error {
    match error {
        sqlx::Error::PoolTimedOut => Error::new(
            Code::Unavailable,
            "The gateway has no free database connection; try again shortly.",
        ),
        sqlx::Error::Io(_) | sqlx::Error::PoolClosed | sqlx::Error::Tls(_) => {
            Error::unavailable(error)
        }
        sqlx::Error::Database(database) => match database.code().as_deref() {
            Some("57014") => Error::new(
                Code::Timeout,
                "The query took longer than the gateway allows; ask for fewer rows or levels.",
            ),
            // Shutdown, crash recovery, too many connections.
            Some("57P01" | "57P02" | "57P03" | "53300") => Error::unavailable(error),
            _ => Error::internal(error),
        },
        _ => Error::internal(error),
    }
}
