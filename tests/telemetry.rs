//! What the operator sees: metrics, traces, and the dashboard over them.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Request, header};
use axum::routing::post;
use serde_json::{Value, json};
use tessera::telemetry::{self, LogFormat, TelemetryOptions, TraceOptions, metrics};

use crate::harness::client::{Client, token};
use crate::harness::database::seeded;
use crate::harness::run;
use crate::harness::seed::Side;

/// The sum of a metric over its labels, of lines that hold all of `labels`.
fn value(text: &str, metric: &str, labels: &[&str]) -> f64 {
    text.lines()
        .filter(|line| {
            line.strip_prefix(metric)
                .is_some_and(|rest| rest.starts_with(['{', ' ']))
        })
        .filter(|line| labels.iter().all(|label| line.contains(label)))
        .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
        .sum()
}

fn text() -> String {
    metrics().text(0, 0)
}

fn query(operation: &str) -> Request<Body> {
    let query = format!(
        "query {operation} {{ customers(first: 3) {{ nodes {{ id orders {{ nodes {{ id }} }} }} }} }}"
    );
    Request::post("/graphql")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::AUTHORIZATION, format!("Bearer {}", token(Side::A)))
        .body(Body::from(json!({"query": query}).to_string()))
        .expect("a request")
}

/// A query over a limit.
fn wide() -> String {
    let fields = "__typename ".repeat(10_000);
    format!("query NeverExecuted {{ {fields} }}")
}

#[test]
fn an_operation_is_counted_under_its_name() {
    run(async {
        let client = Client::new(seeded().await);
        let before = text();
        client.send(query("CountedUnderItsName")).await;
        client.send(query("CountedUnderItsName")).await;
        let after = text();
        let grown = |metric: &str, labels: &[&str]| {
            value(&after, metric, labels) - value(&before, metric, labels)
        };
        let own = ["operation=\"CountedUnderItsName\""];
        assert_eq!(grown("tessera_operation_duration_seconds_count", &own), 2.0);
        // Other tests count as well while this one runs.
        assert!(grown("tessera_operations_total", &["outcome=\"ok\""]) >= 1.0);
        assert!(grown("tessera_statements_total", &[]) >= 2.0, "{after}");
        for kind in ["document", "operation", "statement"] {
            let label = format!("kind=\"{kind}\"");
            let kind = [&*label];
            assert!(grown("tessera_kept_misses_total", &kind) >= 1.0);
            assert!(grown("tessera_kept_hits_total", &kind) >= 1.0);
            assert!(value(&after, "tessera_kept_bytes", &kind) > 0.0);
        }
        assert!(grown("tessera_rows_total", &[]) >= 3.0);
        assert!(grown("tessera_connection_wait_seconds_count", &[]) >= 1.0);
        assert!(grown("tessera_http_responses_total", &["status=\"200\""]) >= 1.0);
    });
}

#[test]
fn errors_and_limits_are_counted_and_no_name_of_a_refused_operation() {
    run(async {
        let client = Client::new(seeded().await);
        let before = text();
        let wide = wide();
        let answer = client.ask(Side::A, &wide, Value::Null).await.1;
        let refused = client
            .ask(Side::A, "query NeverExecuted { nothing }", Value::Null)
            .await
            .1;
        assert!(refused["errors"].is_array());
        let after = text();
        let grown = |metric: &str, labels: &[&str]| {
            value(&after, metric, labels) - value(&before, metric, labels)
        };
        let code = ["code=\"GRAPHQL_VALIDATION_FAILED\""];
        assert!(grown("tessera_errors_total", &code) >= 1.0);
        let error = &answer["errors"][0]["extensions"];
        let label = format!(
            "limit=\"{}\"",
            error["name"].as_str().expect("the limit's name")
        );
        assert!(
            grown("tessera_limit_refusals_total", &[&label]) >= 1.0,
            "{after}"
        );
        assert!(!after.contains("NeverExecuted"));
    });
}

