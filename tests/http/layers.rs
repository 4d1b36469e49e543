//! The layers: request id, CORS, pages of other origins, batches.

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, Response, header};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tessera::http::{Cors, HttpOptions, read_headers};
use tower::ServiceExt;

use super::post;
use crate::harness::client::{Client, token};
use crate::harness::database::seeded;
use crate::harness::run;
use crate::harness::seed::Side;

pub(super) type Headers = &'static [(&'static str, &'static str)];

pub(super) async fn with(options: HttpOptions) -> Client {
    Client::with_options(seeded().await, options)
}

pub(super) async fn respond(client: &Client, request: Request<Body>) -> Response<axum::body::Body> {
    let answered = client.router().oneshot(request).await;
    answered.expect("the router never fails")
}

pub(super) async fn json_of(response: Response<axum::body::Body>) -> Value {
    let body = response.into_body().collect().await.expect("a body");
    serde_json::from_slice(&body.to_bytes()).expect("JSON")
}

fn ask(headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = post();
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request
        .body(Body::from(r#"{"query": "{ __typename }"}"#))
        .expect("a request")
}

pub(super) fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers
        .get(name)
        .map_or("", |value| value.to_str().expect("text"))
}

#[test]
fn every_answer_carries_the_id_of_its_request() {
    run(async {
        let client = with(HttpOptions::default()).await;
        let response = respond(&client, ask(&[("x-request-id", "from-a_proxy.1")])).await;
        assert_eq!(text(response.headers(), "x-request-id"), "from-a_proxy.1");
        let forged = "a\" level=error";
        let response = respond(&client, ask(&[("x-request-id", forged)])).await;
        let made = text(response.headers(), "x-request-id");
        assert!(made.parse::<uuid::Uuid>().is_ok(), "{made}");
        for path in ["/nowhere", "/health/live", "/"] {
            let request = Request::get(path).body(Body::empty()).expect("a request");
            let response = respond(&client, request).await;
            assert!(response.headers().contains_key("x-request-id"), "{path}");
        }
    });
}

fn preflight(origin: &str) -> Request<Body> {
    Request::options("/graphql")
        .header(header::ORIGIN, origin)
        .header("access-control-request-method", "POST")
        .header(
            "access-control-request-headers",
            "authorization,content-type",
        )
        .body(Body::empty())
        .expect("a request")
}

#[test]
fn pages_of_listed_origins_may_call_and_no_others() {
    run(async {
        const SHOP: &str = "https://shop.example";
        const EVIL: &str = "https://evil.example";
        const ALLOWED: &str = "access-control-allow-origin";
        const SENT: [&str; 10] = [
            "x-workspace",
            "baggage",
            "sentry-trace",
            "traceparent",
            "apollographql-client-name",
            "apollographql-client-version",
            "graphql-client-name",
            "graphql-client-version",
            "x-apollo-operation-name",
            "x-datadog-trace-id",
        ];
        let allowing = |origins: &str| {
            with(HttpOptions {
                open_introspection: true,
                cors: Cors {
                    origins: origins.parse().expect("origins"),
                    ..Cors::default()
                },
                ..HttpOptions::default()
            })
        };
        let (none, listed, any) = (
            allowing("").await,
            allowing(SHOP).await,
            allowing("*").await,
        );
        for (client, origin, expected) in [
            (&none, SHOP, ""),
            (&listed, SHOP, SHOP),
            (&listed, EVIL, ""),
            (&any, EVIL, "*"),
        ] {
            let response = respond(client, preflight(origin)).await;
            let headers = response.headers();
            // The request of a refused page is let through, so that it can read why.
            let shown = if expected.is_empty() {
                origin
            } else {
                expected
            };
            assert_eq!(text(headers, ALLOWED), shown, "{origin}");
            let sent = text(headers, "access-control-allow-headers");
            for name in ["authorization", "content-type"] {
                assert!(sent.contains(name), "{sent}");
            }
            if !expected.is_empty() {
                for name in SENT {
                    assert!(sent.contains(name), "{sent}");
                }
                assert!(
                    text(headers, "access-control-max-age")
                        .parse::<u32>()
                        .is_ok()
                );
            }
            let response = respond(client, ask(&[("origin", origin)])).await;
            let headers = response.headers();
            assert_eq!(text(headers, ALLOWED), shown, "{origin}");
            assert_eq!(text(headers, "access-control-allow-credentials"), "");
            let status = if expected.is_empty() { 403 } else { 200 };
            assert_eq!(response.status(), status, "{origin}");
            if expected.is_empty() {
                let answer = json_of(response).await;
                let message = answer["errors"][0]["message"].as_str().expect("a text");
                assert!(message.contains("`cors_origin`"), "{message}");
                assert!(message.contains(origin), "{message}");
            } else {
                assert!(text(headers, "access-control-expose-headers").contains("x-request-id"));
            }
        }
        // An app has an origin of a scheme of its own.
        const APP: &str = "capacitor://localhost";
        let apps = allowing("tauri://localhost, capacitor://localhost").await;
        for (client, origin, status) in [
            (&apps, APP, 200),
            (&apps, "ionic://localhost", 403),
            (&listed, APP, 403),
        ] {
            let response = respond(client, preflight(origin)).await;
            assert_eq!(text(response.headers(), ALLOWED), origin);
            let asked = ask(&[("origin", origin), ("sec-fetch-site", "cross-site")]);
            let response = respond(client, asked).await;
            assert_eq!(text(response.headers(), ALLOWED), origin);
            assert_eq!(response.status(), status, "{origin}");
        }
        // A page that asks a wrong path can read that it is wrong.
        let astray = Request::post("/api/graphql").header(header::ORIGIN, SHOP);
        let response = respond(&listed, astray.body(Body::empty()).expect("a request")).await;
        assert_eq!(response.status(), 404);
        assert_eq!(text(response.headers(), ALLOWED), SHOP);
        // A cache must not give one origin's answer to another, nor keep a page from a refusal.
        let refused = post()
            .header(header::ORIGIN, SHOP)
            .body(Body::from("{"))
            .expect("a request");
        let response = respond(&listed, refused).await;
        assert_eq!(text(response.headers(), ALLOWED), SHOP);
        let varies = response.headers().get_all(header::VARY).iter();
        let varies: Vec<&str> = varies.filter_map(|value| value.to_str().ok()).collect();
        assert!(varies.join(",").contains("origin"), "{varies:?}");
    });
}

#[test]
fn pages_of_this_machine_and_further_headers_are_allowed_where_the_settings_say_so() {
    run(async {
        let client = with(HttpOptions {
            open_introspection: true,
            cors: Cors {
                local: true,
                headers: read_headers("X-Client-Version").expect("names"),
                ..Cors::default()
            },
            ..HttpOptions::default()
        })
        .await;
        for origin in [
            "http://localhost:5173",
            "http://127.0.0.1:3000",
            "http://[::1]:3000",
        ] {
            let response = respond(&client, preflight(origin)).await;
            let sent = text(response.headers(), "access-control-allow-headers");
            assert!(sent.contains("x-client-version"), "{sent}");
            let asked = ask(&[("origin", origin), ("sec-fetch-site", "same-site")]);
            let response = respond(&client, asked).await;
            assert_eq!(response.status(), 200, "{origin}");
            assert_eq!(
                text(response.headers(), "access-control-allow-origin"),
                origin
            );
        }
        let evil = ask(&[("origin", "http://localhost.evil.example")]);
        assert_eq!(respond(&client, evil).await.status(), 403);
    });
}

#[test]
fn a_page_may_not_read_what_is_not_refused() {
    run(async {
        let client = with(HttpOptions {
            open_introspection: true,
            ..HttpOptions::default()
        })
        .await;
        // No browser sends this; what is answered must still not be open to the page.
        let asked = ask(&[
            ("origin", "https://evil.example"),
            ("sec-fetch-site", "same-origin"),
        ]);
        let response = respond(&client, asked).await;
        assert_eq!(response.status(), 200);
        assert_eq!(text(response.headers(), "access-control-allow-origin"), "");
    });
}

#[test]
fn what_accept_excludes_is_not_sent_either_where_a_request_is_refused() {
    run(async {
        let client = with(HttpOptions::default()).await;
        const OWN: &str = "application/graphql-response+json; charset=utf-8";
        const JSON: &str = "application/json; charset=utf-8";
        for (accept, expected) in [
            ("*/*", OWN),
            ("application/json", OWN),
            (
                "application/graphql-response+json;q=0, application/json",
                JSON,
            ),
            ("application/*;q=0, application/json;q=0.1", JSON),
            ("*/*;q=0, application/graphql-response+json", OWN),
        ] {
            for (path, status) in [("/graphql", 401), ("/nowhere", 404)] {
                let request = Request::post(path)
                    .header(header::CONTENT_TYPE, "application/json")
                    .header(header::ACCEPT, accept)
                    .body(Body::from("{}"))
                    .expect("a request");
                let response = respond(&client, request).await;
                assert_eq!(response.status(), status, "{accept}");
                assert_eq!(
                    text(response.headers(), "content-type"),
                    expected,
                    "{path} {accept}"
                );
            }
        }
    });
}

#[test]
fn what_a_page_may_send_without_asking_is_refused() {
    run(async {
        let client = with(HttpOptions {
            open_introspection: true,
            ..HttpOptions::default()
        })
        .await;
        const READ: &str = "/graphql?query=%7B__typename%7D";
        let cases: [(&str, Method, Headers, u16); 12] = [
            ("a program", Method::GET, &[], 200),
            ("a person", Method::GET, &[("sec-fetch-site", "none")], 200),
            (
                "the playground",
                Method::GET,
                &[("sec-fetch-site", "same-origin")],
                200,
            ),
            (
                "a foreign picture",
                Method::GET,
                &[("sec-fetch-site", "cross-site")],
                403,
            ),
            (
                "a neighbour's picture",
                Method::GET,
                &[("sec-fetch-site", "same-site")],
                403,
            ),
            (
                "an old browser",
                Method::GET,
                &[("origin", "https://evil.example")],
                403,
            ),
            (
                "an app",
                Method::GET,
                &[("origin", "app://localhost"), ("host", "localhost")],
                403,
            ),
            (
                "a form",
                Method::POST,
                &[("content-type", "text/plain")],
                415,
            ),
            (
                "a form with files",
                Method::POST,
                &[("content-type", "multipart/form-data; boundary=a")],
                415,
            ),
            ("no type", Method::POST, &[], 415),
            (
                "a script that did not ask",
                Method::POST,
                &[
                    ("content-type", "application/json"),
                    ("sec-fetch-site", "cross-site"),
                ],
                403,
            ),
            (
                "its own script",
                Method::POST,
                &[
                    ("content-type", "application/json"),
                    ("origin", "http://localhost:8080"),
                    ("host", "localhost:8080"),
                ],
                200,
            ),
        ];
        for (case, method, headers, expected) in cases {
            let get = method == Method::GET;
            let uri = if get { READ } else { "/graphql" };
            let mut request = Request::builder().method(method).uri(uri);
            for &(name, value) in headers {
                request = request.header(name, value);
            }
            let body = if get {
                ""
            } else {
                r#"{"query": "{ __typename }"}"#
            };
            let request = request.body(Body::from(body)).expect("a request");
            let response = respond(&client, request).await;
            assert_eq!(response.status(), expected, "{case}");
            let answer = json_of(response).await;
            assert_eq!(
                answer.get("data").is_some(),
                expected == 200,
                "{case}: {answer}"
            );
        }
    });
}

#[test]
fn a_batch_is_answered_in_order_where_it_is_allowed() {
    run(async {
        let client = with(HttpOptions {
            max_batch: 3,
            ..HttpOptions::default()
        })
        .await;
        let send = |body: Value| {
            let request = post()
                .header(header::AUTHORIZATION, format!("Bearer {}", token(Side::B)))
                .header(header::ACCEPT, "application/graphql-response+json")
                .body(Body::from(body.to_string()))
                .expect("a request");
            respond(&client, request)
        };
        let one = json!({"query": "{ viewer { user { id } } }"});
        let bad = json!({"query": "{ nothing }"});
        let named = json!({
            "query": "query A { a: __typename } query B { b: __typename }",
            "operationName": "B"
        });
        let response = send(json!([one, bad, named])).await;
        assert_eq!(response.status(), 200);
        let answer = json_of(response).await;
        let viewer = json!({"data": {"viewer": {"user": {"id": Side::B.user()}}}});
        assert_eq!(answer[0], viewer);
        let code = &answer[1]["errors"][0]["extensions"]["code"];
        assert_eq!(code, "GRAPHQL_VALIDATION_FAILED");
        assert_eq!(answer[2], json!({"data": {"b": "Query"}}));
        for (case, body) in [
            ("empty", json!([])),
            ("too many", json!([one, one, one, one])),
            ("no request", json!([one, 1])),
            ("nested", json!([[one]])),
        ] {
            let response = send(body).await;
            assert_eq!(response.status(), 422, "{case}");
            assert!(json_of(response).await["errors"][0]["message"].is_string());
        }
    });
}

#[test]
fn the_playground_can_be_switched_off() {
    run(async {
        for (playground, status) in [(true, 200), (false, 404)] {
            let client = with(HttpOptions {
                playground,
                ..HttpOptions::default()
            })
            .await;
            for path in ["/", "/playground/config.json"] {
                let request = Request::get(path).body(Body::empty()).expect("a request");
                let response = respond(&client, request).await;
                assert_eq!(response.status(), status, "{path}");
            }
            let live = Request::get("/health/live").body(Body::empty());
            let response = respond(&client, live.expect("a request")).await;
            assert_eq!(response.status(), 200);
        }
    });
}
