//! Callers who must not be able to take from others: a busy workspace, callers without a good
//! token, senders of large bodies that do not come.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};
use tessera::engine::Limits;
use tessera::http::HttpOptions;
use tessera::memory::Memory;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower::ServiceExt;

use super::connections::LONG;
use super::{QUERY, Running, occupy, patient, post, separate};
use crate::harness::client::{Client, token};
use crate::harness::database::{self, seeded};
use crate::harness::run;
use crate::harness::seed::{self, Side};

#[test]
fn many_callers_of_one_workspace_fail_none_of_another() {
    run(async {
        let (_database, client) = separate(HttpOptions {
            max_concurrent: 8,
            ..patient()
        })
        .await;
        // Both are known members before the crowd comes.
        client.query(Side::A, QUERY, json!({})).await;
        client.query(Side::B, QUERY, json!({})).await;
        let done = AtomicBool::new(false);
        let refused = AtomicUsize::new(0);
        let crowd = (0..48).map(|_| async {
            while !done.load(Ordering::Relaxed) {
                let (status, _) = client.ask(Side::A, QUERY, json!({})).await;
                if status == 503 {
                    refused.fetch_add(1, Ordering::Relaxed);
                    tokio::task::yield_now().await;
                }
            }
        });
        // As many at once as there are permits that the crowd must leave.
        let few = (0..2).map(|_| async {
            let mut failed = 0;
            for _ in 0..20 {
                let (status, _) = client.ask(Side::B, QUERY, json!({})).await;
                failed += usize::from(status != 200);
            }
            failed
        });
        let few = async {
            let failed: usize = futures_util::future::join_all(few).await.iter().sum();
            done.store(true, Ordering::Relaxed);
            failed
        };
        let (_, failed) = tokio::join!(futures_util::future::join_all(crowd), few);
        assert_eq!(failed, 0, "of 40 requests of the other workspace");
        let refused = refused.into_inner();
        assert!(refused > 0, "there was more than can be answered");
    });
}

#[test]
fn one_workspace_leaves_permits_and_room_in_the_queue_to_others() {
    run(async {
        let (database, client) = separate(HttpOptions {
            max_concurrent: 4,
            max_concurrent_per_workspace: Some(2),
            ..patient()
        })
        .await;
        client.query(Side::A, QUERY, json!({})).await;
        client.query(Side::B, QUERY, json!({})).await;
        let scopes = occupy(&database).await;
        let mut of_a = Box::pin(futures_util::future::join_all(
            (0..40).map(|_| client.ask(Side::A, QUERY, json!({}))),
        ));
        assert!(futures_util::poll!(&mut of_a).is_pending());
        let mut of_b = Box::pin(futures_util::future::join_all(
            (0..2).map(|_| client.ask(Side::B, QUERY, json!({}))),
        ));
        assert!(futures_util::poll!(&mut of_b).is_pending());
        drop(scopes);
        let (of_a, of_b) = tokio::join!(of_a, of_b);
        let refused = of_a.iter().filter(|(status, _)| *status == 503).count();
        assert!(refused > 0, "more than the queue has room for");
        assert!(of_b.iter().all(|(status, _)| *status == 200), "{of_b:?}");
    });
}

#[test]
fn in_overload_no_token_is_verified() {
    run(async {
        let (database, client) = separate(HttpOptions {
            max_concurrent: 1,
            open_introspection: true,
            ..patient()
        })
        .await;
        client.query(Side::A, QUERY, json!({})).await;
        client.query(Side::B, QUERY, json!({})).await;
        let scopes = occupy(&database).await;
        let garbage = || async {
            let request = post()
                .header(header::AUTHORIZATION, "Bearer garbage")
                .body(Body::from(json!({ "query": QUERY }).to_string()));
            let answered = client.router().oneshot(request.expect("a request")).await;
            answered.expect("an answer").status()
        };
        assert_eq!(garbage().await, 401);
        // Two workspaces and callers without one fill the queue.
        let mut asked: Vec<_> = [Side::A, Side::B, Side::A, Side::B, Side::A, Side::B]
            .map(|side| Box::pin(client.ask(side, QUERY, json!({}))))
            .into();
        for asked in &mut asked {
            let _ = futures_util::poll!(asked);
        }
        let mut nobody: Vec<_> = (0..4)
            .map(|_| Box::pin(client.post_body(None, &Value::Null)))
            .collect();
        for asked in &mut nobody {
            let _ = futures_util::poll!(asked);
        }
        assert_eq!(garbage().await, 503);
        drop((asked, nobody, scopes));
        assert_eq!(garbage().await, 401, "the queue is empty again");
    });
}

