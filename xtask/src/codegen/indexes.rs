//! The indexes of the tables, and those of the materialized views behind the views.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use sqlx::{PgPool, Row};

use super::catalog::{MATERIALIZED, Relation};

/// One index over plain columns.
#[derive(Debug)]
pub struct Index {
    pub name: String,
    /// `btree`, `gin` or another access method.
    pub method: String,
    pub primary: bool,
    pub unique: bool,
    pub nulls_not_distinct: bool,
    /// Each with whether it descends.
    pub columns: Vec<(String, bool)>,
    /// Whether statements of the gateway can use it. They name only columns that the API shows, and
    /// an order that says nothing of nulls needs them at their default end.
    pub usable: bool,
}

/// No statement of the gateway can use an index over a part of the rows or over expressions.
const INDEXES: &str = r"
select n.nspname::text as schema, c.relname::text as relation, i.relname::text as name,
       m.amname::text as method, x.indisprimary as is_primary, x.indisunique as is_unique,
       x.indnullsnotdistinct as nulls_not_distinct, k.columns, k.descending, k.default_nulls
  from pg_index x
  join pg_class i on i.oid = x.indexrelid
  join pg_am m on m.oid = i.relam
  join pg_class c on c.oid = x.indrelid
  join pg_namespace n on n.oid = c.relnamespace
  cross join lateral (
      select array_agg(a.attname::text order by k.position) as columns,
             array_agg(o.flags & 1 = 1 order by k.position) as descending,
             bool_and(o.flags in (0, 3)) as default_nulls
        from unnest(x.indkey::int2[]) with ordinality k(attnum, position)
        join unnest(x.indoption::int2[]) with ordinality o(flags, position) on o.position = k.position
        join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum) k
 where x.indpred is null and x.indexprs is null
   and (n.nspname = 'public' or n.nspname = $1 and c.relkind = 'm')
 order by not x.indisprimary, k.columns, i.relname";

/// B-trees over the workspace and the value at a path inside a JSON document. A statement can use one
/// where it names the same path.
const JSON_PATHS: &str = r#"
select c.relname::text as relation, m.found[1] as name, m.found[2]::text[] as path
  from pg_index x
  join pg_class i on i.oid = x.indexrelid
  join pg_am a on a.oid = i.relam and a.amname = 'btree'
  join pg_class c on c.oid = x.indrelid and c.relnamespace = 'public'::regnamespace
  join pg_attribute w on w.attrelid = c.oid and w.attnum = x.indkey[0] and w.attname = 'workspace_id'
  cross join lateral (select regexp_match(pg_get_indexdef(x.indexrelid, 2, true), '^\(?(\w+) #> ''(.*)''::text\[\]\)?$') as found) m
 where x.indpred is null and x.indnkeyatts > 1 and x.indkey[1] = 0 and m.found is not null
 order by c.relname, 2, 3"#;

/// Gives each relation the paths inside JSON documents that have an index.
pub async fn read_json_paths(
    pool: &PgPool,
    relations: &mut BTreeMap<String, Relation>,
) -> Result<()> {
    let rows = sqlx::query(JSON_PATHS).fetch_all(pool).await;
    for row in rows.context("cannot list the indexes of JSON paths")? {
        if let Some(relation) = relations.get_mut(&row.try_get::<String, _>("relation")?) {
            let (column, path) = (row.try_get("name")?, row.try_get("path")?);
            relation.json_paths.push((column, path));
        }
    }
    Ok(())
}

/// Gives each relation its indexes, in the order of their columns, the primary key first.
pub async fn read(pool: &PgPool, relations: &mut BTreeMap<String, Relation>) -> Result<()> {
    let rows = sqlx::query(INDEXES).bind(MATERIALIZED).fetch_all(pool);
    for row in rows.await.context("cannot list the indexes")? {
        let relation: String = row.try_get("relation")?;
        let in_public = row.try_get::<&str, _>("schema")? == "public";
        // A table takes its own indexes, a view those of the materialized view behind it.
        let Some(relation) = relations
            .get_mut(&relation)
            .filter(|relation| relation.is_view != in_public)
        else {
            continue;
        };
        let columns: Vec<String> = row.try_get("columns")?;
        let descending: Vec<bool> = row.try_get("descending")?;
        let shown = |name: &String| relation.columns.iter().any(|column| column.name == *name);
        let usable = row.try_get("default_nulls")? && columns.iter().all(shown);
        relation.indexes.push(Index {
            name: row.try_get("name")?,
            method: row.try_get("method")?,
            primary: row.try_get("is_primary")?,
            unique: row.try_get("is_unique")?,
            nulls_not_distinct: row.try_get("nulls_not_distinct")?,
            columns: columns.into_iter().zip(descending).collect(),
            usable,
        });
    }
    Ok(())
}
