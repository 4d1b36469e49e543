//! The functions that log changes in the form of today: what logs an update takes time in proportion to
//! its rows, whatever the session has written before.
//!
//! A new database has them from the step before. In an older one this replaces them.

use async_trait::async_trait;
use sea_orm_migration::{DbErr, MigrationName, MigrationTrait, SchemaManager};

use crate::step::run;
use crate::write_log;

pub(crate) struct LogFunctions;

impl MigrationName for LogFunctions {
    fn name(&self) -> &str {
        "m0026_log_functions"
    }
}

#[async_trait]
impl MigrationTrait for LogFunctions {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &write_log::functions_sql()).await
    }

    /// The functions stay: they serve a program of before as well.
    async fn down(&self, _manager: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }
}