#[test]
fn large_bodies_are_read_from_members_alone() {
    run(async {
        let open = |open_introspection| HttpOptions {
            open_introspection,
            ..patient()
        };
        for (open, authorization, length, status) in [
            (open(false), None, 1_000_000, 401),
            (open(false), None, 100, 401),
            (
                open(false),
                Some("Bearer garbage".to_owned()),
                1_000_000,
                401,
            ),
            (open(true), Some("Bearer garbage".to_owned()), 100, 401),
            (open(true), None, 1_000_000, 413),
        ] {
            let client = Client::with_options(seeded().await, open);
            let running = Running::start(client.routes(), 200).await;
            let authorization = authorization
                .map(|value| format!("Authorization: {value}\r\n"))
                .unwrap_or_default();
            let head = format!(
                "POST /graphql HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n\
                 {authorization}Content-Length: {length}\r\n\r\n"
            );
            // As many as would have filled the memory for bodies, none of which sends its own.
            for _ in 0..65 {
                let mut stream = TcpStream::connect(running.address)
                    .await
                    .expect("connected");
                stream.write_all(head.as_bytes()).await.expect("sent");
                let mut answer = [0; 12];
                let read = timeout(LONG, stream.read_exact(&mut answer)).await;
                read.expect("told at once").expect("an answer");
                assert_eq!(answer, format!("HTTP/1.1 {status}").as_bytes());
            }
            assert_eq!(client.gateway.memory.held(), 0);
        }
    });
}

#[test]
fn a_large_body_is_given_back_once_it_is_read() {
    run(async {
        let database = database::create(Some(seed::everything)).await.unshared();
        let memory = Memory::new(1_400_000);
        let engine = crate::harness::client::engine(Limits::default());
        let client = Client::with(&database, engine, |gateway| {
            gateway.memory = memory.clone();
        });
        client.query(Side::A, QUERY, json!({})).await;
        let scopes = occupy(&database).await;
        let large = format!("{QUERY} # {}", "x".repeat(100_000));
        // It waits for the database, long after its body was read.
        let mut asked = Box::pin(client.ask(Side::A, &large, json!({})));
        assert!(futures_util::poll!(&mut asked).is_pending());
        assert_eq!(memory.held(), 0);
        drop(scopes);
        assert_eq!(asked.await.0, 200);

        // While it comes in it counts, and where there is no room it is told so.
        let (sender, body) = tokio::sync::mpsc::unbounded_channel::<Result<Vec<u8>, String>>();
        let body =
            futures_util::stream::unfold(body, async |mut body| Some((body.recv().await?, body)));
        let request = || post().header(header::AUTHORIZATION, format!("Bearer {}", token(Side::A)));
        let slow = request().body(Body::from_stream(body)).expect("a request");
        let mut slow = Box::pin(client.router().oneshot(slow));
        sender.send(Ok(vec![b' '; 900_000])).expect("it is read");
        assert!(futures_util::poll!(&mut slow).is_pending());
        assert_eq!(memory.held(), 900_000 - 16 * 1024);
        let other = json!({ "query": format!("{QUERY} # {}", "x".repeat(300_000)) });
        let other: Request<Body> = request().body(Body::from(other.to_string())).expect("one");
        let refused = client.router().oneshot(other).await.expect("an answer");
        assert_eq!(refused.status(), 503);
        drop(slow);
        assert_eq!(memory.held(), 0);
    });
}
