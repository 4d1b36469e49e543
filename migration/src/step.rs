//! The two kinds of migration: a domain (enum types and tables), and a script of plain SQL.

use async_trait::async_trait;
use sea_orm_migration::sea_orm::ConnectionTrait;
use sea_orm_migration::{DbErr, MigrationName, MigrationTrait, SchemaManager};

use crate::enum_type::EnumType;
use crate::steps::{m0020_reading, m0025_writing};
use crate::table::Table;

/// The enum types and tables of one domain of the model.
pub struct Domain {
    pub name: &'static str,
    pub enums: &'static [EnumType],
    pub tables: fn() -> Vec<Table>,
}

impl MigrationName for Domain {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait]
impl MigrationTrait for Domain {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = (self.tables)();
        let mut sql: String = self.enums.iter().map(EnumType::create_sql).collect();
        for table in &tables {
            sql += &table.create_sql()?;
        }
        for table in &tables {
            sql += &table.finish_sql()?;
            sql += &match self.is_after(m0025_writing::NAME) {
                true => table.writing_sql(),
                false => table.before_writing_sql(),
            };
        }
        if self.is_after(m0020_reading::NAME) {
            sql.extend(tables.iter().map(Table::reading_sql));
        }
        run(manager, &sql).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // In one statement, since the policies of some look into others.
        let tables = (self.tables)();
        let mut sql = String::new();
        if self.is_after(m0020_reading::NAME) {
            sql.extend(tables.iter().map(|table| table.read_view().drop_sql()));
        }
        let paths: Vec<String> = tables.iter().map(Table::path).collect();
        sql += &format!("drop table {};\n", paths.join(", "));
        sql.extend(self.enums.iter().rev().map(EnumType::drop_sql));
        run(manager, &sql).await
    }
}

impl Domain {
    /// Whether what that step does with earlier tables, such as giving them views to read by, is to
    /// be done here.
    fn is_after(&self, step: &str) -> bool {
        self.name > step
    }
}

/// Statements that are clearer in plain SQL.
pub struct Script {
    pub name: &'static str,
    pub up: &'static str,
    pub down: &'static str,
}

impl MigrationName for Script {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait]
impl MigrationTrait for Script {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, self.up).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, self.down).await
    }
}

/// One round trip for all statements of a step.
pub(crate) async fn run(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    manager.get_connection().execute_unprepared(sql).await?;
    Ok(())
}
