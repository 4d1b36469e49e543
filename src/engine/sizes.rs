//! About how many rows the tables hold that one workspace sees. Plans are charged by it for what
//! their statements look at.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use moka::sync::Cache;
use uuid::Uuid;

use super::catalog::{Catalog, TableId};
pub use crate::db::MOST_PASSED;
use crate::db::{Db, Statistics};
use crate::error::Error;
use crate::session::Session;

/// How long a size is believed. Tables grow slowly beside what a tenfold size would cost.
const BELIEVED: Duration = Duration::from_secs(300);
/// Most sizes that are remembered, of all workspaces.
const MOST: u64 = 50_000;

/// Sizes by workspace and table.
#[derive(Clone)]
pub struct Sizes {
    remembered: Cache<(Uuid, TableId), u64>,
}

/// The sizes that one operation is planned with.
pub struct Known<'a> {
    sizes: &'a Sizes,
    statistics: &'a Statistics,
    workspace: Uuid,
    /// Loaded for this operation: they hold for it even when the others forget them.
    loaded: HashMap<TableId, u64>,
}

impl Sizes {
    pub fn new() -> Self {
        Self {
            remembered: Cache::builder()
                .max_capacity(MOST)
                .time_to_live(BELIEVED)
                .build(),
        }
    }

    pub fn of<'a>(&'a self, workspace: Uuid, statistics: &'a Statistics) -> Known<'a> {
        Known {
            sizes: self,
            statistics,
            workspace,
            loaded: HashMap::new(),
        }
    }
}

impl Known<'_> {
    /// About how many rows the table has; none when that is to be loaded first.
    pub fn rows(&self, table: TableId) -> Option<u64> {
        let loaded = self.loaded.get(&table).copied();
        loaded.or_else(|| self.sizes.remembered.get(&(self.workspace, table)))
    }

    /// About how many rows of all workspaces an index over the embeddings of a table holds; none
    /// where there is no such index that goes on until it has enough rows of one workspace.
    pub fn embedded(&self, table: &str) -> Option<u64> {
        self.statistics.approximates(table)
    }

    /// Asks the database for the sizes that a plan needs.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load(
        &mut self,
        db: &Db,
        session: &Session,
        catalog: &Catalog,
        tables: &BTreeSet<TableId>,
    ) -> Result<(), Error> {
        let names = tables.iter().map(|&id| {
            let table = catalog.table(id);
            (table.name.as_str(), table.has_workspace)
        });
        let rows = db.sizes(session, names).await?;
        for (&table, rows) in tables.iter().zip(rows) {
            let rows = rounded(rows);
            self.loaded.insert(table, rows);
            let key = (self.workspace, table);
            self.sizes.remembered.insert(key, rows);
        }
        Ok(())
    }
}

/// Up to two digits that count, so that the cost of a query does not change with every row.
fn rounded(rows: u64) -> u64 {
    let mut unit = 1;
    while rows / unit >= 100 {
        unit *= 10;
    }
    rows.div_ceil(unit).saturating_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::rounded;

    #[test]
    fn sizes_are_rounded_up() {
        for (rows, expected) in [
            (0, 0),
            (7, 7),
            (99, 99),
            (100, 100),
            (101, 110),
            (412_345, 420_000),
            (999_999, 1_000_000),
        ] {
            assert_eq!(rounded(rows), expected);
        }
        assert_eq!(rounded(u64::MAX), u64::MAX);
    }
}
