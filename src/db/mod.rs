//! The only code that talks to the database. The pool is private; reading needs a session.

mod acquire;
mod bind;
pub mod embedded;
mod entities;
#[cfg(test)]
mod error_tests;
mod form;
mod login;
mod loss;
mod maintain;
mod membership;
mod migrations;
mod outage;
mod pool;
mod pooler;
mod privileges;
mod ready;
mod report;
mod scope;
mod shared;
mod sizes;
mod statistics;
mod stop_words;
mod values;

use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

pub use bind::{element, type_id};
pub use entities::Entities;
pub use form::{About, MOST_PASSED};
pub use membership::{Membership, workspace_id};
pub use pooler::Passes;
pub use privileges::{EXCESSIVE_PRIVILEGES, SEPARATE_LOGIN};
pub use scope::{Ask, Refused, Scope, Then, Violation};
pub use statistics::Statistics;
pub use wire::Row;

use login::Login;
use outage::Outage;
use pool::{Lease, Pool};
use ready::Checked;
use shared::SharedConnections;

use crate::error::Error;
use crate::sql::Statement;

/// Role that every statement of a request runs as: it owns nothing and row security binds it.
pub const GATEWAY_ROLE: &str = "gateway";

/// Is told every statement that is sent for a request, before it is sent.
pub type Observer = Arc<dyn Fn(&Statement) + Send + Sync>;

/// How to reach the database.
#[derive(Clone, Debug)]
pub struct DbOptions {
    pub url: String,
    /// Most connections of requests that have one of their own; with one, nothing is shared or
    /// probed beside it, as the embedded server takes no other.
    pub max_connections: u32,
    /// How many connections short reads share, beside those.
    pub shared_connections: u32,
    /// Whether statements stay prepared. Old poolers need that they do not.
    pub prepared_statements: bool,
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
            shared_connections: 2,
            prepared_statements: true,
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(10),
        }
    }
}

/// The database. A copy shares its connections.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
    observer: Option<Observer>,
    /// When the caller stops waiting.
    deadline: Option<Instant>,
}

/// What all copies share.
struct Inner {
    pool: Arc<Pool>,
    shared: Arc<SharedConnections>,
    outage: Arc<Outage>,
    checked: Checked,
    statistics: RwLock<Arc<Statistics>>,
    acquire_timeout: Duration,
    statement_timeout: Duration,
}

impl Db {
    /// Access to the database; connections are opened when they are needed.
    ///
    /// # Errors
    /// A sentence without the URL's password when the URL cannot be used.
    pub fn new(options: &DbOptions) -> Result<Self, String> {
        let most = options.max_connections;
        let pool = Pool::new(Login::new(options)?, most, options.statement_timeout);
        let shared = if most > 1 {
            options.shared_connections
        } else {
            0
        };
        Ok(Self {
            inner: Arc::new(Inner {
                shared: SharedConnections::new(Arc::clone(&pool), shared),
                outage: Outage::new((most > 1).then(|| Arc::clone(&pool))),
                pool,
                checked: Checked::default(),
                statistics: RwLock::default(),
                acquire_timeout: options.acquire_timeout,
                statement_timeout: options.statement_timeout,
            }),
            observer: None,
            deadline: None,
        })
    }

    /// The same, with somebody who is told the statements.
    #[must_use]
    pub fn observed(&self, observer: Observer) -> Self {
        Self {
            observer: Some(observer),
            ..self.clone()
        }
    }

    /// The same for a caller that stops waiting at `deadline`; PostgreSQL cancels the statement then.
    pub fn until(&self, deadline: Instant) -> Self {
        Self {
            deadline: Some(deadline),
            ..self.clone()
        }
    }

    /// How many connections are idle, and how many are open, beside the shared ones.
    pub fn connections(&self) -> (usize, u32) {
        self.inner.pool.connections()
    }

    /// Closes every connection once the requests that hold them are done.
    pub async fn close(&self) {
        self.inner.shared.close();
        self.inner.pool.close().await;
    }

    /// Takes a connection out of the pool: the embedded server has only one, and tools need it, too.
    /// It goes back when the outcome is dropped, and must be as it was then.
    ///
    /// # Errors
    /// `UNAVAILABLE`.
    pub async fn lend(&self) -> Result<Lent, Error> {
        self.acquire().await.map(Lent)
    }
}

/// A connection of the pool in other hands.
pub struct Lent(Lease);

impl Lent {
    /// The connection.
    ///
    /// # Errors
    /// None while it is lent.
    pub fn connection(&mut self) -> Result<&mut wire::Connection, Error> {
        let member = self.0.member();
        let member = member.ok_or_else(|| Error::internal("a lent connection is gone"))?;
        Ok(&mut member.connection)
    }
}
