//! The options of log, metrics and traces.

use std::net::SocketAddr;

use clap::ValueEnum;
use serde::Deserialize;

/// How a log line is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    #[default]
    Text,
    Json,
}

/// Where log, metrics and traces go.
#[derive(Clone, Debug)]
pub struct TelemetryOptions {
    /// The filter of the log, in the syntax of `RUST_LOG`.
    pub log: String,
    pub log_format: LogFormat,
    /// The separate address of `/metrics`, if there is one.
    pub metrics_listen: Option<SocketAddr>,
    /// None if traces are not sent.
    pub traces: Option<TraceOptions>,
}

/// Where traces are sent.
#[derive(Clone, Debug)]
pub struct TraceOptions {
    /// The URL that accepts spans.
    pub endpoint: String,
    /// Fraction of the requests without a traced parent, from 0 to 1.
    pub ratio: f64,
}
