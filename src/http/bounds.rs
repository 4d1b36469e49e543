//! Limits of a request's size and time, and headers that must not be ambiguous.

use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Version, header};
use http_body_util::BodyExt;

use super::Gateway;
use super::context::Context;
use super::serve::LONGEST_HEAD;
use crate::error::{Code, Error};
use crate::memory::Held;
use crate::session::Session;

/// Longest address, in bytes; longer queries are sent with POST.
const LONGEST_URI: usize = 8 * 1024;
/// Time for a whole body to arrive.
const BODY_TIME: Duration = Duration::from_secs(15);
/// Longest body of a caller without a token. So much is never counted either, so that large bodies
/// cannot crowd out small ones.
const SMALL: usize = 16 * 1024;

/// Headers that say one thing; two of them would be read by two programs in two ways.
const ALONE: [HeaderName; 4] = [
    header::CONTENT_TYPE,
    header::CONTENT_LENGTH,
    header::HOST,
    header::ORIGIN,
];

/// A request that is refused, and why.
pub struct Refused(pub StatusCode, pub Box<Error>);

impl Refused {
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self(status, Box::new(Error::new(Code::BadRequest, message)))
    }
}

/// What is told before the body is read.
pub fn check(parts: &Parts, longest: usize) -> Result<(), Refused> {
    let Parts { headers, uri, .. } = parts;
    let address = uri.path().len() + uri.query().map_or(0, str::len);
    if address > LONGEST_URI {
        return Err(Refused::new(
            StatusCode::URI_TOO_LONG,
            format!(
                "The URL has {address} bytes; at most {LONGEST_URI} are allowed. Send the query with POST."
            ),
        ));
    }
    // Of HTTP/1.1 no longer head comes through.
    if parts.version == Version::HTTP_2 {
        let head = address
            + headers
                .iter()
                .map(|(name, value)| name.as_str().len() + value.len())
                .sum::<usize>();
        if head > LONGEST_HEAD {
            return Err(Refused::new(
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
                format!(
                    "The URL and the headers have {head} bytes; at most {LONGEST_HEAD} are allowed."
                ),
            ));
        }
    }
    if let Some(twice) = ALONE
        .iter()
        .find(|name| headers.get_all(*name).iter().nth(1).is_some())
    {
        return Err(Refused::new(
            StatusCode::BAD_REQUEST,
            format!("The header `{twice}` was sent more than once; send it once."),
        ));
    }
    let plain = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"identity");
    if !headers.get_all(header::CONTENT_ENCODING).iter().all(plain) {
        return Err(Refused::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Compressed request bodies are not supported; send the body without `Content-Encoding`.",
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
            "The request body is longer than the allowed {longest} bytes; send less, or send several requests."
        ),
    )
}

/// Reads the body while its time lasts.
pub async fn read(
    body: Body,
    gateway: &Gateway,
    session: Option<&Session>,
    context: &Context,
) -> Result<Bytes, Refused> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    let longest = gateway.options.max_body;
    let longest = match session {
        Some(_) => Longest(longest, false),
        None => Longest(longest.min(SMALL), longest > SMALL),
    };
    let held = gateway.memory.begin(session.map(|it| it.workspace), SMALL);
    let until = (Instant::now() + BODY_TIME).min(context.deadline);
    tokio::time::timeout_at(until.into(), collect(body, longest, held))
        .await
        .unwrap_or_else(|_| {
            Err(Refused::new(
                StatusCode::REQUEST_TIMEOUT,
                "The request body did not arrive in time.",
            ))
        })
}

/// The length that a body may have, and whether a token would allow more.
#[derive(Clone, Copy)]
struct Longest(usize, bool);

impl Longest {
    fn allow(self, length: u64) -> Result<(), Refused> {
        match self {
            Self(longest, _) if length <= longest as u64 => Ok(()),
            Self(longest, false) => Err(too_long(longest)),
            Self(longest, true) => Err(Refused::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!(
                    "The request body is longer than the {longest} bytes that are allowed without a token; send the header `Authorization: Bearer <token>`."
                ),
            )),
        }
    }
}

async fn collect(mut body: Body, longest: Longest, mut held: Held) -> Result<Bytes, Refused> {
    longest.allow(body.size_hint().lower())?;
    let mut first = Bytes::new();
    let mut rest: Vec<u8> = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            Refused::new(
                StatusCode::BAD_REQUEST,
                format!("The request body cannot be read: {error}."),
            )
        })?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        let so_far = first.len() + rest.len();
        let length = so_far + data.len();
        longest.allow(length as u64)?;
        held.resize(length).map_err(|_| too_many())?;
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
    let bytes = if rest.is_empty() { first } else { rest.into() };
    if bytes.len() <= SMALL {
        return Ok(bytes);
    }
    // It is counted until it is parsed and dropped.
    Ok(Bytes::from_owner(Counted { bytes, _held: held }))
}

fn too_many() -> Refused {
    Refused(
        StatusCode::SERVICE_UNAVAILABLE,
        Box::new(Error::new(
            Code::Unavailable,
            "The gateway has no memory left for another large request or response; try again after the time in the header `Retry-After`.",
        )),
    )
}

struct Counted {
    bytes: Bytes,
    _held: Held,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}
