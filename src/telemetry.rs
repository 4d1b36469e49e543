//! Logging: text for people, JSON for machines.

use tracing_subscriber::EnvFilter;

use crate::config::LogFormat;

/// Sends log lines to standard error. `filter` reads as `RUST_LOG` does, such as
/// `info,tessera=debug`.
///
/// # Errors
/// A sentence when the filter cannot be read.
pub fn start(filter: &str, format: LogFormat) -> Result<(), String> {
    // The runtime of the embedded database warns of things that are ordinary there.
    let filter = EnvFilter::try_new(format!(
        "wasmer_wasix=error,sea_orm_migration=warn,{filter}"
    ))
    .map_err(|error| format!("the log filter `{filter}` cannot be read: {error}; try `info`"))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // A second start in one process, as in tests, keeps the first one's settings.
    let _ = match format {
        LogFormat::Text => builder.with_target(false).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    Ok(())
}
