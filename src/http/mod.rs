//! HTTP: the routes, and what every request passes.

mod accept;
mod admission;
mod body;
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
mod endpoint;
mod explained;
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
mod stream;
mod visit;
mod weighted;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::get;

pub use self::connection::Patience;
pub use self::context::{Context, RequestId};
pub use self::cors::{Cors, Origins, read_headers};
pub use self::drain::{Ended, Signal, serve_until};
pub use self::metrics::router as metrics_router;
pub use self::options::HttpOptions;
pub use self::serve::{Bounds, serve};

use self::endpoint::Endpoint;
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

/// The whole service.
#[derive(Clone)]
pub struct Routes {
    /// All routes.
    pub router: Router,
    /// The route that nearly every request takes, so that none of them has to be looked for.
    direct: Option<Endpoint>,
}

/// Other routes, as tests have them.
impl From<Router> for Routes {
    fn from(router: Router) -> Self {
        Self {
            router,
            direct: None,
        }
    }
}

/// The routes of the gateway. Before them stand the bounds of connections, in `serve`: their number,
/// the size of a head (431), the time for it (closed), and `Host` (400).
pub fn routes(gateway: Arc<Gateway>, playground: PlaygroundConfig) -> Routes {
    let limit = gateway.options.request_timeout;
    let playground = if gateway.options.playground {
        playground::router(playground)
    } else {
        Router::new()
    };
    let endpoint = Endpoint::new(Arc::clone(&gateway));
    let cors = gateway.options.cors.layer();
    let router = Router::new()
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .merge(metrics::beside_the_api(&gateway))
        .with_state(gateway)
        .merge(playground)
        .fallback(respond::not_found)
        .method_not_allowed_fallback(respond::other_method)
        // A page that asks a wrong path must be able to read that it is wrong.
        .layer(cors)
        .layer(from_fn_with_state(limit, every))
        .route_service(endpoint::PATH, endpoint.clone());
    Routes {
        router,
        direct: Some(endpoint),
    }
}

/// What every request gets: see [`endpoint::attend`].
async fn every(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    let context = Context::of(request.headers(), limit);
    endpoint::attend(&context, next.run(request)).await
}
