//! PostgreSQL's statistics of the tables, over all workspaces.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use super::Db;
use super::form::{Mode, ScopeSettings};
use super::scope::{Ask, Then};
use crate::error::Error;
use crate::sql::Statement;

/// New statistics that differ by less than this factor are passed over, so that what was chosen by
/// them does not change back and forth.
const NOTABLE: f64 = 1.5;

/// Rows for each value of the columns that point at other tables.
#[derive(Debug, Default, PartialEq)]
pub struct Statistics {
    /// By table and column.
    rows_per_key: HashMap<String, HashMap<String, f64>>,
    /// Rows of the tables with an index over embeddings that goes on until it has enough.
    embedded: HashMap<String, u64>,
}

/// Tables with an index over embeddings, with their rows. Such an index goes on since pgvector 0.8.
const EMBEDDED: &str = "select c.relname::text, null, greatest(c.reltuples, 0)::float8 from pg_class c \
  where c.relnamespace = 'public'::regnamespace \
    and exists (select from pg_index x join pg_class i on i.oid = x.indexrelid join pg_am m on m.oid = i.relam \
      where x.indrelid = c.oid and m.amname = 'hnsw' and x.indisvalid) \
    and exists (select from pg_extension where extname = 'vector' and string_to_array(extversion, '.')::integer[] >= '{0,8}')";

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

    /// About how many rows of all workspaces an index over embeddings holds; none where the table
    /// has no such index that goes on until it has enough rows of one workspace.
    pub fn approximates(&self, table: &str) -> Option<u64> {
        self.embedded.get(table).copied()
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
        let statistics = self.inner.statistics.read();
        Arc::clone(&statistics.unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the statistics again.
    ///
    /// # Errors
    /// `UNAVAILABLE` or `INTERNAL`; those from before stay in use.
    pub async fn read_statistics(&self) -> Result<(), Error> {
        let query = Statement::once(format!(
            "select table_name::text, column_name::text, rows_per_key::float8 from app.rows_per_key() union all {EMBEDDED}"
        ));
        let mut read = HashMap::new();
        let mut embedded = HashMap::new();
        let take = |_, row: wire::Row| {
            let text = |column| {
                let text = row.get(column).and_then(|text| str::from_utf8(text).ok());
                text.unwrap_or_default().to_owned()
            };
            let average = row.get(2).and_then(|bytes| bytes.try_into().ok());
            let average = average.map_or(0.0, f64::from_be_bytes);
            match row.get(1) {
                Some(_) => {
                    read.insert((text(0), text(1)), average);
                }
                // No table has more rows than that.
                None => {
                    embedded.insert(text(0), average as u64);
                }
            }
            Ok(())
        };
        self.scope(ScopeSettings::none(self.time_left()), Mode::Read)
            .run(&[Ask::of(&query)], Then::End, take)
            .await?;
        let mut read = Statistics::new(read);
        read.embedded = embedded;
        let settled = Arc::new(read.settle(&self.statistics()));
        let mut statistics = self
            .inner
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
