//! Checks the connection and the server.

use std::io::ErrorKind;
use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{ConnectOptions, Connection, PgConnection, Row};

use super::Target;
use super::report::Report;

const CHECK: &str = "connection";
const OLDEST: i32 = 150_000;
const CONNECT_PATIENCE: Duration = Duration::from_secs(10);
/// How far the clocks of gateway and database may differ, in seconds.
const CLOCKS: i64 = 5;

/// Connects as the gateway does; a connection that cannot be made is reported.
pub(super) async fn connect(target: &Target<'_>, report: &mut Report) -> Option<PgConnection> {
    // Nothing that is told from here on repeats the URL, which may hold a password.
    let Ok(options) = PgConnectOptions::from_str(target.url) else {
        report.problem(
            CHECK,
            "the database URL is invalid",
            "write it as postgres://user:password@host:port/database, with %40 for an @ in the password",
        );
        return None;
    };
    let options = options
        .application_name("tessera doctor")
        .disable_statement_logging();
    let place = match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    };
    let connecting =
        tokio::time::timeout(CONNECT_PATIENCE, PgConnection::connect_with(&options)).await;
    match connecting {
        Ok(Ok(connection)) => Some(connection),
        Ok(Err(error)) => {
            let (found, mend) = explain(&error, &options, &place);
            report.problem(CHECK, found, mend);
            None
        }
        Err(_) => {
            report.problem(
                CHECK,
                format!(
                    "{place} did not respond within {} s",
                    CONNECT_PATIENCE.as_secs()
                ),
                "check host and port, and firewalls in between",
            );
            None
        }
    }
}

fn explain(error: &sqlx::Error, options: &PgConnectOptions, place: &str) -> (String, String) {
    let user = options.get_username();
    let code = error.as_database_error().and_then(|error| error.code());
    let (found, mend) = match (code.as_deref(), error) {
        (Some("28P01"), _) => (
            format!("{place} refused the password of `{user}`"),
            "correct user and password in the database URL".to_owned(),
        ),
        (Some("28000"), _) => (
            format!("{place} refused the login `{user}`"),
            format!(
                "create the login (`create role {user} login password '…'; grant gateway to {user}`), or permit it in pg_hba.conf"
            ),
        ),
        (Some("3D000"), _) => {
            let database = options.get_database().unwrap_or(user);
            (
                format!("{place} has no database `{database}`"),
                format!(
                    "create it (`create database {database}`) and run `tessera migrate`, or correct the name in the database URL"
                ),
            )
        }
        (Some("53300"), _) => (
            format!("{place} has no connection left"),
            "raise max_connections of PostgreSQL, or lower --pool-size of the gateways".to_owned(),
        ),
        (Some("57P03"), _) => (
            format!("{place} is starting or recovering"),
            "wait a moment".to_owned(),
        ),
        (_, sqlx::Error::Io(cause)) if cause.kind() == ErrorKind::ConnectionRefused => (
            format!("no server listens at {place}"),
            "start PostgreSQL, or correct host and port in the database URL".to_owned(),
        ),
        (_, sqlx::Error::Io(cause)) if cause.to_string().contains("lookup") => (
            format!("there is no host `{}`", options.get_host()),
            "correct the host in the database URL, or the DNS of this machine".to_owned(),
        ),
        (_, sqlx::Error::Tls(cause)) => (
            format!("TLS with {place} fails: {cause}"),
            "correct sslmode and sslrootcert in the database URL, or the certificate of the server"
                .to_owned(),
        ),
        (_, sqlx::Error::Io(cause)) => (
            format!("{place} cannot be reached: {cause}"),
            "check host and port, and that PostgreSQL runs".to_owned(),
        ),
        (_, other) => (
            format!("{place} refused the connection: {other}"),
            "check the log of PostgreSQL".to_owned(),
        ),
    };
    (found, mend)
}

