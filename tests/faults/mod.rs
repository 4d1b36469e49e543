//! Faults of the world around the gateway: the real binary over TCP, a PostgreSQL of the test's
//! own, and callers who check every answer while one of the two is hurt.
//!
//! They need PostgreSQL's programs: `TESSERA_TEST_POSTGRES_BIN` names the folder with `initdb` and
//! `postgres`. Without it they are left out.

mod clients;
mod clock;
mod cut;
mod disk;
mod exhausted;
pub mod gateway;
mod imports;
mod killed;
mod load;
mod proxy;
mod repeated;
pub mod server;
mod stopping;

use std::time::{Duration, Instant};

use self::server::Server;
use crate::harness::run;

/// One fault at a time: they measure how soon something is over.
static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Runs a test on a server of its own, with the model and the seed in it.
pub fn on_own_server(test: impl AsyncFnOnce(&mut Server)) {
    let Some(programs) = server::programs() else {
        return left_out("TESSERA_TEST_POSTGRES_BIN names no folder with PostgreSQL's programs");
    };
    run(async {
        let _turn = TURN.lock().await;
        let mut server = Server::make(&programs, None);
        server.start().await;
        server.fill().await;
        test(&mut server).await;
    });
}

/// Says that a test did not run. Where all must run, that is a failure.
pub fn left_out(why: &str) {
    assert!(
        std::env::var_os("TESSERA_TEST_ALL_FAULTS").is_none(),
        "left out: {why}"
    );
    eprintln!("left out: {why}");
}

/// Waits until something holds.
pub async fn until(what: &str, patience: Duration, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + patience;
    while !holds().await {
        assert!(Instant::now() < deadline, "not within {patience:?}: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
