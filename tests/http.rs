//! The HTTP front: tokens, methods, content types, health.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};
use tessera::auth::{Secret, issue};
use tessera::session::Role;
use uuid::Uuid;

use crate::harness::client::{Client, token};
use crate::harness::database::seeded;
use crate::harness::run;
use crate::harness::seed::Side;

const QUERY: &str = "{ customers(first: 1) { nodes { id } } }";

fn post(body: &str) -> axum::http::request::Builder {
    let _ = body;
    Request::post("/graphql").header(header::CONTENT_TYPE, "application/json")
}

async fn send(request: Request<Body>) -> (StatusCode, Value) {
    let client = Client::new(seeded().await);
    let (status, bytes) = client.send(request).await;
    let text = String::from_utf8(bytes).expect("UTF-8");
    (
        status,
        serde_json::from_str(&text).unwrap_or(Value::String(text)),
    )
}

async fn with_token(authorization: Option<&str>, workspace: Option<&str>) -> (StatusCode, Value) {
    let body = json!({"query": QUERY}).to_string();
    let mut request = post(&body);
    if let Some(authorization) = authorization {
        request = request.header(header::AUTHORIZATION, authorization);
    }
    if let Some(workspace) = workspace {
        request = request.header("x-workspace", workspace);
    }
    send(request.body(Body::from(body)).expect("a request")).await
}

fn signed(claims: &Value, secret: &[u8]) -> String {
    let token = jsonwebtoken::encode(
        &Header::default(),
        claims,
        &EncodingKey::from_secret(secret),
    );
    format!("Bearer {}", token.expect("a token"))
}

const SECRET: &[u8] = b"the secret of the tests, which is long enough";

#[test]
fn without_a_good_token_nothing_is_read() {
    run(async {
        let user = Side::A.user();
        let workspaces = json!({ Side::A.workspace().to_string(): "owner" });
        let soon = chrono::Utc::now().timestamp() + 600;
        let good = json!({"sub": user, "exp": soon, "workspaces": workspaces});
        let with = |name: &str, value: Value| {
            let mut claims = good.clone();
            claims[name] = value;
            signed(&claims, SECRET)
        };
        let mut without_exp = good.clone();
        without_exp.as_object_mut().expect("claims").remove("exp");
        let whole = signed(&good, SECRET);
        let unsigned = format!(
            "Bearer {}.{}.",
            "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0",
            whole.split('.').nth(1).expect("claims")
        );
        let huge = format!("Bearer {}", "a".repeat(20_000));
        for (case, authorization) in [
            ("no scheme", token(Side::A)),
            ("another scheme", "Basic YTpi".to_owned()),
            ("empty", "Bearer ".to_owned()),
            ("garbage", "Bearer garbage".to_owned()),
            (
                "another secret",
                signed(&good, b"another secret that is long enough too"),
            ),
            ("expired", with("exp", json!(soon - 3600))),
            ("not yet valid", with("nbf", json!(soon))),
            ("no expiry", signed(&without_exp, SECRET)),
            ("alg none", unsigned),
            ("truncated", whole[..whole.len() - 5].to_owned()),
            ("no user", with("sub", json!(null))),
            ("user is no id", with("sub", json!("somebody"))),
            ("no workspace", with("workspaces", json!({}))),
            (
                "workspaces of another shape",
                with("workspaces", json!([1])),
            ),
            ("unknown role", with("workspaces", json!({"acme": "king"}))),
            ("huge", huge),
        ] {
            let (status, answer) = with_token(Some(&authorization), None).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{case}: {answer}");
            assert_eq!(
                answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED",
                "{case}"
            );
            assert_eq!(answer.get("data"), None, "{case}");
        }
        let (_, answer) = with_token(None, None).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
        let (status, _) = with_token(Some(&whole), None).await;
        assert_eq!(status, StatusCode::OK, "the good token is good");
    });
}

