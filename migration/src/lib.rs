//! Makes the unified model in a PostgreSQL database, step by step, and takes it away again.

mod access;
mod before_writing;
mod bootstrap;
mod connection;
mod declared;
mod enum_type;
mod error;
mod idempotency;
mod read_view;
mod role;
mod row_rule;
mod search;
mod step;
mod steps;
mod table;
mod table_sql;
mod view;
mod write_lock;
mod write_log;
mod writes;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

pub use access::{ACCESS, Access, Reads};
use connection::Session;
pub use declared::{DeclaredTable, DeclaredView, declared, read_views, views};
pub use error::MigrateError;
pub use idempotency::{LEDGER, LEDGER_PRIVILEGES};
pub use read_view::READ_SCHEMA;
pub use role::Role;
pub use row_rule::{Caller, RowRule};
pub use search::{COLUMNS as SEARCH_COLUMNS, Embedding, SEARCHED, Searched, Weight};
pub use writes::{ColumnWriting, Commands, WRITES, WriteRule, Writing, writing};

/// What a run of `up` did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The migrations that were applied, in order.
    pub applied: Vec<String>,
}

struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        steps::all()
    }
}

/// Brings the database up to this version of the model. Of two that run at once, one waits.
pub async fn up(url: &str) -> Result<Report, MigrateError> {
    let session = Session::open(url).await?;
    let outcome = apply(&session).await;
    close(session, outcome).await
}

/// Undoes the last `steps` migrations, or all of them, and names them in the order of undoing.
/// Roles and the extension stay: other databases of the server may use them.
pub async fn down(url: &str, steps: Option<u32>) -> Result<Vec<String>, MigrateError> {
    let session = Session::open(url).await?;
    let outcome = revert(&session, steps).await;
    close(session, outcome).await
}

/// The migrations that the database lacks. The role `gateway` may ask this.
pub async fn pending(url: &str) -> Result<Vec<String>, MigrateError> {
    let session = Session::open(url).await?;
    let outcome = ask_pending(&session).await;
    close(session, outcome).await
}

async fn apply(session: &Session) -> Result<Report, MigrateError> {
    session.lock().await?;
    bootstrap::prepare(session).await?;
    let mut report = Report::default();
    for name in missing(session).await? {
        if let Err(source) = Migrator::up(&session.db, Some(1)).await {
            return Err(MigrateError::Failed { name, source });
        }
        report.applied.push(name);
    }
    session.run(&search::typos_sql()).await?;
    Ok(report)
}

async fn revert(session: &Session, steps: Option<u32>) -> Result<Vec<String>, MigrateError> {
    session.lock().await?;
    let present = applied(session).await?;
    if present.is_empty() {
        return Ok(Vec::new());
    }
    bootstrap::prepare(session).await?;
    let count = steps.map_or(present.len(), |steps| present.len().min(steps as usize));
    let mut undone = Vec::new();
    for name in present.iter().rev().take(count) {
        if let Err(source) = Migrator::down(&session.db, Some(1)).await {
            let name = name.clone();
            return Err(MigrateError::Failed { name, source });
        }
        undone.push(name.clone());
    }
    if undone.len() == present.len() {
        Migrator::uninstall(&session.db).await?;
    }
    Ok(undone)
}

async fn ask_pending(session: &Session) -> Result<Vec<String>, MigrateError> {
    let readable = "has_table_privilege(to_regclass('public.seaql_migrations'), 'select')";
    let exists = "to_regclass('public.seaql_migrations') is not null";
    if session.holds(exists).await? && !session.holds(readable).await? {
        // A login that does not inherit what it may become.
        if session.run("set role gateway").await.is_err() {
            let user = session.text("select session_user::text").await?;
            let user = user.unwrap_or_default();
            let remedy = format!("let an administrator run `grant gateway to \"{user}\"`");
            return Err(MigrateError::MissingPrivilege {
                user,
                doing: "read the list of migrations".to_owned(),
                remedy,
            });
        }
    }
    missing(session).await
}

async fn missing(session: &Session) -> Result<Vec<String>, MigrateError> {
    let present = applied(session).await?;
    Ok(known()
        .into_iter()
        .filter(|name| !present.contains(name))
        .collect())
}

/// The migrations that the database has, in order. Fails if it has one from a newer program.
async fn applied(session: &Session) -> Result<Vec<String>, MigrateError> {
    if !session
        .holds("to_regclass('public.seaql_migrations') is not null")
        .await?
    {
        return Ok(Vec::new());
    }
    let listed = session
        .text("select string_agg(version, ' ' order by version) from public.seaql_migrations")
        .await?
        .unwrap_or_default();
    let known = known();
    listed
        .split_whitespace()
        .map(|name| match known.iter().any(|known| known == name) {
            true => Ok(name.to_owned()),
            false => Err(MigrateError::NewerDatabase {
                name: name.to_owned(),
            }),
        })
        .collect()
}

/// The names of all migrations, in order.
pub fn known() -> Vec<String> {
    let migrations = steps::all();
    migrations
        .iter()
        .map(|step| step.name().to_owned())
        .collect()
}

/// Closes the connection whatever happened; the first error is the one to tell.
async fn close<T>(session: Session, outcome: Result<T, MigrateError>) -> Result<T, MigrateError> {
    let closed = session.close().await;
    let value = outcome?;
    closed?;
    Ok(value)
}
