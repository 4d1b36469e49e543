//! Settings of the log.

use clap::ValueEnum;
use serde::Deserialize;

use super::section::section;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    #[default]
    Text,
    Json,
}

section! {
    /// Flags of the log.
    pub struct LogFlags {
        /// Which log lines are written, such as `info` or `warn,tessera=debug` [default: info].
        #[arg(long, global = true, env = "TESSERA_LOG", value_name = "FILTER")]
        log: String,
        /// Form of the log [default: text].
        #[arg(long, global = true, env = "TESSERA_LOG_FORMAT", value_name = "FORMAT")]
        log_format: LogFormat,
    }
}

/// Checked settings of the log.
#[derive(Clone, Debug)]
pub struct LogSettings {
    /// As `RUST_LOG` reads it.
    pub filter: String,
    pub format: LogFormat,
}

impl LogFlags {
    pub(super) fn check(self) -> LogSettings {
        LogSettings {
            filter: super::filled(self.log).unwrap_or_else(|| "info".to_owned()),
            format: self.log_format.unwrap_or_default(),
        }
    }
}