#[test]
fn every_metric_of_the_dashboard_exists() {
    run(async {
        let client = Client::new(seeded().await);
        client.send(query("Dashboard")).await;
        client.ask(Side::A, "{ nothing }", Value::Null).await;
        client.ask(Side::A, &wide(), Value::Null).await;
        let text = text();
        let dashboard = include_str!("../docs/grafana-dashboard.json");
        let names: std::collections::BTreeSet<&str> = dashboard
            .split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'))
            .filter(|word| word.starts_with("tessera_") || word.starts_with("process_"))
            .collect();
        assert!(names.len() > 10);
        for name in names {
            let family = ["_bucket", "_count", "_sum", "_total", "_info"]
                .iter()
                .find_map(|suffix| name.strip_suffix(suffix))
                .unwrap_or(name);
            let declared = format!("# TYPE {family} ");
            assert!(text.contains(&declared), "{name} is not told:\n{text}");
        }
    });
}

/// Tells the test below that it has the process to itself.
const ALONE: &str = "TESSERA_TEST_TRACE";

#[test]
fn a_trace_goes_from_the_callers_span_to_each_statement() {
    if std::env::var_os(ALONE).is_none() {
        // The subscriber is the whole process's, as in the gateway; other tests have none.
        let this = std::env::current_exe().expect("the path of the tests");
        let name = "telemetry::a_trace_goes_from_the_callers_span_to_each_statement";
        let run = std::process::Command::new(this)
            .args([name, "--exact", "--nocapture"])
            .env(ALONE, "1")
            .output()
            .expect("the tests run");
        assert!(run.status.success(), "{run:?}");
        return;
    }
    let bodies = run(async {
        let received = Arc::new(Mutex::new(Vec::<Bytes>::new()));
        let store = received.clone();
        let collector = Router::new().route(
            "/v1/traces",
            post(move |body: Bytes| async move { store.lock().expect("no panic").push(body) }),
        );
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, collector).await });
        let settings = TelemetryOptions {
            log: "off".to_owned(),
            log_format: LogFormat::Text,
            metrics_listen: None,
            traces: Some(TraceOptions {
                endpoint: format!("http://{address}/v1/traces"),
                ratio: 0.0,
            }),
        };
        let client = Client::new(seeded().await);
        let started = tokio::task::spawn_blocking(move || telemetry::start(&settings));
        let telemetry = started.await.expect("no panic").expect("it starts");
        let mut request = query("Traced");
        let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let parent = parent.parse().expect("a header");
        request.headers_mut().insert("traceparent", parent);
        // Without a sampled parent the ratio of zero keeps it from being sent. It also lets the
        // gateway know how large the tables are, so that the next one is planned once.
        for request in [query("NotTraced"), request] {
            let (status, answer) = client.send(request).await;
            let answer = String::from_utf8_lossy(&answer);
            assert!(status == 200 && !answer.contains("errors"), "{answer}");
        }
        tokio::task::spawn_blocking(move || drop(telemetry))
            .await
            .expect("no panic");
        received.lock().expect("no panic").concat()
    });
    let count = |needle: &[u8]| {
        bodies
            .windows(needle.len())
            .filter(|part| *part == needle)
            .count()
    };
    let trace = [
        0x0a, 0xf7, 0x65, 0x19, 0x16, 0xcd, 0x43, 0xdd, 0x84, 0x48, 0xeb, 0x21, 0x1c, 0x80, 0x31,
        0x9c,
    ];
    // The request, the plan, and the statements of two levels.
    assert_eq!(count(&trace), 4, "{:?}", String::from_utf8_lossy(&bodies));
    assert_eq!(count(b"\x2a\x04plan"), 1);
    assert_eq!(count(b"\x2a\x09statement"), 2);
    assert_eq!(count(b"Traced"), 1);
    assert_eq!(count(b"NotTraced"), 0);
}
