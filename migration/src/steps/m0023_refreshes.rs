//! When the computed views were last refreshed, as a column of each.
//!
//! A new database has it from the step that makes the views. In an older one nobody knows the time
//! of the last refresh, so the column is null until the next one.

use async_trait::async_trait;
use sea_orm_migration::{DbErr, MigrationName, MigrationTrait, SchemaManager};

use crate::step::run;
use crate::steps::m0016_views::VIEWS;
use crate::view::{REFRESHES_SQL, refresh_function_sql};

pub(crate) struct Refreshes;

impl MigrationName for Refreshes {
    fn name(&self) -> &str {
        "m0023_refreshes"
    }
}

#[async_trait]
impl MigrationTrait for Refreshes {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut sql = REFRESHES_SQL.to_owned();
        for view in VIEWS {
            sql += &view.public_sql();
            sql += &view.read_view().create_sql();
        }
        sql += &refresh_function_sql(&VIEWS);
        run(manager, &sql).await
    }

    /// The column stays: a program of before does not name it.
    async fn down(&self, _manager: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }
}
