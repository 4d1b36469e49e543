//! CPU time of a server and of its backends in PostgreSQL, as Linux counts it.

use std::time::Duration;

use anyhow::Context;
use tokio_postgres::Client;

use crate::server::Server;

/// `USER_HZ`, which Linux fixes for everything it shows to programs.
const TICKS_PER_SECOND: f64 = 100.0;

#[derive(Clone, Copy, Default)]
pub struct Usage {
    pub server: Duration,
    pub database: Duration,
}

impl Usage {
    /// What the server and its backends have used so far. Backends live as long as the server.
    pub async fn now(server: &Server, database: &Client) -> anyhow::Result<Self> {
        let backends = database
            .query(
                "select pid from pg_stat_activity where datname = current_database() and application_name = $1",
                &[&server.application],
            )
            .await?;
        let mut usage = Self {
            server: of_process(server.pid()?)?,
            database: Duration::ZERO,
        };
        for backend in backends {
            usage.database += of_process(u32::try_from(backend.get::<_, i32>(0))?)?;
        }
        Ok(usage)
    }

    pub fn since(self, earlier: Self) -> Self {
        Self {
            server: self.server.saturating_sub(earlier.server),
            database: self.database.saturating_sub(earlier.database),
        }
    }
}

fn of_process(pid: u32) -> anyhow::Result<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .context("CPU time is read from /proc, so both servers and PostgreSQL must run on this Linux machine")?;
    // The name in parentheses may hold anything; utime and stime are the 12th and 13th behind it.
    let fields: Vec<&str> = stat
        .rsplit_once(')')
        .context("an unknown form of /proc")?
        .1
        .split_whitespace()
        .collect();
    let ticks = |index: usize| {
        fields
            .get(index)
            .and_then(|field| field.parse::<f64>().ok())
    };
    let ticks = ticks(11)
        .zip(ticks(12))
        .context("an unknown form of /proc")?;
    Ok(Duration::from_secs_f64(
        (ticks.0 + ticks.1) / TICKS_PER_SECOND,
    ))
}
