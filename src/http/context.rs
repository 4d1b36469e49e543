//! What is known about a request from the beginning: its id, its deadline and the form of its answer.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;
use tracing::Instrument;
use uuid::Uuid;

use super::accept::Accepted;

pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longest id of a caller's own that is taken over.
const LONGEST_ID: usize = 64;

#[derive(Clone, Debug)]
pub struct Context {
    pub id: RequestId,
    pub started: Instant,
    /// When the caller gets `TIMEOUT` and PostgreSQL stops.
    pub deadline: Instant,
    pub accepted: Accepted,
}

/// Names one request in its answer, in the log and in traces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The caller's own id when it is short and plain, so that no line of the log can be forged
    /// with it; otherwise a new one.
    pub(super) fn of(headers: &HeaderMap) -> Self {
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
            let mut buffer = Uuid::encode_buffer();
            HeaderValue::from_str(new_id().hyphenated().encode_lower(&mut buffer))
                .unwrap_or(HeaderValue::from_static("unknown"))
        }))
    }
}

/// An id that no other request has, in the order of time. Nothing depends on nobody guessing it, so
/// it costs no call of the system.
fn new_id() -> Uuid {
    static KEYS: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let milliseconds = since.map_or(0, |since| since.as_millis());
    let milliseconds = u64::try_from(milliseconds).unwrap_or(u64::MAX);
    let mut random = [0; 10];
    random[..2].copy_from_slice(&number.to_le_bytes()[..2]);
    random[2..].copy_from_slice(&KEYS.hash_one(number).to_le_bytes());
    uuid::Builder::from_unix_timestamp_millis(milliseconds, &random).into_uuid()
}

impl From<RequestId> for HeaderValue {
    fn from(id: RequestId) -> Self {
        id.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.to_str().unwrap_or_default())
    }
}

impl Context {
    /// The context of a request that begins now and may take so long.
    pub fn of(headers: &HeaderMap, limit: Duration) -> Self {
        let started = Instant::now();
        Self {
            id: RequestId::of(headers),
            started,
            deadline: started + limit,
            accepted: Accepted::by(headers),
        }
    }

    /// Gives the answer the id of its request, and every line of the log that it causes as well.
    pub async fn identify(&self, answer: impl Future<Output = Response>) -> Response {
        // As loud as an error, so that no filter that lets errors through leaves their request out.
        let span = tracing::error_span!("request", id = %self.id);
        let mut response = answer.instrument(span).await;
        let id = self.id.0.clone();
        response.headers_mut().insert(X_REQUEST_ID, id);
        self.accepted.shape(&mut response);
        response
    }
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
