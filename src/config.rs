//! Settings: flags first, then the environment, then one TOML file, then defaults.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde::Deserialize;

use crate::auth::Secret;
use crate::db::DbOptions;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    #[default]
    Text,
    Json,
}

/// Settings as flags and environment give them.
#[derive(Args, Clone, Debug, Default)]
pub struct Flags {
    /// TOML file with settings, named as the flags with `_` for `-`.
    #[arg(long, global = true, env = "TESSERA_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// PostgreSQL 15 or newer with pgvector; without it the embedded database serves.
    #[arg(
        long,
        global = true,
        env = "DATABASE_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub database_url: Option<String>,
    /// Folder of the embedded database [default: .tessera].
    #[arg(long, global = true, env = "TESSERA_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Address to listen on [default: 127.0.0.1:8080].
    #[arg(long, global = true, env = "TESSERA_LISTEN", value_name = "ADDRESS")]
    pub listen: Option<String>,
    /// File with the secret that signs tokens with HS256, 32 bytes or more. The secret itself may
    /// stand in the variable TESSERA_JWT_SECRET instead.
    #[arg(
        long,
        global = true,
        env = "TESSERA_JWT_SECRET_FILE",
        value_name = "FILE"
    )]
    pub jwt_secret_file: Option<PathBuf>,
    /// Development mode: the playground holds tokens of the sample's workspaces, and the schema
    /// may be read without one [default: only with the embedded database].
    #[arg(long, global = true, env = "TESSERA_DEVELOPMENT", value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub development: Option<bool>,
    /// Most connections to the database [default: 16].
    #[arg(long, global = true, env = "TESSERA_POOL_SIZE", value_name = "NUMBER")]
    pub pool_size: Option<u32>,
    /// Seconds after which PostgreSQL gives a statement up [default: 10].
    #[arg(
        long,
        global = true,
        env = "TESSERA_STATEMENT_TIMEOUT",
        value_name = "SECONDS"
    )]
    pub statement_timeout: Option<u64>,
    /// Most rows that the lists of one operation may come to [default: 200000].
    #[arg(long, global = true, env = "TESSERA_MAX_ROWS", value_name = "NUMBER")]
    pub max_rows: Option<u64>,
    /// Which log lines are written, such as `info` or `warn,tessera=debug` [default: info].
    #[arg(long, global = true, env = "TESSERA_LOG", value_name = "FILTER")]
    pub log: Option<String>,
    /// Form of the log [default: text].
    #[arg(long, global = true, env = "TESSERA_LOG_FORMAT", value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,
}

/// The same settings in a file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    database_url: Option<String>,
    data_dir: Option<PathBuf>,
    listen: Option<String>,
    jwt_secret_file: Option<PathBuf>,
    development: Option<bool>,
    pool_size: Option<u32>,
    statement_timeout: Option<u64>,
    max_rows: Option<u64>,
    log: Option<String>,
    log_format: Option<LogFormat>,
}

/// Settings that were checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// None for the embedded database.
    pub database_url: Option<String>,
    pub data_dir: PathBuf,
    pub listen: SocketAddr,
    /// None where none was configured; development then makes one.
    pub jwt_secret: Option<Secret>,
    pub development: bool,
    pub pool_size: u32,
    pub statement_timeout: Duration,
    pub max_rows: u64,
    pub log: String,
    pub log_format: LogFormat,
}

impl Settings {
    /// Joins flags, environment and file.
    ///
    /// # Errors
    /// One sentence that names the setting and what it takes.
    pub fn read(flags: &Flags) -> Result<Self, String> {
        let file = flags
            .config
            .as_deref()
            .map(read_file)
            .transpose()?
            .unwrap_or_default();
        // An empty variable in a deployment file means that there is none.
        let filled = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let database_url = filled(flags.database_url.clone()).or(filled(file.database_url));
        if let Some(url) = &database_url {
            check_url(url)?;
        }
        let listen = filled(flags.listen.clone()).or(file.listen);
        let listen = listen.unwrap_or_else(|| "127.0.0.1:8080".to_owned());
        let pool_size = flags.pool_size.or(file.pool_size).unwrap_or(16);
        if !(1..=1000).contains(&pool_size) {
            return Err(format!(
                "pool_size is {pool_size}; it takes a number from 1 to 1000"
            ));
        }
        let statement_timeout = flags
            .statement_timeout
            .or(file.statement_timeout)
            .unwrap_or(10);
        if !(1..=3600).contains(&statement_timeout) {
            return Err(format!(
                "statement_timeout is {statement_timeout}; it takes seconds from 1 to 3600"
            ));
        }
        let secret_file = flags.jwt_secret_file.clone().or(file.jwt_secret_file);
        let development = flags
            .development
            .or(file.development)
            .unwrap_or(database_url.is_none());
        let listen: SocketAddr = listen.parse().map_err(|_| {
            format!("listen is `{listen}`; it takes an address and a port such as 127.0.0.1:8080 or [::]:8080")
        })?;
        Ok(Self {
            data_dir: flags
                .data_dir
                .clone()
                .or(file.data_dir)
                .filter(|dir| !dir.as_os_str().is_empty())
                .unwrap_or_else(|| PathBuf::from(".tessera")),
            listen,
            jwt_secret: read_secret(secret_file.as_deref())?,
            development,
            pool_size,
            statement_timeout: Duration::from_secs(statement_timeout),
            max_rows: flags.max_rows.or(file.max_rows).unwrap_or(200_000),
            log: filled(flags.log.clone())
                .or(file.log)
                .unwrap_or_else(|| "info".to_owned()),
            log_format: flags.log_format.or(file.log_format).unwrap_or_default(),
            database_url,
        })
    }

    /// The settings of the pool over a database at `url`.
    pub fn db_options(&self, url: &str, max_connections: u32) -> DbOptions {
        DbOptions {
            max_connections,
            statement_timeout: self.statement_timeout,
            ..DbOptions::new(url)
        }
    }
}

fn read_file(path: &Path) -> Result<File, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("cannot read the settings in {}: {error}", path.display()))?;
    toml::from_str(&text).map_err(|error| {
        let place = error
            .span()
            .map_or(0, |span| text[..span.start].matches('\n').count() + 1);
        format!("{}, line {place}: {}", path.display(), error.message())
    })
}

fn check_url(url: &str) -> Result<(), String> {
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(());
    }
    // The value may hold a password, so it is not repeated.
    Err("database_url must begin with postgres:// or postgresql://".to_owned())
}

fn read_secret(file: Option<&Path>) -> Result<Option<Secret>, String> {
    if let Some(path) = file {
        let text = std::fs::read(path).map_err(|error| {
            format!("cannot read the JWT secret in {}: {error}", path.display())
        })?;
        // Editors end files with a line feed that is not meant.
        let text = text.strip_suffix(b"\n").unwrap_or(&text);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        return Secret::new(text).map(Some);
    }
    match std::env::var("TESSERA_JWT_SECRET") {
        Ok(secret) if !secret.is_empty() => Secret::new(secret).map(Some),
        _ => Ok(None),
    }
}
