//! Numbers for Prometheus. There is one set of them in a process.

use std::collections::HashSet;
use std::sync::LazyLock;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use super::kept::Kept;
use super::keys::Keys;
use super::names::Names;
use super::process::Process;
use crate::error::Error;

/// Upper bounds of the classes of durations, in seconds.
const SECONDS: [f64; 15] = [
    0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];

fn durations() -> Histogram {
    Histogram::new(SECONDS)
}

type Durations = Family<OperationLabel, Histogram, fn() -> Histogram>;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OperationLabel {
    operation: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct CodeLabel {
    code: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct LimitLabel {
    limit: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct StatusLabel {
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct StateLabel {
    state: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ReasonLabel {
    reason: &'static str,
}

/// Everything that is counted and measured.
pub struct Metrics {
    registry: Registry,
    names: Names,
    responses: Family<StatusLabel, Counter>,
    in_flight: Gauge,
    http_connections: Gauge,
    http_closed: Family<ReasonLabel, Counter>,
    operations: Family<OutcomeLabel, Counter>,
    operation_seconds: Durations,
    errors: Family<CodeLabel, Counter>,
    refusals: Family<LimitLabel, Counter>,
    statements: Counter,
    statement_seconds: Histogram,
    rows: Counter,
    connection_seconds: Histogram,
    connections: Family<StateLabel, Gauge>,
    log_lines_dropped: Counter,
    /// Of the issuer's key set.
    pub keys: Keys,
    pub kept: Kept,
}

/// The metrics of this process.
pub fn metrics() -> &'static Metrics {
    static METRICS: LazyLock<Metrics> = LazyLock::new(Metrics::new);
    &METRICS
}

/// How an operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Ok,
    /// Data and errors.
    Partial,
    /// No data.
    Refused,
}

impl Outcome {
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Partial => "partial",
            Self::Refused => "refused",
        }
    }
}

/// Why the gateway ended a connection of a client, or a stream of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// Nothing was sent.
    Silent,
    /// The head of a request was not sent in time.
    Head,
    /// There was no request for a long time.
    Idle,
    /// An answer was not read.
    Unread,
    /// An answer was not read; its stream was reset, the connection stays.
    Stream,
    /// Requests were reset as soon as they were sent.
    Resets,
    /// The place was needed for a new connection.
    Evicted,
}

impl Closed {
    fn name(self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::Head => "head",
            Self::Idle => "idle",
            Self::Unread => "unread",
            Self::Stream => "unread_stream",
            Self::Resets => "resets",
            Self::Evicted => "evicted",
        }
    }
}