/// Looks at the server.
pub(super) async fn check(
    target: &Target<'_>,
    connection: &mut PgConnection,
    report: &mut Report,
) -> Result<(), sqlx::Error> {
    let row = sqlx::query(
        "select current_setting('server_version'), current_setting('server_version_num')::int4, \
         current_setting('server_encoding'), pg_is_in_recovery(), \
         current_setting('default_transaction_read_only') = 'on', clock_timestamp(), \
         current_setting('max_connections')::int4 - current_setting('superuser_reserved_connections')::int4 \
           - coalesce(nullif(current_setting('reserved_connections', true), ''), '0')::int4, \
         (select rolconnlimit from pg_roles where rolname = current_user), \
         (select datconnlimit from pg_database where datname = current_database()), \
         coalesce((select ssl from pg_stat_ssl where pid = pg_backend_pid()), false)",
    )
    .fetch_one(connection)
    .await?;
    report.ok(CHECK, "the database responds");
    let (version, number): (String, i32) = (row.try_get(0)?, row.try_get(1)?);
    if number < OLDEST {
        report.problem(
            "version",
            format!("PostgreSQL {version}"),
            "use PostgreSQL 15 or newer",
        );
    } else {
        report.ok("version", format!("PostgreSQL {version}"));
    }
    let encoding: String = row.try_get(2)?;
    if encoding == "UTF8" {
        report.ok("encoding", encoding);
    } else {
        report.problem(
            "encoding",
            format!("the encoding of the database is {encoding}"),
            "create the database again with `create database … encoding 'UTF8' template template0`",
        );
    }
    if row.try_get(3)? {
        report.warning(
            "primary",
            "the server is a replica: queries work, but the hourly maintenance jobs cannot run",
            "use the primary in the database URL",
        );
    } else if row.try_get(4)? {
        report.warning(
            "primary",
            "transactions are read-only by default",
            "set default_transaction_read_only to off for the login",
        );
    } else {
        report.ok("primary", "the server accepts writes");
    }
    clock(row.try_get(5)?, report);
    let limits: (i32, i32, i32) = (row.try_get(6)?, row.try_get(7)?, row.try_get(8)?);
    if !target.embedded {
        connections(target, limits, report);
        encryption(target, row.try_get(9)?, report);
    }
    Ok(())
}

fn clock(database: DateTime<Utc>, report: &mut Report) {
    let apart = (Utc::now() - database).num_seconds().abs();
    if apart > CLOCKS {
        report.warning(
            "clock",
            format!("the clocks of this machine and of the database differ by {apart} s"),
            "synchronize both with a time server; the validity of tokens depends on this machine's clock",
        );
    } else {
        report.ok("clock", "this machine and the database agree");
    }
}

fn connections(
    target: &Target<'_>,
    (server, role, database): (i32, i32, i32),
    report: &mut Report,
) {
    // A limit of -1 is none.
    let most = [server, role, database]
        .into_iter()
        .filter_map(|limit| u32::try_from(limit).ok())
        .min()
        .unwrap_or(0);
    let server = &target.settings.server;
    let pool = server.pool_size;
    // Two lie beside the pool: the probe, and the one that stops statements.
    let beside = server.shared_connections + 2;
    if pool + beside > most {
        report.problem(
            "connections",
            format!("the gateway needs up to {pool} and {beside} more; the server allows {most}"),
            format!(
                "set --pool-size to {} or less, or raise max_connections, or the limit of the login or database",
                most.saturating_sub(beside)
            ),
        );
    } else {
        report.ok(
            "connections",
            format!(
                "the server allows {most}, and the gateway opens up to {} of them: {pool} in its pool (--pool-size), {} that short reads share, and 2 to probe the server and to cancel statements",
                pool + beside,
                server.shared_connections
            ),
        );
    }
}

fn encryption(target: &Target<'_>, encrypted: bool, report: &mut Report) {
    let Ok(options) = PgConnectOptions::from_str(target.url) else {
        return;
    };
    let host = options.get_host();
    let near = options.get_socket().is_some()
        || host.starts_with('/')
        || host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback());
    let checked = matches!(
        options.get_ssl_mode(),
        PgSslMode::VerifyCa | PgSslMode::VerifyFull
    );
    match (near, encrypted, checked) {
        (true, ..) => report.ok("encryption", "the database is on this machine"),
        (false, true, true) => report.ok("encryption", "TLS, with a verified certificate"),
        (false, true, false) => report.warning(
            "encryption",
            "TLS without verifying the server's certificate: an attacker on the network could impersonate the server",
            "add sslmode=verify-full (and sslrootcert=FILE) to the database URL",
        ),
        (false, false, _) => report.warning(
            "encryption",
            "passwords and rows are sent over the network without encryption",
            "enable TLS in PostgreSQL, and add sslmode=verify-full to the database URL",
        ),
    }
}
