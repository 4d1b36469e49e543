//! Asks for ten times what the gateway can serve: whom it lets in should notice little.

use std::fmt::Write;
use std::time::Duration;

use anyhow::ensure;
use futures_util::future::try_join_all;
use tokio::time::{Instant, sleep_until};

use crate::cases::Case;
use crate::client::Connection;
use crate::latencies::Latencies;
use crate::load::Load;
use crate::process;
use crate::random::Random;
use crate::seed::{Role, Size};
use crate::server::Server;

/// As many as the gateway works on at once for one workspace by default, with 16 connections to the
/// database: with fewer it is not busy, and with more it would turn the first away.
const FULL: usize = 24;
const TIMES: u32 = 10;
/// Connections that overload it, several for each place that it has.
const CROWD: usize = 640;

pub const HEAD: &str = "\
case    load  asked/s  answered/s   p50 ms   p99 ms  turned away  p99 ms  memory MiB
------------------------------------------------------------------------------------";

/// One row at what the gateway can serve, and one at ten times that.
pub async fn run(server: &Server, case: &Case, size: Size, seconds: u32) -> anyhow::Result<String> {
    let length = Duration::from_secs(seconds.into());
    // Statements are prepared and the pool is open before anything counts.
    let load = Load {
        case,
        size,
        role: Role::Owner,
        clients: FULL,
    };
    load.run(server, Duration::from_secs(1), 0).await?;
    let mut full = load.run(server, length, 1).await?;
    let rate = full.per_second();
    let mut text = String::new();
    // Writing to a text does not fail.
    let _ = writeln!(
        text,
        "{:<7} {:>3}x {rate:>8.0} {rate:>11.0} {:>8.1} {:>8.1} {:>12} {:>7} {:>11.0}",
        case.name,
        1,
        full.latencies.percentile(0.5),
        full.latencies.percentile(0.99),
        "-",
        "-",
        process::memory(server.pid()?)?,
    );
    let mut crowd = flood(server, case, size, rate * f64::from(TIMES), length).await?;
    let elapsed = crowd.elapsed.as_secs_f64();
    let asked = crowd.accepted.len() + crowd.refused.len();
    ensure!(asked > 0, "nothing was asked");
    let _ = writeln!(
        text,
        "{:<7} {TIMES:>3}x {:>8.0} {:>11.0} {:>8.1} {:>8.1} {:>11.1}% {:>7.1} {:>11.0}",
        "",
        asked as f64 / elapsed,
        crowd.accepted.len() as f64 / elapsed,
        crowd.accepted.percentile(0.5),
        crowd.accepted.percentile(0.99),
        crowd.refused.len() as f64 * 100.0 / asked as f64,
        crowd.refused.percentile(0.99),
        crowd.memory,
    );
    Ok(text)
}

#[derive(Default)]
struct Crowd {
    accepted: Latencies,
    refused: Latencies,
    elapsed: Duration,
    /// The most that was seen.
    memory: f64,
}

/// Asks so many times a second, whatever is answered. A connection whose answer is late asks at
/// once when it has come, so the machine's own limit shows in what was asked.
async fn flood(
    server: &Server,
    case: &Case,
    size: Size,
    rate: f64,
    length: Duration,
) -> anyhow::Result<Crowd> {
    let mut open = Vec::new();
    for _ in 0..CROWD {
        open.push(Connection::open(server.address).await?);
    }
    let pace = Duration::from_secs_f64(CROWD as f64 / rate);
    let started = Instant::now();
    let workers = open
        .iter_mut()
        .enumerate()
        .map(|(number, connection)| async move {
            let mut random = Random::new(1_000_000 + number as u64);
            let mut own = Crowd::default();
            // They begin one after the other, not all at once.
            let mut turn = started + pace.mul_f64(number as f64 / CROWD as f64);
            while started.elapsed() < length {
                sleep_until(turn).await;
                turn = (turn + pace).max(Instant::now());
                let request = server.request(&(case.ask)(&mut random, size), Role::Owner);
                let sent = Instant::now();
                let (status, _) = connection.exchange(&request).await?;
                match status {
                    200 => own.accepted.push(sent.elapsed()),
                    503 => own.refused.push(sent.elapsed()),
                    other => anyhow::bail!("the gateway answered {other}"),
                }
            }
            Ok(own)
        });
    let watch = async {
        let mut most: f64 = 0.0;
        while started.elapsed() < length {
            most = most.max(process::memory(server.pid()?)?);
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        anyhow::Ok(most)
    };
    let (parts, memory) = tokio::try_join!(try_join_all(workers), watch)?;
    let mut crowd = Crowd {
        elapsed: started.elapsed(),
        memory,
        ..Crowd::default()
    };
    for part in parts {
        crowd.accepted.extend(part.accepted);
        crowd.refused.extend(part.refused);
    }
    Ok(crowd)
}