#[test]
fn the_header_chooses_among_the_workspaces_of_the_token() {
    run(async {
        let bearer = |workspaces: &[(&str, Role)], user: Uuid| {
            let secret = Secret::new(SECRET).expect("long");
            format!(
                "Bearer {}",
                issue(
                    &secret,
                    user,
                    workspaces,
                    std::time::Duration::from_secs(60)
                )
                .expect("a token")
            )
        };
        let (a, b) = (
            Side::A.workspace().to_string(),
            Side::B.workspace().to_string(),
        );
        let both = bearer(&[(&a, Role::Owner), (&b, Role::Owner)], Side::A.user());
        let (status, answer) = with_token(Some(&both), None).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{answer}");
        let (status, _) = with_token(Some(&both), Some(&a)).await;
        assert_eq!(status, StatusCode::OK);
        // The token names B, but the user is no member there.
        let (status, answer) = with_token(Some(&both), Some(&b)).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{answer}");
        let unknown = bearer(&[("no-such-workspace", Role::Owner)], Side::A.user());
        let (_, missing) = with_token(Some(&unknown), None).await;
        let text = answer["errors"][0]["message"]
            .as_str()
            .expect("a message")
            .replace(&b, "W");
        let other = missing["errors"][0]["message"]
            .as_str()
            .expect("a message")
            .replace("no-such-workspace", "W");
        assert_eq!(
            text, other,
            "a workspace that exists is refused as one that does not"
        );
        let (status, _) = with_token(Some(&both), Some("elsewhere")).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        let slug = bearer(&[("alpha slug 1", Role::Owner)], Side::A.user());
        let (status, answer) = with_token(Some(&slug), None).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
    });
}

#[test]
fn a_token_never_grants_more_than_the_membership() {
    run(async {
        let client = Client::new(seeded().await);
        let secret = Secret::new(SECRET).expect("long");
        let workspace = Side::A.workspace().to_string();
        for (row, claimed, expected) in [
            (1, Role::Owner, "MEMBER"),
            (0, Role::Viewer, "VIEWER"),
            (0, Role::Owner, "OWNER"),
        ] {
            let user = Side::A.id("users", row);
            let token = issue(
                &secret,
                user,
                &[(&workspace, claimed)],
                std::time::Duration::from_secs(60),
            )
            .expect("a token");
            let body = json!({"query": "{ viewer { role user { id } } }"}).to_string();
            let request = post(&body)
                .header(header::AUTHORIZATION, format!("Bearer {token}"))
                .body(Body::from(body))
                .expect("a request");
            let (_, bytes) = client.send(request).await;
            let answer: Value = serde_json::from_slice(&bytes).expect("JSON");
            assert_eq!(
                answer["data"]["viewer"],
                json!({"role": expected, "user": {"id": user}})
            );
        }
    });
}

#[test]
fn introspection_needs_no_token_in_development() {
    run(async {
        let body = json!({"query": "{ __schema { queryType { name } } __typename }"}).to_string();
        let (status, answer) = send(post(&body).body(Body::from(body)).expect("a request")).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(
            answer,
            json!({"data": {"__schema": {"queryType": {"name": "Query"}}, "__typename": "Query"}})
        );
        let body = json!({"query": "{ __typename customers { totalCount } }"}).to_string();
        let (status, answer) = send(post(&body).body(Body::from(body)).expect("a request")).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{answer}");
    });
}

