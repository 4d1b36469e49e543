//! More requests than can be answered: who is let in is answered, the others are told at once.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, header};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tessera::http::HttpOptions;
use tessera::session::{Role, Session};
use tower::ServiceExt;

use super::{QUERY, post};
use crate::harness::client::{Client, token};
use crate::harness::database;
use crate::harness::run;
use crate::harness::seed::{self, Side};

#[test]
fn who_finds_no_seat_is_told_when_to_come_back() {
    run(async {
        const SEATS: usize = 2;
        let database = database::create(Some(seed::everything)).await;
        let client = Client::with_options(
            &database,
            HttpOptions {
                max_concurrent: SEATS,
                request_timeout: Duration::from_secs(300),
                ..HttpOptions::default()
            },
        );
        // While every connection is taken, who has a seat keeps it.
        let session = Session {
            workspace: Side::B.workspace(),
            user: Side::B.user(),
            role: Role::Owner,
        };
        let mut scopes = Vec::new();
        for _ in 0..database.connections() {
            scopes.push(database.db.read(&session).await.expect("a scope"));
        }
        let mut asked: FuturesUnordered<_> = (0..20)
            .map(|_| async {
                let request = post()
                    .header(header::AUTHORIZATION, format!("Bearer {}", token(Side::A)))
                    .body(Body::from(json!({ "query": QUERY }).to_string()))
                    .expect("a request");
                client.router().oneshot(request).await.expect("an answer")
            })
            .collect();
        for _ in 0..20 - SEATS {
            let refused = asked.next().await.expect("a refusal");
            assert_eq!(refused.status(), 503);
            assert_eq!(refused.headers()[header::RETRY_AFTER], "1");
            let body = refused.into_body().collect().await.expect("a body");
            let body: Value = serde_json::from_slice(&body.to_bytes()).expect("JSON");
            assert_eq!(body["errors"][0]["extensions"]["code"], "UNAVAILABLE");
        }
        let health = Request::get("/health/live").body(Body::empty());
        let health = client.router().oneshot(health.expect("a request")).await;
        assert_eq!(
            health.expect("an answer").status(),
            200,
            "health has no queue"
        );
        drop(scopes);
        for _ in 0..SEATS {
            let answered = asked.next().await.expect("an answer");
            assert_eq!(answered.status(), 200);
        }
        assert!(asked.next().await.is_none());
        client.query(Side::A, QUERY, json!({})).await;
    });
}
