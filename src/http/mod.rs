//! The HTTP front: the routes, and the layers around them in one ordered list.

mod accept;
mod graphql;
mod health;
mod metrics;
pub mod playground;
mod request;

use std::any::Any;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Response, StatusCode, header};
use axum::middleware::from_fn;
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use self::playground::PlaygroundConfig;
use crate::auth::Auth;
use crate::db::Db;
use crate::engine::Engine;
use crate::error::Error;

/// What the handlers share.
pub struct Gateway {
    pub engine: Engine,
    pub db: Db,
    pub auth: Auth,
    pub options: Options,
}

/// What an operator sets of the front.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Whether the schema may be asked about without a token.
    pub open_introspection: bool,
}

/// Longest body of a request, in bytes.
const LONGEST_BODY: usize = 1024 * 1024;

pub use self::metrics::router as metrics_router;

/// The whole service. A request passes the layers from the last one up.
pub fn router(gateway: Arc<Gateway>, playground: PlaygroundConfig) -> Router {
    Router::new()
        .route("/graphql", get(graphql::get).post(graphql::post))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .with_state(gateway)
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(CompressionLayer::new())
        .merge(playground::router(playground))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(metrics::count))
}

/// A panic is a fault of the gateway; the process lives on and the caller learns nothing of it.
fn panicked(panic: Box<dyn Any + Send>) -> Response<String> {
    let cause = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without a message");
    let body = serde_json::json!({"errors": [Error::internal(cause).to_json()]}).to_string();
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    let json = header::HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
