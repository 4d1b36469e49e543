//! Asks one server as fast as it answers.

use std::time::{Duration, Instant};

use anyhow::ensure;
use futures_util::future::try_join_all;

use crate::cases::Case;
use crate::client::Connection;
use crate::latencies::Latencies;
use crate::random::Random;
use crate::seed::{Role, Size};
use crate::server::Server;
use crate::usage::Spent;
use crate::writes;

/// Who asks what.
#[derive(Clone, Copy)]
pub struct Load<'a> {
    pub case: &'a Case,
    pub size: Size,
    pub role: Role,
    pub clients: usize,
}

#[derive(Default)]
pub struct Measured {
    pub latencies: Latencies,
    elapsed: Duration,
    used: Spent,
}

impl Measured {
    pub fn add(&mut self, turn: Self, used: Spent) {
        self.latencies.extend(turn.latencies);
        self.elapsed += turn.elapsed;
        self.used += used;
    }

    pub fn per_second(&self) -> f64 {
        self.latencies.len() as f64 / self.elapsed.as_secs_f64()
    }

    /// CPU milliseconds per request of the server and of PostgreSQL.
    pub fn cpu(&self) -> [f64; 2] {
        [self.used.server, self.used.database]
            .map(|used| used.as_secs_f64() * 1e3 / self.latencies.len().max(1) as f64)
    }
}

impl Load<'_> {
    /// Runs one turn; its number chooses the values of the questions.
    pub async fn run(
        &self,
        server: &Server,
        length: Duration,
        turn: u64,
    ) -> anyhow::Result<Measured> {
        let mut open = Vec::new();
        for _ in 0..self.clients {
            open.push(Connection::open(server.address).await?);
        }
        let started = Instant::now();
        let workers = open
            .iter_mut()
            .enumerate()
            .map(|(number, connection)| async move {
                let mut random = Random::new(turn * 1000 + number as u64);
                let mut latencies = Latencies::default();
                while started.elapsed() < length {
                    let question = (self.case.ask)(&mut random, self.size);
                    let request = server.request(&question, self.role);
                    let sent = Instant::now();
                    let answer = connection.ask(&request).await?;
                    latencies.push(sent.elapsed());
                    ensure!(
                        question.body.is_none() || !writes::has_failed(answer),
                        "{} does not write: {}",
                        server.program.name(),
                        String::from_utf8_lossy(answer)
                    );
                }
                anyhow::Ok(latencies)
            });
        let mut measured = Measured::default();
        for latencies in try_join_all(workers).await? {
            measured.latencies.extend(latencies);
        }
        measured.elapsed = started.elapsed();
        Ok(measured)
    }
}
