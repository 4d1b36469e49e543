//! Databases for tests: the embedded one, or a new one on the server that
//! `TESSERA_TEST_DATABASE_URL` names.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::postgres::PgRow;
use sqlx::{Connection, PgConnection, PgPool};
use tessera::db::embedded::Embedded;
use tessera::db::{Db, DbOptions, Observer};
use tokio::sync::OnceCell;

use super::seed;

/// Admin URL of a native server to test on.
pub const NATIVE: &str = "TESSERA_TEST_DATABASE_URL";

tokio::task_local! {
    /// The statements that the current test sent.
    pub static STATEMENTS: std::sync::Mutex<Vec<String>>;
}

/// A migrated database and a pool over it.
pub struct Database {
    pub url: String,
    pub db: Db,
    /// The same pool; outside a request's scope its connections act as the administrator.
    pool: PgPool,
    /// Keeps the embedded server alive.
    _server: Option<Embedded>,
}

impl Database {
    /// The same pool with another observer.
    pub fn observed(&self, observer: Observer) -> Db {
        Db::new(self.pool.clone(), Some(observer))
    }

    /// The same database with a pool of its own, after [`Db::close`].
    pub fn reopened(self) -> Self {
        let pool = pool(&self.url, self._server.is_some());
        Self {
            db: Db::new(pool.clone(), None),
            pool,
            ..self
        }
    }

    /// How many connections the pool has at most.
    pub fn connections(&self) -> u32 {
        self.pool.options().get_max_connections()
    }

    /// Asks the database as its administrator.
    pub async fn admin(&self, query: &'static str) -> Vec<PgRow> {
        sqlx::query(query)
            .fetch_all(&self.pool)
            .await
            .expect("the query runs")
    }

    /// What a query answers in a transaction that begins with the script and is rolled back.
    pub async fn admin_in(&self, script: &str, query: &str) -> Vec<PgRow> {
        let mut connection = self.pool.acquire().await.expect("a connection");
        let (script, query) = (
            sqlx::AssertSqlSafe(script.to_owned()),
            sqlx::AssertSqlSafe(query.to_owned()),
        );
        sqlx::raw_sql(script)
            .execute(&mut *connection)
            .await
            .expect("the script runs");
        let rows = sqlx::raw_sql(query).fetch_all(&mut *connection).await;
        sqlx::raw_sql("rollback")
            .execute(&mut *connection)
            .await
            .expect("it ends");
        rows.expect("the query runs")
    }

    /// Changes the database as its administrator.
    pub async fn admin_script(&self, script: &str) {
        self.try_admin_script(script)
            .await
            .expect("the script runs");
    }

    /// As [`Self::admin_script`], for a script that may be refused. Then it has changed nothing.
    pub async fn try_admin_script(&self, script: &str) -> sqlx::Result<()> {
        let script = sqlx::AssertSqlSafe(script.to_owned());
        sqlx::raw_sql(script).execute(&self.pool).await.map(drop)
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
        Ok(admin) if !admin.is_empty() => (native(&admin).await, None),
        _ => {
            let server = tokio::task::spawn_blocking(Embedded::temporary)
                .await
                .expect("no panic");
            let server = server.expect("the embedded database starts");
            (server.url(), Some(server))
        }
    };
    migration::up(&url).await.expect("the migrations run");
    let observer: Observer = Arc::new(|statement| {
        let _ = STATEMENTS.try_with(|statements| {
            statements
                .lock()
                .expect("no panic while locked")
                .push(statement.text.to_string());
        });
    });
    let pool = pool(&url, server.is_some());
    let database = Database {
        db: Db::new(pool.clone(), Some(observer)),
        url,
        pool,
        _server: server,
    };
    if let Some(fill) = fill {
        database.admin_script(&fill()).await;
    }
    database
}

fn pool(url: &str, embedded: bool) -> PgPool {
    let options = DbOptions {
        // The embedded server has one backend.
        max_connections: if embedded { 1 } else { 4 },
        acquire_timeout: std::time::Duration::from_secs(300),
        statement_timeout: std::time::Duration::from_secs(60),
        ..DbOptions::new(url)
    };
    options.pool().expect("a pool")
}

async fn native(admin: &str) -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("tessera_test_{}_{number}", std::process::id());
    let mut connection = PgConnection::connect(admin)
        .await
        .expect("the native server answers");
    let create = sqlx::AssertSqlSafe(format!("create database {name}"));
    sqlx::raw_sql(create)
        .execute(&mut connection)
        .await
        .expect("a new database");
    connection.close().await.expect("the connection closes");
    let mut url = url::Url::parse(admin).expect("a URL");
    url.set_path(&name);
    url.to_string()
}
