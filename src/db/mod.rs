//! The only door to the database. The pool is private; whoever wants to read brings a session.

mod acquire;
mod bind;
pub mod embedded;
mod loss;
mod maintain;
mod membership;
mod outage;
mod read;
mod ready;
mod scope;

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

pub use membership::Membership;
pub use read::ReadScope;

use loss::from_driver;
use outage::Outage;
use ready::Checked;

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

/// How long a statement may take where nobody says; the server's own limit comes first.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(300);

/// The database.
#[derive(Clone)]
pub struct Db {
    pool: sqlx::PgPool,
    observer: Option<Observer>,
    outage: Arc<Outage>,
    checked: Arc<Checked>,
    statement_timeout: Duration,
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
            // A ping before every read costs a tenth of a point read. `begin` takes another
            // connection instead when the one it got is dead, and throws the idle ones away.
            .test_before_acquire(false)
            .connect_lazy_with(connect);
        Ok(pool)
    }
}

impl Db {
    /// The door to the database behind a pool.
    pub fn new(pool: sqlx::PgPool, observer: Option<Observer>) -> Self {
        // The embedded server has one backend, so a second connection would wait for the first.
        let alone = pool.options().get_max_connections() == 1;
        let options = (!alone).then(|| (*pool.connect_options()).clone());
        Self {
            outage: Outage::new(options),
            checked: Arc::default(),
            statement_timeout: STATEMENT_TIMEOUT,
            pool,
            observer,
        }
    }

    /// Says when the server itself gives a statement up. One that takes notably longer has lost
    /// its server, and its connection is closed.
    #[must_use]
    pub fn with_statement_timeout(mut self, statement_timeout: Duration) -> Self {
        self.statement_timeout = statement_timeout;
        self
    }

    /// Closes every connection once the requests that hold them are done.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}
