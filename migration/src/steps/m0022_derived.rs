//! Derived columns, those that PostgreSQL computes from others of their row, and the indexes of
//! values inside JSON documents.
//!
//! A new database has them from the steps that declare the tables. In an older one this adds them,
//! a column with the view of its table; PostgreSQL writes the table anew for it, and nobody reads
//! it meanwhile.

use async_trait::async_trait;
use sea_orm_migration::{DbErr, MigrationName, MigrationTrait, SchemaManager};

use crate::step::run;
use crate::steps::m0021_indexes::indexes_sql;
use crate::steps::tables_before;

pub(crate) const NAME: &str = "m0022_derived";

pub(crate) struct Derived;

impl MigrationName for Derived {
    fn name(&self) -> &str {
        NAME
    }
}

#[async_trait]
impl MigrationTrait for Derived {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = tables_before(NAME);
        let mut sql = String::new();
        for table in tables.iter().filter(|table| table.has_derived()) {
            sql += &table.derived_sql();
            sql += &table.read_view_before_search().create_sql();
        }
        sql += &indexes_sql(&tables)?;
        for table in &tables {
            sql += &table.path_checks_sql()?;
        }
        run(manager, &sql).await
    }

    /// All of it stays: a program of before does not write the columns, and they go with their
    /// tables.
    async fn down(&self, _manager: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }
}
