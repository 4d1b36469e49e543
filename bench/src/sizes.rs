//! How the gateway's answers grow slower with what they hold, with the rows of the workspace, with
//! other workspaces and with clients. Each figure is the median of the latency of one client, in
//! milliseconds, unless it says otherwise.

use std::time::Duration;

use serde_json::json;
use tokio_postgres::Client;

use crate::cases::{CASES, Case, Question};
use crate::load::{Load, Measured};
use crate::process;
use crate::random::Random;
use crate::seed::{self, Role, Size};
use crate::server::{Program, Server, Setup};

/// Orders of one workspace.
const ORDERS: [u64; 4] = [1_000, 10_000, 100_000, 1_000_000];
/// Workspaces in the tables, each with so many orders.
const WORKSPACES: [u64; 4] = [1, 10, 100, 1_000];
const EACH: u64 = 1_000;
const CLIENTS: [usize; 4] = [1, 4, 16, 64];

/// Orders in one answer.
const ROWS: [Case; 5] = [
    rows("10", |_, _| page(10)),
    rows("100", |_, _| page(100)),
    rows("1,000", |_, _| page(1_000)),
    rows("10,000", |_, _| page(10_000)),
    rows("100,000", |_, _| page(100_000)),
];

const fn rows(name: &'static str, ask: fn(&mut Random, Size) -> Question) -> Case {
    Case {
        name,
        about: name,
        ask,
    }
}

fn page(first: u32) -> Question {
    let query = "query Rows($first: Int!) { orders(first: $first) { nodes { id orderNumber status totalAmount orderDate customerId } } }";
    Question {
        graphql: json!({"query": query, "variables": {"first": first}}).to_string(),
        ..Question::default()
    }
}

/// What is measured over tables of each size, with the seconds of each figure.
struct Sizes<'a> {
    database: &'a Client,
    setup: &'a Setup,
    url: &'a str,
    seconds: u32,
}

/// Fills the tables again and again, and prints four tables.
pub async fn run(
    database: &Client,
    setup: &Setup,
    url: &str,
    seconds: u32,
    most: u64,
) -> anyhow::Result<()> {
    let sizes = Sizes {
        database,
        setup,
        url,
        seconds,
    };
    head("other workspaces");
    for workspaces in WORKSPACES {
        let size = Size::of_orders(EACH);
        let all = (1..=workspaces).map(|number| (number, size));
        let server = sizes.over(all).await?;
        sizes.row(&server, size, &workspaces.to_string()).await?;
    }
    head("orders of the workspace");
    let mut last = None;
    for orders in ORDERS.into_iter().filter(|orders| *orders <= most) {
        let size = Size::of_orders(orders);
        let server = sizes.over(std::iter::once((1, size))).await?;
        sizes.row(&server, size, &orders.to_string()).await?;
        last = Some((server, size));
    }
    let Some((server, size)) = last else {
        return Ok(());
    };
    println!("\n| orders in the answer | p50 ms | µs for each order | memory MiB |");
    println!("|--:|--:|--:|--:|");
    for case in &ROWS {
        let mut measured = sizes.measure(&server, case, size, 1).await?;
        let p50 = measured.latencies.percentile(0.5);
        let orders: f64 = case.name.replace(',', "").parse()?;
        let memory = process::memory(server.pid()?)?;
        println!(
            "| {} | {p50:.1} | {:.2} | {memory:.0} |",
            case.name,
            p50 * 1e3 / orders
        );
    }
    head("clients: requests/s");
    for clients in CLIENTS {
        print!("| {clients} |");
        for case in &CASES {
            let measured = sizes.measure(&server, case, size, clients).await?;
            print!(" {:.0} |", measured.per_second());
        }
        println!();
    }
    Ok(())
}

fn head(first: &str) {
    let names = CASES.map(|case| case.name).join(" | ");
    println!("\n| {first} | {names} |");
    println!("|--:{}|", "|--:".repeat(CASES.len()));
}

impl Sizes<'_> {
    /// A gateway over tables of these workspaces.
    async fn over(&self, workspaces: impl Iterator<Item = (u64, Size)>) -> anyhow::Result<Server> {
        seed::fill(self.database, workspaces).await?;
        let server = Program::Gateway.start(self.setup, self.url).await?;
        crate::settle(self.database).await?;
        Ok(server)
    }

    async fn row(&self, server: &Server, size: Size, first: &str) -> anyhow::Result<()> {
        print!("| {first} |");
        for case in &CASES {
            let mut measured = self.measure(server, case, size, 1).await?;
            print!(" {:.1} |", measured.latencies.percentile(0.5));
        }
        println!();
        Ok(())
    }

    async fn measure(
        &self,
        server: &Server,
        case: &Case,
        size: Size,
        clients: usize,
    ) -> anyhow::Result<Measured> {
        let load = Load {
            case,
            size,
            role: Role::Owner,
            clients,
        };
        load.run(server, Duration::from_millis(500), 0).await?;
        let length = Duration::from_secs(self.seconds.into());
        let measured = load.run(server, length, 1).await?;
        server.empty_log()?;
        Ok(measured)
    }
}
