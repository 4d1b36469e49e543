//! The error boundary: whatever goes wrong inside, callers learn a code, a fixed sentence and the
//! id under which the operator finds the rest.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use tessera::db::Observer;
use tessera::engine::Limits;
use uuid::Uuid;

use crate::harness::client::{Client, token};
use crate::harness::database::{Database, create, seeded};
use crate::harness::run;
use crate::harness::seed::{self, Side};

const QUERY: &str = "{ customers(first: 1) { nodes { email orders(first: 1) { nodes { id } } } } }";

/// Every code that the API has.
const CODES: [&str; 14] = [
    "UNAUTHENTICATED",
    "FORBIDDEN",
    "BAD_USER_INPUT",
    "NOT_FOUND",
    "QUERY_TOO_EXPENSIVE",
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "BAD_REQUEST",
    "PERSISTED_QUERY_NOT_FOUND",
    "PERSISTED_QUERY_NOT_SUPPORTED",
    "RATE_LIMITED",
    "TIMEOUT",
    "UNAVAILABLE",
    "INTERNAL",
];

/// The one error of an answer without data.
fn only_error(answer: &Value) -> &Value {
    assert!(answer.get("data").is_none(), "{answer}");
    let errors = answer["errors"].as_array().expect("errors");
    assert_eq!(errors.len(), 1, "{answer}");
    &errors[0]
}

/// Whether an error is INTERNAL and tells nothing but where the operator finds it.
fn assert_internal(answer: &Value) {
    let error = only_error(answer);
    let trace = error["extensions"]["traceId"].as_str().expect("a trace id");
    Uuid::parse_str(trace).expect("a UUID");
    let mut expected = json!({
        "message": format!("An internal error occurred; the gateway's log has the cause under the id {trace}."),
        "extensions": {"code": "INTERNAL", "traceId": trace},
    });
    if let Some(path) = error.get("path") {
        expected["path"] = path.clone();
    }
    assert_eq!(*error, expected);
}

#[test]
fn a_panic_is_answered_and_the_gateway_lives() {
    run(async {
        let database = seeded().await;
        let panics = Arc::new(AtomicU32::new(0));
        let left = panics.clone();
        let observer: Observer = Arc::new(move |statement| {
            let one_less = |left: u32| left.checked_sub(1);
            if left
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less)
                .is_ok()
            {
                panic!("the secret of {}", statement.text());
            }
        });
        let engine = crate::harness::client::engine(Limits::default());
        let client = Client::with(database, engine, |gateway| {
            gateway.db = database.observed(observer);
        });
        let expected = client.query(Side::A, QUERY, json!({})).await;
        // More often than there are connections, at the first statement and at the second.
        for turn in 0..20 {
            panics.store(1, Ordering::SeqCst);
            let (status, answer) = client.ask(Side::A, QUERY, json!({})).await;
            assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "turn {turn}");
            assert_internal(&answer);
            assert_eq!(client.query(Side::A, QUERY, json!({})).await, expected);
        }
    });
}

/// Makes every read of customers fail in the database with an error of this kind.
async fn fail_with(database: &Database, state: &str) {
    let script = format!(
        "create or replace function secret_function() returns boolean language plpgsql as $$
         begin
           raise exception 'secret_message of secret_table' using errcode = '{state}',
             constraint = 'secret_constraint', table = 'secret_table', column = 'secret_column',
             schema = 'secret_schema', datatype = 'secret_type', detail = 'secret_detail',
             hint = 'secret_hint';
         end $$"
    );
    database.admin_script(&script).await;
}

/// One state of each class that PostgreSQL has, and those that mean something to the gateway.
const STATES: [(&str, &str); 50] = [
    ("01000", "INTERNAL"),
    ("02000", "INTERNAL"),
    ("03000", "INTERNAL"),
    ("08006", "UNAVAILABLE"),
    ("08P01", "INTERNAL"),
    ("09000", "INTERNAL"),
    ("0A000", "INTERNAL"),
    ("0B000", "INTERNAL"),
    ("0F001", "INTERNAL"),
    ("0L000", "INTERNAL"),
    ("0P000", "INTERNAL"),
    ("0Z002", "INTERNAL"),
    ("20000", "INTERNAL"),
    ("21000", "INTERNAL"),
    ("22012", "INTERNAL"),
    ("22P02", "INTERNAL"),
    ("22021", "INTERNAL"),
    ("23502", "INTERNAL"),
    ("23503", "INTERNAL"),
    ("23505", "INTERNAL"),
    ("23514", "INTERNAL"),
    ("24000", "INTERNAL"),
    ("25006", "INTERNAL"),
    ("26000", "INTERNAL"),
    ("27000", "INTERNAL"),
    ("28000", "UNAVAILABLE"),
    ("2B000", "INTERNAL"),
    ("2D000", "INTERNAL"),
    ("2F005", "INTERNAL"),
    ("34000", "INTERNAL"),
    ("38000", "INTERNAL"),
    ("39000", "INTERNAL"),
    ("3B000", "INTERNAL"),
    ("3D000", "UNAVAILABLE"),
    ("3F000", "INTERNAL"),
    ("40001", "UNAVAILABLE"),
    ("40P01", "INTERNAL"),
    ("42501", "INTERNAL"),
    ("42703", "INTERNAL"),
    ("42P01", "INTERNAL"),
    ("44000", "INTERNAL"),
    ("53100", "INTERNAL"),
    ("53300", "UNAVAILABLE"),
    ("54000", "INTERNAL"),
    ("55000", "INTERNAL"),
    ("57014", "TIMEOUT"),
    ("57P01", "UNAVAILABLE"),
    ("57P03", "UNAVAILABLE"),
    ("58000", "INTERNAL"),
    ("XX000", "INTERNAL"),
];

