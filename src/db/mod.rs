//! The only code that talks to the database. The pool is private; reading needs a session.

mod acquire;
mod bind;
mod cancel;
#[cfg(test)]
mod driver_tests;
pub mod embedded;
mod loss;
mod maintain;
mod membership;
mod outage;
mod read;
mod ready;
mod scope;
mod sizes;
mod statistics;

use std::str::FromStr;
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use sqlx::Executor;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};

pub use membership::{Membership, workspace_id};
pub use read::ReadScope;
pub use statistics::Statistics;

use cancel::Canceller;
use loss::from_driver;
use outage::Outage;
use ready::Checked;

use crate::sql::Statement;

/// Role that every statement of a request runs as: it owns nothing and row security binds it.
pub const GATEWAY_ROLE: &str = "gateway";

/// Is told every statement that is sent for a request, before it is sent.
pub type Observer = Arc<dyn Fn(&Statement) + Send + Sync>;

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

/// Prepared statements that a connection keeps, here and in PostgreSQL.
const KEPT_STATEMENTS: usize = 200;

/// How long a statement may take where nobody says; the server's own limit comes first.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(300);

/// The database.
#[derive(Clone)]
pub struct Db {
    pool: sqlx::PgPool,
    observer: Option<Observer>,
    canceller: Canceller,
    outage: Arc<Outage>,
    checked: Arc<Checked>,
    statistics: Arc<RwLock<Arc<Statistics>>>,
    statement_timeout: Duration,
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
            .map_err(|error| format!("the database URL is invalid: {error}"))?
            .application_name("tessera")
            .statement_cache_capacity(KEPT_STATEMENTS)
            .options([("statement_timeout", timeout.as_str())]);
        let pool = PgPoolOptions::new()
            .max_connections(self.max_connections)
            .acquire_timeout(self.acquire_timeout)
            // A ping before every read costs a tenth of a point read. `begin` takes another
            // connection instead when the one it got is dead, and throws the idle ones away.
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
            tracing::debug!(%error, "PostgreSQL cannot check for disconnected clients");
            Ok(())
        }
        looked => looked.map(drop),
    }
}

impl Db {
    /// Access to the database through a pool.
    pub fn new(pool: sqlx::PgPool, observer: Option<Observer>) -> Self {
        // The embedded server has one backend, so a second connection would wait for the first.
        let alone = pool.options().get_max_connections() == 1;
        let options = (!alone).then(|| (*pool.connect_options()).clone());
        Self {
            canceller: Canceller::beside(&pool),
            outage: Outage::new(options),
            checked: Arc::default(),
            statistics: Arc::default(),
            statement_timeout: STATEMENT_TIMEOUT,
            pool,
            observer,
            deadline: None,
        }
    }

    /// Says when the server itself gives a statement up. One that takes notably longer has lost
    /// its server, and its connection is closed.
    #[must_use]
    pub fn with_statement_timeout(mut self, statement_timeout: Duration) -> Self {
        self.statement_timeout = statement_timeout;
        self
    }

    /// The same for a caller that stops waiting at `deadline`; PostgreSQL cancels the statement then.
    pub fn until(&self, deadline: Instant) -> Self {
        Self {
            deadline: Some(deadline),
            ..self.clone()
        }
    }

    /// How many connections are idle, and how many are open.
    pub fn connections(&self) -> (usize, u32) {
        (self.pool.num_idle(), self.pool.size())
    }

    /// Closes every connection once the requests that hold them are done.
    pub async fn close(&self) {
        self.pool.close().await;
        self.canceller.close().await;
    }
}
