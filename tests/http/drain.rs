//! The end of the service: readiness first, then the listener, then the requests.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use tessera::http::{Bounds, Ended, HttpOptions, Patience, Signal, serve_until};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::connections::LONG;
use crate::faults::until;
use crate::harness::client::Client;
use crate::harness::database::seeded;
use crate::harness::run;

struct Service {
    address: std::net::SocketAddr,
    signals: mpsc::Sender<Signal>,
    ended: JoinHandle<Result<Ended, String>>,
    /// Lets the request to `/slow` go on.
    go_on: Arc<Notify>,
}

impl Service {
    async fn start(options: HttpOptions) -> Self {
        let client = Client::with_options(seeded().await, options);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (signals, mut receiver) = mpsc::channel(2);
        let go_on = Arc::new(Notify::new());
        let wait = Arc::clone(&go_on);
        let slow = async move || {
            wait.notified().await;
            "slow"
        };
        let router = client
            .router()
            .merge(Router::new().route("/slow", get(slow)));
        let bounds = Bounds {
            connections: 100,
            patience: Patience::default(),
            memory: Arc::clone(&client.gateway.memory),
        };
        let ended = tokio::spawn(async move {
            serve_until(listener, router, bounds, &client.gateway, &mut receiver).await
        });
        Self {
            address,
            signals,
            ended,
            go_on,
        }
    }

    /// Sends a request; none when nobody listens.
    async fn ask(&self, path: &str) -> Option<TcpStream> {
        let mut stream = TcpStream::connect(self.address).await.ok()?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.ok()?;
        Some(stream)
    }

    /// The status of a path; none when nobody listens.
    async fn status(&self, path: &str) -> Option<u16> {
        let stream = self.ask(path).await?;
        let answer = read(stream).await;
        answer.split(' ').nth(1)?.parse().ok()
    }

    async fn end(self) -> Ended {
        let ended = timeout(LONG, self.ended).await;
        ended
            .expect("in time")
            .expect("no panic")
            .expect("no error")
    }
}

async fn read(mut stream: TcpStream) -> String {
    let mut text = String::new();
    let read = timeout(LONG, stream.read_to_string(&mut text)).await;
    let _ = read.expect("an answer");
    text
}

#[test]
fn readiness_says_so_before_the_listener_closes() {
    run(async {
        let service = Service::start(HttpOptions {
            drain: LONG * 10,
            ..HttpOptions::default()
        })
        .await;
        assert_eq!(service.status("/health/ready").await, Some(200));
        let signal = service.signals.send(Signal::Manager).await;
        signal.expect("it listens");
        let says_so = async || service.status("/health/ready").await == Some(503);
        until("readiness says 503", LONG, says_so).await;
        assert_eq!(service.status("/health/live").await, Some(200));
        assert_eq!(service.status("/").await, Some(200), "it still serves");
        // A second signal does not wait.
        let signal = service.signals.send(Signal::Manager).await;
        signal.expect("it listens");
        assert_eq!(service.end().await, Ended::AtOnce);
    });
}

#[test]
fn a_person_waits_for_no_load_balancer_and_requests_are_finished() {
    run(async {
        for (signal, drain) in [
            (Signal::Person, LONG * 10),
            (Signal::Manager, Duration::ZERO),
            (Signal::Manager, Duration::from_millis(100)),
        ] {
            let service = Service::start(HttpOptions {
                drain,
                ..HttpOptions::default()
            })
            .await;
            let slow = service.ask("/slow").await.expect("it listens");
            // Once a later one is answered, the slow one was taken, too.
            assert_eq!(service.status("/health/live").await, Some(200));
            service.signals.send(signal).await.expect("it listens");
            let closed = async || service.ask("/health/live").await.is_none();
            until("no connection is taken", LONG, closed).await;
            assert!(!service.ended.is_finished(), "a request is under way");
            service.go_on.notify_one();
            assert!(read(slow).await.ends_with("slow"));
            assert_eq!(service.end().await, Ended::Finished);
        }
    });
}

#[test]
fn a_second_signal_leaves_requests_behind() {
    run(async {
        let service = Service::start(HttpOptions::default()).await;
        let _slow = service.ask("/slow").await.expect("it listens");
        assert_eq!(service.status("/health/live").await, Some(200));
        for _ in 0..2 {
            let signal = service.signals.send(Signal::Person).await;
            signal.expect("it listens");
        }
        assert_eq!(service.end().await, Ended::AtOnce);
    });
}
