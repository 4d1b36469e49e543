//! What a request costs in messages between a server and PostgreSQL, in a run of its own.

use serde::Serialize;

use crate::cases::Case;
use crate::client::Connection;
use crate::messages::Counts;
use crate::proxy::Proxy;
use crate::random::Random;
use crate::seed::{Role, Size};
use crate::server::{Program, Server, Setup};

/// Requests before any is counted: each connection has prepared its statements by then.
const BEFORE: usize = 50;
const COUNTED: usize = 100;

/// What one request takes on average.
#[derive(Clone, Copy, Default, Serialize)]
pub struct Traffic {
    pub statements: f64,
    pub round_trips: f64,
    /// All messages of the counted requests.
    pub of_100_requests: Counts,
}

/// A server behind a proxy that counts.
pub struct Watched {
    server: Server,
    proxy: Proxy,
}

impl Watched {
    pub async fn start(program: Program, setup: &Setup, url: &str) -> anyhow::Result<Self> {
        let proxy = Proxy::open(url).await?;
        let server = program.start(setup, &proxy.url).await?;
        Ok(Self { server, proxy })
    }

    /// Asks one question after the other.
    pub async fn count(&self, case: &Case, role: Role, size: Size) -> anyhow::Result<Traffic> {
        let mut connection = Connection::open(self.server.address).await?;
        let mut random = Random::new(11);
        for number in 0..BEFORE + COUNTED {
            if number == BEFORE {
                self.proxy.take();
            }
            let question = (case.ask)(&mut random, size);
            connection
                .ask(&self.server.request(&question, role))
                .await?;
        }
        let counts = self.proxy.take();
        let each = |count: u64| count as f64 / COUNTED as f64;
        Ok(Traffic {
            statements: each(counts.statements),
            round_trips: each(counts.round_trips),
            of_100_requests: counts,
        })
    }
}
