//! The figures: as tables in Markdown, and as JSON.

use std::fmt::Write;

use serde::Serialize;

use crate::load::{Load, Measured};
use crate::server::Program;
use crate::traffic::Traffic;

/// What was measured of one server under one load.
#[derive(Serialize)]
pub struct Figures {
    pub server: &'static str,
    pub requests_per_second: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    /// Per request.
    pub cpu_server_ms: f64,
    pub cpu_postgresql_ms: f64,
    /// The most that was resident under this load.
    pub memory_mib: f64,
    pub traffic: Traffic,
}

/// The gateway's figures divided by those of another server.
#[derive(Serialize)]
pub struct Ratios {
    pub to: &'static str,
    pub requests_per_second: f64,
    pub p50: f64,
    pub p99: f64,
    pub cpu_server: f64,
    pub cpu_postgresql: f64,
    pub memory: f64,
}

/// One load, with the figures of all servers; the gateway's are the first.
#[derive(Serialize)]
pub struct Comparison {
    pub case: &'static str,
    pub about: &'static str,
    pub role: &'static str,
    pub clients: usize,
    pub servers: Vec<Figures>,
    pub ratios: Vec<Ratios>,
}

impl Figures {
    pub fn of(program: Program, measured: &mut Measured, memory: f64, traffic: Traffic) -> Self {
        let [cpu_server_ms, cpu_postgresql_ms] = measured.cpu();
        Self {
            server: program.name(),
            requests_per_second: measured.per_second(),
            p50_ms: measured.latencies.percentile(0.5),
            p99_ms: measured.latencies.percentile(0.99),
            cpu_server_ms,
            cpu_postgresql_ms,
            memory_mib: memory,
            traffic,
        }
    }

    fn to(&self, other: &Self) -> Ratios {
        Ratios {
            to: other.server,
            requests_per_second: self.requests_per_second / other.requests_per_second,
            p50: self.p50_ms / other.p50_ms,
            p99: self.p99_ms / other.p99_ms,
            cpu_server: self.cpu_server_ms / other.cpu_server_ms,
            cpu_postgresql: self.cpu_postgresql_ms / other.cpu_postgresql_ms,
            memory: self.memory_mib / other.memory_mib,
        }
    }
}

impl Comparison {
    pub fn new(load: &Load<'_>, servers: Vec<Figures>) -> Self {
        let ratios = match servers.split_first() {
            Some((gateway, others)) => others.iter().map(|other| gateway.to(other)).collect(),
            None => Vec::new(),
        };
        Self {
            case: load.case.name,
            about: load.case.about,
            role: load.role.name(),
            clients: load.clients,
            servers,
            ratios,
        }
    }

    /// The rows of the table.
    pub fn rows(&self) -> String {
        let mut text = String::new();
        // Writing to a text does not fail.
        for (number, figures) in self.servers.iter().enumerate() {
            let _ = writeln!(
                text,
                "| {} | {} | {:.0} | {:.2} | {:.2} | {:.3} | {:.3} | {:.0} | {:.1} | {:.1} |",
                if number == 0 { self.about } else { "" },
                figures.server,
                figures.requests_per_second,
                figures.p50_ms,
                figures.p99_ms,
                figures.cpu_server_ms,
                figures.cpu_postgresql_ms,
                figures.memory_mib,
                figures.traffic.statements,
                figures.traffic.round_trips,
            );
        }
        for ratios in &self.ratios {
            let _ = writeln!(
                text,
                "| | *gateway / {}* | {:.2} | {:.2} | {:.2} | {:.2} | {:.2} | {:.2} | | |",
                ratios.to,
                ratios.requests_per_second,
                ratios.p50,
                ratios.p99,
                ratios.cpu_server,
                ratios.cpu_postgresql,
                ratios.memory,
            );
        }
        text
    }
}

/// What the table of a role and a number of clients begins with.
pub fn head(role: &str, clients: usize) -> String {
    format!(
        "### {clients} clients, as {role}

| case | server | requests/s | p50 ms | p99 ms | CPU server ms | CPU PostgreSQL ms | memory MiB | statements | round trips |
|---|---|--:|--:|--:|--:|--:|--:|--:|--:|"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::CASES;
    use crate::seed::{Role, Size};

    #[test]
    fn ratios_compare_the_gateway_with_each_other_server() {
        let figures = |server, factor| Figures {
            server,
            requests_per_second: 1000.0 * factor,
            p50_ms: 2.0 / factor,
            p99_ms: 4.0 / factor,
            cpu_server_ms: 0.2 / factor,
            cpu_postgresql_ms: 0.1 / factor,
            memory_mib: 50.0,
            traffic: Traffic::default(),
        };
        let load = Load {
            case: &CASES[0],
            size: Size::of(0.0),
            role: Role::Member,
            clients: 16,
        };
        let servers = vec![
            figures("gateway", 1.0),
            figures("limit", 2.0),
            figures("PostGraphile", 0.25),
        ];
        let comparison = Comparison::new(&load, servers);
        let ratios = &comparison.ratios;
        assert_eq!(ratios[0].requests_per_second, 0.5);
        assert_eq!(ratios[0].p99, 2.0);
        assert_eq!(ratios[1].requests_per_second, 4.0);
        let rows = comparison.rows();
        assert_eq!(rows.lines().count(), 5);
        let columns = head("member", 16)
            .lines()
            .last()
            .map(|line| line.matches('|').count());
        for row in rows.lines() {
            assert_eq!(Some(row.matches('|').count()), columns, "{row}");
        }
    }
}
