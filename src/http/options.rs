//! The options of requests and connections.

use std::time::Duration;

use super::cors::Cors;

/// The settings of requests and connections.
#[derive(Clone, Debug)]
pub struct HttpOptions {
    /// Whether introspection needs no token.
    pub open_introspection: bool,
    /// Whether introspection is allowed, and errors suggest names.
    pub introspection: bool,
    /// Whether `/metrics` is served on the API's address.
    pub open_metrics: bool,
    /// Which pages of other origins may send requests.
    pub cors: Cors,
    /// Maximum size of a request body in bytes.
    pub max_body: usize,
    /// Maximum number of bytes that all requests hold together.
    pub max_held_bytes: usize,
    /// Maximum number of operations in a batch; 0 disables batches.
    pub max_batch: usize,
    /// Time for one request, from its head to the response.
    pub request_timeout: Duration,
    /// Number of permits: requests that are processed at once. Some more wait.
    pub max_concurrent: usize,
    /// How many of them one workspace may have; three quarters if there is no number.
    pub max_concurrent_per_workspace: Option<usize>,
    /// Maximum number of client connections.
    pub max_connections: usize,
    /// Time after SIGTERM during which connections are still accepted.
    pub drain: Duration,
    /// Whether the playground is served.
    pub playground: bool,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            open_introspection: false,
            introspection: false,
            open_metrics: false,
            cors: Cors::default(),
            max_body: 1024 * 1024,
            max_held_bytes: 64 * 1024 * 1024,
            max_batch: 0,
            request_timeout: Duration::from_secs(30),
            max_concurrent: 32,
            max_concurrent_per_workspace: None,
            max_connections: 4096,
            drain: Duration::ZERO,
            playground: true,
        }
    }
}
