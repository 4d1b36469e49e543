//! Answers that nobody reads: they end, and what they held is given back.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Request, Response};
use axum::routing::get;
use h2::RecvStream;
use h2::client::{Builder, SendRequest};
use tessera::http::{Bounds, Patience};
use tessera::memory::Memory;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::Running;
use super::connections::LONG;
use crate::faults::until;
use crate::harness::client::Client;
use crate::harness::database::seeded;
use crate::harness::run;

const LARGE: usize = 16 * 1024 * 1024;

fn bounds(memory: &Arc<Memory>) -> Bounds {
    Bounds {
        connections: 100,
        patience: Patience {
            unread: Duration::from_secs(1),
            ..Patience::default()
        },
        memory: Arc::clone(memory),
    }
}

/// Answers with large bodies of their own, with shared ones and with short ones.
async fn start(memory: &Arc<Memory>) -> Running {
    let of_memory = Arc::clone(memory);
    let large = async move || {
        let mut held = of_memory.begin(None, 0);
        held.resize(LARGE).expect("there is room");
        held.attach(vec![b'x'; LARGE])
    };
    let router = Router::new()
        .route("/large", get(large))
        .route("/middle", get(async || Bytes::from(vec![b'x'; 300_000])))
        .route("/short", get(async || "short"));
    Running::bounded(router, bounds(memory)).await
}

/// A client of HTTP/2 whose windows have this size, and the end of its connection.
async fn client(running: &Running, window: u32) -> (SendRequest<Bytes>, JoinHandle<()>) {
    let stream = TcpStream::connect(running.address)
        .await
        .expect("a connection");
    let mut builder = Builder::new();
    builder
        .initial_window_size(window)
        .initial_connection_window_size(1 << 24);
    let (send, connection) = builder
        .handshake::<_, Bytes>(stream)
        .await
        .expect("HTTP/2 is spoken");
    // It answers PINGs for as long as it is open.
    let connection = tokio::spawn(async move {
        let _ = connection.await;
    });
    (send, connection)
}

async fn ask(send: &SendRequest<Bytes>, path: &str) -> Response<RecvStream> {
    let mut send = send.clone().ready().await.expect("an open connection");
    let uri = format!("http://gateway{path}");
    let request = Request::get(uri).body(()).expect("a request");
    let (response, _) = send.send_request(request, true).expect("sent");
    timeout(LONG, response)
        .await
        .expect("in time")
        .expect("an answer")
}

/// What comes of a body until it ends, and whether it ended well.
async fn drain(mut body: RecvStream, read: bool) -> (usize, bool) {
    let mut length = 0;
    while let Some(data) = timeout(LONG, body.data()).await.expect("the stream ends") {
        let Ok(data) = data else {
            return (length, false);
        };
        length += data.len();
        if read {
            let control = body.flow_control();
            control.release_capacity(data.len()).expect("a window");
        }
    }
    (length, true)
}

#[test]
fn a_client_that_opens_no_window_loses_its_streams_and_nothing_else() {
    run(async {
        let client_of_gateway = Client::new(seeded().await);
        let memory = Memory::new(64 * 1024 * 1024);
        let running = Running::bounded(client_of_gateway.routes(), bounds(&memory)).await;
        let (send, connection) = client(&running, 0).await;
        let mut bodies = Vec::new();
        for _ in 0..100 {
            let response = ask(&send, "/").await;
            assert_eq!(response.status(), 200);
            bodies.push(response.into_body());
        }
        assert!(memory.held() > 0, "each of them is counted");
        for body in bodies {
            assert_eq!(drain(body, false).await, (0, false));
        }
        let nothing = async || memory.held() == 0;
        until("all is given back", LONG, nothing).await;
        // The connection goes on.
        let mut send = send.ready().await.expect("an open connection");
        let head = Request::head("http://gateway/")
            .body(())
            .expect("a request");
        let (response, _) = send.send_request(head, true).expect("sent");
        assert_eq!(response.await.expect("an answer").status(), 200);
        assert!(!connection.is_finished());
    });
}

