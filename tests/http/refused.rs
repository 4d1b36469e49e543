//! Refusals reach clients that send the whole body before they read, and clients whose head the HTTP
//! library cannot read.

use std::future::poll_fn;

use axum::body::Bytes;
use axum::http::Request;
use tessera::http::HttpOptions;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Running;
use super::connections::{LONG, connect, read_all, read_until};
use crate::harness::client::Client;
use crate::harness::database::seeded;
use crate::harness::run;

const BODY: usize = 900_000;

async fn start() -> Running {
    let options = HttpOptions {
        max_body: 64 * 1024,
        ..HttpOptions::default()
    };
    let client = Client::with_options(seeded().await, options);
    Running::start(client.routes(), 100).await
}

/// Sends a head, and reads the whole response before anything of the body is sent.
async fn refused(stream: &mut TcpStream, head: &str) -> String {
    stream.write_all(head.as_bytes()).await.expect("sent");
    let text = read_until(stream, "}]}").await;
    assert!(text.contains("\"errors\""), "{text}");
    text
}

#[test]
fn a_refusal_is_no_broken_pipe_to_a_client_that_goes_on_sending() {
    run(async {
        const JSON: &str = "Content-Type: application/json\r\n";
        let running = start().await;
        let cases = [
            ("too long", "POST /graphql", JSON, 413),
            (
                "a type",
                "POST /graphql",
                "Content-Type: text/plain\r\n",
                415,
            ),
            (
                "an encoding",
                "POST /graphql",
                "Content-Type: application/json\r\nContent-Encoding: gzip\r\n",
                415,
            ),
            ("a path", "POST /nowhere", JSON, 404),
            ("a method", "PUT /graphql", JSON, 405),
            ("a method elsewhere", "POST /health/live", JSON, 405),
            (
                "an origin",
                "POST /graphql",
                "Content-Type: application/json\r\nOrigin: https://evil.example\r\n",
                403,
            ),
            ("two hosts", "POST /graphql", "Host: another\r\n", 400),
        ];
        for (case, line, headers, status) in cases {
            for framing in [
                format!("Content-Length: {BODY}"),
                "Transfer-Encoding: chunked".to_owned(),
            ] {
                let status = match (status, framing.starts_with('T')) {
                    // Nothing says that it is too long before it comes.
                    (413, true) => 401,
                    _ => status,
                };
                let head =
                    format!("{line} HTTP/1.1\r\nHost: gateway\r\n{headers}{framing}\r\n\r\n");
                let mut stream = connect(&running).await;
                let answer = refused(&mut stream, &head).await;
                let start = format!("HTTP/1.1 {status} ");
                assert!(answer.starts_with(&start), "{case}: {answer}");
                assert!(
                    answer.contains("\r\nconnection: close\r\n"),
                    "{case}: {answer}"
                );
                for _ in 0..BODY / 10_000 {
                    let sent = stream.write_all(&[b'x'; 10_000]).await;
                    sent.unwrap_or_else(|error| panic!("{case}, {framing}: {error}"));
                }
                stream.shutdown().await.expect("an open connection");
                let mut rest = Vec::new();
                let read = timeout(LONG, stream.read_to_end(&mut rest)).await;
                read.expect("the gateway closes").expect("without a reset");
                assert_eq!(rest, b"", "{case}");
            }
        }
    });
}

