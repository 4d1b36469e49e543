//! The jobs of the database that a gateway reminds it of: partitions ahead, views up to date.

use std::time::Duration;

use super::{Db, GATEWAY_ROLE};
use crate::error::Error;

/// How long one job may take.
const LONGEST: Duration = Duration::from_secs(600);

impl Db {
    /// Makes the partitions of the coming months and refreshes the materialized views. Of several
    /// gateways one does it; the others find it taken and leave.
    ///
    /// # Errors
    /// `UNAVAILABLE` or `INTERNAL`; the next run does what this one could not.
    pub async fn maintain(&self) -> Result<(), Error> {
        let begin = format!(
            "BEGIN; SET LOCAL ROLE {GATEWAY_ROLE}; SET LOCAL statement_timeout = '{}s'",
            LONGEST.as_secs()
        );
        let mut scope = self.begin_for(begin, LONGEST).await?;
        // An arbitrary number that nothing else locks.
        let mine: bool = scope
            .run(|connection| {
                sqlx::query_scalar("select pg_try_advisory_xact_lock(7217640513)")
                    .fetch_one(connection)
            })
            .await?;
        if !mine {
            return Ok(());
        }
        for job in [
            "select app.ensure_partitions()",
            "select app.refresh_views()",
        ] {
            scope
                .run(|connection| sqlx::query(job).execute(connection))
                .await?;
        }
        scope.commit().await
    }
}
