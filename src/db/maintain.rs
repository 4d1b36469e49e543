//! The jobs of the database that a gateway reminds it of: partitions ahead, views up to date.

use super::{Db, GATEWAY_ROLE, from_driver};
use crate::error::Error;

impl Db {
    /// Makes the partitions of the coming months and refreshes the materialized views. Of several
    /// gateways one does it; the others find it taken and leave.
    ///
    /// # Errors
    /// `UNAVAILABLE` or `INTERNAL`; the next run does what this one could not.
    pub async fn maintain(&self) -> Result<(), Error> {
        let mut scope = self
            .begin(format!(
                "BEGIN; SET LOCAL ROLE {GATEWAY_ROLE}; SET LOCAL statement_timeout = '10min'"
            ))
            .await?;
        // An arbitrary number that nothing else locks.
        let mine: bool = sqlx::query_scalar("select pg_try_advisory_xact_lock(7217640513)")
            .fetch_one(&mut *scope)
            .await
            .map_err(|error| from_driver(&error))?;
        if !mine {
            return Ok(());
        }
        for job in [
            "select app.ensure_partitions()",
            "select app.refresh_views()",
        ] {
            sqlx::query(job)
                .execute(&mut *scope)
                .await
                .map_err(|error| from_driver(&error))?;
        }
        scope.commit().await.map_err(|error| from_driver(&error))
    }
}
