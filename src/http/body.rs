//! The body of a request: how it is read, and what becomes of the part that nobody reads.
//!
//! A request is often refused before its body has arrived. Clients such as Node's `fetch` send the
//! whole body first. If the connection were closed meanwhile, they would see a broken pipe and not
//! the refusal. So the rest is read and dropped, within bounds.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::body::Bytes;
use axum::http::header::{CONNECTION, EXPECT};
use axum::http::{HeaderMap, HeaderValue, Request, Version};
use http_body_util::BodyExt;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::connection::{Activity, Busy, Reading};
use super::stream::{LINGERING, LINGERING_BYTES};

/// Longest rest, in bytes, for which a connection of HTTP/1.1 is kept for further requests.
const SHORT: u64 = 64 * 1024;

/// The body of a request. The connection knows while it waits for more of it.
pub struct Awaited {
    /// None when it has ended.
    body: Option<Incoming>,
    activity: Arc<Activity>,
    reading: Option<Reading>,
    /// Takes what is left when nobody reads on.
    rest: Option<oneshot::Sender<Incoming>>,
}

impl Awaited {
    /// The body, and a place where its rest is found after this was dropped.
    pub fn new(body: Incoming, activity: Arc<Activity>) -> (Self, oneshot::Receiver<Incoming>) {
        let (sender, rest) = oneshot::channel();
        let awaited = Self {
            body: Some(body),
            activity,
            reading: None,
            rest: Some(sender),
        };
        (awaited, rest)
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        if let (Some(body), Some(rest)) = (self.body.take(), self.rest.take())
            && !body.is_end_stream()
        {
            let _ = rest.send(body);
        }
    }
}

impl HttpBody for Awaited {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Some(body) = &mut self.body else {
            return Poll::Ready(None);
        };
        let polled = Pin::new(body).poll_frame(context);
        if polled.is_ready() {
            self.reading = None;
        } else if self.reading.is_none() {
            self.reading = Some(self.activity.read());
        }
        let frame = ready!(polled);
        if !matches!(frame, Some(Ok(_))) {
            self.body = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        match &self.body {
            Some(body) => body.size_hint(),
            None => SizeHint::with_exact(0),
        }
    }
}

/// What decides about the rest of a body.
pub struct Arrival {
    activity: Arc<Activity>,
    version: Version,
    /// The client waits for permission to send the body.
    asks: bool,
}

impl Arrival {
    pub fn of<B>(request: &Request<B>, activity: &Arc<Activity>) -> Self {
        Self {
            activity: Arc::clone(activity),
            version: request.version(),
            asks: request.headers().contains_key(EXPECT),
        }
    }

    /// The request has its response. `rest` is what was not read of its body.
    pub fn answered(self, busy: Busy, rest: Option<Incoming>, response: &mut HeaderMap) {
        let Some(rest) = rest else {
            busy.answered();
            return;
        };
        let is_long = rest.size_hint().upper().is_none_or(|rest| rest > SHORT);
        if self.version < Version::HTTP_2 && (is_long || self.asks) {
            response.insert(CONNECTION, HeaderValue::from_static("close"));
            // The stream reads on after its last response.
            self.activity.leave_body();
            busy.answered();
            return;
        }
        tokio::spawn(async move {
            let reading = self.activity.read();
            if !matches!(timeout(LINGERING, discard(rest)).await, Ok(true)) {
                self.activity.leave_body();
            }
            drop(reading);
            busy.answered();
        });
    }
}

/// Reads a body to its end; false if that is too far away.
async fn discard(mut body: Incoming) -> bool {
    let mut left = LINGERING_BYTES;
    while let Some(Ok(frame)) = body.frame().await {
        let length = frame.data_ref().map_or(0, Bytes::len);
        let Some(less) = left.checked_sub(length) else {
            return false;
        };
        left = less;
    }
    true
}
