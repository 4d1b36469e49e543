//! The bytes that answers, and the rows read for them, may take: of one operation and of all.

use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use futures_util::future::join_all;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tessera::engine::Limits;
use tessera::http::HttpOptions;
use tessera::memory::Memory;
use tower::ServiceExt;

use super::{Running, post};
use crate::harness::client::{Client, token};
use crate::harness::database::{self, Database, STATEMENTS};
use crate::harness::run;
use crate::harness::seed::{self, Side};

/// Bytes of each long description.
const LONG: usize = 20_000;
/// The limit of one operation in these tests.
const LIMIT: u64 = 1_000_000;
/// What one value may add before it is noticed.
const ONE: u64 = LONG as u64 + 1_000;

/// Sixty rows of long text: more than one operation may read.
fn long_texts() -> String {
    seed::everything()
        + &format!(
            "insert into genres (workspace_id, name, description) \
             select id, 'long ' || n, rpad(n::text, {LONG}, 'x') \
             from generate_series(1, 60) n, workspaces where id in ('{}', '{}');",
            Side::A.workspace(),
            Side::B.workspace()
        )
}

/// A list of long texts, each of them asked for under some aliases.
fn list(rows: usize, aliases: usize) -> String {
    let fields: String = (0..aliases)
        .map(|index| format!("a{index}: description "))
        .collect();
    format!(
        "{{ genres(first: {rows}, where: {{ name: {{ startsWith: \"long\" }} }}) {{ nodes {{ {fields} }} }} }}"
    )
}

fn client(database: &Database, memory: usize) -> (Client, Arc<Memory>) {
    let limits = Limits {
        max_answer_bytes: LIMIT,
        ..Limits::default()
    };
    let memory = Memory::new(memory);
    let engine = crate::harness::client::engine(limits);
    let client = Client::with(database, engine, |gateway| {
        gateway.options.max_batch = 10;
        gateway.memory = memory.clone();
    });
    (client, memory)
}

fn request(side: Side, body: &Value) -> Request<Body> {
    post()
        .header(header::AUTHORIZATION, format!("Bearer {}", token(side)))
        .body(Body::from(body.to_string()))
        .expect("a request")
}

#[test]
fn the_bytes_of_an_operation_are_limited() {
    run(async {
        let database = database::create(Some(long_texts)).await;
        let (client, memory) = client(&database, 1 << 30);
        // As much as the limit allows is answered whole.
        let answer = client.query(Side::A, &list(49, 1), json!({})).await;
        let nodes = &answer["data"]["genres"]["nodes"];
        assert_eq!(nodes.as_array().map(Vec::len), Some(49));
        assert_eq!(nodes[48]["a0"].as_str().map(str::len), Some(LONG));
        assert_eq!(memory.held(), 0, "given back with the answer");

        // More is read of the first, and more is written of the second; both stop at once.
        for query in [list(60, 1), list(5, 100)] {
            let (status, answer) = client.ask(Side::A, &query, json!({})).await;
            assert_eq!(status, StatusCode::OK, "application/json says so");
            assert_eq!(answer.get("data"), None);
            let extensions = &answer["errors"][0]["extensions"];
            assert_eq!(extensions["code"], "QUERY_TOO_EXPENSIVE", "{answer}");
            assert_eq!(extensions["name"], "max_answer_bytes");
            assert_eq!(extensions["limit"], LIMIT);
            let cost = extensions["cost"].as_u64().expect("a number");
            assert!((LIMIT..=LIMIT + ONE).contains(&cost), "{cost}");
            assert_eq!(memory.held(), 0);
        }
        // The connection that was stopped in the middle is no trouble for the next one.
        client.query(Side::A, &list(1, 1), json!({})).await;
    });
}

