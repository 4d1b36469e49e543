//! The GraphiQL playground: a page, its assets and its settings, all served from the binary.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io;
use std::sync::{Arc, LazyLock, OnceLock};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    FORWARDED, HOST, IF_NONE_MATCH, REFERRER_POLICY, VARY, VIA, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rust_embed::{EmbeddedFile, RustEmbed};
use serde::Serialize;

/// The bundle as `npm run build` in `playground/` leaves it: every file is compressed with brotli.
#[derive(RustEmbed)]
#[folder = "playground/dist"]
struct Bundle;

#[derive(RustEmbed)]
#[folder = "playground/examples"]
struct ExampleFiles;

/// Scripts and workers come from the gateway itself, and so do all requests. Styles may stand inline because the
/// editor positions its lines so; pictures may be `data:` because its icons are.
const POLICY: &str = "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; \
    style-src 'self' 'unsafe-inline'; font-src 'self'; img-src 'self' data:; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const ALWAYS_ASK: &str = "no-cache";
const NEVER_KEEP: &str = "no-store";
const KEEP_FOR_GOOD: &str = "public, max-age=31536000, immutable";

/// What the page is told about the gateway.
#[derive(Clone, Serialize)]
pub struct PlaygroundConfig {
    /// Whether this is a machine on which tokens may be handed to whoever opens the page.
    pub development: bool,
    /// Whether introspection is allowed, which the page needs for completion and documentation.
    pub introspection: bool,
    /// The path of the GraphQL endpoint, relative to the page.
    pub endpoint: String,
    /// The workspaces to switch between. Outside development they are left out of the answer.
    pub workspaces: Vec<DemoWorkspace>,
    /// The queries in the menu.
    pub examples: Vec<Example>,
}

/// A demonstration workspace with a token that opens it. It has no `Debug`, so that no log can hold the token.
#[derive(Clone, Serialize)]
pub struct DemoWorkspace {
    pub slug: String,
    pub name: String,
    pub token: String,
}

/// A query that the page offers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Example {
    pub title: String,
    /// The slug of the workspace whose data the query is written for, or none where it fits all.
    pub workspace: Option<String>,
    pub query: String,
    /// The variables as JSON text, empty where the query has none.
    pub variables: String,
}

/// The settings as the page gets them.
struct Settings {
    development: bool,
    /// None when they are not JSON, which the log says.
    body: Option<Bytes>,
}

/// The routes of the playground: `/`, `/playground/config.json` and `/playground/assets/*`.
pub fn router(mut config: PlaygroundConfig) -> Router {
    if !config.development {
        config.workspaces.clear();
    }
    let body = serde_json::to_vec(&config).inspect_err(
        |error| tracing::error!(%error, "the playground's settings cannot be written as JSON"),
    );
    let settings = Settings {
        development: config.development,
        body: body.ok().map(Bytes::from),
    };
    Router::new()
        .route("/", get(page))
        .route("/playground/config.json", get(self::settings))
        .route("/playground/assets/{*name}", get(asset))
        .with_state(Arc::new(settings))
}

/// The example queries of the repository, in the order of their file names.
pub fn examples() -> Vec<Example> {
    let mut names: Vec<_> = ExampleFiles::iter()
        .filter(|name| name.ends_with(".graphql"))
        .collect();
    names.sort();
    names
        .iter()
        .filter_map(|name| {
            let query = text(&ExampleFiles::get(name)?);
            let variables = ExampleFiles::get(&name.replace(".graphql", ".json"));
            parse(&query, variables.as_ref().map(text).unwrap_or_default())
        })
        .collect()
}

fn text(file: &EmbeddedFile) -> String {
    String::from_utf8_lossy(&file.data).trim().to_owned()
}

/// The first line of an example is its title, the second its workspace; the rest is shown, comments included.
fn parse(file: &str, variables: String) -> Option<Example> {
    let (title, rest) = file.split_once('\n')?;
    let (workspace, query) = rest.split_once('\n')?;
    let workspace = workspace.strip_prefix("# workspace: ")?.trim();
    let query = query.strip_prefix("#\n").unwrap_or(query);
    Some(Example {
        title: title.strip_prefix("# ")?.trim().to_owned(),
        workspace: (workspace != "any").then(|| workspace.to_owned()),
        query: format!("{}\n", query.trim()),
        variables,
    })
}

async fn page(request: HeaderMap) -> Response {
    serve("index.html", &request)
}

async fn asset(Path(name): Path<String>, request: HeaderMap) -> Response {
    serve(&format!("playground/assets/{name}"), &request)
}

async fn settings(State(settings): State<Arc<Settings>>, request: HeaderMap) -> Response {
    if settings.development && !is_local(&request) {
        return guarded((
            StatusCode::FORBIDDEN,
            "In development mode the playground contains tokens, so it is only served on localhost.\n",
        ));
    }
    if let Some(name) = proxied(&request).filter(|_| settings.development) {
        return guarded((
            StatusCode::FORBIDDEN,
            format!(
                "In development mode the playground contains tokens, so it is only served on this machine. \
                 The header `{name}` shows that a proxy forwarded the request: open the gateway's own \
                 address on this machine, or set `development` to false.\n"
            ),
        ));
    }
    match &settings.body {
        Some(body) => {
            let kind = [
                (CONTENT_TYPE, "application/json"),
                (CACHE_CONTROL, NEVER_KEEP),
            ];
            guarded((kind, body.clone()))
        }
        None => guarded((
            StatusCode::INTERNAL_SERVER_ERROR,
            "The playground's settings could not be written; the gateway's log has the cause.\n",
        )),
    }
}

