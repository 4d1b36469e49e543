//! The maintenance jobs of the database: it creates partitions and refreshes materialized views.

use std::time::Duration;

use super::Db;
use super::form::{Mode, ScopeSettings};
use super::scope::{Ask, Then};
use crate::error::Error;
use crate::sql::Statement;

/// How long one job may take.
const LONGEST: Duration = Duration::from_secs(600);

impl Db {
    /// Makes the partitions of the coming months and refreshes the materialized views. Of several
    /// gateways one does it; the others find it taken and leave.
    ///
    /// # Errors
    /// `UNAVAILABLE` or `INTERNAL`; the next run does what this one could not.
    pub async fn maintain(&self) -> Result<(), Error> {
        let mut scope = self.scope(ScopeSettings::none(LONGEST), Mode::Write);
        // An arbitrary number that nothing else locks.
        let lock = Statement::once("select pg_try_advisory_xact_lock(7217640513)");
        let mut mine = false;
        let taken = |_, row: wire::Row| {
            mine = row.get(0) == Some(&[1]);
            Ok(())
        };
        scope.run(&[Ask::of(&lock)], Then::More, taken).await?;
        if !mine {
            return Ok(());
        }
        let jobs = [
            Statement::once("select app.ensure_partitions()"),
            Statement::once("select app.refresh_views()"),
        ];
        scope
            .run(&jobs.each_ref().map(Ask::of), Then::End, |_, _| Ok(()))
            .await
    }
}
