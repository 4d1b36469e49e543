//! Schema `read`: a view over each table and computed view, by which the gateway reads.
//!
//! A table that is declared in a later step gets its view there. A change of the rules in
//! `access.rs` needs a step that makes the views of its tables again.

use async_trait::async_trait;
use sea_orm_migration::{DbErr, MigrationName, MigrationTrait, SchemaManager};

use crate::bootstrap::GATEWAY;
use crate::read_view::{READ_SCHEMA, role_function_sql};
use crate::step::run;
use crate::steps::{m0016_views, tables_before};
use crate::view::REFRESHES_SQL;

pub(crate) const NAME: &str = "m0020_reading";

pub(crate) struct Reading;

impl MigrationName for Reading {
    fn name(&self) -> &str {
        NAME
    }
}

#[async_trait]
impl MigrationTrait for Reading {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut sql = format!(
            "grant usage on schema {READ_SCHEMA} to {GATEWAY};\n\
             comment on schema {READ_SCHEMA} is 'What the gateway reads: a view of each table with the rules of who reads what.';\n"
        );
        sql += &role_function_sql();
        // Views name all columns of today, those included that a later step gives to older tables.
        for table in tables_before(NAME) {
            sql += &table.derived_sql();
            sql += &table.reading_sql();
        }
        sql += REFRESHES_SQL;
        for view in m0016_views::VIEWS {
            sql += &view.public_sql();
            sql += &view.reading_sql();
        }
        run(manager, &sql).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut sql = String::new();
        for view in m0016_views::VIEWS {
            sql += &view.unreading_sql();
        }
        for table in tables_before(NAME) {
            sql += &table.unreading_sql();
        }
        sql += "drop function app.role_at_least(text);\n";
        sql += &format!("revoke usage on schema {READ_SCHEMA} from {GATEWAY};\n");
        run(manager, &sql).await
    }
}