#[test]
fn errors_of_the_database_tell_nothing_of_it() {
    run(async {
        let database = create(Some(seed::everything)).await;
        let client = Client::new(&database);
        let expected = client.query(Side::A, QUERY, json!({})).await;
        fail_with(&database, "XX000").await;
        let definition = database
            .admin("select rtrim(pg_get_viewdef('read.customers'::regclass), ';')")
            .await;
        let definition: String = definition[0].get(0);
        let view = format!("create or replace view read.customers as {definition}");
        database
            .admin_script(&format!(
                "grant execute on function secret_function() to public; {view} and secret_function()"
            ))
            .await;
        for (state, code) in STATES {
            fail_with(&database, state).await;
            let (_, answer) = client.ask(Side::A, QUERY, json!({})).await;
            let text = answer.to_string();
            for inside in [
                "secret",
                "plpgsql",
                "PL/pgSQL",
                "customers c",
                "select",
                state,
            ] {
                let told = text.contains(inside);
                // A trace id may hold the digits of a state.
                assert!(
                    !told || (inside == state && code == "INTERNAL"),
                    "{state}: {text}"
                );
            }
            assert_eq!(
                only_error(&answer)["extensions"]["code"],
                code,
                "{state}: {text}"
            );
            if code == "INTERNAL" {
                assert_internal(&answer);
            }
        }
        database.admin_script(&view).await;
        assert_eq!(client.query(Side::A, QUERY, json!({})).await, expected);
        // A model that is not the one that the code was made for.
        for (broken, mended) in [
            (
                "alter view read.customers rename column email to secret_email",
                "alter view read.customers rename column secret_email to email",
            ),
            (
                "alter view read.orders rename to secret_orders",
                "alter view read.secret_orders rename to orders",
            ),
            (
                "revoke select on read.customers from gateway",
                "grant select on read.customers to gateway",
            ),
        ] {
            database.admin_script(broken).await;
            let (status, answer) = client.ask(Side::A, QUERY, json!({})).await;
            assert_eq!(
                status,
                StatusCode::INTERNAL_SERVER_ERROR,
                "{broken}: {answer}"
            );
            assert_internal(&answer);
            database.admin_script(mended).await;
            assert_eq!(
                client.query(Side::A, QUERY, json!({})).await,
                expected,
                "{mended}"
            );
        }
    });
}

/// Whether an answer is one of GraphQL, and no fault of the gateway.
fn check(status: StatusCode, body: &[u8]) -> Result<(), TestCaseError> {
    let text = String::from_utf8_lossy(body);
    prop_assert!(!status.is_server_error(), "{} {}", status, text);
    let answer: Value = serde_json::from_slice(body)
        .map_err(|error| TestCaseError::fail(format!("{status} {text}: {error}")))?;
    let Some(errors) = answer.get("errors") else {
        prop_assert!(answer["data"].is_object(), "{}", text);
        return Ok(());
    };
    let errors = errors.as_array().filter(|errors| !errors.is_empty());
    prop_assert!(errors.is_some(), "{}", text);
    for error in errors.into_iter().flatten() {
        let message = error["message"].as_str().unwrap_or_default();
        prop_assert!(!message.is_empty(), "{}", text);
        for inside in [
            "::",
            "panicked",
            "sqlx",
            "async_graphql",
            "serde",
            "axum",
            "src/",
            ".rs",
            "ConstValue",
        ] {
            prop_assert!(!message.contains(inside), "{} tells {}", text, inside);
        }
        let code = error["extensions"]["code"].as_str().unwrap_or_default();
        prop_assert!(CODES.contains(&code) && code != "INTERNAL", "{}", text);
    }
    Ok(())
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        prop::sample::select(vec![
            QUERY,
            "{ __typename }",
            "query ($a: CustomerFilter, $b: [CustomerOrderBy!]) { customers(where: $a, orderBy: $b) { totalCount } }",
            "{ __schema { queryType { name } } }",
            "mutation { x }",
            "1",
        ])
        .prop_map(Value::from),
    ];
    let names = prop::sample::select(vec![
        "query",
        "variables",
        "operationName",
        "extensions",
        "documentId",
        "persistedQuery",
        "version",
        "sha256Hash",
        "a",
        "b",
        "email",
        "eq",
        "in",
        "not",
        "or",
    ]);
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((names.clone(), inner), 0..6)
                .prop_map(|members| members.into_iter().collect::<Value>()),
        ]
    })
}

