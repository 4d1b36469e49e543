//! Settings: flags first, then environment variables, then one TOML file, then defaults. One file
//! per section.

mod auth;
mod documents;
mod file;
mod http;
mod rates;
mod request_limits;
mod section;
mod server;
mod telemetry;

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

pub use self::auth::AuthFlags;
pub use self::documents::{DocumentFlags, DocumentSettings};
pub use self::http::HttpFlags;
pub use self::rates::RateFlags;
pub use self::request_limits::LimitFlags;
pub use self::server::{DATA_DIR, ServerFlags, ServerSettings};
pub use self::telemetry::TelemetryFlags;

use self::file::File;
use crate::auth::AuthOptions;
use crate::db::DbOptions;
use crate::engine::Limits;
use crate::http::HttpOptions;
use crate::rate::RateOptions;
use crate::telemetry::TelemetryOptions;

/// Longest wait for a connection to the database.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Settings as flags and environment give them.
///
/// They stand under headings of their own, so that the help of a command begins with its own flags.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Settings")]
pub struct Flags {
    /// TOML file with settings; they have the names of the flags with `_` for `-`.
    #[arg(long, global = true, env = "TESSERA_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    pub server: ServerFlags,
    #[command(flatten)]
    pub auth: AuthFlags,
    #[command(flatten)]
    pub http: HttpFlags,
    #[command(flatten)]
    pub limits: LimitFlags,
    #[command(flatten)]
    pub documents: DocumentFlags,
    #[command(flatten)]
    pub rates: RateFlags,
    #[command(flatten)]
    pub telemetry: TelemetryFlags,
}

/// Settings that were checked.
#[derive(Clone, Debug)]
pub struct Settings {
    pub server: ServerSettings,
    pub auth: AuthOptions,
    pub http: HttpOptions,
    pub limits: Limits,
    pub documents: DocumentSettings,
    pub rates: RateOptions,
    pub telemetry: TelemetryOptions,
}

impl Settings {
    /// Joins flags, environment and file.
    ///
    /// # Errors
    /// One sentence that names the setting and what it takes.
    pub fn read(flags: &Flags) -> Result<Self, String> {
        let keys = [
            ServerFlags::KEYS,
            AuthFlags::KEYS,
            HttpFlags::KEYS,
            LimitFlags::KEYS,
            DocumentFlags::KEYS,
            RateFlags::KEYS,
            TelemetryFlags::KEYS,
        ];
        let file = match &flags.config {
            Some(path) => File::read(path, &keys)?,
            None => File::default(),
        };
        let server = flags.server.over(file.section()?).check()?;
        let development = server.development;
        let http = flags.http.over(file.section()?);
        let http = http.check(server.pool_size, development)?;
        Ok(Self {
            auth: flags.auth.over(file.section()?).check(development)?,
            server,
            http,
            limits: flags.limits.over(file.section()?).check()?,
            documents: flags.documents.over(file.section()?).check(development)?,
            rates: flags.rates.over(file.section()?).check(),
            telemetry: flags.telemetry.over(file.section()?).check()?,
        })
    }

    /// The settings of the pool over a database at `url`.
    pub fn db_options(&self, url: &str, max_connections: u32) -> DbOptions {
        DbOptions {
            max_connections,
            shared_connections: self.server.shared_connections,
            prepared_statements: self.server.prepared_statements,
            // Who finds no connection is told so before the time is over.
            acquire_timeout: self.http.request_timeout.div_f32(2.0).min(LONGEST_WAIT),
            statement_timeout: self.server.statement_timeout,
            ..DbOptions::new(url)
        }
    }
}

/// An empty variable in a deployment file means that there is none.
fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

/// A number within bounds, or its default.
fn between<T: PartialOrd + Display>(
    name: &str,
    value: Option<T>,
    default: T,
    bounds: RangeInclusive<T>,
) -> Result<T, String> {
    let value = value.unwrap_or(default);
    if bounds.contains(&value) {
        return Ok(value);
    }
    Err(format!(
        "{name} is {value}; it must be a number from {} to {}",
        bounds.start(),
        bounds.end()
    ))
}
