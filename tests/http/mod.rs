//! The HTTP front: through the router, and through real connections.

mod bounds;
mod cancel;
mod compression;
mod connections;
mod drain;
mod fairness;
mod layers;
mod members;
mod memory;
mod overload;
mod requests;
mod statuses;
mod tokens;
mod unread;

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::Value;
use tessera::http::{Bounds, Patience, serve};
use tessera::memory::Memory;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::harness::client::Client;
use crate::harness::database::seeded;

const QUERY: &str = "{ customers(first: 1) { nodes { id } } }";

fn post() -> axum::http::request::Builder {
    Request::post("/graphql").header(header::CONTENT_TYPE, "application/json")
}

async fn send(request: Request<Body>) -> (StatusCode, Value) {
    let client = Client::new(seeded().await);
    let (status, bytes) = client.send(request).await;
    let text = String::from_utf8(bytes).expect("UTF-8");
    (
        status,
        serde_json::from_str(&text).unwrap_or(Value::String(text)),
    )
}

/// A router behind the real serving loop.
struct Running {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    service: JoinHandle<()>,
}

impl Running {
    async fn start(router: Router, max_connections: usize) -> Self {
        Self::bounded(
            router,
            Bounds {
                connections: max_connections,
                patience: Patience::default(),
                memory: Memory::new(64 * 1024 * 1024),
            },
        )
        .await
    }

    async fn bounded(router: Router, bounds: Bounds) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = watch::channel(false);
        let service = tokio::spawn(serve(listener, router, bounds, stopped));
        Self {
            address,
            stop,
            service,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
    }
}
