//! The maintenance jobs of the database: partitions, the logs and ledgers that are kept for a while,
//! and materialized views.

use std::time::Duration;

use super::Db;
use super::form::{Mode, ScopeSettings};
use super::scope::{Ask, Scope, Then};
use crate::error::Error;
use crate::sql::Statement;

/// How long one job may take.
const LONGEST: Duration = Duration::from_secs(600);

/// `true` as PostgreSQL sends it.
const TRUE: &[u8] = &[1];

impl Db {
    /// Makes the partitions of the coming hours and months, drops what is kept no longer and
    /// refreshes the materialized views. Of several gateways one does it; the others find it taken
    /// and leave.
    ///
    /// # Errors
    /// `UNAVAILABLE` or `INTERNAL`; the next run does what this one could not.
    pub async fn maintain(&self) -> Result<(), Error> {
        // Each in a transaction of its own: to drop a partition holds up all writers until it ends,
        // and to refresh a view takes long.
        for job in [
            "select app.rotate_change_log()",
            "select app.ensure_partitions()",
            "select app.refresh_views()",
        ] {
            self.maintain_by(&Statement::once(job)).await?;
        }
        let expire = Statement::once("select app.expire_idempotency_keys()");
        while self.maintain_by(&expire).await? {}
        Ok(())
    }

    /// Does one job, and gives its answer; false where another gateway is at it.
    async fn maintain_by(&self, job: &Statement) -> Result<bool, Error> {
        let mut scope = self.scope(ScopeSettings::none(LONGEST), Mode::Write);
        // An arbitrary number that nothing else locks.
        let lock = Statement::once("select pg_try_advisory_xact_lock(7217640513)");
        if !answer(&mut scope, &lock, Then::More).await? {
            return Ok(false);
        }
        answer(&mut scope, job, Then::End).await
    }
}

/// Whether a statement answers with `true`.
async fn answer(scope: &mut Scope, statement: &Statement, then: Then) -> Result<bool, Error> {
    let mut answer = false;
    let take = |_, row: wire::Row| {
        answer = row.get(0) == Some(TRUE);
        Ok(())
    };
    scope.run(&[Ask::of(statement)], then, take).await?;
    Ok(answer)
}