#[test]
fn large_answers_are_counted_until_they_are_sent() {
    run(async {
        let database = database::create(Some(long_texts)).await;
        // Room for the rows and the answer of one large operation.
        let (client, memory) = client(&database, 1_900_000);
        let large = json!({"query": list(30, 1)});
        let small = json!({"query": list(1, 1)});
        let ask = async |body: &Value| {
            let sent = client.router().oneshot(request(Side::A, body)).await;
            sent.expect("an answer")
        };
        let unread = ask(&large).await;
        assert_eq!(unread.status(), StatusCode::OK);
        assert!(memory.held() > 30 * LONG - 64 * 1024, "{}", memory.held());

        let refused = STATEMENTS.scope(Mutex::default(), async {
            let refused = ask(&large).await;
            (
                refused,
                STATEMENTS.with(|sent| sent.lock().expect("no panic").len()),
            )
        });
        let (refused, statements) = refused.await;
        assert_eq!(statements, 1, "memory that is full is not asked once more");
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(refused.headers()[header::RETRY_AFTER], "1");
        let body = refused.into_body().collect().await.expect("a body");
        let body: Value = serde_json::from_slice(&body.to_bytes()).expect("JSON");
        assert_eq!(body["errors"][0]["extensions"]["code"], "UNAVAILABLE");
        assert_eq!(body.get("data"), None);

        assert_eq!(
            ask(&small).await.status(),
            StatusCode::OK,
            "small ones are free"
        );
        drop(unread);
        assert_eq!(memory.held(), 0);
        assert_eq!(ask(&large).await.status(), StatusCode::OK);

        // A batch holds what its operations hold, and is as free as one of them.
        let batch = ask(&json!([small, small, small, small])).await;
        let held = memory.held();
        assert!(held > 4 * LONG - 64 * 1024, "{held}");
        let body = batch
            .into_body()
            .collect()
            .await
            .expect("a body")
            .to_bytes();
        let answers: Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(answers.as_array().map(Vec::len), Some(4));
        drop(body);
        assert_eq!(memory.held(), 0);
    });
}

#[test]
fn answers_that_one_workspace_leaves_unread_leave_memory_to_others() {
    run(async {
        let database = database::create(Some(long_texts)).await;
        let (client, memory) = client(&database, 1_900_000);
        let ask = async |side, rows| {
            let body = json!({ "query": list(rows, 1) });
            let sent = client.router().oneshot(request(side, &body)).await;
            sent.expect("an answer")
        };
        let mut unread = vec![ask(Side::A, 16).await, ask(Side::A, 16).await];
        let refused = loop {
            let answer = ask(Side::A, 6).await;
            if answer.status() != StatusCode::OK {
                break answer;
            }
            unread.push(answer);
        };
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(memory.held() > memory.most() / 2, "{}", memory.held());
        assert_eq!(ask(Side::B, 6).await.status(), StatusCode::OK);
        drop(unread);
        assert_eq!(ask(Side::A, 10).await.status(), StatusCode::OK);
        assert_eq!(memory.held(), 0);
    });
}

#[test]
fn many_large_answers_leave_small_ones_alone() {
    run(async {
        let database = database::create(Some(long_texts)).await;
        let (client, memory) = client(&database, 4_000_000);
        let running = Running::start(client.routes(), HttpOptions::default().max_connections).await;
        let url = format!("http://{}/graphql", running.address);
        let _ = rustls::crypto::ring::default_provider().install_default();
        let caller = reqwest::Client::new();
        let ask = async |query: String| {
            let body = json!({ "query": query }).to_string();
            let sent = caller
                .post(&url)
                .header("content-type", "application/json")
                .bearer_auth(token(Side::A))
                .body(body)
                .send()
                .await
                .expect("an answer");
            let status = sent.status().as_u16();
            let body = sent.bytes().await.expect("a body");
            let body: Value = serde_json::from_slice(&body).expect("JSON");
            (status, body)
        };
        let large = join_all((0..64).map(|_| ask(list(60, 100))));
        let small = async {
            for _ in 0..20 {
                let (status, body) = ask(list(1, 1)).await;
                assert_eq!(status, 200, "{body}");
                assert_eq!(body.get("errors"), None, "{body}");
                assert!(memory.held() <= memory.most());
            }
        };
        let (large, ()) = futures_util::join!(large, small);
        for (status, body) in large {
            let extensions = &body["errors"][0]["extensions"];
            match status {
                200 => assert_eq!(extensions["name"], "max_answer_bytes", "{body}"),
                status => assert_eq!((status, &extensions["code"]), (503, &json!("UNAVAILABLE"))),
            }
        }
        assert_eq!(memory.held(), 0);
    });
}
