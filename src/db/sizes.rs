//! Estimates how many rows of a table a session may read, without reading them.

use std::fmt::Write;

use super::Db;
use super::form::{Mode, ScopeSettings};
use super::scope::{Ask, Then};
use crate::error::Error;
use crate::session::Session;
use crate::sql::{Statement, relation};

impl Db {
    /// About how many rows of each table the session sees, as PostgreSQL's planner estimates it.
    /// A table comes with whether its rows belong to workspaces.
    ///
    /// # Errors
    /// `UNAVAILABLE`, `TIMEOUT` or `INTERNAL`.
    pub async fn sizes<'a>(
        &self,
        session: &Session,
        tables: impl Iterator<Item = (&'a str, bool)>,
    ) -> Result<Vec<u64>, Error> {
        // The names are of the catalog, and the value is a UUID.
        let statements: Vec<Statement> = tables
            .map(|(name, has_workspace)| {
                let mut text = format!("explain (format json) select 1 from {} t", relation(name));
                if has_workspace {
                    let _ = write!(text, " where t.workspace_id = '{}'", session.workspace);
                }
                Statement::once(text)
            })
            .collect();
        let level: Vec<Ask<'_>> = statements.iter().map(Ask::of).collect();
        let mut estimates = Vec::with_capacity(level.len());
        let settings = ScopeSettings::of(session, self.time_left());
        let take = |_, row: wire::Row| {
            estimates.push(estimate(row.get(0).unwrap_or_default())?);
            Ok(())
        };
        let mut scope = self.scope(settings, Mode::Read);
        scope.run(&level, Then::End, take).await?;
        Ok(estimates)
    }
}

/// The rows that a plan expects at its top.
fn estimate(plan: &[u8]) -> Result<u64, Error> {
    let plan: serde_json::Value = serde_json::from_slice(plan)
        .map_err(|error| Error::internal(format!("a query plan is not JSON: {error}")))?;
    plan[0]["Plan"]["Plan Rows"]
        .as_u64()
        .ok_or_else(|| Error::internal(format!("a query plan has no number of rows: {plan}")))
}
