//! More requests than there is room for: the others are refused at once.

use axum::body::Body;
use axum::http::{Request, header};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tessera::http::HttpOptions;
use tower::ServiceExt;

use super::{QUERY, occupy, patient, post, separate};
use crate::harness::client::token;
use crate::harness::run;
use crate::harness::seed::Side;

#[test]
fn a_request_without_a_permit_gets_retry_after() {
    run(async {
        const PERMITS: usize = 2;
        let (database, client) = separate(HttpOptions {
            max_concurrent: PERMITS,
            ..patient()
        })
        .await;
        let scopes = occupy(&database).await;
        let mut asked: FuturesUnordered<_> = (0..20)
            .map(|_| async {
                let request = post()
                    .header(header::AUTHORIZATION, format!("Bearer {}", token(Side::A)))
                    .body(Body::from(json!({ "query": QUERY }).to_string()))
                    .expect("a request");
                client.router().oneshot(request).await.expect("an answer")
            })
            .collect();
        for _ in 0..20 - PERMITS {
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
        for _ in 0..PERMITS {
            let answered = asked.next().await.expect("an answer");
            assert_eq!(answered.status(), 200);
        }
        assert!(asked.next().await.is_none());
        client.query(Side::A, QUERY, json!({})).await;
    });
}
