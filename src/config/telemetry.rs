//! Settings of log, metrics and traces.

use super::section::section;
use crate::telemetry::{LogFormat, TelemetryOptions, TraceOptions};

section! {
    /// Flags of log, metrics and traces.
    #[command(next_help_heading = "Log, metrics and traces")]
    pub struct TelemetryFlags {
        /// Log filter, such as `info` or `warn,tessera=debug` [default: info].
        #[arg(long, global = true, env = "TESSERA_LOG", value_name = "FILTER")]
        log: String,
        /// Format of the log [default: text].
        #[arg(long, global = true, env = "TESSERA_LOG_FORMAT", value_name = "FORMAT")]
        log_format: LogFormat,
        /// Separate address for `/metrics` and the health checks; it should not be public
        /// [default: none; development mode serves them on the API's address].
        #[arg(long, global = true, env = "TESSERA_METRICS_LISTEN", value_name = "ADDRESS")]
        metrics_listen: String,
        /// Base URL of an OpenTelemetry collector that accepts traces over HTTP, such as
        /// http://collector:4318 [default: none].
        #[arg(long, global = true, env = "OTEL_EXPORTER_OTLP_ENDPOINT", value_name = "URL")]
        otlp_endpoint: String,
        /// Fraction of requests that are traced if the caller's `traceparent` does not decide, from 0
        /// to 1 [default: 1].
        #[arg(long, global = true, env = "TESSERA_TRACE_RATIO", value_name = "SHARE")]
        trace_ratio: f64,
    }
}

impl TelemetryFlags {
    pub(super) fn check(self) -> Result<TelemetryOptions, String> {
        let metrics_listen = super::filled(self.metrics_listen)
            .map(|address| {
                address.parse().map_err(|_| {
                    format!("metrics_listen is `{address}`; it must be an address and a port such as 127.0.0.1:9090")
                })
            })
            .transpose()?;
        let ratio = super::between("trace_ratio", self.trace_ratio, 1.0, 0.0..=1.0)?;
        let traces = super::filled(self.otlp_endpoint)
            .map(|url| {
                Ok::<_, String>(TraceOptions {
                    endpoint: traces_url(&url)?,
                    ratio,
                })
            })
            .transpose()?;
        Ok(TelemetryOptions {
            log: super::filled(self.log).unwrap_or_else(|| "info".to_owned()),
            log_format: self.log_format.unwrap_or_default(),
            metrics_listen,
            traces,
        })
    }
}

/// The OpenTelemetry specification appends the path of the signal to the base URL.
fn traces_url(base: &str) -> Result<String, String> {
    let refused = "otlp_endpoint must be a URL that begins with http:// or https://, such as http://collector:4318";
    let url = reqwest::Url::parse(base).map_err(|_| refused.to_owned())?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(refused.to_owned());
    }
    Ok(format!("{}/v1/traces", base.trim_end_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(endpoint: &str) -> Result<TelemetryOptions, String> {
        TelemetryFlags {
            otlp_endpoint: Some(endpoint.to_owned()),
            ..TelemetryFlags::default()
        }
        .check()
    }

    #[test]
    fn the_path_of_traces_is_appended() {
        for base in ["http://collector:4318", "http://collector:4318/"] {
            let settings = check(base).unwrap();
            assert_eq!(
                settings.traces.unwrap().endpoint,
                "http://collector:4318/v1/traces"
            );
        }
        assert!(check("  ").unwrap().traces.is_none());
    }

    #[test]
    fn what_is_no_http_address_is_refused() {
        for base in ["collector:4318", "ftp://collector", "http://"] {
            assert!(check(base).unwrap_err().contains("otlp_endpoint"), "{base}");
        }
    }
}
