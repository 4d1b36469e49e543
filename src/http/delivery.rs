//! Sends responses to clients. They are passed to the HTTP library in pieces, each of which the client
//! must take in time. A response that the client does not read is ended, and its memory is released.
//!
//! The library has no such limit. An HTTP/2 client that never opens its flow-control window keeps
//! responses, and their streams, for as long as it answers PINGs.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Response, StatusCode, header};
use futures_util::task::AtomicWaker;
use hyper::body::{Body as HttpBody, Buf, Frame, SizeHint};
use hyper::rt::Executor;
use uuid::Uuid;

use super::connection::{Activity, Owed, Patience};
use crate::memory::{Held, Memory};
use crate::telemetry::{Closed, metrics};

/// Most bytes of a piece.
const PIECE: usize = 64 * 1024;
/// Bodies of this length end with their only piece; the end of longer ones waits until the last
/// piece is taken, so that until then there is a stream to reset.
const SHORT: u64 = 16 * 1024;
/// What an answer takes beside its body: the stream, its task, the headers.
const FRAME: usize = 4 * 1024;
/// Longer bodies are counted by who makes them, or shared by all answers.
const UNCOUNTED: u64 = 64 * 1024;
/// How often is looked whether answers still have the time that they had.
const LOOK: Duration = Duration::from_secs(1);

tokio::task_local! {
    /// What watches the answers that the current task sends.
    static WATCH: Arc<Watch>;
}

/// The workspace that an answer is for, as an extension of the response.
#[derive(Clone, Copy)]
pub struct OfWorkspace(pub Uuid);

/// How long clients may leave answers unread.
#[derive(Clone)]
pub struct Unread {
    pub patience: Patience,
    pub memory: Arc<Memory>,
}

impl Unread {
    fn limit(&self) -> Duration {
        if self.memory.held() > self.memory.most() / 2 {
            self.patience.unread_when_full
        } else {
            self.patience.unread
        }
    }
}

/// Watches the answer of a stream of HTTP/2, or those of a connection of HTTP/1.1, one by one.
pub struct Watch {
    connection: Arc<Activity>,
    limits: Unread,
    /// Answers of which something is not handed over yet.
    bodies: AtomicUsize,
    /// Pieces that were handed over and are not taken yet.
    pieces: AtomicUsize,
    /// When the last of these numbers changed.
    moved: AtomicU64,
    waker: AtomicWaker,
}

impl Watch {
    pub fn new(connection: Arc<Activity>, limits: Unread) -> Arc<Self> {
        Arc::new(Self {
            connection,
            limits,
            bodies: AtomicUsize::new(0),
            pieces: AtomicUsize::new(0),
            moved: AtomicU64::new(0),
            waker: AtomicWaker::new(),
        })
    }

    /// Polls a future whose answers it watches.
    pub fn poll<F: Future + ?Sized>(
        self: &Arc<Self>,
        future: Pin<&mut F>,
        context: &mut Context<'_>,
    ) -> Poll<F::Output> {
        WATCH.sync_scope(Arc::clone(self), || future.poll(context))
    }

    /// The answer of the current task with its body in pieces; without a body where there is no
    /// memory for one. The task is one that [`Self::poll`] or [`Streams`] runs.
    pub fn deliver(response: Response<Body>) -> Response<Outgoing> {
        let watch = &WATCH.get();
        let (mut parts, mut body) = response.into_parts();
        let workspace = parts
            .extensions
            .get()
            .map(|OfWorkspace(workspace)| *workspace);
        let mut held = watch.limits.memory.begin_small(workspace);
        let size = body.size_hint().exact();
        let uncounted = size.filter(|size| *size <= UNCOUNTED).unwrap_or(0) as usize;
        if !body.is_end_stream() && held.resize(FRAME + uncounted).is_err() {
            parts.status = StatusCode::SERVICE_UNAVAILABLE;
            parts.headers.clear();
            let soon = HeaderValue::from_static("1");
            parts.headers.insert(header::RETRY_AFTER, soon);
            body = Body::empty();
        }
        let short = body.size_hint().exact().is_some_and(|size| size <= SHORT);
        let outgoing = Outgoing {
            rest: Bytes::new(),
            body,
            short,
            count: Count::of(watch, |watch| &watch.bodies),
            held: Arc::new(held),
        };
        Response::from_parts(parts, outgoing)
    }

    /// How long the client may still leave unread what it is owed; none when it has for too long.
    fn left(&self) -> Option<Duration> {
        let limit = self.limits.limit();
        if self.is_sent() {
            return Some(limit);
        }
        let since = self.moved.load(Ordering::Relaxed);
        let passed = Duration::from_micros(self.connection.now().saturating_sub(since));
        limit.checked_sub(passed).filter(|left| !left.is_zero())
    }

