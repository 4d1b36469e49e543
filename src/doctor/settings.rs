//! Checks settings that are valid one by one but can be wrong together.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use super::report::Report;
use crate::app;
use crate::config::Settings;
use crate::documents::Trusted;

/// A statement that runs longer keeps its connection from everybody else.
const LONG_STATEMENT: Duration = Duration::from_secs(60);
/// Cost, and so rows, of one operation that lie in memory at once.
const MANY_ROWS: u64 = 2_000_000;

pub(super) fn check(settings: &Settings, report: &mut Report) {
    report.ok("settings", "all settings are valid");
    address(settings, report);
    metrics_address(settings, report);
    limits(settings, report);
}

fn address(settings: &Settings, report: &mut Report) {
    const CHECK: &str = "address";
    let listen = settings.server.listen;
    if settings.server.development && !listen.ip().is_loopback() {
        report.problem(
            CHECK,
            format!("development mode gives the schema, and tokens of the sample, to everybody who can reach it, and {listen} can be reached from other machines"),
            format!(
                "set --listen to 127.0.0.1:{}, or --development to false",
                listen.port()
            ),
        );
        return;
    }
    listens(CHECK, listen, "--listen", report);
}

/// The separate address of the metrics, which `serve` would refuse to start without.
fn metrics_address(settings: &Settings, report: &mut Report) {
    const CHECK: &str = "metrics address";
    let Some(address) = settings.telemetry.metrics_listen else {
        return;
    };
    if address == settings.server.listen {
        report.problem(
            CHECK,
            format!("{address} is the address of the API as well"),
            "choose another one with --metrics-listen",
        );
        return;
    }
    listens(CHECK, address, "--metrics-listen", report);
}

fn listens(check: &'static str, address: SocketAddr, flag: &str, report: &mut Report) {
    match TcpListener::bind(address) {
        Ok(_) => report.ok(check, format!("{address} is free")),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => report.warning(
            check,
            format!("{address} is in use"),
            format!("this is expected while the gateway runs; otherwise choose another address with {flag}"),
        ),
        Err(error) => report.problem(
            check,
            format!("{address} cannot be listened on: {error}"),
            format!("choose an address of this machine, and a port above 1023, with {flag}"),
        ),
    }
}

/// The manifest of trusted documents, without which the gateway does not start where it is set.
pub(super) async fn documents(settings: &Settings, report: &mut Report) {
    const CHECK: &str = "trusted documents";
    let Some(manifest) = &settings.documents.manifest else {
        return;
    };
    let opened = match app::engine(settings.limits) {
        Ok(engine) => Trusted::open(manifest, &engine).await,
        Err(error) => Err(error),
    };
    match opened {
        Ok(trusted) => report.ok(CHECK, format!("{} are valid", trusted.len())),
        Err(error) => report.problem(CHECK, error, "correct the manifest, or --documents"),
    }
}

fn limits(settings: &Settings, report: &mut Report) {
    const CHECK: &str = "limits";
    let mut fine = true;
    if settings.server.statement_timeout > LONG_STATEMENT {
        fine = false;
        report.warning(
            CHECK,
            format!(
                "a statement may run for {} s, and other requests cannot use its connection meanwhile",
                settings.server.statement_timeout.as_secs()
            ),
            "set --statement-timeout to at most 60; the default is 10",
        );
    }
    if settings.limits.max_cost > MANY_ROWS {
        fine = false;
        report.warning(
            CHECK,
            format!(
                "one operation may hold {} rows in memory",
                settings.limits.max_cost
            ),
            format!("set --max-cost to at most {MANY_ROWS}; the default is 200000"),
        );
    }
    if settings.server.statement_timeout > settings.http.request_timeout {
        fine = false;
        report.warning(
            CHECK,
            "a statement may run longer than its request",
            "set --statement-timeout to less than --request-timeout",
        );
    }
    if fine {
        report.ok(CHECK, "time and rows of an operation are limited");
    }
}
