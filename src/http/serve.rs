//! The serving loop: takes connections and speaks HTTP/1.1, or HTTP/2 in clear text with clients
//! that begin so, as proxies do. It has the bounds that hold before there is a request.

use std::convert::Infallible;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, Version, header};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;
use tower::ServiceExt;

use super::connection::{Activity, HEAD, Noted, Verdict};
use super::respond::refuse;
use crate::error::{Code, Error};

/// Longest head of a request, in bytes. Tokens are the longest part of it.
const LONGEST_HEAD: usize = 32 * 1024;
/// Requests that one connection of HTTP/2 may have open; a proxy opens more connections.
const STREAMS: u32 = 128;
/// How often a connection of HTTP/2 is asked whether its client is still there, and how long it
/// may take to say so.
const PING: Duration = Duration::from_secs(20);
/// Pause after the system has refused a connection, for it has no descriptors left.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves until `stop` is true, then finishes what is under way. Beyond `max_connections` clients
/// stand in the system's queue.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    max_connections: usize,
    mut stop: watch::Receiver<bool>,
) {
    let all = u32::try_from(max_connections.min(Semaphore::MAX_PERMITS)).unwrap_or(u32::MAX);
    let places = Arc::new(Semaphore::new(all as usize));
    let builder = Arc::new(builder());
    loop {
        let accepted = async {
            // Nobody closes the semaphore.
            let place = Arc::clone(&places).acquire_owned().await.ok();
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            accepted = accepted => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        match accepted {
            Ok((stream, _)) => {
                let (builder, router, stop) = (builder.clone(), router.clone(), stop.clone());
                tokio::spawn(async move {
                    converse(&builder, stream, router, stop).await;
                    drop(place);
                });
            }
            Err(error) => {
                if !is_of_the_client(&error) {
                    tracing::error!(%error, "no connection can be taken; raise the limit of open files, or lower max_connections");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }
    drop(listener);
    // Every place is free when every connection has ended.
    let _ = places.acquire_many(all).await;
}

fn is_of_the_client(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        // The clock of the connection does this, see there.
        .header_read_timeout(None)
        // What is read ahead; a head that does not fit gets 431.
        .max_buf_size(LONGEST_HEAD);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(LONGEST_HEAD as u32)
        .keep_alive_interval(PING)
        .keep_alive_timeout(PING);
    builder
}

/// Speaks with one client until it leaves, is idle or stuck, or the gateway stops.
async fn converse(
    builder: &Builder<TokioExecutor>,
    stream: TcpStream,
    router: Router,
    mut stop: watch::Receiver<bool>,
) {
    // An answer that ends in a small packet would wait for the acknowledgement of the last one.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "the connection keeps its delay");
    }
    let activity = Activity::new();
    let io = TokioIo::new(Noted::new(stream, Arc::clone(&activity)));
    let requests = Requests {
        router,
        activity: Arc::clone(&activity),
    };
    let mut connection = pin!(builder.serve_connection(io, requests));
    let mut look = pin!(tokio::time::sleep(HEAD));
    let mut leaving = false;
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection ended early");
                }
                return;
            }
            _ = stop.wait_for(|stop| *stop), if !leaving => {
                leaving = true;
                connection.as_mut().graceful_shutdown();
            }
            () = look.as_mut() => match activity.verdict() {
                Verdict::Fine(time) => look.as_mut().reset(Instant::now() + time),
                Verdict::Idle if !leaving => {
                    leaving = true;
                    connection.as_mut().graceful_shutdown();
                    look.as_mut().reset(Instant::now() + HEAD);
                }
                Verdict::Idle | Verdict::Stuck => {
                    tracing::debug!("a connection was cut, because its client is stuck");
                    return;
                }
            },
        }
    }
}

/// The requests of one connection.
struct Requests {
    router: Router,
    activity: Arc<Activity>,
}

impl Service<Request<Incoming>> for Requests {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let busy = self.activity.begin();
        let router = self.router.clone();
        Box::pin(async move {
            // Dropped with the future when the client leaves.
            let _busy = busy;
            if !names_host(request.version(), request.headers()) {
                let error = Error::new(Code::BadRequest, "HTTP/1.1 needs the header `Host`, once.");
                return Ok(refuse(StatusCode::BAD_REQUEST, error));
            }
            router.oneshot(request.map(Body::new)).await
        })
    }
}

/// Two servers that read two names would be two servers with two opinions.
fn names_host(version: Version, headers: &HeaderMap) -> bool {
    match headers.get_all(header::HOST).iter().count() {
        0 => version != Version::HTTP_11,
        names => names == 1,
    }
}
