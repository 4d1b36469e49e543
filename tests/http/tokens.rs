//! Tokens: which ones open what, and which nothing.

use axum::body::Body;
use axum::http::{StatusCode, header};
use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};
use tessera::auth::{Secret, issue};
use tessera::session::Role;
use uuid::Uuid;

use super::{QUERY, post, send};
use crate::harness::client::{Client, token};
use crate::harness::database::seeded;
use crate::harness::run;
use crate::harness::seed::Side;

const SECRET: &[u8] = b"the secret of the tests, which is long enough";

async fn with_token(authorization: Option<&str>, workspace: Option<&str>) -> (StatusCode, Value) {
    let body = json!({"query": QUERY}).to_string();
    let mut request = post();
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
        assert_eq!(status, StatusCode::BAD_REQUEST, "{answer}");
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
            let request = post()
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
        let (status, answer) = send(post().body(Body::from(body)).expect("a request")).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(
            answer,
            json!({"data": {"__schema": {"queryType": {"name": "Query"}}, "__typename": "Query"}})
        );
        let body = json!({"query": "{ __typename customers { totalCount } }"}).to_string();
        let (status, answer) = send(post().body(Body::from(body)).expect("a request")).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{answer}");
    });
}
