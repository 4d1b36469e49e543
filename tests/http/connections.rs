//! Connections: what the serving loop does before there is a request, and after it.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use reqwest::Version;
use tessera::http::{Bounds, HttpOptions, Patience};
use tessera::memory::Memory;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::timeout;

use super::Running;
use crate::harness::client::Client;
use crate::harness::database::seeded;
use crate::harness::run;

/// Far beyond any deadline of the serving loop.
pub(super) const LONG: Duration = Duration::from_secs(60);
const QUERY: &str = r#"{"query": "{ __typename }"}"#;

async fn start(options: HttpOptions) -> Running {
    let most = options.max_connections;
    let options = HttpOptions {
        open_introspection: true,
        ..options
    };
    let client = Client::with_options(seeded().await, options);
    Running::start(client.routes(), most).await
}

pub(super) async fn connect(running: &Running) -> TcpStream {
    let connected = TcpStream::connect(running.address).await;
    connected.expect("the gateway takes the connection")
}

fn head(more: &str) -> String {
    format!(
        "POST /graphql HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n{more}\r\n"
    )
}

fn whole() -> String {
    format!(
        "{}{QUERY}",
        head(&format!("Content-Length: {}\r\n", QUERY.len()))
    )
}

/// What the gateway sends until it closes the connection.
pub(super) async fn read_all(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = timeout(LONG, stream.read_to_end(&mut bytes)).await;
    // Cut is closed, too.
    let _ = read.expect("the gateway closes the connection");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What the gateway sends until it has sent this much of a text.
pub(super) async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    while !text.contains(end) {
        let read = timeout(LONG, stream.read(&mut buffer)).await;
        let read = read.expect("an answer").expect("an open connection");
        assert_ne!(read, 0, "closed after: {text}");
        text.push_str(&String::from_utf8_lossy(&buffer[..read]));
    }
    text
}

async fn exchange(text: &str, options: HttpOptions) -> String {
    let running = start(options).await;
    let mut stream = connect(&running).await;
    stream.write_all(text.as_bytes()).await.expect("sent");
    read_all(&mut stream).await
}

