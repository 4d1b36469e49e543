//! A server of keys that can fail in every way.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Response, StatusCode, Uri, header};
use serde_json::{Value, json};
use tessera::auth::{JwksOptions, JwksUrl};
use tokio::net::TcpSocket;
use tokio::task::JoinHandle;

/// What the server does with whoever asks.
#[derive(Clone, Debug)]
pub enum Manner {
    Keys(Vec<Value>),
    Text(Vec<u8>),
    Status(u16),
    /// Redirects to another address; the keys are at `/moved` here.
    Redirect(String, Vec<Value>),
    /// Takes the question and never answers.
    Silent,
    /// Sends an answer that never ends, a little at a time.
    Dripping,
    /// Answers after somebody has called [`KeyServer::answer`].
    Waiting(Vec<Value>),
}

struct Shared {
    manner: Mutex<Manner>,
    asked: AtomicUsize,
    go: tokio::sync::Notify,
}

/// A running server.
pub struct KeyServer {
    shared: Arc<Shared>,
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl KeyServer {
    pub fn start(manner: Manner) -> Self {
        Self::start_on(reserve(), manner)
    }

    /// Starts at a reserved address.
    pub fn start_on(socket: TcpSocket, manner: Manner) -> Self {
        let shared = Arc::new(Shared {
            manner: Mutex::new(manner),
            asked: AtomicUsize::new(0),
            go: tokio::sync::Notify::new(),
        });
        let listener = socket.listen(64).expect("nobody else listens");
        let address = listener.local_addr().expect("an address");
        let router = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&shared));
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self {
            shared,
            address,
            task,
        }
    }

    pub fn set(&self, manner: Manner) {
        *self.shared.manner.lock().expect("no panic") = manner;
    }

    /// How often the server was asked.
    pub fn asked(&self) -> usize {
        self.shared.asked.load(Ordering::SeqCst)
    }

    pub fn answer(&self) {
        self.shared.go.notify_one();
    }

    /// Settings that ask this server, and are quick to ask again.
    pub fn options(&self) -> JwksOptions {
        options_at(self.address)
    }
}

impl Drop for KeyServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An address that belongs to this test, and refuses connections until a server starts on it.
pub fn reserve() -> TcpSocket {
    let socket = TcpSocket::new_v4().expect("a socket");
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    socket.bind(any).expect("a free port");
    socket
}

pub fn options_at(address: SocketAddr) -> JwksOptions {
    let url = format!("http://{address}/keys?apikey=hunter2");
    JwksOptions {
        lifetime: Duration::from_secs(3600),
        pause: Duration::from_millis(20),
        retry: Duration::from_millis(20),
        timeout: Duration::from_secs(20),
        patience: Duration::from_secs(20),
        ..JwksOptions::new(JwksUrl::parse(&url, false).expect("an address of this machine"))
    }
}

async fn answer(State(shared): State<Arc<Shared>>, uri: Uri) -> Response<Body> {
    shared.asked.fetch_add(1, Ordering::SeqCst);
    let manner = shared.manner.lock().expect("no panic").clone();
    let keys = |keys: Vec<Value>| Response::new(Body::from(json!({ "keys": keys }).to_string()));
    let status = |status: u16| {
        let status = StatusCode::from_u16(status).expect("a status");
        Response::builder().status(status)
    };
    let response = match manner {
        Manner::Keys(entries) => return keys(entries),
        Manner::Text(text) => return Response::new(Body::from(text)),
        Manner::Redirect(_, entries) if uri.path() == "/moved" => return keys(entries),
        Manner::Redirect(target, _) => status(302)
            .header(header::LOCATION, target)
            .body(Body::empty()),
        Manner::Status(code) => status(code).body(Body::from("{\"keys\": []}")),
        Manner::Silent => std::future::pending().await,
        Manner::Dripping => {
            let drops = futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(" "));
            return Response::new(Body::from_stream(futures_util::StreamExt::then(
                drops,
                |drop| async move {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    drop
                },
            )));
        }
        Manner::Waiting(entries) => {
            shared.go.notified().await;
            return keys(entries);
        }
    };
    response.expect("a response")
}
