//! Databases for tests: the embedded one, or a new one on the server that
//! `TESSERA_TEST_DATABASE_URL` names.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use pglite_oxide::{PgliteServer, extensions};
use sqlx::{Connection, PgConnection};
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
    /// Keeps the embedded server alive.
    _server: Option<PgliteServer>,
}

/// A database with the seed in it, which tests only read.
pub async fn seeded() -> &'static Database {
    static SEEDED: OnceCell<Database> = OnceCell::const_new();
    SEEDED.get_or_init(|| create(Some(seed::everything))).await
}

/// The seeded database with row level security switched off: only the statements' own filter is
/// left.
pub async fn without_policies() -> &'static Database {
    static OPEN: OnceCell<Database> = OnceCell::const_new();
    OPEN.get_or_init(|| create(Some(seed::everything_without_policies))).await
}

type Fill = fn() -> String;

/// A new migrated database, filled by the script.
pub async fn create(fill: Option<Fill>) -> Database {
    let (url, server) = match std::env::var(NATIVE) {
        Ok(admin) if !admin.is_empty() => (native(&admin).await, None),
        _ => {
            let server = tokio::task::spawn_blocking(|| {
                PgliteServer::builder().temporary().extension(extensions::VECTOR).start()
            });
            let server = server.await.expect("no panic").expect("the embedded database starts");
            (server.database_url(), Some(server))
        }
    };
    migration::up(&url).await.expect("the migrations run");
    if let Some(fill) = fill {
        let mut connection = PgConnection::connect(&url).await.expect("a connection");
        let script = sqlx::AssertSqlSafe(fill());
        sqlx::raw_sql(script).execute(&mut connection).await.expect("the seed fits the model");
        connection.close().await.expect("the connection closes");
    }
    let observer: Observer = Arc::new(|statement| {
        let _ = STATEMENTS.try_with(|statements| {
            statements.lock().expect("no panic while locked").push(statement.to_owned());
        });
    });
    let options = DbOptions {
        // The embedded server has one backend.
        max_connections: if server.is_some() { 1 } else { 4 },
        acquire_timeout: std::time::Duration::from_secs(300),
        statement_timeout: std::time::Duration::from_secs(60),
        observer: Some(observer),
        ..DbOptions::new(&url)
    };
    Database { db: Db::connect(&options).expect("a pool"), url, _server: server }
}

async fn native(admin: &str) -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("tessera_test_{}_{number}", std::process::id());
    let mut connection = PgConnection::connect(admin).await.expect("the native server answers");
    let create = sqlx::AssertSqlSafe(format!("create database {name}"));
    sqlx::raw_sql(create).execute(&mut connection).await.expect("a new database");
    connection.close().await.expect("the connection closes");
    let mut url = url::Url::parse(admin).expect("a URL");
    url.set_path(&name);
    url.to_string()
}
