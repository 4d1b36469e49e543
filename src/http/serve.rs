//! The serving loop: accepts connections and speaks HTTP/1.1, or cleartext HTTP/2 with clients that
//! begin with it, as proxies do. It has the limits that apply before there is a request.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, Request, Response, StatusCode, Version, header};
use hyper::body::{Body as _, Incoming};
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::Instant;
use tower::ServiceExt;

use super::Routes;
use super::accept::Accepted;
use super::body::{Arrival, Awaited};
use super::connection::{Activity, Busy, Patience, Verdict};
use super::connections::{Connections, NOTICE};
use super::delivery::{Outgoing, Streams, Unread, Watch};
use super::endpoint::PATH;
use super::respond::refuse;
use super::stream::Stream;
use crate::error::{Code, Error};
use crate::memory::Memory;
use crate::telemetry::{Closed, metrics};

/// Longest head of a request, in bytes. Tokens are the longest part of it.
pub const LONGEST_HEAD: usize = 32 * 1024;
/// The same for a head of HTTP/2 that the library lets through, so that it can be refused with a
/// reason. The library refuses longer ones without.
const LONGEST_HEAD_TO_EXPLAIN: u32 = 80 * 1024;
/// Requests that one connection of HTTP/2 may have open; a proxy opens more connections.
const STREAMS: u32 = 128;
/// How often a connection of HTTP/2 is asked whether its client is still there, and how long it
/// may take to say so.
const PING: Duration = Duration::from_secs(20);
/// Pause after the system has refused a connection, for it has no descriptors left.
const PAUSE: Duration = Duration::from_millis(100);

/// What connections may take.
#[derive(Clone)]
pub struct Bounds {
    /// Most open connections; beyond them the longest idle ones end.
    pub connections: usize,
    pub patience: Patience,
    /// Counts the answers that are not sent.
    pub memory: Arc<Memory>,
}

/// Serves until `stop` is true, then finishes what is under way.
pub async fn serve(
    listener: TcpListener,
    routes: impl Into<Routes>,
    bounds: Bounds,
    mut stop: watch::Receiver<bool>,
) {
    let routes = Arc::new(routes.into());
    let connections = Connections::new(bounds.connections);
    let limits = Unread {
        patience: bounds.patience,
        memory: bounds.memory,
    };
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        match accepted {
            Ok((stream, _)) => {
                let activity = Activity::new();
                let slot = tokio::select! {
                    slot = connections.open(&activity) => slot,
                    _ = stop.wait_for(|stop| *stop) => break,
                };
                let (routes, limits, stop) = (Arc::clone(&routes), limits.clone(), stop.clone());
                tokio::spawn(async move {
                    if let Some(closed) = converse(stream, routes, activity, limits, stop).await {
                        metrics().closed(closed);
                        tracing::debug!(reason = ?closed, "the gateway closed a connection");
                    }
                    drop(slot);
                });
            }
            Err(error) => {
                if !is_of_the_client(&error) {
                    tracing::error!(%error, "no connection can be accepted; raise the limit of open files, or lower max_connections");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }
    drop(listener);
    connections.closed().await;
}

fn is_of_the_client(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}

/// How the library speaks. It bounds by itself how many frames a head may come in, and how many
/// streams may be reset before they are seen.
fn builder(streams: Streams) -> Builder<Streams> {
    let mut builder = Builder::new(streams);
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
        .max_header_list_size(LONGEST_HEAD_TO_EXPLAIN)
        .keep_alive_interval(PING)
        .keep_alive_timeout(PING);
    builder
}

/// Speaks with one client until it leaves, is idle or stuck, or the gateway stops. Tells why it
/// ended the connection, if the client did not.
async fn converse(
    stream: TcpStream,
    routes: Arc<Routes>,
    activity: Arc<Activity>,
    limits: Unread,
    mut stop: watch::Receiver<bool>,
) -> Option<Closed> {
    // An answer that ends in a small packet would wait for the acknowledgement of the last one.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY cannot be set");
    }
    let patience = limits.patience;
    let builder = builder(Streams {
        connection: Arc::clone(&activity),
        limits: limits.clone(),
    });
    let io = TokioIo::new(Stream::new(stream, Arc::clone(&activity)));
    let requests = Requests {
        routes,
        activity: Arc::clone(&activity),
    };
    // Answers of HTTP/1.1 are sent by this task, those of HTTP/2 by tasks of their own.
    let answers = Watch::new(Arc::clone(&activity), limits);
    let mut connection = pin!(builder.serve_connection(io, requests));
    let mut look = pin!(tokio::time::sleep(patience.first_byte));
    let mut overdue = pin!(answers.overdue());
    let mut leaving = None;
    let mut stopping = false;
    loop {
        tokio::select! {
            ended = poll_fn(|context| answers.poll(connection.as_mut(), context)) => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection ended early");
                }
                return leaving;
            }
            _ = stop.wait_for(|stop| *stop), if !stopping => {
                stopping = true;
                connection.as_mut().graceful_shutdown();
            }
            () = overdue.as_mut() => return Some(Closed::Unread),
            reason = activity.ended() => {
                if reason != Closed::Evicted || !activity.is_idle() {
                    return Some(reason);
                }
                leaving = Some(reason);
                connection.as_mut().graceful_shutdown();
                look.as_mut().reset(Instant::now() + NOTICE);
            }
            () = look.as_mut() => match (leaving, activity.verdict(&patience)) {
                (None, Verdict::Fine(time)) => look.as_mut().reset(Instant::now() + time),
                (None, Verdict::Idle) => {
                    leaving = Some(Closed::Idle);
                    connection.as_mut().graceful_shutdown();
                    look.as_mut().reset(Instant::now() + patience.head);
                }
                // A request that came with the notice is answered.
                (Some(Closed::Idle), Verdict::Fine(time)) if !activity.is_idle() => {
                    look.as_mut().reset(Instant::now() + time);
                }
                (None, Verdict::Stuck(closed)) | (Some(closed), _) => return Some(closed),
            },
        }
    }
}

