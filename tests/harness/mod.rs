//! What all tests share: a migrated and seeded database, the router over it, callers, golden files.

pub mod admin;
pub mod client;
mod copies;
pub mod database;
pub mod generate;
pub mod golden;
pub mod seed;

use std::future::Future;
use std::sync::LazyLock;

use tessera::auth::Secret;
use tokio::runtime::Runtime;

/// One runtime for all tests: connections belong to the runtime that opened them.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));

/// Runs a test on the common runtime.
pub fn run<T>(test: impl Future<Output = T>) -> T {
    RUNTIME.block_on(test)
}

/// The secret that signs the tokens of the tests.
pub fn secret() -> Secret {
    Secret::new("the secret of the tests, which is long enough").expect("long enough")
}
