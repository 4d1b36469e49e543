//! Leads a person who opens the endpoint in a browser to the playground.

use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::weighted;

/// Relative, so that it also holds behind a proxy that serves the gateway under a longer path.
const PLAYGROUND: &str = "./";

/// Whether a browser asks for a page here: GET or HEAD without a query string, with an `Accept` that
/// names HTML and no type of JSON.
pub fn is_visit(request: &Request) -> bool {
    matches!(*request.method(), Method::GET | Method::HEAD)
        && request.uri().query().is_none_or(str::is_empty)
        && prefers_a_page(request.headers())
}

fn prefers_a_page(headers: &HeaderMap) -> bool {
    let ranges = weighted::list(headers, &header::ACCEPT).unwrap_or_default();
    let names = |wanted: &[&str]| {
        let mut wanted_ones = ranges.iter().filter(|range| range.weight > 0);
        wanted_ones.any(|range| wanted.contains(&range.name.as_str()))
    };
    names(&["text/html", "application/xhtml+xml"])
        && !names(&["application/json", "application/graphql-response+json"])
}

/// The redirect to the playground. No cache keeps it, because other clients get another answer here.
pub fn to_playground() -> Response {
    let headers = [
        (header::LOCATION, PLAYGROUND),
        (header::CACHE_CONTROL, "no-store"),
        (header::VARY, "accept"),
    ];
    (StatusCode::SEE_OTHER, headers).into_response()
}
