//! Measures the gateway against a server written by hand: the same questions over the same
//! database, in one run, in turns. What counts is the ratio.
//!
//! `cargo run --release -p bench -- --database-url postgres://localhost/bench`, and with
//! `--overload` what the gateway does with ten times the requests that it can answer.

mod cases;
mod client;
mod cpu;
mod load;
mod overload;
mod random;
mod report;
mod seed;
mod server;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use clap::Parser;
use serde_json::Value;

use cases::{CASES, Case};
use client::Connection;
use random::Random;
use seed::Size;
use server::Server;

#[derive(Parser)]
struct Arguments {
    /// A database that the benchmark may fill; best one of its own.
    #[arg(long, env = "BENCH_DATABASE_URL", hide_env_values = true)]
    database_url: String,
    /// Seconds of measuring for each case and server.
    #[arg(long, default_value_t = 5)]
    seconds: u32,
    /// Measure these cases alone: point, flat, nested, latest, count.
    #[arg(long)]
    case: Vec<String>,
    /// Part of the full data: 1 is 400,000 orders with 1,200,000 items.
    #[arg(long, default_value_t = 1.0)]
    scale: f64,
    /// Connections that ask at once; as many connections to the database for each server.
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// Measure the gateway alone: at what it can serve, and at ten times that.
    #[arg(long)]
    overload: bool,
    /// A gateway that is built already, such as an older one [default: this one, built first].
    #[arg(long, value_name = "FILE")]
    gateway: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let chosen: Vec<&Case> = CASES
        .iter()
        .filter(|case| {
            arguments.case.is_empty() || arguments.case.iter().any(|one| one == case.name)
        })
        .collect();
    ensure!(
        !chosen.is_empty(),
        "--case takes point, flat, nested, latest or count"
    );
    let size = Size::of(arguments.scale);

    let gateway = match &arguments.gateway {
        Some(gateway) => gateway.clone(),
        None => {
            server::build().await?;
            server::program("tessera")?
        }
    };
    server::migrate(&gateway, &arguments.database_url).await?;
    let database = seed::connect(&arguments.database_url).await?;
    seed::seed(&database, size).await?;

    if arguments.overload {
        let server =
            Server::gateway(&gateway, &arguments.database_url, arguments.connections).await?;
        settle(&database).await?;
        println!("{}", overload::HEAD);
        for case in &chosen {
            print!(
                "{}",
                overload::run(&server, case, size, arguments.seconds).await?
            );
        }
        return Ok(());
    }
    let pair = [
        Server::gateway(&gateway, &arguments.database_url, arguments.connections).await?,
        Server::limit(&arguments.database_url, arguments.connections).await?,
    ];
    for case in &chosen {
        same_answers(case, &pair, size).await?;
    }
    settle(&database).await?;
    println!(
        "Both servers answer the same. Requests/s, milliseconds, CPU milliseconds per request:\n"
    );
    println!("{}", report::HEAD);
    for case in &chosen {
        let mut results = [load::Result::default(), load::Result::default()];
        for server in &pair {
            // Statements are prepared, caches filled and pools opened before anything counts.
            load::run(
                server,
                case,
                size,
                arguments.connections,
                Duration::from_secs(1),
                0,
            )
            .await?;
        }
        // Turns of a second, so that whatever else the machine does falls on both.
        for turn in 1..=arguments.seconds {
            for (server, result) in pair.iter().zip(&mut results) {
                let before = cpu::Usage::now(server, &database).await?;
                let turned = load::run(
                    server,
                    case,
                    size,
                    arguments.connections,
                    Duration::from_secs(1),
                    u64::from(turn),
                )
                .await?;
                let used = cpu::Usage::now(server, &database).await?.since(before);
                result.add(turned, used);
            }
        }
        print!("{}", report::rows(case, &mut results));
    }
    Ok(())
}

/// Waits until the gateway has done the jobs that it does when it starts.
async fn settle(database: &tokio_postgres::Client) -> anyhow::Result<()> {
    let busy = "select count(*) from pg_stat_activity where datname = current_database() \
        and pid <> pg_backend_pid() and state <> 'idle'";
    for _ in 0..600 {
        let busy: i64 = database.query_one(busy, &[]).await?.get(0);
        if busy == 0 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    bail!("something else works on the database; stop it before measuring")
}

/// Asks both servers the same questions and compares the answers as JSON.
async fn same_answers(case: &Case, pair: &[Server; 2], size: Size) -> anyhow::Result<()> {
    let mut random = Random::new(7);
    let mut empty = 0;
    const QUESTIONS: usize = 20;
    for _ in 0..QUESTIONS {
        let question = (case.ask)(&mut random, size);
        let mut answers = Vec::new();
        for server in pair {
            let mut connection = Connection::open(server.address).await?;
            let body = connection.ask(&server.request(&question)).await?;
            let answer: Value = serde_json::from_slice(body).with_context(|| {
                format!("{} does not answer JSON to `{}`", server.name, case.name)
            })?;
            answers.push(answer);
        }
        if answers[0] != answers[1] || answers[0].get("errors").is_some() {
            bail!(
                "the servers answer `{}` differently:\n{}\n{}",
                case.name,
                answers[0],
                answers[1]
            );
        }
        empty += usize::from(answers[0].to_string().len() < 40);
    }
    ensure!(
        empty * 2 < QUESTIONS || case.name == "count",
        "most answers to `{}` are empty",
        case.name
    );
    Ok(())
}