#[test]
fn a_connection_is_kept_for_the_next_request() {
    run(async {
        let running = start(HttpOptions::default()).await;
        let mut stream = connect(&running).await;
        for _ in 0..3 {
            stream.write_all(whole().as_bytes()).await.expect("sent");
            let answer = read_until(&mut stream, r#""Query"}}"#).await;
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        }
        // Two at once are answered one after the other.
        let two = whole().repeat(2);
        stream.write_all(two.as_bytes()).await.expect("sent");
        let mut answers = String::new();
        while answers.matches(r#""Query"}}"#).count() < 2 {
            answers.push_str(&read_until(&mut stream, r#""Query"}}"#).await);
        }
    });
}

#[test]
fn http_2_is_spoken_without_tls() {
    run(async {
        let running = start(HttpOptions::default()).await;
        // A provider of TLS is asked for by the client, although nothing is encrypted here.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .http2_prior_knowledge()
            .build()
            .expect("a client");
        let url = format!("http://{}/graphql", running.address);
        let asked = (0..200).map(|_| {
            let request = client.post(&url).header("content-type", "application/json");
            request.body(QUERY).send()
        });
        for response in futures_util::future::join_all(asked).await {
            let response = response.expect("an answer");
            assert_eq!(response.version(), Version::HTTP_2);
            assert_eq!(response.status(), 200);
            assert!(response.text().await.expect("a body").contains("Query"));
        }
    });
}

#[test]
fn a_head_that_comes_in_drops_is_not_waited_for() {
    run(async {
        let running = start(HttpOptions::default()).await;
        let mut stream = connect(&running).await;
        let started = tokio::time::Instant::now();
        let dripping = async {
            for byte in head("").bytes() {
                if stream.write_all(&[byte]).await.is_err() {
                    break;
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        };
        timeout(LONG, dripping).await.expect("cut while dripping");
        assert!(started.elapsed() > Duration::from_secs(5));
        // It harms nobody else.
        let mut other = connect(&running).await;
        other.write_all(whole().as_bytes()).await.expect("sent");
        read_until(&mut other, r#""Query"}}"#).await;
    });
}

#[test]
fn heads_and_bodies_beyond_the_bounds_are_refused_unread() {
    run(async {
        let many = (0..200)
            .map(|number| format!("X-{number}: a\r\n"))
            .collect::<String>();
        let close = "Connection: close\r\n";
        let short = || HttpOptions {
            request_timeout: Duration::from_secs(2),
            ..HttpOptions::default()
        };
        for (case, text, status) in [
            (
                "a long head",
                head(&format!("X: {}\r\n", "a".repeat(100_000))),
                431,
            ),
            ("many headers", head(&many), 431),
            ("no head", "what is this\r\n\r\n".to_owned(), 400),
            (
                "no host",
                "GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n".to_owned(),
                400,
            ),
            ("two hosts", head(&format!("Host: other\r\n{close}")), 400),
            ("a long body", head("Content-Length: 9999999\r\n"), 413),
            (
                "a long body, politely",
                head("Content-Length: 9999999\r\nExpect: 100-continue\r\n"),
                413,
            ),
            (
                "half a body",
                format!("{}{{", head("Content-Length: 99\r\n")),
                408,
            ),
            (
                "pieces without an end",
                format!("{}1\r\n{{\r\n", head("Transfer-Encoding: chunked\r\n")),
                408,
            ),
            (
                "a broken piece",
                format!("{}zz\r\n", head("Transfer-Encoding: chunked\r\n")),
                400,
            ),
            (
                "two lengths",
                head("Content-Length: 5\r\nContent-Length: 6\r\n"),
                400,
            ),
        ] {
            let answer = exchange(&text, short()).await;
            assert!(
                answer.starts_with(&format!("HTTP/1.1 {status} ")),
                "{case}: {answer}"
            );
            assert_eq!(answer.matches("HTTP/1.1 4").count(), 1, "{case}: {answer}");
        }
        // Two ways to say where the body ends: the second must not hide another request.
        let hidden = "GET /health/live HTTP/1.1\r\nHost: gateway\r\n\r\n";
        let both = head("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n");
        let answer = exchange(&format!("{both}0\r\n\r\n{hidden}"), short()).await;
        assert!(!answer.contains(r#""live""#), "{answer}");
    });
}

#[test]
fn a_client_that_asks_before_it_sends_is_told_to_go_on() {
    run(async {
        let running = start(HttpOptions::default()).await;
        let mut stream = connect(&running).await;
        let more = format!(
            "Expect: 100-continue\r\nContent-Length: {}\r\n",
            QUERY.len()
        );
        stream
            .write_all(head(&more).as_bytes())
            .await
            .expect("sent");
        read_until(&mut stream, "100 Continue\r\n\r\n").await;
        stream.write_all(QUERY.as_bytes()).await.expect("sent");
        read_until(&mut stream, r#""Query"}}"#).await;
    });
}

#[test]
fn the_longest_idle_connection_makes_room_for_a_new_one() {
    run(async {
        let running = start(HttpOptions {
            max_connections: 2,
            ..HttpOptions::default()
        })
        .await;
        let mut first = connect(&running).await;
        first.write_all(whole().as_bytes()).await.expect("sent");
        read_until(&mut first, r#""Query"}}"#).await;
        let mut second = connect(&running).await;
        // Long enough for the gateway to note that the first is idle.
        for _ in 0..20 {
            second.write_all(whole().as_bytes()).await.expect("sent");
            read_until(&mut second, r#""Query"}}"#).await;
        }
        let mut third = connect(&running).await;
        third.write_all(whole().as_bytes()).await.expect("sent");
        read_until(&mut third, r#""Query"}}"#).await;
        assert_eq!(read_all(&mut first).await, "", "it was idle the longest");
        second.write_all(whole().as_bytes()).await.expect("sent");
        read_until(&mut second, r#""Query"}}"#).await;
    });
}

#[test]
fn clients_that_send_nothing_or_half_of_it_keep_nobody_out() {
    run(async {
        const MOST: usize = 8;
        let half_a_body = format!("{}{{", head("Content-Length: 99\r\n"));
        for begun in ["", "GET /he", "PRI * HTTP/2.0\r\n", &half_a_body] {
            let running = start(HttpOptions {
                max_connections: MOST,
                ..HttpOptions::default()
            })
            .await;
            let mut silent = Vec::new();
            for _ in 0..MOST {
                let mut stream = connect(&running).await;
                stream.write_all(begun.as_bytes()).await.expect("sent");
                silent.push(stream);
            }
            let mut open = Vec::new();
            for _ in 0..MOST {
                let mut stream = connect(&running).await;
                let health = "GET /health/live HTTP/1.1\r\nHost: gateway\r\n\r\n";
                stream.write_all(health.as_bytes()).await.expect("sent");
                read_until(&mut stream, "live").await;
                open.push(stream);
            }
            read_all(&mut silent[0]).await;
        }
    });
}

#[test]
fn who_is_worked_for_makes_no_room() {
    run(async {
        let go_on = Arc::new(Notify::new());
        let (begun, mut begins) = tokio::sync::mpsc::unbounded_channel();
        let wait = Arc::clone(&go_on);
        let handler = async move || {
            let _ = begun.send(());
            wait.notified().await;
            "done"
        };
        let router = Router::new().route("/", get(handler));
        let running = Running::start(router, 1).await;
        let request = "GET / HTTP/1.1\r\nHost: gateway\r\n\r\n";
        let mut first = connect(&running).await;
        first.write_all(request.as_bytes()).await.expect("sent");
        begins.recv().await.expect("the first is worked for");
        let mut second = connect(&running).await;
        second.write_all(request.as_bytes()).await.expect("sent");
        let early = timeout(Duration::from_millis(600), begins.recv()).await;
        assert!(early.is_err(), "the only place is taken");
        go_on.notify_one();
        read_until(&mut first, "done").await;
        begins.recv().await.expect("the second is worked for");
        go_on.notify_one();
        read_until(&mut second, "done").await;
    });
}

#[test]
fn what_looks_like_the_start_of_http_2_has_no_more_time_for_its_head() {
    run(async {
        let router = Router::new().route("/", get(async || "answer"));
        let patience = Patience {
            first_byte: Duration::from_millis(500),
            head: Duration::from_secs(1),
            ..Patience::default()
        };
        let bounds = Bounds {
            connections: 100,
            patience,
            memory: Memory::new(1024 * 1024),
        };
        let running = Running::bounded(router, bounds).await;
        for begun in [
            "",
            "P",
            "PRIX / HTTP/1.1\r\nHost: g\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r",
        ] {
            let mut stream = connect(&running).await;
            stream.write_all(begun.as_bytes()).await.expect("sent");
            // It is closed although its client goes on waiting.
            let cut = timeout(LONG / 2, stream.read(&mut [0; 16])).await;
            assert!(matches!(cut, Ok(Ok(0) | Err(_))), "{begun}: {cut:?}");
        }
        // Who drips has the time of a whole head, not of each byte.
        let mut stream = connect(&running).await;
        let dripping = async {
            for byte in "PRIX / HTTP/1.1\r\n"
                .bytes()
                .chain("X: y\r\n".bytes().cycle())
            {
                if stream.write_all(&[byte]).await.is_err() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        timeout(LONG / 2, dripping)
            .await
            .expect("cut while dripping");
    });
}

#[test]
fn to_stop_ends_idle_connections_and_the_loop() {
    run(async {
        let mut running = start(HttpOptions::default()).await;
        let mut idle = connect(&running).await;
        idle.write_all(whole().as_bytes()).await.expect("sent");
        read_until(&mut idle, r#""Query"}}"#).await;
        running.stop.send(true).expect("the loop listens");
        assert_eq!(read_all(&mut idle).await, "");
        let ended = timeout(LONG, &mut running.service).await;
        ended.expect("the loop ends").expect("without a panic");
        assert!(TcpStream::connect(running.address).await.is_err());
    });
}
