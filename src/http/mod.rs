//! HTTP: the routes, and the layers around them in one ordered list.

mod accept;
mod admission;
mod bounds;
mod challenge;
mod compress;
mod connection;
mod connections;
mod context;
mod cors;
mod credentials;
mod csrf;
mod delivery;
mod drain;
mod graphql;
mod health;
mod metrics;
mod options;
mod permits;
pub mod playground;
mod rate_headers;
mod request;
mod respond;
mod serve;
mod status;
mod weighted;

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::get;
use tower::ServiceBuilder;
use tower::util::option_layer;
use tower_http::catch_panic::CatchPanicLayer;

pub use self::connection::Patience;
pub use self::context::{Context, RequestId};
pub use self::cors::Origins;
pub use self::drain::{Ended, Signal, serve_until};
pub use self::metrics::router as metrics_router;
pub use self::options::HttpOptions;
pub use self::serve::{Bounds, serve};

use self::admission::Admission;
use self::playground::PlaygroundConfig;
use crate::auth::Auth;
use crate::db::Db;
use crate::documents::Documents;
use crate::engine::Engine;
use crate::memory::Memory;
use crate::rate::Rates;

/// What the handlers share.
pub struct Gateway {
    pub engine: Engine,
    pub db: Db,
    pub auth: Auth,
    pub documents: Documents,
    pub rates: Rates,
    /// The bytes that all requests hold together.
    pub memory: Arc<Memory>,
    pub options: HttpOptions,
    /// Set when the gateway is about to stop, so that load balancers send nothing more.
    pub draining: AtomicBool,
}

/// The whole service. A request passes the lines of the two lists from the top down, and its
/// answer from the bottom up. Before them stand the bounds of connections, in `serve`: their
/// number, the size of a head (431), the time for it (closed), and `Host` (400).
pub fn router(gateway: Arc<Gateway>, playground: PlaygroundConfig) -> Router {
    let admission = Arc::new(Admission::new(Arc::clone(&gateway)));
    let limit = gateway.options.request_timeout;

    let playground = if gateway.options.playground {
        playground::router(playground)
    } else {
        Router::new()
    };

    // What costs something. Health and the playground answer in overload, too.
    let asked = ServiceBuilder::new()
        // Answers preflights. It stands before all that refuses, so that pages can read refusals.
        .layer(option_layer(gateway.options.origins.layer()))
        // The steps of admission, in their order: see there.
        .layer(from_fn_with_state(admission, admission::admit))
        // Compresses large answers, within the time of the request.
        .layer(from_fn_with_state(
            gateway.memory.clone(),
            compress::compressed,
        ));
    let api = Router::new()
        .route(
            "/graphql",
            get(graphql::answer)
                .post(graphql::answer)
                .options(respond::methods),
        )
        // The bound on bodies above is the only one.
        .layer(DefaultBodyLimit::disable())
        .method_not_allowed_fallback(respond::other_method)
        .layer(asked);

    // What every request gets.
    let every = ServiceBuilder::new()
        // Counts requests and answers; refuses nothing.
        .layer(from_fn(metrics::count))
        // Names the request and sets its deadline; refuses nothing.
        .layer(from_fn_with_state(limit, context::identify))
        // 500 where the code panicked.
        .layer(CatchPanicLayer::custom(panicked));
    Router::new()
        .merge(api)
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .merge(metrics::beside_the_api(&gateway))
        .with_state(gateway)
        .merge(playground)
        .fallback(respond::not_found)
        .method_not_allowed_fallback(respond::other_method)
        .layer(every)
}

/// A panic is a fault of the gateway; the process lives on and the caller learns nothing of it.
fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let cause = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without a message");
    respond::failed(cause)
}
