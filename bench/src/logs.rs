//! What the logs of changes cost: the same writes with both, with `app.change_log` alone, and with
//! neither, in turns.

use std::time::Duration;

use tokio_postgres::Client;

use crate::compare::{Plan, TURN};
use crate::load::{Load, Measured};
use crate::server::Setup;
use crate::settle;
use crate::usage::Usage;

/// The tables that the cases write, and when they are audited.
const TABLES: [(&str, &str); 2] = [("orders", "always"), ("order_items", "requests")];
const COMMANDS: [(&str, &str); 3] = [
    ("insert", "new table as new_rows"),
    ("update", "old table as old_rows new table as new_rows"),
    ("delete", "old table as old_rows"),
];
/// PostgreSQL plans anew after the triggers were switched.
const AFTER_SWITCH: Duration = Duration::from_millis(300);

const HEAD: &str = "\
| case | server | clients | requests/s both | change log | neither | both : neither | change log : neither | CPU PostgreSQL ms both | change log | neither |
|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|";

/// The logs that are written.
#[derive(Clone, Copy)]
enum Logs {
    Both,
    ChangeLog,
    Neither,
}

/// Switches the logs, as an administrator may.
async fn switch(database: &Client, logs: Logs) -> anyhow::Result<()> {
    let mut statements = String::new();
    for (table, audited) in TABLES {
        let (what, audited) = match logs {
            Logs::Both => ("enable", audited),
            Logs::ChangeLog => ("enable", "never"),
            Logs::Neither => ("disable", audited),
        };
        for (command, rows) in COMMANDS {
            statements.push_str(&format!(
                "create or replace trigger log_{command} after {command} on {table} referencing {rows} \
                 for each statement execute function app.log_changes('{audited}', '{{}}', '{{}}'); \
                 alter table {table} {what} trigger log_{command};"
            ));
        }
    }
    database.batch_execute(&statements).await?;
    Ok(())
}

/// Writes both logs again, should an earlier run have been stopped in between.
pub async fn restore(database: &Client) -> anyhow::Result<()> {
    switch(database, Logs::Both).await
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
                let mut all = [(); 3].map(|()| Measured::default());
                for turn in 1..=plan.seconds {
                    let kinds = [Logs::Both, Logs::ChangeLog, Logs::Neither];
                    for (logs, measured) in kinds.into_iter().zip(&mut all) {
                        switch(database, logs).await?;
                        load.run(server, AFTER_SWITCH, 0).await?;
                        let before = Usage::now(server, database).await?;
                        let turned = load.run(server, TURN, turn.into()).await?;
                        let used = Usage::now(server, database).await?.since(&before);
                        measured.add(turned, used);
                    }
                }
                switch(database, Logs::Both).await?;
                server.empty_log()?;
                let [both, changes, neither] = all.each_ref().map(Measured::per_second);
                let [cpu, cpu_changes, cpu_neither] = all.each_ref().map(|one| one.cpu()[1]);
                println!(
                    "| {} | {} | {clients} | {both:.0} | {changes:.0} | {neither:.0} | {:.2} | {:.2} | {cpu:.3} | {cpu_changes:.3} | {cpu_neither:.3} |",
                    case.about,
                    server.program.name(),
                    both / neither,
                    changes / neither,
                );
            }
        }
    }
    Ok(())
}