/// The requests of one connection.
struct Requests {
    routes: Arc<Routes>,
    activity: Arc<Activity>,
}

impl Service<Request<Incoming>> for Requests {
    type Response = Response<Outgoing>;
    type Error = Infallible;
    type Future = Answering;

    fn call(&self, request: Request<Incoming>) -> Answering {
        let busy = self.activity.begin();
        let arrival = Arrival::of(&request, &self.activity);
        let names_host = names_host(request.version(), request.headers());
        let is_direct = names_host && request.uri().path() == PATH;
        let direct = self.routes.direct.as_ref().filter(|_| is_direct);
        if let Some(response) = direct.and_then(|direct| direct.turn_away(&request)) {
            let body = Some(request.into_body()).filter(|body| !body.is_end_stream());
            return Answering::TurnedAway(Some(TurnedAway {
                response,
                busy,
                arrival,
                body,
            }));
        }
        let activity = Arc::clone(&self.activity);
        let routes = Arc::clone(&self.routes);
        Answering::Working(Box::pin(async move {
            let (parts, body) = request.into_parts();
            let (body, mut rest) = Awaited::new(body, activity);
            let request = Request::from_parts(parts, Body::new(body));
            let response = if names_host {
                match &routes.direct {
                    Some(direct) if is_direct => direct.respond(request).await,
                    _ => routes.router.clone().oneshot(request).await?,
                }
            } else {
                let accepted = Accepted::by(request.headers());
                drop(request);
                let error = Error::new(
                    Code::BadRequest,
                    "An HTTP/1.1 request must have the header `Host` exactly once.",
                );
                let mut refusal = refuse(StatusCode::BAD_REQUEST, error);
                accepted.shape(&mut refusal);
                refusal
            };
            let mut outgoing = Watch::deliver(response);
            // What is left is dropped with the future when the client leaves before this.
            arrival.answered(busy, rest.try_recv().ok(), outgoing.headers_mut());
            Ok(outgoing)
        }))
    }
}

/// The answer to a request, some day.
enum Answering {
    /// A refusal that is there already. It is only delivered by the task that sends it.
    TurnedAway(Option<TurnedAway>),
    Working(Pin<Box<dyn Future<Output = Result<Response<Outgoing>, Infallible>> + Send>>),
}

struct TurnedAway {
    response: Response<Body>,
    busy: Busy,
    arrival: Arrival,
    body: Option<Incoming>,
}

impl Future for Answering {
    type Output = Result<Response<Outgoing>, Infallible>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Self::Working(work) => work.as_mut().poll(context),
            Self::TurnedAway(refusal) => match refusal.take() {
                Some(refusal) => {
                    let mut outgoing = Watch::deliver(refusal.response);
                    let headers = outgoing.headers_mut();
                    refusal
                        .arrival
                        .answered(refusal.busy, refusal.body, headers);
                    Poll::Ready(Ok(outgoing))
                }
                None => Poll::Pending,
            },
        }
    }
}

/// Two servers that read two names would be two servers with two opinions.
fn names_host(version: Version, headers: &HeaderMap) -> bool {
    match headers.get_all(header::HOST).iter().count() {
        0 => version != Version::HTTP_11,
        names => names == 1,
    }
}
