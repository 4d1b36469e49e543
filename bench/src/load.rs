//! Asks one server as fast as it answers.

use std::time::{Duration, Instant};

use futures_util::future::try_join_all;

use crate::cases::Case;
use crate::client::Connection;
use crate::cpu::Usage;
use crate::random::Random;
use crate::seed::Size;
use crate::server::Server;

#[derive(Default)]
pub struct Result {
    latencies: Vec<Duration>,
    elapsed: Duration,
    used: Usage,
}

impl Result {
    pub fn add(&mut self, turn: Self, used: Usage) {
        self.latencies.extend(turn.latencies);
        self.elapsed += turn.elapsed;
        self.used.server += used.server;
        self.used.database += used.database;
    }

    pub fn per_second(&self) -> f64 {
        self.latencies.len() as f64 / self.elapsed.as_secs_f64()
    }

    /// The latency that this part of the requests keeps, in milliseconds.
    pub fn percentile(&mut self, part: f64) -> f64 {
        self.latencies.sort_unstable();
        let last = self.latencies.len().saturating_sub(1);
        let index = (last as f64 * part) as usize;
        self.latencies
            .get(index)
            .map_or(0.0, |latency| latency.as_secs_f64() * 1e3)
    }

    /// CPU milliseconds per request of the server and of PostgreSQL.
    pub fn cpu(&self) -> [f64; 2] {
        [self.used.server, self.used.database]
            .map(|used| used.as_secs_f64() * 1e3 / self.latencies.len().max(1) as f64)
    }
}

/// Runs one turn; its number chooses the values of the questions.
pub async fn run(
    server: &Server,
    case: &Case,
    size: Size,
    connections: usize,
    length: Duration,
    turn: u64,
) -> anyhow::Result<Result> {
    let mut open = Vec::new();
    for _ in 0..connections {
        open.push(Connection::open(server.address).await?);
    }
    let started = Instant::now();
    let workers = open
        .iter_mut()
        .enumerate()
        .map(|(number, connection)| async move {
            let mut random = Random::new(turn * 1000 + number as u64);
            let mut latencies = Vec::new();
            while started.elapsed() < length {
                let request = server.request(&(case.ask)(&mut random, size));
                let sent = Instant::now();
                connection.ask(&request).await?;
                latencies.push(sent.elapsed());
            }
            anyhow::Ok(latencies)
        });
    let latencies = try_join_all(workers).await?.concat();
    Ok(Result {
        latencies,
        elapsed: started.elapsed(),
        used: Usage::default(),
    })
}