#[test]
fn requests_that_are_none_are_refused_with_a_reason() {
    run(async {
        for (case, method, uri, content_type, body, expected) in [
            (
                "not JSON",
                Method::POST,
                "/graphql",
                "application/json",
                "{",
                400,
            ),
            (
                "an empty body",
                Method::POST,
                "/graphql",
                "application/json",
                "",
                400,
            ),
            (
                "a batch",
                Method::POST,
                "/graphql",
                "application/json",
                "[]",
                400,
            ),
            (
                "a text",
                Method::POST,
                "/graphql",
                "application/json",
                "\"{ a }\"",
                400,
            ),
            (
                "no query",
                Method::POST,
                "/graphql",
                "application/json",
                "{}",
                400,
            ),
            (
                "a query of another type",
                Method::POST,
                "/graphql",
                "application/json",
                r#"{"query": 1}"#,
                400,
            ),
            (
                "variables of another type",
                Method::POST,
                "/graphql",
                "application/json",
                r#"{"query": "{a}", "variables": []}"#,
                400,
            ),
            (
                "a form",
                Method::POST,
                "/graphql",
                "application/x-www-form-urlencoded",
                "query={a}",
                415,
            ),
            (
                "plain text",
                Method::POST,
                "/graphql",
                "text/plain",
                r#"{"query":"{a}"}"#,
                415,
            ),
            (
                "another charset",
                Method::POST,
                "/graphql",
                "application/json; charset=latin1",
                r#"{"query":"{a}"}"#,
                415,
            ),
            (
                "another method",
                Method::PUT,
                "/graphql",
                "application/json",
                "{}",
                405,
            ),
            (
                "a mutation with GET",
                Method::GET,
                "/graphql?query=mutation%7Ba%7D",
                "",
                "",
                405,
            ),
            ("GET without a query", Method::GET, "/graphql", "", "", 400),
            (
                "GET with broken variables",
                Method::GET,
                "/graphql?query=%7B__typename%7D&variables=%7B",
                "",
                "",
                400,
            ),
            ("another path", Method::GET, "/nowhere", "", "", 404),
        ] {
            let mut request = Request::builder().method(method).uri(uri);
            if !content_type.is_empty() {
                request = request.header(header::CONTENT_TYPE, content_type);
            }
            let (status, answer) = send(request.body(Body::from(body)).expect("a request")).await;
            assert_eq!(status.as_u16(), expected, "{case}: {answer}");
            if ![405, 404].contains(&expected) {
                assert!(
                    answer["errors"][0]["message"]
                        .as_str()
                        .is_some_and(|text| text.len() > 10),
                    "{case}: {answer}"
                );
            }
        }
        let long = json!({"query": "#".repeat(2_000_000)}).to_string();
        let (status, _) = send(post(&long).body(Body::from(long)).expect("a request")).await;
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    });
}

#[test]
fn the_form_of_the_answer_follows_the_accept_header() {
    run(async {
        for (accept, query, expected, content_type) in [
            (
                "application/graphql-response+json",
                "{",
                400,
                "application/graphql-response+json; charset=utf-8",
            ),
            (
                "application/graphql-response+json",
                "{ nothing }",
                400,
                "application/graphql-response+json; charset=utf-8",
            ),
            (
                "application/graphql-response+json",
                "{ __typename }",
                200,
                "application/graphql-response+json; charset=utf-8",
            ),
            (
                "application/json",
                "{ nothing }",
                200,
                "application/json; charset=utf-8",
            ),
            (
                "*/*",
                "{ __typename }",
                200,
                "application/json; charset=utf-8",
            ),
            (
                "text/html",
                "{ __typename }",
                406,
                "application/json; charset=utf-8",
            ),
        ] {
            let client = Client::new(seeded().await);
            let body = json!({"query": query}).to_string();
            let request = post(&body)
                .header(header::ACCEPT, accept)
                .body(Body::from(body))
                .expect("a request");
            let response = tower::ServiceExt::oneshot(client.router(), request)
                .await
                .expect("an answer");
            assert_eq!(response.status().as_u16(), expected, "{accept} {query}");
            assert_eq!(response.headers()[header::CONTENT_TYPE], content_type);
        }
    });
}

#[test]
fn health_is_told_without_a_token() {
    run(async {
        for path in ["/health/live", "/health/ready"] {
            let (status, _) =
                send(Request::get(path).body(Body::empty()).expect("a request")).await;
            assert_eq!(status, StatusCode::OK, "{path}");
        }
    });
}
