//! Settings: flags first, then the environment, then one TOML file, then defaults. One section a
//! file.

mod auth;
mod file;
mod limits;
mod log;
mod section;
mod server;

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use clap::Args;

pub use self::auth::{AuthFlags, AuthSettings};
pub use self::limits::LimitFlags;
pub use self::log::{LogFlags, LogFormat, LogSettings};
pub use self::server::{ServerFlags, ServerSettings};

use self::file::File;
use crate::db::DbOptions;
use crate::engine::Limits;

/// Settings as flags and environment give them.
#[derive(Args, Clone, Debug, Default)]
pub struct Flags {
    /// TOML file with settings, named as the flags with `_` for `-`.
    #[arg(long, global = true, env = "TESSERA_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    pub server: ServerFlags,
    #[command(flatten)]
    pub auth: AuthFlags,
    #[command(flatten)]
    pub limits: LimitFlags,
    #[command(flatten)]
    pub log: LogFlags,
}

/// Settings that were checked.
#[derive(Clone, Debug)]
pub struct Settings {
    pub server: ServerSettings,
    pub auth: AuthSettings,
    pub limits: Limits,
    pub log: LogSettings,
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
            LimitFlags::KEYS,
            LogFlags::KEYS,
        ];
        let file = match &flags.config {
            Some(path) => File::read(path, &keys)?,
            None => File::default(),
        };
        Ok(Self {
            server: flags.server.over(file.section()?).check()?,
            auth: flags.auth.over(file.section()?).check()?,
            limits: flags.limits.over(file.section()?).check()?,
            log: flags.log.over(file.section()?).check(),
        })
    }

    /// The settings of the pool over a database at `url`.
    pub fn db_options(&self, url: &str, max_connections: u32) -> DbOptions {
        DbOptions {
            max_connections,
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
        "{name} is {value}; it takes a number from {} to {}",
        bounds.start(),
        bounds.end()
    ))
}
