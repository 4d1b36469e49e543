//! What the gateway tells its operator: log lines, metrics, traces.

mod metrics;
mod names;
mod process;
mod traces;

use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

pub use self::metrics::{Metrics, Outcome, metrics};
pub use self::traces::adopt;

use crate::config::{LogFormat, TelemetrySettings};

/// Target of the spans of a trace. They are no part of the log.
pub const SPANS: &str = "tessera::span";

/// Keeps log and traces going; what is left of the traces is sent when it is dropped.
pub struct Telemetry {
    traces: Option<SdkTracerProvider>,
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(provider) = &self.traces {
            traces::stop(provider);
        }
    }
}

/// Sends log lines to standard error, and spans to the collector where one is configured.
///
/// # Errors
/// A sentence when the filter or the collector's address cannot be used.
pub fn start(settings: &TelemetrySettings) -> Result<Telemetry, String> {
    // The runtime of the embedded database warns of things that are ordinary there.
    let filter = EnvFilter::try_new(format!(
        "wasmer_wasix=error,sea_orm_migration=warn,{}",
        settings.log
    ))
    .map_err(|error| {
        format!(
            "the log filter `{}` cannot be read: {error}; try `info`",
            settings.log
        )
    })?;
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match settings.log_format {
        LogFormat::Text => lines.with_target(false).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let traces = match &settings.traces {
        Some(settings) => {
            // The collector's client speaks TLS with the provider that the process names.
            let _ = rustls::crypto::ring::default_provider().install_default();
            Some(traces::provider(settings)?)
        }
        None => None,
    };
    let spans = traces.as_ref().map(|provider| {
        tracing_opentelemetry::layer()
            .with_tracer(traces::tracer(provider))
            .with_location(false)
            .with_threads(false)
            .with_filter(Targets::new().with_target(SPANS, LevelFilter::TRACE))
    });
    tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .with(spans)
        .try_init()
        .map_err(|error| format!("the log is already started: {error}"))?;
    Ok(Telemetry { traces })
}
