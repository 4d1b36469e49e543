//! CPU time that a server and its connections to PostgreSQL have used.

use std::time::Duration;

use tokio_postgres::Client;

use crate::process;
use crate::server::Server;

#[derive(Clone, Copy, Default)]
pub struct Usage {
    pub server: Duration,
    pub database: Duration,
}

impl Usage {
    /// What was used so far. Backends live as long as the server.
    pub async fn now(server: &Server, database: &Client) -> anyhow::Result<Self> {
        let backends = database
            .query(
                "select pid from pg_stat_activity where datname = current_database() and application_name = $1",
                &[&server.program.application()],
            )
            .await?;
        let mut usage = Self {
            server: process::cpu(server.pid()?)?,
            database: Duration::ZERO,
        };
        for backend in backends {
            usage.database += process::cpu(u32::try_from(backend.get::<_, i32>(0))?)?;
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
