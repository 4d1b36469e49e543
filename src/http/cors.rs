//! Which pages of other origins may send requests (CORS).

use std::str::FromStr;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use axum::response::Response;
use tower_http::cors::{AllowHeaders, AllowOrigin, Any, CorsLayer};

/// How long a browser remembers the answer to a preflight. Chrome keeps none longer than 2 hours.
const REMEMBERED: Duration = Duration::from_secs(2 * 3600);

/// What a page may send. `Authorization` is named because `*` does not stand for it.
const SENT: [HeaderName; 24] = [
    header::ACCEPT,
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    HeaderName::from_static("x-workspace"),
    HeaderName::from_static("x-graphql-cost"),
    HeaderName::from_static("x-graphql-explain"),
    HeaderName::from_static("idempotency-key"),
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("x-requested-with"),
    HeaderName::from_static("apollo-require-preflight"),
    HeaderName::from_static("apollographql-client-name"),
    HeaderName::from_static("apollographql-client-version"),
    HeaderName::from_static("x-apollo-operation-name"),
    HeaderName::from_static("graphql-client-name"),
    HeaderName::from_static("graphql-client-version"),
    HeaderName::from_static("graphql-require-preflight"),
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
    HeaderName::from_static("baggage"),
    HeaderName::from_static("sentry-trace"),
    HeaderName::from_static("x-datadog-origin"),
    HeaderName::from_static("x-datadog-parent-id"),
    HeaderName::from_static("x-datadog-sampling-priority"),
    HeaderName::from_static("x-datadog-trace-id"),
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

/// Which pages of other origins may call, and with which headers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cors {
    pub origins: Origins,
    /// Whether pages that this machine serves may call, whatever their ports.
    pub local: bool,
    /// Further headers that pages may send.
    pub headers: Vec<HeaderName>,
}

impl Cors {
    /// Whether pages of this origin may call.
    pub fn allow(&self, origin: &HeaderValue) -> bool {
        match &self.origins {
            Origins::Any => true,
            Origins::Listed(origins) if origins.contains(origin) => true,
            Origins::None | Origins::Listed(_) => self.local && is_local(origin),
        }
    }

    /// Answers preflights and tells browsers who may read a response. Credentials are never
    /// allowed: a bearer token is no credential that a browser sends by itself, and there is no
    /// other.
    pub(super) fn layer(&self) -> CorsLayer {
        let origins = match self.origins {
            Origins::Any => AllowOrigin::from(Any),
            Origins::None | Origins::Listed(_) => {
                let cors = self.clone();
                AllowOrigin::predicate(move |origin, _| cors.allow(origin))
            }
        };
        CorsLayer::new()
            .allow_origin(origins)
            .allow_methods([Method::GET, Method::POST])
            .allow_headers(
                SENT.into_iter()
                    .chain(self.headers.iter().cloned())
                    .collect::<Vec<_>>(),
            )
            .expose_headers(READ)
            .max_age(REMEMBERED)
    }
}

/// Answers preflights of pages that may not call. A browser shows nothing of a refused preflight but
/// that it was refused; so it is let through, and the refusal of the request itself says why.
pub(super) fn refusing_layer() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::mirror_request())
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(AllowHeaders::mirror_request())
}

/// Lets the page of a refused origin read why. What is not refused it may not read.
pub(super) fn show_refusal(origin: HeaderValue, response: &mut Response) {
    if response.status().is_success() {
        return;
    }
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.append(header::VARY, HeaderValue::from_static("origin"));
}

/// Reads names of headers with commas between them.
///
/// # Errors
/// A sentence with the name that no header can have.
pub fn read_headers(text: &str) -> Result<Vec<HeaderName>, String> {
    let names = text.split(',').map(str::trim);
    names
        .filter(|name| !name.is_empty())
        .map(|name| {
            name.parse().map_err(|_| {
                format!("cors_header has `{name}`; write names of headers such as x-client-version, separated by commas")
            })
        })
        .collect()
}

/// Whether this is the origin of a page that this machine serves: browsers find every name under
/// `localhost` on it.
fn is_local(origin: &HeaderValue) -> bool {
    let Some((_, place)) = origin
        .to_str()
        .ok()
        .and_then(|origin| origin.split_once("://"))
        .filter(|(scheme, _)| matches!(*scheme, "http" | "https"))
    else {
        return false;
    };
    let host = match place.rsplit_once(':') {
        Some((host, port)) if port.parse::<u16>().is_ok() => host,
        _ => place,
    };
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
        || host.strip_suffix(".localhost").is_some_and(is_name)
}

fn is_name(host: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    host.split('.')
        .all(|label| !label.is_empty() && label.bytes().all(known))
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
                let why = why_not(name);
                format!(
                    "cors_origin has `{name}`{why}; write origins such as https://shop.example or capacitor://localhost, separated by commas, or only *"
                )
            })
        });
        origins.collect::<Result<_, _>>().map(Self::Listed)
    }
}

/// Schemes whose pages have no origin of their own; browsers send `null` for most of them.
const SHARED: [&str; 6] = ["about", "blob", "data", "file", "filesystem", "javascript"];

