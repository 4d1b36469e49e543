//! One connection to the database, held for one migration run and then closed.

use std::str::FromStr;
use std::time::Duration;

use sea_orm_migration::DbErr;
use sea_orm_migration::sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, SqlxPostgresConnector, Statement,
};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, Error};

use crate::error::MigrateError;

const OLDEST_SERVER: i32 = 150_000;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

/// Any number will do, as long as every migrating process takes the same one.
const LOCK: &str = "7237115390024117";

/// A connection to a server that is new enough; nothing has been written yet.
pub(crate) struct Session {
    pub db: DatabaseConnection,
    pub server_version: i32,
}

impl Session {
    pub(crate) async fn open(url: &str) -> Result<Self, MigrateError> {
        // sqlx takes any scheme, and an empty address for the local server.
        if !["postgres://", "postgresql://"]
            .iter()
            .any(|scheme| url.starts_with(scheme))
        {
            return Err(MigrateError::InvalidUrl);
        }
        let options = PgConnectOptions::from_str(url)
            .map_err(|_| MigrateError::InvalidUrl)?
            .application_name("tessera migrate")
            .disable_statement_logging();
        let server_version = probe(&options).await?;

        // Role, search path and lock live in the session: it must stay one and the same.
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .test_before_acquire(false)
            .max_lifetime(None)
            .idle_timeout(None)
            .acquire_timeout(CONNECT_TIMEOUT)
            .connect_with(options.clone())
            .await
            .map_err(|error| connect_error(&options, error))?;
        let db = SqlxPostgresConnector::from_sqlx_postgres_pool(pool);
        db.execute_unprepared("set client_min_messages = warning; set search_path = public")
            .await?;
        Ok(Self { db, server_version })
    }

    /// Waits until no other process migrates this database.
    pub(crate) async fn lock(&self) -> Result<(), DbErr> {
        self.run(&format!("select pg_advisory_lock({LOCK})")).await
    }

    pub(crate) async fn run(&self, sql: &str) -> Result<(), DbErr> {
        self.db.execute_unprepared(sql).await?;
        Ok(())
    }

    /// The answer to a question of yes or no.
    pub(crate) async fn holds(&self, question: &str) -> Result<bool, DbErr> {
        let row = self
            .one(&format!("select coalesce({question}, false)"))
            .await?;
        row.try_get_by_index(0)
    }

    pub(crate) async fn text(&self, expression: &str) -> Result<Option<String>, DbErr> {
        let row = self.one(&format!("select ({expression})::text")).await?;
        row.try_get_by_index(0)
    }

    async fn one(&self, sql: &str) -> Result<sea_orm_migration::sea_orm::QueryResult, DbErr> {
        self.db
            .query_one_raw(Statement::from_string(DbBackend::Postgres, sql))
            .await?
            .ok_or_else(|| DbErr::RecordNotFound(format!("no row from: {sql}")))
    }

    /// Ends the session, and with it the lock and the role it took on.
    pub(crate) async fn close(self) -> Result<(), DbErr> {
        self.db.close().await
    }
}

/// A pool hides a refused connection behind its own timeout, so the first one is made without it.
async fn probe(options: &PgConnectOptions) -> Result<i32, MigrateError> {
    let refused = |error| connect_error(options, error);
    let connecting = PgConnection::connect_with(options);
    let mut connection = tokio::time::timeout(CONNECT_TIMEOUT, connecting)
        .await
        .map_err(|_| refused(Error::PoolTimedOut))?
        .map_err(refused)?;
    let (number, found): (i32, String) = sqlx::query_as(
        "select current_setting('server_version_num')::int4, current_setting('server_version')",
    )
    .fetch_one(&mut connection)
    .await
    .map_err(refused)?;
    connection.close().await.map_err(refused)?;
    new_enough(number, found)
}

fn new_enough(number: i32, found: String) -> Result<i32, MigrateError> {
    if number < OLDEST_SERVER {
        return Err(MigrateError::ServerTooOld { found });
    }
    Ok(number)
}

/// Says what went wrong without ever repeating the URL, which may hold a password.
fn connect_error(options: &PgConnectOptions, error: Error) -> MigrateError {
    let place = match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    };
    let user = options.get_username().to_owned();
    let code = error
        .as_database_error()
        .and_then(|inner| inner.code())
        .unwrap_or_default()
        .into_owned();
    match (code.as_str(), error) {
        ("28000" | "28P01", _) => MigrateError::LoginRefused { place, user },
        ("3D000", _) => MigrateError::NoSuchDatabase {
            place,
            database: options.get_database().unwrap_or(&user).to_owned(),
        },
        (_, Error::Io(reason)) => MigrateError::Unreachable {
            place,
            reason: reason.to_string(),
        },
        (_, Error::PoolTimedOut) => MigrateError::Unreachable {
            place,
            reason: format!("no answer within {} s", CONNECT_TIMEOUT.as_secs()),
        },
        (_, other) => MigrateError::Unreachable {
            place,
            reason: other.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::new_enough;

    #[test]
    fn refuses_servers_before_15() {
        let error = new_enough(140_011, "14.11".to_owned()).expect_err("14 is too old");
        assert_eq!(
            error.to_string(),
            "PostgreSQL 14.11 found; Tessera needs 15 or newer"
        );
        assert_eq!(new_enough(150_000, "15.0".to_owned()).ok(), Some(150_000));
    }
}
