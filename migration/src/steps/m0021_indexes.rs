//! Indexes in the form of today: those of lists end in the key, and prefixes, elements and keys
//! have indexes of their own.
//!
//! A new database has them from the steps that declare the tables. In an older one this makes
//! what differs, in one transaction: writing to a table waits while its indexes are made.

use async_trait::async_trait;
use sea_orm_migration::{DbErr, MigrationName, MigrationTrait, SchemaManager};

use crate::step::run;
use crate::steps::tables_before;
use crate::table::Table;
use crate::table_sql::quote;

pub(crate) const NAME: &str = "m0021_indexes";

pub(crate) struct Indexes;

impl MigrationName for Indexes {
    fn name(&self) -> &str {
        NAME
    }
}

#[async_trait]
impl MigrationTrait for Indexes {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = tables_before(NAME);
        let mut sql: String = tables.iter().map(Table::derived_sql).collect();
        sql += &indexes_sql(&tables)?;
        run(manager, &sql).await
    }

    /// The indexes stay: they serve a program of before as well, and go with their tables.
    async fn down(&self, _manager: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }
}

/// Makes the declared indexes of the tables that are missing or differ.
pub(crate) fn indexes_sql(tables: &[Table]) -> Result<String, DbErr> {
    let mut wanted = Vec::new();
    for table in tables {
        for (name, definition) in table.indexes()? {
            wanted.push(format!("({}, {})", quote(&name), quote(&definition)));
        }
    }
    // PostgreSQL writes the definition of an index as these are written; one that is written
    // otherwise is made again, which costs time and changes nothing.
    Ok(format!(
        "do $$
declare
  wanted record;
begin
  for wanted in select * from (values {}) v (name, definition) loop
    continue when wanted.definition = (
      select replace(pg_get_indexdef(c.oid), ' ON ONLY ', ' ON ') from pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relname = wanted.name);
    execute format('drop index if exists public.%I', wanted.name);
    execute wanted.definition;
  end loop;
end
$$;
",
        wanted.join(",\n    ")
    ))
}
