//! Settings of requests and connections.

use std::time::Duration;

use super::section::section;
use crate::http::{Cors, HttpOptions, Origins, read_headers};

section! {
    /// Flags of the front.
    #[command(next_help_heading = "HTTP settings")]
    pub struct HttpFlags {
        /// Origins whose pages may send requests, such as `https://shop.example` or
        /// `capacitor://localhost`, separated by commas, or `*` [default: only the gateway's own; in
        /// development mode also those of this machine].
        #[arg(long, global = true, env = "TESSERA_CORS_ORIGIN", value_name = "ORIGINS")]
        cors_origin: String,
        /// Further headers that pages of these origins may send, separated by commas [default: those
        /// that the gateway reads, and those of Apollo Client, Sentry and OpenTelemetry].
        #[arg(long, global = true, env = "TESSERA_CORS_HEADER", value_name = "HEADERS")]
        cors_header: String,
        /// Seconds after which a request is cancelled, in PostgreSQL too [default: 30].
        #[arg(long, global = true, env = "TESSERA_REQUEST_TIMEOUT", value_name = "SECONDS")]
        request_timeout: u64,
        /// Maximum number of requests processed at once. Four times as many may wait for a moment;
        /// the others get 503 [default: 2 per database connection, at least 16].
        #[arg(long, global = true, env = "TESSERA_MAX_CONCURRENT", value_name = "NUMBER")]
        max_concurrent: usize,
        /// How many of them one workspace may have, so that a workspace with too many requests does
        /// not block the others [default: three quarters].
        #[arg(long, global = true, env = "TESSERA_MAX_CONCURRENT_PER_WORKSPACE", value_name = "NUMBER")]
        max_concurrent_per_workspace: usize,
        /// Maximum number of client connections; beyond it the longest idle ones are closed
        /// [default: 4096].
        #[arg(long, global = true, env = "TESSERA_MAX_CONNECTIONS", value_name = "NUMBER")]
        max_connections: usize,
        /// Maximum size of a request body in bytes [default: 1048576].
        #[arg(long, global = true, env = "TESSERA_MAX_BODY", value_name = "BYTES")]
        max_body: usize,
        /// Maximum number of bytes that all requests hold together: large bodies, rows and unsent
        /// responses; beyond it, 503. One workspace may hold three quarters of it
        /// [default: 67108864].
        #[arg(long, global = true, env = "TESSERA_MAX_HELD_BYTES", value_name = "BYTES")]
        max_held_bytes: usize,
        /// Maximum number of operations in one request, sent as a JSON array; 0 disables arrays
        /// [default: 0].
        #[arg(long, global = true, env = "TESSERA_MAX_BATCH", value_name = "NUMBER")]
        max_batch: usize,
        /// Seconds after SIGTERM during which connections are still accepted and `/health/ready`
        /// returns 503, so that load balancers notice [default: 5, and 0 in development mode].
        #[arg(long, global = true, env = "TESSERA_DRAIN_SECONDS", value_name = "SECONDS")]
        drain_seconds: u64,
        /// Serve the playground [default: true].
        #[arg(long, global = true, env = "TESSERA_PLAYGROUND", value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
        playground: bool,
    }
}

impl HttpFlags {
    /// `pool_size` is the number of connections to the database.
    pub(super) fn check(self, pool_size: u32, development: bool) -> Result<HttpOptions, String> {
        let defaults = HttpOptions::default();
        let timeout = super::between("request_timeout", self.request_timeout, 30, 1..=3600)?;
        let permits = 16.max(pool_size as usize * 2);
        let max_concurrent =
            super::between("max_concurrent", self.max_concurrent, permits, 1..=100_000)?;
        let share = self.max_concurrent_per_workspace.map(|share| {
            let bounds = 1..=max_concurrent;
            super::between("max_concurrent_per_workspace", Some(share), share, bounds)
        });
        let drain = if development { 0 } else { 5 };
        let drain = super::between("drain_seconds", self.drain_seconds, drain, 0..=3600)?;
        Ok(HttpOptions {
            cors: Cors {
                origins: super::filled(self.cors_origin)
                    .map_or(Ok(Origins::None), |origins| origins.parse())?,
                local: development,
                headers: read_headers(&self.cors_header.unwrap_or_default())?,
            },
            request_timeout: Duration::from_secs(timeout),
            max_concurrent,
            max_concurrent_per_workspace: share.transpose()?,
            drain: Duration::from_secs(drain),
            playground: self.playground.unwrap_or(defaults.playground),
            max_connections: super::between(
                "max_connections",
                self.max_connections,
                defaults.max_connections,
                1..=1_000_000,
            )?,
            max_body: super::between(
                "max_body",
                self.max_body,
                defaults.max_body,
                1024..=64 * 1024 * 1024,
            )?,
            max_held_bytes: super::between(
                "max_held_bytes",
                self.max_held_bytes,
                defaults.max_held_bytes,
                1024 * 1024..=1 << 40,
            )?,
            max_batch: super::between("max_batch", self.max_batch, defaults.max_batch, 0..=1000)?,
            ..defaults
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drain_is_for_production_and_the_playground_is_served_unless_they_are_set() {
        for (set, development, expected) in [
            (None, false, 5),
            (None, true, 0),
            (Some(20), true, 20),
            (Some(0), false, 0),
        ] {
            let flags = HttpFlags {
                drain_seconds: set,
                ..HttpFlags::default()
            };
            let options = flags.check(16, development).unwrap();
            assert_eq!(options.drain, Duration::from_secs(expected));
            assert!(options.playground);
        }
        let flags = HttpFlags {
            playground: Some(false),
            ..HttpFlags::default()
        };
        assert!(!flags.check(16, true).unwrap().playground);
    }

    #[test]
    fn a_workspace_has_no_more_permits_than_there_are() {
        let check = |share| {
            let flags = HttpFlags {
                max_concurrent: Some(8),
                max_concurrent_per_workspace: Some(share),
                ..HttpFlags::default()
            };
            flags.check(16, false)
        };
        let share = check(8).unwrap().max_concurrent_per_workspace;
        assert_eq!(share, Some(8));
        for share in [0, 9] {
            let error = check(share).unwrap_err();
            assert!(
                error.starts_with("max_concurrent_per_workspace is"),
                "{error}"
            );
            assert!(error.ends_with("from 1 to 8"), "{error}");
        }
    }
}
