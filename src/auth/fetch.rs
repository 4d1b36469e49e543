//! Fetches the issuer's keys over HTTP, within bounds.

use std::error::Error as _;
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use reqwest::header::{ACCEPT, CACHE_CONTROL, HeaderMap};
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Client, StatusCode, Url};
use tokio::sync::OnceCell;

/// Largest set of keys, in bytes.
const LARGEST: usize = 1024 * 1024;
/// Most redirects within the server.
const MOST_REDIRECTS: usize = 3;

/// The address of a set of keys. It prints without its query, which may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub struct JwksUrl(Url);

impl JwksUrl {
    /// Reads an address; plain HTTP is taken for this machine, and in development.
    ///
    /// # Errors
    /// A sentence without the address.
    pub fn parse(text: &str, development: bool) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| {
            format!("jwks_url is not a valid URL: {error}; write a URL such as https://issuer.example/.well-known/jwks.json")
        })?;
        if url.host().is_none() || !url.username().is_empty() || url.password().is_some() {
            return Err("jwks_url must have a host, and no user or password".to_owned());
        }
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if development || is_loopback(&url) => Ok(Self(url)),
            _ => Err("jwks_url must begin with https://, because anyone who can change the keys in transit can sign tokens".to_owned()),
        }
    }
}

impl fmt::Display for JwksUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut url = self.0.clone();
        url.set_query(None);
        url.set_fragment(None);
        write!(formatter, "{url}")
    }
}

impl fmt::Debug for JwksUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "JwksUrl({self})")
    }
}

/// The document of one address.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) url: JwksUrl,
    /// How long one fetch may take, from name lookup to the last byte.
    timeout: Duration,
    client: OnceCell<Client>,
}

/// What was fetched.
pub(super) struct Document {
    pub(super) body: Vec<u8>,
    /// How long the server says that it may be kept.
    pub(super) max_age: Option<Duration>,
}

impl Source {
    pub(super) fn new(url: JwksUrl, timeout: Duration) -> Self {
        Self {
            url,
            timeout,
            client: OnceCell::new(),
        }
    }

    /// # Errors
    /// What went wrong, as the rest of a sentence about the server, for the operator's log.
    pub(super) async fn fetch(&self) -> Result<Document, String> {
        let client = self
            .client
            .get_or_try_init(async || client(&self.url, self.timeout))
            .await?;
        let mut response = client
            .get(self.url.0.clone())
            .header(ACCEPT, "application/json")
            .send()
            .await
            .map_err(told)?;
        if response.status() != StatusCode::OK {
            return Err(format!(
                "responds with status {}",
                response.status().as_u16()
            ));
        }
        let max_age = max_age(response.headers());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(told)? {
            if body.len() + chunk.len() > LARGEST {
                return Err(format!("sends more than {LARGEST} bytes"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Document { body, max_age })
    }
}

fn client(url: &JwksUrl, timeout: Duration) -> Result<Client, String> {
    // It is installed already where another part of the process was first, which is as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = Client::builder()
        .user_agent(concat!("tessera/", env!("CARGO_PKG_VERSION")))
        .timeout(timeout)
        .redirect(Policy::custom(follow));
    let builder = if is_loopback(&url.0) {
        builder.no_proxy()
    } else {
        builder
    };
    // Where nothing is encrypted, the machine need not have certificates of authorities.
    let builder = if url.0.scheme() == "http" {
        builder.tls_certs_only([])
    } else {
        builder
    };
    builder
        .build()
        .map_err(|error| format!("cannot be requested: {}", told(error)))
}

/// Follows redirects within the server, and none that leads elsewhere: the address was checked,
/// and only the address.
fn follow(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    let same = attempt
        .previous()
        .first()
        .is_some_and(|first| first.origin() == attempt.url().origin());
    if !same {
        attempt.error("it redirects to another server")
    } else if attempt.previous().len() > MOST_REDIRECTS {
        attempt.error("it redirects too often")
    } else {
        attempt.follow()
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// The error with its causes, without the address.
fn told(error: reqwest::Error) -> String {
    if error.is_timeout() {
        return "does not respond in time".to_owned();
    }
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text.push_str(": ");
        text.push_str(&next.to_string());
        cause = next.source();
    }
    format!("cannot be read: {text}")
}

fn max_age(headers: &HeaderMap) -> Option<Duration> {
    headers
        .get_all(CACHE_CONTROL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .find_map(|directive| {
            let (name, value) = directive.split_once('=')?;
            if !name.trim().eq_ignore_ascii_case("max-age") {
                return None;
            }
            value.trim().trim_matches('"').parse().ok()
        })
        .map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_over_an_encrypted_way_or_from_this_machine() {
        for (text, production, development) in [
            ("https://issuer.example/jwks.json", true, true),
            ("http://127.0.0.1:9000/jwks", true, true),
            ("http://[::1]:9000/jwks", true, true),
            ("http://localhost/jwks", true, true),
            ("http://issuer.example/jwks.json", false, true),
            ("http://127.0.0.1.example/jwks", false, true),
            ("http://localhost.example/jwks", false, true),
            ("ftp://issuer.example/jwks", false, false),
            ("file:///etc/jwks.json", false, false),
            ("https://user:pass@issuer.example/", false, false),
            ("issuer.example", false, false),
        ] {
            assert_eq!(JwksUrl::parse(text, false).is_ok(), production, "{text}");
            assert_eq!(JwksUrl::parse(text, true).is_ok(), development, "{text}");
        }
    }

    #[test]
    fn an_address_is_printed_without_its_query() {
        let url = JwksUrl::parse("https://issuer.example/jwks?apikey=hunter2#x", false).unwrap();
        assert_eq!(url.to_string(), "https://issuer.example/jwks");
        assert_eq!(format!("{url:?}"), "JwksUrl(https://issuer.example/jwks)");
    }

    #[test]
    fn the_age_is_read_from_among_other_directives() {
        for (text, expected) in [
            ("public, max-age=300, must-revalidate", Some(300)),
            ("MAX-AGE = 5", Some(5)),
            ("s-maxage=9", None),
            ("max-age=-1", None),
            ("no-store", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CACHE_CONTROL, text.parse().unwrap());
            assert_eq!(
                max_age(&headers),
                expected.map(Duration::from_secs),
                "{text}"
            );
        }
    }
}