/// Bodies from noise to nearly good.
fn bodies() -> impl Strategy<Value = Vec<u8>> {
    let request = (values(), values(), values(), values()).prop_map(|(query, variables, name, extensions)| {
        json!({"query": query, "variables": variables, "operationName": name, "extensions": extensions})
    });
    let text =
        "[{}()\\[\\]$!:@#.\"\\\\a-zA-Z0-9_ \n]{0,80}".prop_map(|query| json!({"query": query}));
    let nearly = (0..QUERY.len(), "\\PC{0,3}").prop_map(|(at, noise)| {
        json!({"query": format!("{}{noise}{}", &QUERY[..at], &QUERY[(at + 1).min(QUERY.len())..])})
    });
    let json = prop_oneof![values(), request, text, nearly].prop_map(|body| body.to_string());
    prop_oneof![
        1 => prop::collection::vec(any::<u8>(), 0..200),
        6 => json.clone().prop_map(String::into_bytes),
        2 => (json, any::<prop::sample::Index>(), any::<u8>()).prop_map(|(body, at, byte)| {
            let mut body = body.into_bytes();
            let at = at.index(body.len());
            body[at] = byte;
            body
        }),
    ]
}

/// Headers that the gateway reads, with good values, odd ones and noise.
fn headers() -> impl Strategy<Value = Vec<(header::HeaderName, Vec<u8>)>> {
    let name = prop::sample::select(vec![
        header::ACCEPT,
        header::AUTHORIZATION,
        header::CONTENT_TYPE,
        header::CONTENT_LENGTH,
        header::CONTENT_ENCODING,
        header::ORIGIN,
        header::HeaderName::from_static("x-workspace"),
        header::HeaderName::from_static("x-request-id"),
    ]);
    let value = prop_oneof![
        prop::sample::select(vec![
            "application/json",
            "application/graphql-response+json",
            "text/html, */*;q=0.1",
            "application/json;q=nan",
            "application/json; charset=utf-8; charset=\"",
            "Bearer x.y.z",
        ])
        .prop_map(|value| value.as_bytes().to_vec()),
        // What HTTP lets through: no control characters, all beyond ASCII.
        prop::collection::vec(prop_oneof![32..127_u8, 128..=255_u8], 0..40),
    ];
    prop::collection::vec((name, value), 0..4)
}

#[test]
fn no_request_is_a_fault_of_the_gateway() {
    run(async {
        let client = Client::new(seeded().await);
        let token = token(Side::A);
        let mut runner = TestRunner::new(Config {
            cases: 3_000,
            failure_persistence: None,
            ..Config::default()
        });
        let requests = (bodies(), headers(), any::<bool>());
        let outcome = tokio::task::block_in_place(|| {
            runner.run(&requests, |(body, headers, plain)| {
                let mut request = Request::builder().method(Method::POST).uri("/graphql");
                if plain || headers.is_empty() {
                    request = request
                        .header(header::CONTENT_TYPE, "application/json")
                        .header(header::AUTHORIZATION, format!("Bearer {token}"));
                }
                for (name, value) in headers {
                    request = request.header(name, value);
                }
                let request = request.body(Body::from(body)).expect("a request");
                let answer = client.send(request);
                let (status, body) = tokio::runtime::Handle::current().block_on(answer);
                check(status, &body)
            })
        });
        outcome.expect("no fault");
    });
}

#[test]
fn no_address_is_a_fault_of_the_gateway() {
    run(async {
        let client = Client::new(seeded().await);
        let token = token(Side::A);
        let mut runner = TestRunner::new(Config {
            cases: 1_000,
            failure_persistence: None,
            ..Config::default()
        });
        let name = prop::sample::select(vec![
            "query",
            "variables",
            "operationName",
            "extensions",
            "documentId",
            "x",
        ]);
        let value = prop_oneof![
            values().prop_map(|value| value.to_string()),
            values().prop_map(|value| value.as_str().unwrap_or("{").to_owned()),
        ];
        let good = prop::collection::vec((name, value), 0..5).prop_map(|pairs| {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(pairs).finish()
        });
        let addresses = prop_oneof![4 => good, 1 => "[a-z%0-9A-F&=+.{};,-]{0,40}"];
        let outcome = tokio::task::block_in_place(|| {
            runner.run(&addresses, |query| {
                // What is no address of HTTP never comes here.
                let Ok(uri) = format!("/graphql?{query}").parse::<axum::http::Uri>() else {
                    return Ok(());
                };
                let request = Request::get(uri)
                    .header(header::AUTHORIZATION, format!("Bearer {token}"))
                    .body(Body::empty())
                    .expect("a request");
                let answer = client.send(request);
                let (status, body) = tokio::runtime::Handle::current().block_on(answer);
                check(status, &body)
            })
        });
        outcome.expect("no fault");
    });
}
