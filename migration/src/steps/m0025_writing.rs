//! Binds the gateway to roles when it writes (`writes.rs`), and writes beside each change what was
//! changed, and which request it was.

use async_trait::async_trait;
use sea_orm_migration::{DbErr, MigrationName, MigrationTrait, SchemaManager};

use crate::step::run;
use crate::steps::{m0001_session, m0015_partitions, tables_before};
use crate::{idempotency, write_lock, write_log};

pub(crate) const NAME: &str = "m0025_writing";

pub(crate) struct Writing;

impl MigrationName for Writing {
    fn name(&self) -> &str {
        NAME
    }
}

#[async_trait]
impl MigrationTrait for Writing {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // An older function names a trigger that goes.
        let mut sql = m0015_partitions::FUNCTION.to_owned();
        sql += write_lock::FUNCTIONS;
        sql += &write_log::create_sql();
        sql += &idempotency::create_sql();
        for table in tables_before(NAME) {
            sql += &format!("drop trigger if exists audit on {};\n", table.path());
            sql += &table.writing_sql();
        }
        sql += "drop function app.audit();\n";
        run(manager, &sql).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut sql = m0001_session::AUDIT.to_owned();
        for table in tables_before(NAME) {
            sql += &table.unwriting_sql();
        }
        sql += idempotency::DROP;
        sql += write_log::DROP;
        sql += write_lock::DROP_FUNCTIONS;
        run(manager, &sql).await
    }
}
