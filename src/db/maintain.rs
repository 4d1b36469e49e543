//! The maintenance jobs of the database: it creates partitions and refreshes materialized views.

use std::time::Duration;

use sqlx::Row;

use super::{Db, GATEWAY_ROLE, from_driver};
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
        let lock = sqlx::query("select pg_try_advisory_xact_lock(7217640513)");
        let taken = scope
            .fetch_optional(lock)
            .await
            .map_err(|error| from_driver(&error))?;
        let mine = taken.map(|row| row.try_get::<bool, _>(0)).transpose();
        if mine.map_err(|error| from_driver(&error))? != Some(true) {
            return Ok(());
        }
        for job in [
            "select app.ensure_partitions()",
            "select app.refresh_views()",
        ] {
            scope
                .fetch_all(sqlx::query(job))
                .await
                .map_err(|error| from_driver(&error))?;
        }
        scope.commit().await.map_err(|error| from_driver(&error))
    }
}
