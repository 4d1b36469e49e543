//! Health checks for load balancers: `live` while the process runs, `ready` while it can serve
//! requests and is not about to stop.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::Gateway;

pub async fn live() -> Json<Value> {
    Json(json!({"status": "live"}))
}

/// Answers within two seconds, from what the database said at most half a second ago.
pub async fn ready(State(gateway): State<Arc<Gateway>>) -> (StatusCode, Json<Value>) {
    if gateway.draining.load(Ordering::Relaxed) {
        let stopping = json!({"status": "stopping"});
        (StatusCode::SERVICE_UNAVAILABLE, Json(stopping))
    } else if gateway.db.is_ready().await {
        (StatusCode::OK, Json(json!({"status": "ready"})))
    } else {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            Json(json!({"status": "not ready"})),
        )
    }
}
