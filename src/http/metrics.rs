//! `/metrics` for Prometheus, and the counters of requests and responses.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::{Gateway, health};
use crate::telemetry::metrics;

/// What the operator's address serves.
pub fn router(gateway: Arc<Gateway>) -> Router {
    Router::new()
        .route("/metrics", get(text))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .with_state(gateway)
}

/// `/metrics` beside the API where the options say so: the numbers are not for the public.
pub(super) fn beside_the_api(gateway: &Gateway) -> Router<Arc<Gateway>> {
    if gateway.options.open_metrics {
        Router::new().route("/metrics", get(text))
    } else {
        Router::new()
    }
}

async fn text(State(gateway): State<Arc<Gateway>>) -> Response {
    let (idle, open) = gateway.db.connections();
    let text = metrics().text(idle, open);
    let form =
        HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
    ([(header::CONTENT_TYPE, form)], text).into_response()
}

/// Counts a request that is answered at once.
pub(super) fn count_at_once(status: StatusCode) {
    drop(metrics().request());
    metrics().response(status.as_u16());
}

/// Counts a request and its answer.
pub(super) async fn count(answer: impl Future<Output = Response>) -> Response {
    let in_flight = metrics().request();
    let response = answer.await;
    metrics().response(response.status().as_u16());
    drop(in_flight);
    response
}
