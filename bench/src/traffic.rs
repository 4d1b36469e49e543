//! What a request costs in messages between a server and PostgreSQL, in a run of its own.

use std::time::{Duration, Instant};

use serde::Serialize;

use crate::cases::Case;
use crate::client::Connection;
use crate::messages::Counts;
use crate::proxy::Proxy;
use crate::random::Random;
use crate::seed::{Role, Size};
use crate::server::{Program, Server, Setup};

/// Requests before any is counted: each connection has prepared its statements by then.
const BEFORE: u32 = 50;
const COUNTED: u32 = 100;
/// Where requests are slow, fewer must do: each half ends after so long.
const MOST: Duration = Duration::from_secs(4);

/// What one request takes on average.
#[derive(Clone, Copy, Default, Serialize)]
pub struct Traffic {
    pub statements: f64,
    pub round_trips: f64,
    /// All messages of so many requests.
    pub counts: Counts,
    pub requests: u32,
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
        if !case.is_for(self.server.program, size) {
            return Ok(Traffic::default());
        }
        let mut connection = Connection::open(self.server.address).await?;
        let mut random = Random::new(11);
        let mut ask = async |most| {
            let started = Instant::now();
            let mut requests = 0;
            while requests < most && started.elapsed() < MOST {
                let question = (case.ask)(&mut random, size);
                connection
                    .ask(&self.server.request(&question, role))
                    .await?;
                requests += 1;
            }
            anyhow::Ok(requests)
        };
        ask(BEFORE).await?;
        self.proxy.take();
        let requests = ask(COUNTED).await?;
        let counts = self.proxy.take();
        let each = |count: u64| count as f64 / f64::from(requests);
        Ok(Traffic {
            statements: each(counts.statements),
            round_trips: each(counts.round_trips),
            counts,
            requests,
        })
    }
}
