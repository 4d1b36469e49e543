//! What an operator sets of the front.

use std::time::Duration;

use super::cors::Origins;

/// The front's settings.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether the schema may be asked about without a token.
    pub open_introspection: bool,
    /// Whether the schema may be asked about at all, and errors propose names.
    pub introspection: bool,
    /// Whether `/metrics` is served beside the API.
    pub open_metrics: bool,
    /// Other origins whose pages may call.
    pub origins: Origins,
    /// Longest body of a request, in bytes.
    pub max_body: usize,
    /// Most bytes that all requests hold together.
    pub max_held_bytes: usize,
    /// Most operations in one request; none when 0.
    pub max_batch: usize,
    /// Time for one request, from its first line to the answer.
    pub request_timeout: Duration,
    /// Most requests that are worked on at once; some more wait.
    pub max_concurrent: usize,
    /// How many of them one workspace may have; without a number three quarters.
    pub max_concurrent_per_workspace: Option<usize>,
    /// Most open connections of clients.
    pub max_connections: usize,
    /// Time from the signal to stop until no connection is taken any more.
    pub drain: Duration,
    /// Whether the playground is served.
    pub playground: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            open_introspection: false,
            introspection: false,
            open_metrics: false,
            origins: Origins::default(),
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