    fn is_sent(&self) -> bool {
        self.bodies.load(Ordering::Acquire) == 0 && self.is_taken()
    }

    fn is_taken(&self) -> bool {
        self.pieces.load(Ordering::Acquire) == 0
    }

    /// Whether all that was handed over is taken.
    fn poll_taken(&self, context: &Context<'_>) -> Poll<()> {
        if self.is_taken() {
            return Poll::Ready(());
        }
        self.waker.register(context.waker());
        if self.is_taken() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }

    /// Ends when the client has left something unread for too long.
    pub async fn overdue(&self) {
        while let Some(left) = self.left() {
            tokio::time::sleep(left.min(LOOK)).await;
        }
    }
}

/// Runs the streams of one connection of HTTP/2, and resets those whose clients do not read.
#[derive(Clone)]
pub struct Streams {
    pub connection: Arc<Activity>,
    pub limits: Unread,
}

impl<F> Executor<F> for Streams
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, stream: F) {
        let watch = Watch::new(Arc::clone(&self.connection), self.limits.clone());
        tokio::spawn(run(watch, stream));
    }
}

async fn run(watch: Arc<Watch>, stream: impl Future<Output = ()>) {
    tokio::select! {
        biased;
        () = WATCH.scope(Arc::clone(&watch), stream) => {}
        // The library resets a stream that is dropped, and forgets what it had to send.
        () = watch.overdue() => {
            metrics().closed(Closed::Stream);
            return;
        }
    }
    // The stream ended with its last piece, so there is none to reset any more.
    tokio::select! {
        biased;
        () = poll_fn(|context| watch.poll_taken(context)) => {}
        () = watch.overdue() => {
            watch.connection.end(Closed::Unread);
        }
    }
}

/// Counts something for as long as it lives, and notes when it comes and goes.
struct Count {
    watch: Arc<Watch>,
    number: fn(&Watch) -> &AtomicUsize,
    _owed: Owed,
}

impl Count {
    fn of(watch: &Arc<Watch>, number: fn(&Watch) -> &AtomicUsize) -> Self {
        watch.moved.store(watch.connection.now(), Ordering::Relaxed);
        number(watch).fetch_add(1, Ordering::AcqRel);
        Self {
            watch: Arc::clone(watch),
            number,
            _owed: watch.connection.owe(),
        }
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        let watch = &self.watch;
        watch.moved.store(watch.connection.now(), Ordering::Relaxed);
        (self.number)(watch).fetch_sub(1, Ordering::AcqRel);
        watch.waker.wake();
    }
}

/// The body of an answer. It gives a piece once the one before it is taken.
pub struct Outgoing {
    body: Body,
    /// What of the last frame is not handed over.
    rest: Bytes,
    short: bool,
    count: Count,
    held: Arc<Held>,
}

impl HttpBody for Outgoing {
    type Data = Piece;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Piece>, axum::Error>>> {
        let this = self.get_mut();
        ready!(this.count.watch.poll_taken(context));
        while this.rest.is_empty() {
            match ready!(Pin::new(&mut this.body).poll_frame(context)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => this.rest = data,
                    Err(other) => {
                        let trailers = other.into_trailers().ok().map(Frame::trailers);
                        return Poll::Ready(trailers.map(Ok));
                    }
                },
            }
        }
        let bytes = this.rest.split_to(this.rest.len().min(PIECE));
        let piece = Piece {
            bytes,
            _count: Count::of(&this.count.watch, |watch| &watch.pieces),
            _held: Arc::clone(&this.held),
        };
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        let is_handed_over = self.rest.is_empty() && self.body.is_end_stream();
        is_handed_over && (self.short || self.count.watch.is_taken())
    }

    fn size_hint(&self) -> SizeHint {
        let rest = self.rest.len() as u64;
        let body = self.body.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(body.lower() + rest);
        if let Some(upper) = body.upper() {
            hint.set_upper(upper + rest);
        }
        hint
    }
}

/// Bytes that were handed over; the library drops them when they are written to the socket.
pub struct Piece {
    bytes: Bytes,
    _count: Count,
    _held: Arc<Held>,
}

impl Buf for Piece {
    fn remaining(&self) -> usize {
        self.bytes.len()
    }

    fn chunk(&self) -> &[u8] {
        &self.bytes
    }

    fn advance(&mut self, count: usize) {
        self.bytes.advance(count);
    }
}
