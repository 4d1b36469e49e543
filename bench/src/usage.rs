//! CPU time that a server and its connections to PostgreSQL have used.

use std::collections::HashMap;
use std::ops::AddAssign;
use std::time::Duration;

use tokio_postgres::Client;

use crate::process;
use crate::server::Server;

/// What was used so far.
pub struct Usage {
    server: Duration,
    /// By process of PostgreSQL, because connections may come and go.
    database: HashMap<u32, Duration>,
}

/// What was used between two moments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    pub server: Duration,
    pub database: Duration,
}

impl AddAssign for Spent {
    fn add_assign(&mut self, other: Self) {
        self.server += other.server;
        self.database += other.database;
    }
}

impl Usage {
    pub async fn now(server: &Server, database: &Client) -> anyhow::Result<Self> {
        // The gateway gives its connections longer names while they are in a transaction.
        let backends = database
            .query(
                "select pid from pg_stat_activity where datname = current_database() \
                 and (application_name = $1 or starts_with(application_name, $1 || ' '))",
                &[&server.program.application()],
            )
            .await?;
        let mut usage = Self {
            server: process::cpu(server.pid()?)?,
            database: HashMap::new(),
        };
        for backend in backends {
            let pid = u32::try_from(backend.get::<_, i32>(0))?;
            // One that has ended since is not there any more.
            if let Ok(cpu) = process::cpu(pid) {
                usage.database.insert(pid, cpu);
            }
        }
        Ok(usage)
    }

    pub fn since(&self, earlier: &Self) -> Spent {
        let database = self.database.iter().map(|(pid, cpu)| {
            let before = earlier.database.get(pid).copied().unwrap_or_default();
            cpu.saturating_sub(before)
        });
        Spent {
            server: self.server.saturating_sub(earlier.server),
            database: database.sum(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_that_ended_takes_nothing_from_the_others() {
        let usage = |server, database: &[(u32, u64)]| Usage {
            server: Duration::from_millis(server),
            database: database
                .iter()
                .map(|(pid, cpu)| (*pid, Duration::from_millis(*cpu)))
                .collect(),
        };
        let before = usage(100, &[(1, 500), (2, 9000)]);
        let after = usage(150, &[(1, 530), (3, 20)]);
        let expected = Spent {
            server: Duration::from_millis(50),
            database: Duration::from_millis(50),
        };
        assert_eq!(after.since(&before), expected);
    }
}
