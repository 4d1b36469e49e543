//! Settings of the front: what a request may take, and who may call.

use std::time::Duration;

use super::section::section;
use crate::http::{Options, Origins};

section! {
    /// Flags of the front.
    pub struct HttpFlags {
        /// Origins whose pages may call, such as `https://shop.example` or `capacitor://localhost`,
        /// with commas between them, or `*` [default: the gateway's own alone].
        #[arg(long, global = true, env = "TESSERA_CORS_ORIGIN", value_name = "ORIGINS")]
        cors_origin: String,
        /// Seconds for one request; then it is stopped, in PostgreSQL too [default: 30].
        #[arg(long, global = true, env = "TESSERA_REQUEST_TIMEOUT", value_name = "SECONDS")]
        request_timeout: u64,
        /// Most requests that are worked on at once; four times as many wait for a moment, and
        /// the others get 503 [default: 2 for each connection to the database, at least 16].
        #[arg(long, global = true, env = "TESSERA_MAX_CONCURRENT", value_name = "NUMBER")]
        max_concurrent: usize,
        /// Most open connections of clients; the next ones wait [default: 4096].
        #[arg(long, global = true, env = "TESSERA_MAX_CONNECTIONS", value_name = "NUMBER")]
        max_connections: usize,
        /// Longest body of a request in bytes [default: 1048576].
        #[arg(long, global = true, env = "TESSERA_MAX_BODY", value_name = "BYTES")]
        max_body: usize,
        /// Most bytes that all requests hold together in large bodies, rows that were read and
        /// answers that are not sent yet; beyond them, 503 [default: 100663296].
        #[arg(long, global = true, env = "TESSERA_MAX_HELD_BYTES", value_name = "BYTES")]
        max_held_bytes: usize,
        /// Most operations in one request, sent as a JSON array; 0 takes no arrays [default: 0].
        #[arg(long, global = true, env = "TESSERA_MAX_BATCH", value_name = "NUMBER")]
        max_batch: usize,
    }
}

impl HttpFlags {
    /// `pool_size` is the number of connections to the database.
    pub(super) fn check(self, pool_size: u32) -> Result<Options, String> {
        let defaults = Options::default();
        let timeout = super::between("request_timeout", self.request_timeout, 30, 1..=3600)?;
        let seats = 16.max(pool_size as usize * 2);
        Ok(Options {
            origins: super::filled(self.cors_origin)
                .map_or(Ok(Origins::None), |origins| origins.parse())?,
            request_timeout: Duration::from_secs(timeout),
            max_concurrent: super::between(
                "max_concurrent",
                self.max_concurrent,
                seats,
                1..=100_000,
            )?,
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
