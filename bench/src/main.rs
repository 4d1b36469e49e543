//! Measures the gateway against a server written by hand and against PostGraphile: the same
//! questions over the same database, in one run, in turns. What counts are the ratios.
//!
//! `cargo run --profile dist --bin bench -- --database-url postgres://localhost/bench`, and with
//! `--overload` what the gateway does with ten times the requests that it can answer, with `--sizes`
//! how it answers over tables of many sizes, with `--nearest` what an index over embeddings finds,
//! with `--writing` what mutations take, and with `--logs` what of it the logs of changes take.

mod answers;
mod cases;
mod client;
mod compare;
mod gateway;
mod latencies;
mod load;
mod logs;
mod messages;
mod nearest;
mod overload;
mod postgraphile;
mod process;
mod proxy;
mod random;
mod report;
mod seed;
mod server;
mod sizes;
mod traffic;
mod usage;
mod writes;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use clap::Parser;
use serde_json::json;
use tokio_postgres::Client;

use cases::{CASES, Case};
use compare::Plan;
use seed::{Role, Size};
use server::{Program, Setup};
use writes::WRITES;

#[derive(Parser)]
struct Arguments {
    /// A database that the benchmark may fill; best one of its own.
    #[arg(long, env = "BENCH_DATABASE_URL", hide_env_values = true)]
    database_url: String,
    /// Seconds of measuring for each server, case, role and number of clients.
    #[arg(long, default_value_t = 5)]
    seconds: u32,
    /// Measure these cases alone, by their names in `cases.rs` or `writes.rs`.
    #[arg(long)]
    case: Vec<String>,
    /// Part of the full data: 1 is 400,000 orders with 1,200,000 items.
    #[arg(long, default_value_t = 1.0)]
    scale: f64,
    /// Clients that ask at once, each over a connection of its own.
    #[arg(long, value_delimiter = ',', default_value = "16,64")]
    clients: Vec<usize>,
    /// Roles of the clients.
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "owner,member"
    )]
    role: Vec<Role>,
    /// Connections of each server to the database.
    #[arg(long, default_value_t = 16)]
    pool_size: usize,
    /// Leave PostGraphile out, which is installed by npm otherwise.
    #[arg(long)]
    without_postgraphile: bool,
    /// Write the figures to this file, too, as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Measure the gateway alone: at what it can serve, and at ten times that.
    #[arg(long)]
    overload: bool,
    /// Measure the gateway alone over tables of growing sizes, with up to so many orders.
    #[arg(long, value_name = "ORDERS", conflicts_with = "overload")]
    sizes: Option<u64>,
    /// Measure how the nearest embeddings are found, exactly and by the index.
    #[arg(long, conflicts_with_all = ["overload", "sizes"])]
    nearest: bool,
    /// Measure the cases that write. The next run of others fills the tables anew.
    #[arg(long, conflicts_with_all = ["overload", "sizes", "nearest"])]
    writing: bool,
    /// Measure the cases that write with and without the triggers that log changes.
    #[arg(long, conflicts_with_all = ["overload", "sizes", "nearest", "writing"])]
    logs: bool,
    /// A gateway that is built already, such as an older one [default: this one, built first].
    #[arg(long, value_name = "FILE")]
    gateway: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let writing = arguments.writing || arguments.logs;
    let known: &[Case] = if writing { &WRITES } else { &CASES };
    let cases: Vec<&Case> = known
        .iter()
        .filter(|case| {
            arguments.case.is_empty() || arguments.case.iter().any(|one| one == case.name)
        })
        .collect();
    let names: Vec<&str> = known.iter().map(|case| case.name).collect();
    let names = names.join(", ");
    ensure!(!cases.is_empty(), "--case takes one of {names}");
    let most = arguments.clients.iter().copied().max();
    ensure!(
        arguments.clients.iter().all(|clients| *clients > 0),
        "--clients takes numbers from 1"
    );
    let size = Size::of(arguments.scale);

    let gateway = match &arguments.gateway {
        Some(gateway) => gateway.clone(),
        None => {
            gateway::build().await?;
            server::beside("tessera")?
        }
    };
    let url = &arguments.database_url;
    gateway::migrate(&gateway, url).await?;
    let database = seed::connect(url).await?;
    if arguments.nearest {
        return nearest::run(&database).await;
    }
    let setup = Setup {
        gateway,
        pool: arguments.pool_size,
        clients: most.filter(|_| !arguments.overload),
        large_answers: arguments.sizes.is_some(),
        writing,
    };
    if let Some(most) = arguments.sizes {
        return sizes::run(&database, &setup, url, arguments.seconds, most).await;
    }
    seed::seed(&database, size).await?;
    if writing {
        // An earlier run may have been stopped while they were off.
        logs::restore(&database).await?;
    }

    if arguments.overload {
        let server = Program::Gateway.start(&setup, url).await?;
        settle(&database).await?;
        println!("{}", overload::HEAD);
        for case in &cases {
            print!(
                "{}",
                overload::run(&server, case, size, arguments.seconds).await?
            );
        }
        return Ok(());
    }
    let mut programs = vec![Program::Gateway, Program::Limit];
    if !arguments.without_postgraphile && !arguments.logs {
        postgraphile::install().await?;
        programs.push(Program::PostGraphile);
    }
    let version = database.query_one("show server_version", &[]).await?;
    let plan = Plan {
        cases,
        size,
        roles: arguments.role,
        programs,
        clients: arguments.clients,
        seconds: arguments.seconds,
        pool_size: arguments.pool_size,
        processors: std::thread::available_parallelism()?.get(),
        postgresql: version.get(0),
    };
    if arguments.logs {
        return logs::run(&plan, &setup, url, &database).await;
    }
    let comparisons = compare::run(&plan, &setup, url, &database).await?;
    if let Some(path) = &arguments.json {
        let json = json!({"plan": plan, "comparisons": comparisons});
        std::fs::write(path, format!("{json:#}\n"))
            .with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(())
}

/// Waits until the servers have done the jobs that they do when they start: until nothing has run for
/// a second, because a job may begin a moment after its server listens.
async fn settle(database: &Client) -> anyhow::Result<()> {
    let busy = "select count(*) from pg_stat_activity where datname = current_database() \
        and pid <> pg_backend_pid() and state <> 'idle'";
    let mut idle = 0;
    for _ in 0..600 {
        let busy: i64 = database.query_one(busy, &[]).await?.get(0);
        idle = if busy == 0 { idle + 1 } else { 0 };
        if idle == 10 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    bail!("something else works on the database; stop it before measuring")
}
