//! Which pages of other origins may call (CORS).

use std::str::FromStr;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use tower_http::cors::{AllowOrigin, Any, CorsLayer};

/// How long a browser remembers the answer to a preflight. Chrome keeps none longer than 2 hours.
const REMEMBERED: Duration = Duration::from_secs(2 * 3600);

/// What a page may send. `Authorization` is named because `*` does not stand for it.
const SENT: [HeaderName; 11] = [
    header::ACCEPT,
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    HeaderName::from_static("x-workspace"),
    HeaderName::from_static("x-graphql-cost"),
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("x-requested-with"),
    HeaderName::from_static("apollo-require-preflight"),
    HeaderName::from_static("graphql-require-preflight"),
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
];

/// What a page may read beyond the headers that it always may.
const READ: [HeaderName; 5] = [
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("ratelimit"),
    HeaderName::from_static("ratelimit-policy"),
    header::RETRY_AFTER,
    header::WWW_AUTHENTICATE,
];

/// The origins that may call besides the gateway's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Origins {
    #[default]
    None,
    /// These, as browsers write them.
    Listed(Vec<HeaderValue>),
    Any,
}

impl Origins {
    pub fn allow(&self, origin: &HeaderValue) -> bool {
        match self {
            Self::None => false,
            Self::Listed(origins) => origins.contains(origin),
            Self::Any => true,
        }
    }

    /// Answers preflights and tells browsers who may read an answer; nothing where nobody else
    /// may. Credentials are never allowed: a bearer token is no credential that a browser sends
    /// by itself, and there is no other.
    pub(super) fn layer(&self) -> Option<CorsLayer> {
        let allowed = match self {
            Self::None => return None,
            Self::Listed(origins) => AllowOrigin::list(origins.iter().cloned()),
            Self::Any => AllowOrigin::from(Any),
        };
        let layer = CorsLayer::new()
            .allow_origin(allowed)
            .allow_methods([Method::GET, Method::POST])
            .allow_headers(SENT)
            .expose_headers(READ)
            .max_age(REMEMBERED);
        Some(layer)
    }
}

impl FromStr for Origins {
    type Err = String;

    /// Reads origins with commas between them, or `*`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let names: Vec<&str> = text
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .collect();
        match names[..] {
            [] => return Ok(Self::None),
            ["*"] => return Ok(Self::Any),
            _ => {}
        }
        let origins = names.into_iter().map(|name| {
            origin(name).ok_or_else(|| {
                format!(
                    "cors_origin has `{name}`; it takes origins such as https://shop.example, with commas between them, or * alone"
                )
            })
        });
        origins.collect::<Result<_, _>>().map(Self::Listed)
    }
}

/// An origin in the one way in which browsers write it.
fn origin(text: &str) -> Option<HeaderValue> {
    let uri: Uri = text.parse().ok()?;
    let (scheme, authority) = (uri.scheme_str()?, uri.authority()?);
    let default = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    if text.ends_with('/') || uri.path() != "/" || uri.query().is_some() {
        return None;
    }
    if authority.as_str().contains('@') || authority.host().contains('*') {
        return None;
    }
    let host = authority.host().to_ascii_lowercase();
    let port = authority.port_u16().filter(|&port| port != default);
    let written = match port {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    };
    HeaderValue::from_str(&written).ok()
}

/// Whether a page of this origin was served under the name that the request is sent to. The
/// scheme is not compared, because a proxy may have taken TLS off.
pub(super) fn is_own(origin: &HeaderValue, headers: &HeaderMap, uri: &Uri) -> bool {
    let own = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .or_else(|| uri.authority().map(|authority| authority.as_str()));
    let origin = origin.to_str().ok();
    let theirs = origin.and_then(|origin| origin.split_once("://"));
    matches!((own, theirs), (Some(own), Some((_, theirs))) if own.eq_ignore_ascii_case(theirs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_read_as_browsers_write_them() {
        let listed = |origins: &[&'static str]| {
            let values = origins.iter().copied().map(HeaderValue::from_static);
            Ok(Origins::Listed(values.collect()))
        };
        for (text, expected) in [
            ("", Ok(Origins::None)),
            (" , ", Ok(Origins::None)),
            ("*", Ok(Origins::Any)),
            (
                "https://a.example, http://localhost:3000",
                listed(&["https://a.example", "http://localhost:3000"]),
            ),
            ("HTTPS://A.Example:443", listed(&["https://a.example"])),
            ("http://[::1]:80", listed(&["http://[::1]"])),
        ] {
            assert_eq!(text.parse(), expected, "{text}");
        }
        for text in [
            "a.example",
            "null",
            "*, https://a.example",
            "https://*.example",
            "https://a.example/",
            "https://a.example/path",
            "https://user@a.example",
            "ftp://a.example",
        ] {
            let error = text.parse::<Origins>().unwrap_err();
            assert!(
                error.contains("it takes origins such as"),
                "{text}: {error}"
            );
        }
    }
}
