//! What the owner of connections decides about them, whatever the URL says.

use std::time::Duration;

/// Settings of a connection.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// What the server is told at the start beside the user and the database: `role`,
    /// `default_transaction_isolation` and so on. What the URL says itself (`application_name`)
    /// wins. PgBouncer refuses most of them.
    pub parameters: Vec<(String, String)>,
    /// How much and how long.
    pub limits: Limits,
    /// Which statements stay prepared.
    pub keep: Keep,
}

/// How much of the server's time and of this process's memory a connection may take.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How long one address may take until the connection is ready, where the URL does not say.
    pub connect: Duration,
    /// How long the server may take for what was sent up to a Flush or Sync.
    pub answer: Duration,
    /// Most bytes of one message, and so of one row.
    pub message: usize,
    /// Most bytes of all answers of one exchange.
    pub exchange: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            answer: Duration::from_secs(30),
            message: 16 << 20,
            exchange: 64 << 20,
        }
    }
}

/// Which statements a connection keeps prepared. The one that was not used for longest goes first.
#[derive(Clone, Debug)]
pub struct Keep {
    /// Whether any is. PgBouncer before 1.21, and later without `max_prepared_statements`, needs
    /// that none is.
    pub named: bool,
    /// How many at most.
    pub statements: usize,
    /// How many bytes of text and types they may have together. PostgreSQL takes many times that.
    pub bytes: usize,
    /// One that is longer, in bytes, is never kept.
    pub longest: usize,
}

impl Default for Keep {
    fn default() -> Self {
        Self {
            named: true,
            statements: 200,
            bytes: 512 * 1024,
            longest: 8 * 1024,
        }
    }
}
