//! PostgreSQL's statistics of the tables, over all workspaces.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use sqlx::Row;

use super::{Db, GATEWAY_ROLE, from_driver};
use crate::error::Error;

/// New statistics that differ by less than this factor are passed over, so that what was chosen by
/// them does not change back and forth.
const NOTABLE: f64 = 1.5;

/// Rows for each value of the columns that point at other tables.
#[derive(Debug, Default, PartialEq)]
pub struct Statistics {
    /// By table and column.
    rows_per_key: HashMap<String, HashMap<String, f64>>,
}

impl Statistics {
    pub fn new(rows_per_key: HashMap<(String, String), f64>) -> Self {
        let mut statistics = Self::default();
        for ((table, column), average) in rows_per_key {
            let columns = statistics.rows_per_key.entry(table).or_default();
            columns.insert(column, average);
        }
        statistics
    }

    /// How many rows of the table have the same value in this column, on average; none where the
    /// table was never analyzed.
    pub fn rows_per_key(&self, table: &str, column: &str) -> Option<f64> {
        self.rows_per_key.get(table)?.get(column).copied()
    }

    /// These statistics where they differ notably from those before, which are kept elsewhere.
    fn settle(mut self, before: &Self) -> Self {
        for (table, columns) in &mut self.rows_per_key {
            for (column, average) in columns {
                if let Some(known) = before.rows_per_key(table, column)
                    && *average < known * NOTABLE
                    && known < *average * NOTABLE
                {
                    *average = known;
                }
            }
        }
        self
    }
}

impl Db {
    /// The statistics as they were read last.
    pub fn statistics(&self) -> Arc<Statistics> {
        let statistics = self.statistics.read();
        Arc::clone(&statistics.unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the statistics again.
    ///
    /// # Errors
    /// `UNAVAILABLE` or `INTERNAL`; those from before stay in use.
    pub async fn read_statistics(&self) -> Result<(), Error> {
        let begin = format!("BEGIN READ ONLY; SET LOCAL ROLE {GATEWAY_ROLE}");
        let mut scope = self.begin(begin).await?;
        let query = "select table_name, column_name, rows_per_key from app.rows_per_key()";
        let rows = scope
            .fetch_all(sqlx::query(query))
            .await
            .map_err(|error| from_driver(&error))?;
        let read = rows.iter().map(|row| {
            let name = (row.try_get(0)?, row.try_get(1)?);
            Ok((name, row.try_get(2)?))
        });
        let read: Result<_, sqlx::Error> = read.collect();
        let read = Statistics::new(read.map_err(|error| from_driver(&error))?);
        let settled = Arc::new(read.settle(&self.statistics()));
        let mut statistics = self
            .statistics
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *statistics = settled;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_changes_are_passed_over() {
        let of = |average| {
            let name = ("orders".to_owned(), "customer_id".to_owned());
            Statistics::new([(name, average)].into())
        };
        let before = of(10.0);
        let after = |average: f64| {
            let settled = of(average).settle(&before);
            settled.rows_per_key("orders", "customer_id")
        };
        assert_eq!(after(14.0), Some(10.0));
        assert_eq!(after(7.0), Some(10.0));
        assert_eq!(after(16.0), Some(16.0));
        assert_eq!(after(6.0), Some(6.0));
        assert_eq!(before.rows_per_key("orders", "id"), None);
    }
}