#[test]
fn a_body_that_is_too_long_is_refused_while_it_comes() {
    run(async {
        let running = start().await;
        let mut stream = connect(&running).await;
        let head = "POST /graphql HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
        let token = format!(
            "Authorization: Bearer {}\r\n\r\n",
            crate::harness::client::token(crate::harness::seed::Side::A)
        );
        let head = head.replace("\r\n\r\n", &format!("\r\n{token}"));
        stream.write_all(head.as_bytes()).await.expect("sent");
        let chunk = format!("2710\r\n{}\r\n", "x".repeat(10_000));
        for _ in 0..BODY / 10_000 {
            stream.write_all(chunk.as_bytes()).await.expect("sent");
        }
        stream.write_all(b"0\r\n\r\n").await.expect("sent");
        let answer = read_all(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
        assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
        assert!(answer.contains("65536 bytes"), "{answer}");
    });
}

#[test]
fn a_short_rest_does_not_cost_the_connection() {
    run(async {
        let running = start().await;
        let mut stream = connect(&running).await;
        for _ in 0..3 {
            let head = "POST /nowhere HTTP/1.1\r\nHost: gateway\r\nContent-Length: 20000\r\n\r\n";
            let answer = refused(&mut stream, head).await;
            assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
            assert!(!answer.contains("connection: close"), "{answer}");
            stream.write_all(&[b'x'; 20_000]).await.expect("sent");
        }
        let health = "GET /health/live HTTP/1.1\r\nHost: gateway\r\n\r\n";
        stream.write_all(health.as_bytes()).await.expect("sent");
        read_until(&mut stream, r#""live"}"#).await;
    });
}

#[test]
fn a_client_that_asks_before_it_sends_is_not_told_to_go_on_in_vain() {
    run(async {
        let running = start().await;
        let mut stream = connect(&running).await;
        let head = "POST /nowhere HTTP/1.1\r\nHost: gateway\r\nExpect: 100-continue\r\nContent-Length: 20000\r\n\r\n";
        let answer = refused(&mut stream, head).await;
        assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
        assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    });
}

#[test]
fn nobody_may_send_for_ever_after_a_refusal() {
    run(async {
        let running = start().await;
        let mut stream = connect(&running).await;
        let head = "POST /nowhere HTTP/1.1\r\nHost: gateway\r\nContent-Length: 9000000000\r\n\r\n";
        refused(&mut stream, head).await;
        let piece = vec![b'x'; 1024 * 1024];
        let mut sent = 0;
        while timeout(LONG, stream.write_all(&piece))
            .await
            .expect("the gateway reads or closes")
            .is_ok()
        {
            sent += 1;
            assert!(sent < 100, "the gateway reads on");
        }
    });
}

#[test]
fn a_stream_of_http_2_is_not_reset_while_its_body_is_short() {
    run(async {
        let running = start().await;
        let stream = connect(&running).await;
        let (mut client, connection) = h2::client::handshake(stream).await.expect("HTTP/2");
        tokio::spawn(connection);
        for _ in 0..3 {
            client = client.ready().await.expect("a place for a stream");
            let request = Request::post(format!("http://{}/graphql", running.address))
                .header("content-type", "text/plain")
                .body(())
                .expect("a request");
            let (response, mut body) = client.send_request(request, false).expect("sent");
            let response = timeout(LONG, response).await.expect("an answer");
            let mut response = response.expect("a response");
            assert_eq!(response.status(), 415);
            while let Some(piece) = response.body_mut().data().await {
                let length = piece.expect("a body").len();
                let _ = response.body_mut().flow_control().release_capacity(length);
            }
            let mut left = BODY;
            while left > 0 {
                body.reserve_capacity(left.min(16_384));
                let room = timeout(LONG, poll_fn(|context| body.poll_capacity(context))).await;
                let room = room
                    .expect("room")
                    .expect("an open stream")
                    .expect("no reset");
                let room = room.min(left);
                body.send_data(Bytes::from(vec![b'x'; room]), room == left)
                    .expect("no reset");
                left -= room;
            }
        }
    });
}

#[test]
fn a_head_that_is_too_long_or_broken_is_refused_with_a_reason() {
    run(async {
        let running = start().await;
        let url = |length: usize| {
            format!(
                "GET /graphql?query={} HTTP/1.1\r\nHost: a\r\n\r\n",
                "a".repeat(length)
            )
        };
        let many = "x: y\r\n".repeat(150);
        let long = "send a long query with post";
        let cases: [(&str, Vec<u8>, u16, &str); 6] = [
            ("20 kB", url(20_000).into(), 414, "send the query with post"),
            ("35 kB", url(35_000).into(), 431, long),
            ("500 kB", url(500_000).into(), 431, long),
            (
                "many headers",
                format!("GET / HTTP/1.1\r\nHost: a\r\n{many}\r\n").into(),
                431,
                "100 headers",
            ),
            (
                "no UTF-8",
                b"GET /graphql?query={__typename}\xff HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(),
                400,
                "utf-8",
            ),
            (
                "TLS",
                b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 abc\r\n\r\n".to_vec(),
                400,
                "not https",
            ),
        ];
        for (case, head, status, reason) in cases {
            let mut stream = connect(&running).await;
            stream
                .write_all(&head)
                .await
                .unwrap_or_else(|error| panic!("{case}: {error}"));
            let answer = read_until(&mut stream, "}]}").await;
            assert!(
                answer.starts_with(&format!("HTTP/1.1 {status} ")),
                "{case}: {answer}"
            );
            let (head, body) = answer.split_once("\r\n\r\n").expect("a body");
            assert!(
                head.contains("application/graphql-response+json"),
                "{case}: {head}"
            );
            assert!(body.to_lowercase().contains(reason), "{case}: {body}");
        }
        // The same by HTTP/2.
        let stream = connect(&running).await;
        let (client, connection) = h2::client::handshake(stream).await.expect("HTTP/2");
        tokio::spawn(connection);
        let mut client = client.ready().await.expect("a place for a stream");
        for (length, headers, status) in [(35_000, 0, 414), (10, 40_000, 431)] {
            let url = format!(
                "http://{}/graphql?query={}",
                running.address,
                "a".repeat(length)
            );
            let request = Request::get(url)
                .header("x-long", "a".repeat(headers))
                .body(())
                .expect("a request");
            let (response, _) = client.send_request(request, true).expect("sent");
            let mut response = timeout(LONG, response)
                .await
                .expect("an answer")
                .expect("a response");
            assert_eq!(response.status(), status);
            let body = response
                .body_mut()
                .data()
                .await
                .expect("a body")
                .expect("data");
            let text = String::from_utf8_lossy(&body);
            assert!(text.contains("bytes"), "{text}");
        }
    });
}
