//! Who may come in: tokens of each algorithm, keys from each source, memberships.

mod bad_tokens;
mod headers;
mod issuer;
mod key_server;
mod key_sets;
mod memberships;
mod mutations;
mod providers;

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::harness::client::Client;

/// A question that needs a session.
const QUERY: &str = "{ viewer { role user { id } } }";

/// An answer with all that a caller sees of it.
struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect("the answer is JSON")
    }

    fn message(&self) -> String {
        let message = self.json()["errors"][0]["message"].clone();
        message.as_str().unwrap_or_default().to_owned()
    }

    /// What the answer says about tokens.
    fn challenge(&self) -> &str {
        let challenge = self.headers.get(header::WWW_AUTHENTICATE);
        challenge.map_or("", |value| value.to_str().expect("text"))
    }

    /// Checks that this is the one answer to tokens that are no good.
    fn assert_unauthenticated(&self, case: &str) {
        assert_eq!(
            self.status,
            StatusCode::UNAUTHORIZED,
            "{case}: {}",
            self.text
        );
        let challenge = self.challenge();
        assert!(challenge.starts_with("Bearer"), "{case}: {challenge}");
        assert_eq!(self.headers[header::CACHE_CONTROL], "no-store", "{case}");
        let message = self.message();
        assert!(
            message.len() > 20 && message.ends_with('.'),
            "{case}: {message}"
        );
        assert_eq!(
            self.json(),
            json!({"errors": [{"message": message, "extensions": {"code": "UNAUTHENTICATED"}}]}),
            "{case}"
        );
    }
}

/// Asks with some headers, each as it stands.
async fn ask(client: &Client, headers: &[(&str, &[u8])]) -> Reply {
    ask_at(client, "/graphql", headers).await
}

async fn ask_at(client: &Client, uri: &str, headers: &[(&str, &[u8])]) -> Reply {
    let mut request = Request::post(uri).header(header::CONTENT_TYPE, "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = Body::from(json!({ "query": QUERY }).to_string());
    let request = request.body(body).expect("a request");
    let response = client.router().oneshot(request).await.expect("an answer");
    let (parts, body) = response.into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    Reply {
        status: parts.status,
        headers: parts.headers,
        text: String::from_utf8(body.to_vec()).expect("UTF-8"),
    }
}

/// Asks with a token.
async fn ask_with(client: &Client, token: &str) -> Reply {
    let authorization = format!("Bearer {token}");
    ask(client, &[("authorization", authorization.as_bytes())]).await
}

/// Asks until the status is the expected one: pauses and lifetimes are over soon.
async fn ask_until(client: &Client, token: &str, expected: StatusCode) -> Reply {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let reply = ask_with(client, token).await;
        if reply.status == expected || Instant::now() > deadline {
            assert_eq!(reply.status, expected, "{}", reply.text);
            return reply;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
