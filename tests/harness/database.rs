//! Databases for tests: the embedded one, or a new one on the server that
//! `TESSERA_TEST_DATABASE_URL` names.

use std::sync::Arc;

use tessera::db::{Db, DbOptions, Observer};
use tokio::sync::OnceCell;
use wire::ServerError;

use super::admin::{Admin, AdminRow};
use super::copies::{self, Copy};
use super::seed;

/// Admin URL of a native server to test on.
pub const NATIVE: &str = "TESSERA_TEST_DATABASE_URL";

tokio::task_local! {
    /// The statements that the current test sent.
    pub static STATEMENTS: std::sync::Mutex<Vec<String>>;
}

/// A migrated database.
pub struct Database {
    pub url: String,
    pub db: Db,
    /// Keeps the embedded server alive.
    _server: Option<Copy>,
}

impl Database {
    /// The same connections with another observer.
    pub fn observed(&self, observer: Observer) -> Db {
        self.db.observed(observer)
    }

    /// The same database with connections of its own, after [`Db::close`].
    pub fn reopened(self) -> Self {
        Self {
            db: open(&self.url, self._server.is_some()),
            ..self
        }
    }

    /// The same database without connections that several requests share, so that a test can take
    /// all that there are. The embedded server has none of them.
    pub fn unshared(self) -> Self {
        match self._server {
            Some(_) => self,
            None => Self {
                db: Db::new(&DbOptions {
                    shared_connections: 0,
                    ..options(&self.url, false)
                })
                .expect("a database"),
                ..self
            },
        }
    }

    /// How many connections the gateway has at most.
    pub fn connections(&self) -> u32 {
        most_connections(self._server.is_some())
    }

    async fn administrator(&self) -> Admin {
        match &self._server {
            Some(_) => Admin::of(&self.db).await,
            None => Admin::connect(&self.url).await,
        }
    }

    /// Asks the database as its administrator.
    pub async fn admin(&self, query: &'static str) -> Vec<AdminRow> {
        let mut admin = self.administrator().await;
        let rows = admin.run(query).await;
        admin.close().await;
        rows.expect("the query runs")
    }

    /// Asks the database as its administrator, on the gateway's own connection.
    pub async fn admin_of_gateway(&self, query: &str) -> Vec<AdminRow> {
        let mut admin = Admin::of(&self.db).await;
        let rows = admin.run(query).await;
        admin.close().await;
        rows.expect("the query runs")
    }

    /// What a query answers in a transaction that begins with the script and is rolled back.
    pub async fn admin_in(&self, script: &str, query: &str) -> Vec<AdminRow> {
        let mut admin = self.administrator().await;
        admin.run(script).await.expect("the script runs");
        let rows = admin.run(query).await;
        admin.close().await;
        rows.expect("the query runs")
    }

    /// Changes the database as its administrator.
    pub async fn admin_script(&self, script: &str) {
        self.try_admin_script(script)
            .await
            .expect("the script runs");
    }

    /// As [`Self::admin_script`], for a script that may be refused. Then it has changed nothing.
    pub async fn try_admin_script(&self, script: &str) -> Result<(), Box<ServerError>> {
        let mut admin = self.administrator().await;
        let run = admin.run(script).await;
        admin.close().await;
        run.map(drop)
    }
}

/// A database with the seed in it, which tests only read.
pub async fn seeded() -> &'static Database {
    static SEEDED: OnceCell<Database> = OnceCell::const_new();
    SEEDED.get_or_init(|| create(Some(seed::everything))).await
}

/// The seeded database with open views and without row level security: only the statements' own
/// filter is left.
pub async fn opened() -> &'static Database {
    static OPEN: OnceCell<Database> = OnceCell::const_new();
    OPEN.get_or_init(|| create(Some(seed::everything_open)))
        .await
}

type Fill = fn() -> String;

/// A new migrated database, filled by the script.
pub async fn create(fill: Option<Fill>) -> Database {
    let (url, server) = match std::env::var(NATIVE) {
        Ok(admin) if !admin.is_empty() => (copies::native(&admin).await, None),
        _ => {
            let copy = copies::embedded().await;
            (copy.server.url(), Some(copy))
        }
    };
    let observer: Observer = Arc::new(|statement| {
        let _ = STATEMENTS.try_with(|statements| {
            statements
                .lock()
                .expect("no panic while locked")
                .push(statement.text().to_owned());
        });
    });
    let database = Database {
        db: open(&url, server.is_some()).observed(observer),
        url,
        _server: server,
    };
    if let Some(fill) = fill {
        database.admin_script(&fill()).await;
    }
    database
}

fn most_connections(embedded: bool) -> u32 {
    // The embedded server has one backend.
    if embedded { 1 } else { 4 }
}

fn open(url: &str, embedded: bool) -> Db {
    Db::new(&options(url, embedded)).expect("a database")
}

fn options(url: &str, embedded: bool) -> DbOptions {
    DbOptions {
        max_connections: most_connections(embedded),
        acquire_timeout: std::time::Duration::from_secs(300),
        statement_timeout: std::time::Duration::from_secs(60),
        ..DbOptions::new(url)
    }
}
