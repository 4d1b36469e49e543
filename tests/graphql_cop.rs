//! The twelve findings that the scanner graphql-cop reports, asked of the real router as it stands
//! in production. A caller with a token is the harder case, so checks that need no particular
//! caller are made with one.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};
use tessera::http::HttpOptions;

use crate::harness::client::{Client, token};
use crate::harness::database::seeded;
use crate::harness::run;
use crate::harness::seed::Side;

async fn production() -> Client {
    Client::with_options(seeded().await, HttpOptions::default())
}

/// Sends a body as it is, with a token or without one.
async fn send(
    known: bool,
    method: Method,
    uri: &str,
    content: &str,
    body: String,
) -> (StatusCode, Value) {
    let mut request = Request::builder().method(method).uri(uri);
    if !content.is_empty() {
        request = request.header(header::CONTENT_TYPE, content);
    }
    if known {
        request = request.header(header::AUTHORIZATION, format!("Bearer {}", token(Side::A)));
    }
    let request = request.body(Body::from(body)).expect("a request");
    let (status, bytes) = production().await.send(request).await;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    (
        status,
        serde_json::from_str(&text).unwrap_or(Value::String(text)),
    )
}

async fn ask(query: &str) -> Value {
    let body = json!({ "query": query }).to_string();
    send(true, Method::POST, "/graphql", "application/json", body)
        .await
        .1
}

/// The limit that refused a query.
fn limit(answer: &Value) -> &Value {
    assert_eq!(answer.get("data"), None, "{answer}");
    assert_eq!(
        answer["errors"].as_array().map(Vec::len),
        Some(1),
        "{answer}"
    );
    &answer["errors"][0]["extensions"]["name"]
}

#[test]
fn an_ordinary_query_is_answered() {
    // Were it not, all that follows would hold for nothing.
    run(async {
        let answer = ask("{ __typename customers(first: 1) { nodes { id } } }").await;
        assert_eq!(answer["data"]["__typename"], "Query", "{answer}");
    });
}

#[test]
fn aliases_cannot_be_heaped_up() {
    let aliases: String = (0..101)
        .map(|index| format!("alias{index}: __typename "))
        .collect();
    let inside = format!("{{ customers {{ nodes {{ {aliases} }} }} }}");
    run(async {
        assert_eq!(
            limit(&ask(&format!("{{ {aliases} }}")).await),
            "max_root_fields"
        );
        assert_eq!(limit(&ask(&inside).await), "max_aliases");
    });
}

#[test]
fn operations_cannot_be_sent_in_batches() {
    let batch = json!(vec![json!({"query": "{ __typename }"}); 10]).to_string();
    run(async {
        let (status, answer) =
            send(true, Method::POST, "/graphql", "application/json", batch).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{answer}");
        assert!(answer.is_object(), "{answer}");
        assert_eq!(answer.get("data"), None, "{answer}");
    });
}

#[test]
fn a_page_elsewhere_cannot_query_by_get() {
    // A browser adds no `Authorization` to a link or a picture, and nothing else says who asks.
    run(async {
        let uri = "/graphql?query=%7B__typename%7D";
        let (status, answer) = send(false, Method::GET, uri, "", String::new()).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{answer}");
        assert_eq!(answer.get("data"), None, "{answer}");
    });
}

#[test]
fn nothing_is_changed_by_get() {
    run(async {
        let uri = "/graphql?query=mutation%7B__typename%7D";
        let (status, answer) = send(true, Method::GET, uri, "", String::new()).await;
        assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{answer}");
        assert_eq!(answer.get("data"), None, "{answer}");
    });
}

