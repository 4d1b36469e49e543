//! Log, metrics and traces.

mod console;
mod flood;
mod kept;
mod keys;
mod lines;
mod metrics;
mod names;
mod options;
mod process;
mod traces;

use std::backtrace::Backtrace;
use std::io::IsTerminal;
use std::time::Duration;

use chrono::{SecondsFormat, Utc};
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

pub use self::console::{Stream, say};
pub use self::flood::Flood;
pub use self::kept::Numbers;
pub use self::metrics::{Closed, InFlight, Metrics, Outcome, metrics};
pub use self::options::{LogFormat, TelemetryOptions, TraceOptions};
pub use self::traces::adopt;

use self::lines::Lines;

/// Target of the spans of a trace. They are no part of the log.
pub const SPANS: &str = "tessera::span";

/// Keeps log and traces going; what is left of both is written and sent when it is dropped, within
/// bounds.
pub struct Telemetry {
    lines: Lines,
    traces: Option<SdkTracerProvider>,
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(provider) = &self.traces {
            traces::stop(provider);
        }
        self.lines.finish();
    }
}

/// Sends log lines to standard error, and spans to the collector where one is configured.
///
/// # Errors
/// A sentence when the filter or the collector's address cannot be used.
pub fn start(options: &TelemetryOptions) -> Result<Telemetry, String> {
    // The runtime of the embedded database warns of things that are ordinary there.
    let filter = EnvFilter::try_new(format!(
        "wasmer_wasix=error,sea_orm_migration=warn,{}",
        options.log
    ))
    .map_err(|error| {
        format!(
            "the log filter `{}` is invalid: {error}; try `info`",
            options.log
        )
    })?;
    let format = options.log_format;
    let writer = Lines::start(console::open(Stream::Error), move |lines| {
        missing(format, lines)
    })
    .map_err(|error| format!("the thread that writes the log cannot be started: {error}"))?;
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(wants_colors())
        .with_writer(writer.clone());
    let lines = match format {
        LogFormat::Text => lines.with_target(false).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let traces = match &options.traces {
        Some(options) => {
            // The collector's client speaks TLS with the provider that the process names.
            let _ = rustls::crypto::ring::default_provider().install_default();
            Some(traces::provider(options)?)
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
    std::panic::set_hook(Box::new(|panic| {
        // The standard one writes to the stream itself, and would wait there for ever.
        tracing::error!(
            location = panic.location().map(tracing::field::display),
            backtrace = %Backtrace::capture(),
            "a panic, which is a bug: {}",
            panic.payload_as_str().unwrap_or("without a message")
        );
    }));
    Ok(Telemetry {
        lines: writer,
        traces,
    })
}

/// The line about lines that were dropped.
fn missing(format: LogFormat, lines: u64) -> String {
    let time = now();
    let message = "log lines were dropped, because they could not be written in time";
    match format {
        LogFormat::Text => format!("{time}  WARN {message} lines={lines}\n"),
        LogFormat::Json => {
            let line = serde_json::json!({
                "timestamp": time, "level": "WARN", "message": message, "lines": lines,
            });
            format!("{line}\n")
        }
    }
}

/// The line about why a command failed, which is told even where there is no log.
pub fn failure(format: LogFormat, error: &str) -> String {
    match format {
        LogFormat::Text => format!("tessera: {error}\n"),
        LogFormat::Json => {
            let line = serde_json::json!({
                "timestamp": now(), "level": "ERROR", "message": error,
            });
            format!("{line}\n")
        }
    }
}

fn now() -> String {
    Utc::now().to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// A time in milliseconds for a line of the log: with one decimal, or below one millisecond with
/// two significant digits.
pub fn milliseconds(time: Duration) -> f64 {
    let exact = time.as_secs_f64() * 1000.0;
    if exact == 0.0 {
        return 0.0;
    }
    let decimals = if exact >= 1.0 {
        1
    } else {
        1 - exact.log10().floor() as i32
    };
    let scale = 10_f64.powi(decimals);
    (exact * scale).round() / scale
}

/// Colors are for people, who may say that they want none.
fn wants_colors() -> bool {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let plain = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
    std::io::stderr().is_terminal() && !unwanted && !plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_as_many_digits_as_say_something() {
        for (nanoseconds, expected) in [
            (0, "0"),
            (1, "0.000001"),
            (12_345, "0.012"),
            (177_010, "0.18"),
            (999_999, "1"),
            (1_904_446, "1.9"),
            (12_350_001, "12.4"),
            (30_000_000_000, "30000"),
        ] {
            let rounded = milliseconds(Duration::from_nanos(nanoseconds));
            assert_eq!(rounded.to_string(), expected);
        }
    }

    #[test]
    fn a_failure_is_one_line_in_the_format_of_the_log() {
        assert_eq!(failure(LogFormat::Text, "no \"a\""), "tessera: no \"a\"\n");
        let line = failure(LogFormat::Json, "no \"a\"\nor b");
        assert_eq!(line.matches('\n').count(), 1);
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(line["level"], "ERROR");
        assert_eq!(line["message"], "no \"a\"\nor b");
    }
}