/// An origin in the one way in which browsers write it: of a page on the web, or of an app with a
/// scheme of its own, whose host keeps its letters as they are.
fn origin(text: &str) -> Option<HeaderValue> {
    let uri: Uri = text.parse().ok()?;
    let authority = uri.authority()?;
    let scheme = uri.scheme_str()?.to_ascii_lowercase();
    if SHARED.contains(&scheme.as_str())
        || scheme.starts_with(|first: char| !first.is_ascii_lowercase())
    {
        return None;
    }
    // `Uri` adds the path `/` to an address on the web that has none.
    if text.ends_with('/') || !matches!(uri.path(), "" | "/") || uri.query().is_some() {
        return None;
    }
    let host = authority.host();
    if host.is_empty() || host.contains('*') || authority.as_str().contains(['@', '%']) {
        return None;
    }
    let (host, default) = match scheme.as_str() {
        "http" => (host.to_ascii_lowercase(), Some(80)),
        "https" => (host.to_ascii_lowercase(), Some(443)),
        _ => (host.to_owned(), None),
    };
    let port = match authority.port() {
        None if authority.as_str().ends_with(':') => return None,
        port => port.map(|port| port.as_u16()),
    };
    let written = match port.filter(|&port| Some(port) != default) {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    };
    HeaderValue::from_str(&written).ok()
}

/// A reason for names that look like origins.
fn why_not(name: &str) -> &'static str {
    let name = name.to_ascii_lowercase();
    let scheme = name.split(':').next().unwrap_or_default();
    if name == "null" || SHARED.contains(&scheme) {
        ", which any page can send as its origin"
    } else {
        ""
    }
}

/// Whether a page of this origin was served under the name that the request is sent to. `http` and
/// `https` count as one, because a proxy may have taken TLS off; an app is never the gateway's own.
pub(super) fn is_own(origin: &HeaderValue, headers: &HeaderMap, uri: &Uri) -> bool {
    let own = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .or_else(|| uri.authority().map(|authority| authority.as_str()));
    let origin = origin.to_str().ok();
    let theirs = origin.and_then(|origin| origin.split_once("://"));
    match (own, theirs) {
        (Some(own), Some(("http" | "https", theirs))) => own.eq_ignore_ascii_case(theirs),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_this_machine_are_told_by_their_origin() {
        let cors = Cors {
            local: true,
            ..Cors::default()
        };
        for (origin, expected) in [
            ("http://localhost", true),
            ("http://localhost:3000", true),
            ("https://localhost:5173", true),
            ("http://127.0.0.1:8081", true),
            ("http://[::1]:3000", true),
            ("http://acme.localhost:3000", true),
            ("https://a.b-c.localhost", true),
            ("http://.localhost", false),
            ("http://acme.localhost:", false),
            ("http://evil.example/.localhost", false),
            ("http://evil.example:80/x.localhost", false),
            ("http://localhost.evil.example", false),
            ("http://localhost:3000.evil.example", false),
            ("http://localhost:", false),
            ("http://127.0.0.1.evil.example", false),
            ("http://127.0.0.2", false),
            ("http://evil.example", false),
            ("app://localhost", false),
            ("null", false),
        ] {
            let origin = HeaderValue::from_static(origin);
            assert_eq!(cors.allow(&origin), expected, "{origin:?}");
            assert!(!Cors::default().allow(&origin), "{origin:?}");
        }
    }

    #[test]
    fn names_of_headers_are_read_and_others_refused() {
        let names = read_headers(" X-Client , ,x-trace,").unwrap();
        assert_eq!(names, ["x-client", "x-trace"]);
        for text in ["a b", "x-client; y", "*\u{e4}"] {
            let error = read_headers(text).unwrap_err();
            assert!(error.starts_with("cors_header has `"), "{error}");
        }
    }

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
            ("capacitor://localhost", listed(&["capacitor://localhost"])),
            ("Tauri://localhost", listed(&["tauri://localhost"])),
            ("ionic://localhost", listed(&["ionic://localhost"])),
            ("app://obsidian.md", listed(&["app://obsidian.md"])),
            ("app://.", listed(&["app://."])),
            ("vscode-webview://0A1b", listed(&["vscode-webview://0A1b"])),
            ("app://localhost:80", listed(&["app://localhost:80"])),
            (
                "chrome-extension://aapbdbdomjkkjkaonfhkkikfgjllcleb,moz-extension://2c127fa4-62c7-7e4f-90e5-472b45eecfdc",
                listed(&[
                    "chrome-extension://aapbdbdomjkkjkaonfhkkikfgjllcleb",
                    "moz-extension://2c127fa4-62c7-7e4f-90e5-472b45eecfdc",
                ]),
            ),
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
            "https://a.example:",
            "https://a.example?b",
            "https://a%2eexample",
            "https://",
            "capacitor://",
            "capacitor://localhost/",
            "capacitor:localhost",
            "chrome-extension://*",
            "1app://localhost",
            "an app://localhost",
            "file://",
            "file:///",
            "file://localhost",
            "FILE://localhost",
            "blob:https://a.example",
            "data:,a",
        ] {
            let error = text.parse::<Origins>().unwrap_err();
            assert!(error.contains("write origins such as"), "{text}: {error}");
            let shared = ["null", "file", "FILE", "blob", "data"];
            let shared = shared.iter().any(|begin| text.starts_with(begin));
            assert_eq!(error.contains("any page"), shared, "{text}: {error}");
        }
    }
}