/// The header by which a proxy says that it forwards the request, if there is one. A proxy on this
/// machine may put `localhost` for the name under which the page was asked for.
fn proxied(request: &HeaderMap) -> Option<&HeaderName> {
    request.keys().find(|name| {
        **name == FORWARDED
            || **name == VIA
            || *name == "x-real-ip"
            || name.as_str().starts_with("x-forwarded-")
    })
}

/// Whether the page was asked for under a name of this machine. A foreign name that was made to
/// lead here would otherwise let a foreign page read the tokens.
fn is_local(request: &HeaderMap) -> bool {
    let host = request
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || name
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// A file of the bundle, which all answers share.
struct Asset {
    packed: Bytes,
    /// Unpacked when somebody first needs it; none when it is damaged, which the log says.
    plain: OnceLock<Option<Bytes>>,
    tag: String,
}

static ASSETS: LazyLock<HashMap<String, Asset>> = LazyLock::new(|| {
    Bundle::iter()
        .filter_map(|name| {
            let file = Bundle::get(&name)?;
            let asset = Asset {
                tag: tag(&file),
                packed: match file.data {
                    Cow::Borrowed(data) => Bytes::from_static(data),
                    Cow::Owned(data) => data.into(),
                },
                plain: OnceLock::new(),
            };
            Some((name.strip_suffix(".br")?.to_owned(), asset))
        })
        .collect()
});

impl Asset {
    fn plain(&self, name: &str) -> Option<Bytes> {
        let unpack = || {
            let plain = unpack(&self.packed).inspect_err(|error| {
                tracing::error!(%error, name, "a file of the playground is damaged");
            });
            plain.ok().map(Bytes::from)
        };
        self.plain.get_or_init(unpack).clone()
    }
}

/// Answers with a file of the bundle, as it is to whoever takes brotli and unpacked to everybody else. Browsers take
/// it over HTTPS and on localhost, but not over plain HTTP from another machine.
fn serve(name: &str, request: &HeaderMap) -> Response {
    let Some(asset) = ASSETS.get(name) else {
        return guarded((
            StatusCode::NOT_FOUND,
            [(CACHE_CONTROL, NEVER_KEEP)],
            "The playground has no such file. The page is at /.\n",
        ));
    };
    let common = [
        (ETAG, asset.tag.clone()),
        (CACHE_CONTROL, freshness(name).to_owned()),
        (VARY, ACCEPT_ENCODING.to_string()),
    ];
    if holds(request, &asset.tag) {
        return guarded((StatusCode::NOT_MODIFIED, common));
    }
    let kind = [(CONTENT_TYPE, content_type(name))];
    if takes_brotli(request) {
        let encoding = [(CONTENT_ENCODING, "br")];
        return guarded((common, kind, encoding, asset.packed.clone()));
    }
    match asset.plain(name) {
        Some(plain) => guarded((common, kind, plain)),
        None => guarded((
            StatusCode::INTERNAL_SERVER_ERROR,
            "This file of the playground is damaged; build it again with `npm run build`.\n",
        )),
    }
}

/// Adds what every answer of the playground carries, errors and workers included.
fn guarded(answer: impl IntoResponse) -> Response {
    const HEADERS: [(HeaderName, &str); 4] = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ];
    let mut response = answer.into_response();
    for (name, value) in HEADERS {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The tag is weak because it stands for the content, packed or not.
fn tag(file: &EmbeddedFile) -> String {
    let hash = file.metadata.sha256_hash();
    let digits: String = hash[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("W/\"{digits}\"")
}

fn holds(request: &HeaderMap, tag: &str) -> bool {
    request
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|known| known == "*" || known.trim_start_matches("W/") == tag.trim_start_matches("W/"))
}

/// Assets carry a hash of their content in their name, so another content is another address. The licences and the
/// page keep theirs.
fn freshness(name: &str) -> &'static str {
    if name.starts_with("playground/assets/") && !name.ends_with(".md") {
        KEEP_FOR_GOOD
    } else {
        ALWAYS_ASK
    }
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("md") => "text/markdown; charset=utf-8",
        Some("woff2") => "font/woff2",
        Some("ttf") => "font/ttf",
        _ => "application/octet-stream",
    }
}

fn takes_brotli(request: &HeaderMap) -> bool {
    let quality = |wanted: &str| {
        request
            .get_all(ACCEPT_ENCODING)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .find_map(|entry| {
                let mut parts = entry.split(';').map(str::trim);
                if !parts.next()?.eq_ignore_ascii_case(wanted) {
                    return None;
                }
                let weight = parts.find_map(|part| part.strip_prefix("q="));
                Some(weight.map_or(1.0, |weight| weight.parse::<f32>().unwrap_or(0.0)))
            })
    };
    quality("br").or_else(|| quality("*")).unwrap_or(0.0) > 0.0
}

fn unpack(packed: &[u8]) -> io::Result<Vec<u8>> {
    let mut plain = Vec::new();
    brotli_decompressor::BrotliDecompress(&mut &*packed, &mut plain)?;
    Ok(plain)
}

#[cfg(test)]
#[path = "playground_tests.rs"]
mod tests;
