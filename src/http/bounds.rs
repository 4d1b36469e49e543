//! What of a request may not be too long, too slow or ambiguous.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::Response;
use http_body_util::BodyExt;

use super::context::Context;
use super::respond::refuse;
use crate::error::{Code, Error};

/// Longest address, in bytes; longer queries are sent with POST.
const LONGEST_URI: usize = 8 * 1024;
/// Time for a whole body to arrive.
const BODY_TIME: Duration = Duration::from_secs(15);
/// What of a body is never counted, in bytes, so that large bodies cannot crowd out small ones.
const SMALL: usize = 16 * 1024;
/// Most bytes of all large bodies that are held at once.
const LARGE: usize = 64 * 1024 * 1024;

/// Headers that say one thing; two of them would be read by two programs in two ways.
const ALONE: [HeaderName; 4] = [
    header::CONTENT_TYPE,
    header::CONTENT_LENGTH,
    header::HOST,
    header::ORIGIN,
];

/// The bounds of bodies.
#[derive(Clone)]
pub struct Bodies {
    /// Longest body, in bytes.
    pub longest: usize,
    held: Arc<AtomicUsize>,
}

impl Bodies {
    pub fn new(longest: usize) -> Self {
        Self {
            longest,
            held: Arc::default(),
        }
    }
}

/// A request that is refused, and why.
struct Refused(StatusCode, Error);

impl Refused {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self(status, Error::new(Code::BadRequest, message))
    }
}

/// The layer. It reads the body, so that what follows holds nothing open for a slow sender.
pub async fn bounded(State(bodies): State<Bodies>, request: Request, next: Next) -> Response {
    if let Err(Refused(status, error)) = check(&request, bodies.longest) {
        return refuse(status, error);
    }
    let (parts, body) = request.into_parts();
    let now = Instant::now();
    let until = now + BODY_TIME;
    let until = match parts.extensions.get::<Context>() {
        Some(context) => until.min(context.deadline),
        None => until,
    };
    let mut held = Held {
        bytes: 0,
        of: bodies.held.clone(),
    };
    let read = read(body, bodies.longest, &mut held);
    let read = tokio::time::timeout_at(until.into(), read)
        .await
        .unwrap_or_else(|_| {
            Err(Refused::new(
                StatusCode::REQUEST_TIMEOUT,
                "The body of the request did not arrive in time.",
            ))
        });
    match read {
        Ok(body) => next.run(Request::from_parts(parts, body.into())).await,
        Err(Refused(status, error)) => {
            let mut response = refuse(status, error);
            if parts.version < Version::HTTP_2 {
                // The rest of the body would be taken for the next request.
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(header::CONNECTION, close);
            }
            response
        }
    }
}

/// What is told before the body is read.
fn check(request: &Request, longest: usize) -> Result<(), Refused> {
    let headers = request.headers();
    let uri = request.uri();
    let address = uri.path().len() + uri.query().map_or(0, str::len);
    if address > LONGEST_URI {
        return Err(Refused::new(
            StatusCode::URI_TOO_LONG,
            format!(
                "The address has {address} bytes, and {LONGEST_URI} are the most; send the query with POST."
            ),
        ));
    }
    if let Some(twice) = ALONE
        .iter()
        .find(|name| headers.get_all(*name).iter().nth(1).is_some())
    {
        return Err(Refused::new(
            StatusCode::BAD_REQUEST,
            format!("The header `{twice}` is there more than once; send it once."),
        ));
    }
    let plain = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"identity");
    if !headers.get_all(header::CONTENT_ENCODING).iter().all(plain) {
        return Err(Refused::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Compressed bodies are not taken; send the body without `Content-Encoding`.",
        ));
    }
    match length(headers) {
        Some(length) if length > longest as u64 => Err(too_long(longest)),
        _ => Ok(()),
    }
}

fn length(headers: &HeaderMap) -> Option<u64> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

fn too_long(longest: usize) -> Refused {
    Refused::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!(
            "The body is longer than the {longest} bytes that are taken; send less, or values as variables of several requests."
        ),
    )
}

async fn read(mut body: Body, longest: usize, held: &mut Held) -> Result<Bytes, Refused> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    let mut first = Bytes::new();
    let mut rest: Vec<u8> = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            Refused::new(
                StatusCode::BAD_REQUEST,
                format!("The body cannot be read: {error}."),
            )
        })?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        let so_far = first.len() + rest.len();
        let length = so_far + data.len();
        if length > longest {
            return Err(too_long(longest));
        }
        held.grow(length)?;
        // Nearly every body is one piece, which is then not copied.
        if so_far == 0 {
            first = data;
            continue;
        }
        if rest.is_empty() {
            rest.reserve(length);
            rest.extend_from_slice(&first);
            first = Bytes::new();
        }
        rest.extend_from_slice(&data);
    }
    Ok(if rest.is_empty() { first } else { rest.into() })
}

/// The bytes of one large body, counted with those of all others while it is read.
struct Held {
    bytes: usize,
    of: Arc<AtomicUsize>,
}

impl Held {
    fn grow(&mut self, length: usize) -> Result<(), Refused> {
        let more = length.saturating_sub(SMALL).saturating_sub(self.bytes);
        let all = self.of.fetch_add(more, Ordering::Relaxed) + more;
        self.bytes += more;
        if all <= LARGE {
            return Ok(());
        }
        Err(Refused(
            StatusCode::SERVICE_UNAVAILABLE,
            Error::new(
                Code::Unavailable,
                "The gateway reads as many large bodies as it can; try again after the time in the header `Retry-After`.",
            ),
        ))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.of.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_bodies_are_counted_together_and_small_ones_never() {
        let of = Arc::new(AtomicUsize::new(0));
        let hold = |length: usize| {
            let mut held = Held {
                bytes: 0,
                of: of.clone(),
            };
            held.grow(length / 2).is_ok().then_some(())?;
            held.grow(length).is_ok().then_some(held)
        };
        let large = hold(LARGE).expect("the first one fits");
        assert!(hold(SMALL).is_some());
        assert!(hold(2 * SMALL + 1).is_none(), "two do not");
        drop(large);
        assert!(hold(LARGE).is_some());
        assert_eq!(of.load(Ordering::Relaxed), 0, "what was held is given back");
    }
}
