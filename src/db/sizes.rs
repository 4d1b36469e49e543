//! Estimates how many rows of a table a session may read, without reading them.

use std::fmt::Write;

use super::Db;
use crate::error::Error;
use crate::session::Session;
use crate::sql::relation;

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
        // One message for all of them. The names are of the catalog, and the value is a UUID.
        let mut text = String::new();
        for (name, has_workspace) in tables {
            let _ = write!(
                text,
                "explain (format json) select 1 from {} t",
                relation(name)
            );
            if has_workspace {
                let _ = write!(text, " where t.workspace_id = '{}'", session.workspace);
            }
            text.push(';');
        }
        let plans = self.read(session).await?.explain(text).await?;
        plans.iter().map(|plan| estimate(plan)).collect()
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
