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
mod on_error;
mod overload;
mod refused;
mod requests;
mod statuses;
mod tokens;
mod unread;
mod visit;

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::Value;
use tessera::http::{Bounds, HttpOptions, Patience, Routes, serve};
use tessera::memory::Memory;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::harness::client::Client;
use crate::harness::database::{self, Database, seeded};
use crate::harness::seed;

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

/// A gateway over a database of its own, whose connections [`occupy`] can take.
async fn separate(options: HttpOptions) -> (Database, Client) {
    let database = database::create(Some(seed::everything)).await.unshared();
    let client = Client::with_options(&database, options);
    (database, client)
}

/// The options of a gateway whose requests wait for the database as long as a test wants.
fn patient() -> HttpOptions {
    HttpOptions {
        request_timeout: Duration::from_secs(300),
        ..HttpOptions::default()
    }
}

/// Takes all connections to the database, so that a request that has a permit keeps it.
async fn occupy(database: &Database) -> Vec<impl Sized + use<>> {
    let mut lent = Vec::new();
    for _ in 0..database.connections() {
        lent.push(database.db.lend().await.expect("a connection"));
    }
    lent
}

/// A router behind the real serving loop.
struct Running {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    service: JoinHandle<()>,
}

impl Running {
    async fn start(routes: impl Into<Routes>, max_connections: usize) -> Self {
        Self::bounded(
            routes,
            Bounds {
                connections: max_connections,
                patience: Patience::default(),
                memory: Memory::new(64 * 1024 * 1024),
            },
        )
        .await
    }

    async fn bounded(routes: impl Into<Routes>, bounds: Bounds) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = watch::channel(false);
        let service = tokio::spawn(serve(listener, routes.into(), bounds, stopped));
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
