//! What the triggers that log changes cost: the same writes with and without them, in turns.

use std::time::Duration;

use tokio_postgres::Client;

use crate::compare::{Plan, TURN};
use crate::load::{Load, Measured};
use crate::server::Setup;
use crate::settle;
use crate::usage::Usage;

/// The tables that the cases write.
const TABLES: [&str; 2] = ["orders", "order_items"];
/// PostgreSQL plans anew after the triggers were switched.
const AFTER_SWITCH: Duration = Duration::from_millis(300);

const HEAD: &str = "\
| case | server | clients | requests/s logged | not logged | ratio | CPU PostgreSQL ms logged | not logged |
|---|---|--:|--:|--:|--:|--:|--:|";

/// Switches the triggers, as an administrator may.
pub async fn switch(database: &Client, on: bool) -> anyhow::Result<()> {
    let what = if on { "enable" } else { "disable" };
    for table in TABLES {
        let triggers =
            ["insert", "update", "delete"].map(|one| format!("{what} trigger log_{one}"));
        let statement = format!("alter table {table} {}", triggers.join(", "));
        database.batch_execute(&statement).await?;
    }
    Ok(())
}

/// Prints a row for each case, server and number of clients.
pub async fn run(
    plan: &Plan<'_>,
    setup: &Setup,
    url: &str,
    database: &Client,
) -> anyhow::Result<()> {
    let mut servers = Vec::new();
    for program in &plan.programs {
        servers.push(program.start(setup, url).await?);
    }
    settle(database).await?;
    println!("{HEAD}");
    for clients in &plan.clients {
        for case in &plan.cases {
            for server in &servers {
                let load = Load {
                    case,
                    size: plan.size,
                    role: plan.roles[0],
                    clients: *clients,
                };
                load.run(server, TURN, 0).await?;
                let mut all = [Measured::default(), Measured::default()];
                for turn in 1..=plan.seconds {
                    for (on, measured) in [true, false].into_iter().zip(&mut all) {
                        switch(database, on).await?;
                        load.run(server, AFTER_SWITCH, 0).await?;
                        let before = Usage::now(server, database).await?;
                        let turned = load.run(server, TURN, turn.into()).await?;
                        let used = Usage::now(server, database).await?.since(&before);
                        measured.add(turned, used);
                    }
                }
                switch(database, true).await?;
                server.empty_log()?;
                let [logged, bare] = &all;
                println!(
                    "| {} | {} | {clients} | {:.0} | {:.0} | {:.2} | {:.3} | {:.3} |",
                    case.about,
                    server.program.name(),
                    logged.per_second(),
                    bare.per_second(),
                    logged.per_second() / bare.per_second(),
                    logged.cpu()[1],
                    bare.cpu()[1],
                );
            }
        }
    }
    Ok(())
}
