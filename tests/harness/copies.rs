//! Databases that are copies of one that was migrated once, because migrating takes seconds.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;
use tessera::db::embedded::Embedded;
use tokio::sync::OnceCell;

/// The embedded server over a copy of its own; the copy is gone when this is dropped.
pub struct Copy {
    pub server: Embedded,
    _dir: TempDir,
}

/// A migrated database on an embedded server of its own.
pub async fn embedded() -> Copy {
    static MIGRATED: OnceCell<TempDir> = OnceCell::const_new();
    let migrated = MIGRATED.get_or_init(|| async {
        let (server, dir) = start(None).await;
        migration::up(&server.url())
            .await
            .expect("the migrations run");
        let stopped = tokio::task::spawn_blocking(|| server.stop()).await;
        stopped.expect("no panic").expect("the server stops");
        dir
    });
    let (server, dir) = start(Some(migrated.await.path())).await;
    Copy { server, _dir: dir }
}

async fn start(from: Option<&Path>) -> (Embedded, TempDir) {
    let from = from.map(Path::to_owned);
    let started = tokio::task::spawn_blocking(move || {
        let dir = tempfile::tempdir().expect("a directory");
        if let Some(from) = from {
            copy(&from, dir.path()).expect("a copy of the data");
        }
        let server = Embedded::start(dir.path()).expect("the embedded database starts");
        (server, dir)
    });
    started.await.expect("no panic")
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            std::fs::create_dir(&to)?;
            copy(&entry.path(), &to)?;
        } else if entry.file_type()?.is_file() {
            // Anything else is the socket of the server that has ended.
            std::fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}

/// The URL of a new migrated database on the server of this administrator's URL.
pub async fn native(admin: &str) -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    static MIGRATED: OnceCell<String> = OnceCell::const_new();
    let process = std::process::id();
    let migrated = MIGRATED.get_or_init(|| async {
        let name = format!("tessera_test_{process}_migrated");
        run(admin, &format!("create database {name}")).await;
        migration::up(&url_of(admin, &name))
            .await
            .expect("the migrations run");
        name
    });
    let migrated = migrated.await;
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("tessera_test_{process}_{number}");
    run(
        admin,
        &format!("create database {name} template {migrated}"),
    )
    .await;
    let url = url_of(admin, &name);
    // A copy has no privileges on the database itself.
    migration::up(&url).await.expect("the migrations run");
    url
}

async fn run(admin: &str, statement: &str) {
    let mut connection = PgConnection::connect(admin)
        .await
        .expect("the native server answers");
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
        .execute(&mut connection)
        .await
        .expect("a new database");
    connection.close().await.expect("the connection closes");
}

fn url_of(admin: &str, database: &str) -> String {
    let mut url = url::Url::parse(admin).expect("a URL");
    url.set_path(database);
    url.to_string()
}
