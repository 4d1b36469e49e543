//! Settings of the process: where its database is and where it listens.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::section::section;

/// The directory of the embedded database, unless another one is set.
pub const DATA_DIR: &str = ".tessera";

section! {
    /// Flags of the process.
    #[command(next_help_heading = "Server settings")]
    pub struct ServerFlags {
        /// PostgreSQL 15 or newer with pgvector [default: the embedded database].
        #[arg(long, global = true, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
        database_url: String,
        /// Directory of the embedded database [default: .tessera].
        #[arg(long, global = true, env = "TESSERA_DATA_DIR", value_name = "DIR")]
        data_dir: PathBuf,
        /// Address to listen on [default: 127.0.0.1:8080].
        #[arg(long, global = true, env = "TESSERA_LISTEN", value_name = "ADDRESS")]
        listen: String,
        /// Development mode: introspection needs no token, and with the embedded database the
        /// playground contains tokens of the sample workspaces [default: only with the embedded
        /// database].
        #[arg(long, global = true, env = "TESSERA_DEVELOPMENT", value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
        development: bool,
        /// Maximum number of database connections [default: 16].
        #[arg(long, global = true, env = "TESSERA_POOL_SIZE", value_name = "NUMBER")]
        pool_size: u32,
        /// Number of connections that short reads share, beside the others [default: 2].
        #[arg(long, global = true, env = "TESSERA_SHARED_CONNECTIONS", value_name = "NUMBER")]
        shared_connections: u32,
        /// Whether statements stay prepared; set it to false behind PgBouncer before 1.21, or
        /// without its `max_prepared_statements` [default: true].
        #[arg(long, global = true, env = "TESSERA_PREPARED_STATEMENTS", value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
        prepared_statements: bool,
        /// Seconds after which PostgreSQL cancels a statement [default: 10].
        #[arg(long, global = true, env = "TESSERA_STATEMENT_TIMEOUT", value_name = "SECONDS")]
        statement_timeout: u64,
    }
}

/// Checked settings of the process.
#[derive(Clone, Debug)]
pub struct ServerSettings {
    /// None for the embedded database.
    pub database_url: Option<String>,
    pub data_dir: PathBuf,
    pub listen: SocketAddr,
    pub development: bool,
    pub pool_size: u32,
    pub shared_connections: u32,
    pub prepared_statements: bool,
    pub statement_timeout: Duration,
}

impl ServerFlags {
    pub(super) fn check(self) -> Result<ServerSettings, String> {
        let database_url = super::filled(self.database_url);
        if let Some(url) = &database_url {
            check_url(url)?;
        }
        let listen = super::filled(self.listen).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
        let listen: SocketAddr = listen.parse().map_err(|_| {
            format!("listen is `{listen}`; it must be an address and a port such as 127.0.0.1:8080 or [::]:8080")
        })?;
        let statement_timeout =
            super::between("statement_timeout", self.statement_timeout, 10, 1..=3600)?;
        Ok(ServerSettings {
            data_dir: self
                .data_dir
                .filter(|dir| !dir.as_os_str().is_empty())
                .unwrap_or_else(|| PathBuf::from(DATA_DIR)),
            listen,
            development: self.development.unwrap_or(database_url.is_none()),
            pool_size: super::between("pool_size", self.pool_size, 16, 1..=1000)?,
            shared_connections: super::between(
                "shared_connections",
                self.shared_connections,
                2,
                0..=64,
            )?,
            prepared_statements: self.prepared_statements.unwrap_or(true),
            statement_timeout: Duration::from_secs(statement_timeout),
            database_url,
        })
    }
}

fn check_url(url: &str) -> Result<(), String> {
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(());
    }
    // The value may hold a password, so it is not repeated.
    Err("database_url must begin with postgres:// or postgresql://".to_owned())
}
