//! Makes what people search searchable: `search.rs` says which columns of which tables.

use async_trait::async_trait;
use sea_orm_migration::{DbErr, MigrationName, MigrationTrait, SchemaManager};

use crate::search::{DROP_FUNCTIONS, SEARCHED, Searched, functions_sql};
use crate::step::run;
use crate::steps::{m0001_session, tables_before};
use crate::table::Table;

pub(crate) const NAME: &str = "m0024_search";

pub(crate) struct Search;

impl MigrationName for Search {
    fn name(&self) -> &str {
        NAME
    }
}

#[async_trait]
impl MigrationTrait for Search {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // The log of an older database would repeat the words of each row.
        let mut sql = m0001_session::AUDIT.to_owned() + &functions_sql();
        for (table, searched) in searched()? {
            sql += &searched.create_sql(&table);
        }
        run(manager, &sql).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut sql = String::new();
        for (table, searched) in searched()? {
            sql += &searched.drop_sql(&table);
        }
        sql += DROP_FUNCTIONS;
        run(manager, &sql).await
    }
}

fn searched() -> Result<Vec<(Table, &'static Searched)>, DbErr> {
    let tables: Vec<(Table, &Searched)> = tables_before(NAME)
        .into_iter()
        .filter_map(|table| Some((Searched::of(table.name)?, table)))
        .map(|(searched, table)| (table, searched))
        .collect();
    match tables.len() == SEARCHED.len() {
        true => Ok(tables),
        false => Err(DbErr::Migration(
            "search.rs names a table that no step before this one declares".to_owned(),
        )),
    }
}