impl Metrics {
    fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::default(),
            names: Names::default(),
            responses: Family::default(),
            in_flight: Gauge::default(),
            http_connections: Gauge::default(),
            http_closed: Family::default(),
            operations: Family::default(),
            operation_seconds: Family::new_with_constructor(durations),
            errors: Family::default(),
            refusals: Family::default(),
            statements: Counter::default(),
            statement_seconds: durations(),
            rows: Counter::default(),
            connection_seconds: durations(),
            connections: Family::default(),
            log_lines_dropped: Counter::default(),
            keys: Keys::default(),
            kept: Kept::default(),
        };
        let mut registry = Registry::default();
        registry.register_collector(Box::new(Process));
        metrics.register(registry.sub_registry_with_prefix("tessera"));
        metrics.registry = registry;
        metrics
    }

    fn register(&self, to: &mut Registry) {
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        to.register("build", "The running version", build);
        let help = "Responses by status";
        to.register("http_responses", help, self.responses.clone());
        let help = "Requests in progress";
        to.register("http_requests_in_flight", help, self.in_flight.clone());
        let help = "Open connections of clients";
        to.register("http_connections", help, self.http_connections.clone());
        let help = "Client connections and streams that the gateway closed, by reason";
        to.register("http_closed", help, self.http_closed.clone());
        let help = "Operations by outcome: ok, partial (data and errors), refused (no data)";
        to.register("operations", help, self.operations.clone());
        let help = "Time from request to response, by operation name";
        let all = self.operation_seconds.clone();
        to.register_with_unit("operation_duration", help, Unit::Seconds, all);
        let help = "Errors in responses, by code";
        to.register("errors", help, self.errors.clone());
        let help = "Operations over a limit, by limit";
        to.register("limit_refusals", help, self.refusals.clone());
        let help = "Statements sent to PostgreSQL for operations";
        to.register("statements", help, self.statements.clone());
        let help = "Time from sending a statement to its last row";
        let all = self.statement_seconds.clone();
        to.register_with_unit("statement_duration", help, Unit::Seconds, all);
        let help = "Rows read for operations";
        to.register("rows", help, self.rows.clone());
        let help = "Time from waiting for a database connection to its transaction";
        let all = self.connection_seconds.clone();
        to.register_with_unit("connection_wait", help, Unit::Seconds, all);
        let help = "Open database connections by state: idle, busy";
        to.register("connections", help, self.connections.clone());
        let help = "Log lines that were dropped, because nobody read them or the disk was full";
        to.register("log_lines_dropped", help, self.log_lines_dropped.clone());
        self.keys.register(to);
        self.kept.register(to);
    }

    /// Keeps the names of registered documents apart from all others.
    pub fn register_names(&self, names: HashSet<String>) {
        self.names.register(names);
    }

    /// A log line was dropped.
    pub fn log_line_dropped(&self) {
        self.log_lines_dropped.inc();
    }

    /// A request is being answered, until the guard is dropped.
    pub fn request(&self) -> InFlight {
        self.in_flight.inc();
        InFlight(self.in_flight.clone())
    }

    /// A connection of a client is open, until the guard is dropped.
    pub fn http_connection(&self) -> InFlight {
        self.http_connections.inc();
        InFlight(self.http_connections.clone())
    }

    /// The gateway ended a connection or a stream of a client.
    pub fn closed(&self, reason: Closed) {
        let reason = reason.name();
        self.http_closed
            .get_or_create(&ReasonLabel { reason })
            .inc();
    }

    /// A request was answered.
    pub fn response(&self, status: u16) {
        self.responses.get_or_create(&StatusLabel { status }).inc();
    }

    /// An operation ended. `name` counts only for one that was executed, so that no caller fills
    /// the list of names with what never ran.
    pub fn operation(
        &self,
        name: Option<&str>,
        outcome: Outcome,
        errors: &[Error],
        duration: Duration,
    ) {
        let label = OutcomeLabel {
            outcome: outcome.name(),
        };
        self.operations.get_or_create(&label).inc();
        let operation = match outcome {
            Outcome::Refused => "(refused)".to_owned(),
            Outcome::Ok | Outcome::Partial => {
                let label = self.names.label(name);
                if let Some(operation) = label.forgotten {
                    self.operation_seconds.remove(&OperationLabel { operation });
                }
                label.name
            }
        };
        self.operation_seconds
            .get_or_create(&OperationLabel { operation })
            .observe(duration.as_secs_f64());
        for error in errors {
            let code = error.code.name();
            self.errors.get_or_create(&CodeLabel { code }).inc();
            if let Some(limit) = error.limit() {
                let limit = limit.to_owned();
                self.refusals.get_or_create(&LimitLabel { limit }).inc();
            }
        }
    }

    /// A statement was answered with so many rows.
    pub fn statement(&self, rows: u64, duration: Duration) {
        self.statements.inc();
        self.rows.inc_by(rows);
        self.statement_seconds.observe(duration.as_secs_f64());
    }

    /// A connection was had after so long.
    pub fn connection(&self, waited: Duration) {
        self.connection_seconds.observe(waited.as_secs_f64());
    }

    /// The metrics in the text form of OpenMetrics, with the connections as they are now.
    pub fn text(&self, idle: usize, open: u32) -> String {
        let set = |state, number: usize| {
            let number = i64::try_from(number).unwrap_or(i64::MAX);
            let gauge = self.connections.get_or_create(&StateLabel { state });
            gauge.set(number);
        };
        set("idle", idle);
        set("busy", (open as usize).saturating_sub(idle));
        let mut text = String::new();
        match encode(&mut text, &self.registry) {
            Ok(()) => text,
            // Writing to a String does not fail, and half of the numbers would mislead.
            Err(_) => String::new(),
        }
    }
}

/// Counts a request as being answered, or a connection as being open, while it lives.
pub struct InFlight(Gauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::super::names::IDLE;
    use super::*;

    #[test]
    fn a_forgotten_name_takes_its_series_along() {
        let mut metrics = Metrics::new();
        let ask = |metrics: &Metrics, name: &str| {
            metrics.operation(Some(name), Outcome::Ok, &[], Duration::ZERO);
        };
        for number in 0..300 {
            ask(&metrics, &format!("MadeUp{number}"));
        }
        ask(&metrics, "Real");
        let series = |metrics: &Metrics, name: &str| {
            let text = metrics.text(0, 0);
            let begin = format!("tessera_operation_duration_seconds_count{{operation=\"{name}");
            text.lines().filter(|line| line.starts_with(&begin)).count()
        };
        assert_eq!((series(&metrics, ""), series(&metrics, "Real")), (201, 0));
        metrics.names.wait(IDLE);
        for number in 0..50 {
            ask(&metrics, &format!("Real{number}"));
        }
        assert_eq!(series(&metrics, "MadeUp"), 150);
        assert_eq!((series(&metrics, ""), series(&metrics, "Real")), (201, 50));
    }
}
