//! The comparison: the same loads on all servers, in turns.

use std::time::Duration;

use serde::Serialize;
use tokio_postgres::Client;

use crate::cases::Case;
use crate::load::{Load, Measured};
use crate::report::{Comparison, Figures, head};
use crate::seed::{Role, Size};
use crate::server::{Program, Server, Setup};
use crate::traffic::{Traffic, Watched};
use crate::usage::Usage;
use crate::{answers, process, settle};

/// What is measured.
#[derive(Serialize)]
pub struct Plan<'a> {
    #[serde(skip)]
    pub cases: Vec<&'a Case>,
    #[serde(skip)]
    pub size: Size,
    #[serde(skip)]
    pub roles: Vec<Role>,
    #[serde(skip)]
    pub programs: Vec<Program>,
    pub clients: Vec<usize>,
    pub seconds: u32,
    /// Connections of each server to PostgreSQL.
    pub pool_size: usize,
    pub processors: usize,
    pub postgresql: String,
}

pub const TURN: Duration = Duration::from_secs(1);

/// Runs the plan and prints a table for each role and number of clients.
pub async fn run(
    plan: &Plan<'_>,
    setup: &Setup,
    url: &str,
    database: &Client,
) -> anyhow::Result<Vec<Comparison>> {
    let traffic = traffic(plan, setup, url).await?;
    let mut servers = Vec::new();
    for program in &plan.programs {
        servers.push(program.start(setup, url).await?);
    }
    for role in &plan.roles {
        for case in &plan.cases {
            answers::compare(case, &servers, *role, plan.size).await?;
        }
    }
    settle(database).await?;
    for server in &servers {
        println!(
            "{} listened after {:.1} s and takes {:.0} MiB before the load.",
            server.program.name(),
            server.started.as_secs_f64(),
            process::memory(server.pid()?)?
        );
    }
    println!("All servers gave the same answers. CPU is per request.");
    let mut all = Vec::new();
    for (role, traffic) in plan.roles.iter().zip(&traffic) {
        for clients in &plan.clients {
            println!("\n{}", head(role.name(), *clients));
            for (case, traffic) in plan.cases.iter().zip(traffic) {
                let load = Load {
                    case,
                    size: plan.size,
                    role: *role,
                    clients: *clients,
                };
                let figures = measure(&load, &servers, database, plan.seconds, traffic).await?;
                let comparison = Comparison::new(&load, figures);
                print!("{}", comparison.rows());
                all.push(comparison);
            }
        }
    }
    Ok(all)
}

/// The traffic by role, case and server. It is counted with two connections, so that each has
/// prepared its statements after a few requests.
async fn traffic(
    plan: &Plan<'_>,
    setup: &Setup,
    url: &str,
) -> anyhow::Result<Vec<Vec<Vec<Traffic>>>> {
    let setup = Setup {
        gateway: setup.gateway.clone(),
        pool: 2,
        clients: setup.clients,
        large_answers: setup.large_answers,
        writing: setup.writing,
    };
    let mut watched = Vec::new();
    for program in &plan.programs {
        watched.push(Watched::start(*program, &setup, url).await?);
    }
    let mut roles = Vec::new();
    for role in &plan.roles {
        let mut cases = Vec::new();
        for case in &plan.cases {
            let mut servers = Vec::new();
            for server in &watched {
                servers.push(server.count(case, *role, plan.size).await?);
            }
            cases.push(servers);
        }
        roles.push(cases);
    }
    Ok(roles)
}

/// Measures all servers under one load.
async fn measure(
    load: &Load<'_>,
    servers: &[Server],
    database: &Client,
    seconds: u32,
    traffic: &[Traffic],
) -> anyhow::Result<Vec<Figures>> {
    let asked = servers.iter().zip(traffic);
    let asked: Vec<_> = asked
        .filter(|(server, _)| load.case.is_for(server.program, load.size))
        .collect();
    for (server, _) in &asked {
        // Statements are prepared, caches filled and pools opened before anything counts.
        load.run(server, TURN, 0).await?;
        process::forget_peak(server.pid()?)?;
    }
    let mut all: Vec<Measured> = asked.iter().map(|_| Measured::default()).collect();
    // Turns of a second, so that whatever else the machine does falls on all.
    for turn in 1..=seconds {
        for ((server, _), measured) in asked.iter().zip(&mut all) {
            let before = Usage::now(server, database).await?;
            let turned = load.run(server, TURN, turn.into()).await?;
            let used = Usage::now(server, database).await?.since(&before);
            measured.add(turned, used);
        }
    }
    let mut figures = Vec::new();
    for ((server, traffic), mut measured) in asked.into_iter().zip(all) {
        let memory = process::peak(server.pid()?)?;
        server.empty_log()?;
        figures.push(Figures::of(server.program, &mut measured, memory, *traffic));
    }
    Ok(figures)
}
