//! What is known about a request from the beginning: its id and its deadline.

use std::fmt;
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;
use uuid::Uuid;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longest id of a caller's own that is taken over.
const LONGEST_ID: usize = 64;

/// Travels with the request, as an extension of it.
#[derive(Clone, Debug)]
pub struct Context {
    pub id: RequestId,
    pub started: Instant,
    /// When the caller gets `TIMEOUT` and PostgreSQL stops.
    pub deadline: Instant,
}

/// Names one request in its answer, in the log and in traces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The caller's own id when it is short and plain, so that no line of the log can be forged
    /// with it; otherwise a new one.
    fn of(headers: &HeaderMap) -> Self {
        let plain = |value: &&HeaderValue| {
            !value.is_empty()
                && value.len() <= LONGEST_ID
                && value
                    .as_bytes()
                    .iter()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(byte))
        };
        let given = headers.get(X_REQUEST_ID).filter(plain).cloned();
        Self(given.unwrap_or_else(|| {
            // Digits and hyphens are always a good header.
            HeaderValue::from_str(&Uuid::now_v7().to_string())
                .unwrap_or(HeaderValue::from_static("unknown"))
        }))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.to_str().unwrap_or_default())
    }
}

/// Gives the request its context, and every line of the log that it causes its id.
pub async fn identify(State(limit): State<Duration>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = RequestId::of(request.headers());
    request.extensions_mut().insert(Context {
        id: id.clone(),
        started,
        deadline: started + limit,
    });
    // As loud as an error, so that no filter that lets errors through leaves their request out.
    let span = tracing::error_span!("request", %id);
    let mut response = next.run(request).instrument(span).await;
    response.headers_mut().insert(X_REQUEST_ID, id.0);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_id_is_taken_over_and_no_other() {
        let of = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(X_REQUEST_ID, HeaderValue::from_str(value).unwrap());
            RequestId::of(&headers).to_string()
        };
        let longest = "x".repeat(LONGEST_ID);
        for plain in ["a", "0198-abc_DEF.7", longest.as_str()] {
            assert_eq!(of(plain), plain);
        }
        let long = "x".repeat(LONGEST_ID + 1);
        for other in ["", "a b", "a\tb", "a=1", "ä", "{}", long.as_str()] {
            let made = of(other);
            assert!(made.parse::<Uuid>().is_ok(), "{other} became {made}");
        }
        assert_ne!(
            RequestId::of(&HeaderMap::new()),
            RequestId::of(&HeaderMap::new())
        );
    }
}