#[test]
fn an_answer_that_is_read_half_ends_and_one_that_is_read_does_not() {
    run(async {
        let memory = Memory::new(64 * 1024 * 1024);
        let running = start(&memory).await;
        let (send, connection) = client(&running, 100_000).await;
        for path in ["/large", "/middle"] {
            let response = ask(&send, path).await;
            assert_eq!(drain(response.into_body(), false).await, (100_000, false));
            let nothing = async || memory.held() == 0;
            until("all is given back", LONG, nothing).await;
        }
        // What was not read closed the window of the connection, too.
        drop(send);
        connection.abort();
        let (send, _connection) = client(&running, 100_000).await;
        for (path, length) in [("/large", LARGE), ("/middle", 300_000), ("/short", 5)] {
            let response = ask(&send, path).await;
            let told = response.headers()["content-length"].to_str().expect("text");
            assert_eq!(told, length.to_string());
            assert_eq!(drain(response.into_body(), true).await, (length, true));
        }
    });
}

#[test]
fn a_short_answer_of_which_one_byte_is_read_ends_the_connection() {
    run(async {
        let memory = Memory::new(64 * 1024 * 1024);
        let running = start(&memory).await;
        let (send, connection) = client(&running, 1).await;
        let response = ask(&send, "/short").await;
        assert_eq!(drain(response.into_body(), false).await, (1, false));
        let ended = timeout(LONG, connection).await;
        ended.expect("the connection ends").expect("no panic");
        let nothing = async || memory.held() == 0;
        until("all is given back", LONG, nothing).await;
    });
}

#[test]
fn an_answer_of_http_1_that_is_not_read_ends_the_connection() {
    run(async {
        let memory = Memory::new(64 * 1024 * 1024);
        let running = start(&memory).await;
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(4096).expect("a small buffer");
        let mut stream = socket.connect(running.address).await.expect("connected");
        let request = b"GET /large HTTP/1.1\r\nHost: gateway\r\n\r\n";
        stream.write_all(request).await.expect("sent");
        stream.readable().await.expect("the answer begins");
        let held = async || memory.held() >= LARGE;
        until("the answer is held", LONG, held).await;
        let nothing = async || memory.held() == 0;
        until("it is given back", LONG, nothing).await;
        let mut read = Vec::new();
        let end = timeout(LONG, stream.read_to_end(&mut read)).await;
        let _ = end.expect("the connection is closed");
        assert!(read.len() < LARGE, "{} bytes were sent", read.len());
    });
}

#[test]
fn while_memory_is_short_nobody_is_waited_for_long() {
    run(async {
        let memory = Memory::new(2 * LARGE);
        let bounds = Bounds {
            patience: Patience {
                unread: LONG * 10,
                unread_when_full: Duration::from_secs(1),
                ..Patience::default()
            },
            ..bounds(&memory)
        };
        let shared = Bytes::from(vec![b'x'; 300_000]);
        let router = Router::new().route("/", get(async move || shared.clone()));
        let running = Running::bounded(router, bounds).await;
        let (send, _connection) = client(&running, 0).await;
        let response = ask(&send, "/").await;
        let mut rest = memory.begin_small(None);
        rest.resize(LARGE + 1).expect("there is room");
        assert_eq!(drain(response.into_body(), false).await, (0, false));
        // Where nothing is left, an answer comes without its body.
        rest.resize(2 * LARGE).expect("there is room");
        let response = ask(&send, "/").await;
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()["retry-after"], "1");
        assert_eq!(drain(response.into_body(), false).await, (0, true));
    });
}

#[test]
fn requests_that_are_reset_at_once_end_the_connection() {
    run(async {
        let memory = Memory::new(64 * 1024 * 1024);
        let (arrived, mut arrivals) = tokio::sync::mpsc::unbounded_channel();
        let waits = get(async move || {
            arrived.send(()).expect("the test waits for it");
            std::future::pending::<Body>().await
        });
        let router = Router::new().route("/", waits);
        let running = Running::bounded(router, bounds(&memory)).await;
        let (send, connection) = client(&running, 65_535).await;
        let mut sent = 0;
        // One after the other: what is reset before it is taken up may not have been sent at all.
        while let Ok(mut ready) = send.clone().ready().await {
            assert!(sent < 10_000, "the connection is still open");
            let request = Request::get("http://gateway/").body(()).expect("one");
            let Ok((response, mut stream)) = ready.send_request(request, true) else {
                break;
            };
            sent += 1;
            tokio::select! {
                _ = arrivals.recv() => stream.send_reset(h2::Reason::CANCEL),
                _ = response => break,
            }
        }
        let ended = timeout(LONG, connection).await;
        ended.expect("the connection ends").expect("no panic");
    });
}
