//! Keeps nulls and further dimensions out of the columns of type `text[]`, which the API promises to
//! be lists of texts.

use async_trait::async_trait;
use sea_orm_migration::{DbErr, MigrationName, MigrationTrait, SchemaManager};

use crate::step::run;
use crate::table_sql::{holds_texts, quote};

pub(crate) struct TextLists;

impl MigrationName for TextLists {
    fn name(&self) -> &str {
        "m0017_text_lists"
    }
}

#[async_trait]
impl MigrationTrait for TextLists {
    /// Tables that are made now have the checks already; older ones get them here. Rows that break
    /// a check do not stand in the way; they must keep it when they are next changed.
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sql = format!(
            "do $$
declare
  list record;
begin
  for list in
    select c.relname, a.attname
      from pg_attribute a
      join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p') and not c.relispartition
      where c.relnamespace = 'public'::regnamespace
        and a.atttypid = 'text[]'::regtype and a.attnum > 0 and not a.attisdropped
        and not exists (
          select from pg_constraint k
            where k.conrelid = c.oid and k.conname = format('ck_%s_%s', c.relname, a.attname))
  loop
    execute format('alter table public.%I add constraint %I check (' || replace({condition}, '{COLUMN}', '%3$I') || ') not valid',
      list.relname, format('ck_%s_%s', list.relname, list.attname), list.attname);
  end loop;
end
$$;
",
            condition = quote(&holds_texts(COLUMN)),
        );
        run(manager, &sql).await
    }

    /// The checks belong to the tables and go with them.
    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }
}

/// Stands for the name of the column.
const COLUMN: &str = "this_column";