#[test]
fn a_form_elsewhere_cannot_send_operations() {
    run(async {
        for (content, body) in [
            (
                "application/x-www-form-urlencoded",
                "query=%7B__typename%7D",
            ),
            ("text/plain", "{\"query\": \"{ __typename }\"}"),
            (
                "multipart/form-data; boundary=x",
                "--x\r\nContent-Disposition: form-data; name=\"query\"\r\n\r\n{ __typename }\r\n--x--\r\n",
            ),
            ("", "{\"query\": \"{ __typename }\"}"),
        ] {
            let (status, answer) =
                send(true, Method::POST, "/graphql", content, body.to_owned()).await;
            assert_eq!(
                status,
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "{content}: {answer}"
            );
            assert_eq!(answer.get("data"), None, "{content}: {answer}");
        }
    });
}

#[test]
fn no_traces_and_no_exceptions_are_told() {
    run(async {
        for query in [
            "query cop { __typename }",
            "qwerty cop { abc }",
            "{ abc }",
            "{ customer(id: \"x\") { id } }",
        ] {
            let answer = ask(query).await;
            assert_eq!(answer.get("extensions"), None, "{answer}");
            let text = answer.to_string().to_lowercase();
            for word in ["tracing", "stacktrace", "exception", "panicked", ".rs:"] {
                assert!(!text.contains(word), "{query}: {text}");
            }
        }
    });
}

#[test]
fn a_field_cannot_be_repeated_without_end() {
    run(async {
        let repeated = "__typename ".repeat(500);
        assert_eq!(
            limit(&ask(&format!("query cop {{ {repeated} }}")).await),
            "max_root_fields"
        );
        // Further down what is repeated is merged; it is the number that ends it.
        let inside = format!("{{ customers {{ nodes {{ {} }} }} }}", "id ".repeat(5_000));
        assert_eq!(limit(&ask(&inside).await), "max_fields");
    });
}

#[test]
fn who_may_not_see_the_schema_is_given_no_names_of_it() {
    run(async {
        for query in [
            "query cop { __schema { directive } }",
            "{ custmers { totalCount } }",
        ] {
            let body = json!({ "query": query }).to_string();
            let (status, answer) =
                send(false, Method::POST, "/graphql", "application/json", body).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{answer}");
            let text = answer.to_string();
            assert!(
                !text.contains("Did you mean")
                    && !text.contains("directives")
                    && !text.contains("customers"),
                "{text}"
            );
        }
    });
}

#[test]
fn the_playground_opens_nothing() {
    run(async {
        let (status, config) = send(
            false,
            Method::GET,
            "/playground/config.json",
            "",
            String::new(),
        )
        .await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(config["development"], false, "{config}");
        assert_eq!(config["workspaces"], json!([]), "{config}");
        for path in ["/graphiql", "/playground", "/console", "/altair"] {
            let (status, _) = send(false, Method::GET, path, "", String::new()).await;
            assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        }
    });
}

#[test]
fn strangers_are_told_nothing_of_the_schema() {
    run(async {
        let body = json!({"query": "query cop { __schema { types { name fields { name } } } }"})
            .to_string();
        let (status, answer) =
            send(false, Method::POST, "/graphql", "application/json", body).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{answer}");
        assert_eq!(answer.get("data"), None, "{answer}");
    });
}

#[test]
fn directives_cannot_be_heaped_up() {
    run(async {
        let answer = ask(&format!("query cop {{ __typename {} }}", "@aa".repeat(10))).await;
        assert_eq!(limit(&answer), "max_directives_per_location");
        let spread = "__typename @include(if: true) ".repeat(101);
        let answer = ask(&format!("{{ customers {{ nodes {{ {spread} }} }} }}")).await;
        assert_eq!(limit(&answer), "max_directives");
    });
}

#[test]
fn the_schema_cannot_be_walked_in_circles() {
    run(async {
        let circle = "query cop { __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }";
        assert_eq!(limit(&ask(circle).await), "max_schema_depth");
        let fragments = "query cop { ...A } fragment A on Query { __typename ...B } fragment B on Query { ...A }";
        let answer = ask(fragments).await;
        assert_eq!(
            answer["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED",
            "{answer}"
        );
    });
}
