//! What PostgreSQL's own catalogue says of schema `public`, in an order that depends on names alone.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use sqlx::{PgPool, Row, postgres::PgRow};

use super::indexes::{self, Index};

/// Columns that no generated file may mention, because the API must not be able to name them.
pub const SECRETS: &[(&str, &str)] = &[("integrations", "credentials"), ("users", "password_hash")];

/// Columns that searches use and the API does not show: they are not in the generated files either.
fn is_of_search(table: &str, column: &str) -> bool {
    migration::SEARCHED.iter().any(|one| one.table == table)
        && migration::SEARCH_COLUMNS.contains(&column)
}

/// The book-keeping of the migrations, which is not part of the model.
pub const NOT_THE_MODEL: &str = "seaql_migrations";

/// The schema of the materialized views; each is read through a view of its name in `public`.
pub(super) const MATERIALIZED: &str = "mv";

/// Tables and views by name, and the enum types.
#[derive(Debug)]
pub struct Catalog {
    pub relations: BTreeMap<String, Relation>,
    pub enums: Vec<EnumType>,
}

#[derive(Debug)]
pub struct Relation {
    pub is_view: bool,
    pub comment: String,
    pub hides_rows: bool,
    pub columns: Vec<Column>,
    pub primary_key: Key,
    pub unique: Vec<Key>,
    pub checks: Vec<Check>,
    pub foreign_keys: Vec<ForeignKey>,
    pub indexes: Vec<Index>,
    /// Indexed paths inside JSON documents: column and path.
    pub json_paths: Vec<(String, Vec<String>)>,
}

#[derive(Debug)]
pub struct Column {
    pub name: String,
    pub sql_type: String,
    pub nullable: bool,
    /// The expression of the default, or the clause of an identity column.
    pub default: Option<String>,
    /// PostgreSQL computes it from other columns, and nothing can write it.
    pub generated: bool,
    pub comment: String,
}

#[derive(Debug, Default, Clone)]
pub struct Key {
    pub name: String,
    pub columns: Vec<String>,
    pub nulls_not_distinct: bool,
}

/// A condition that every row satisfies.
#[derive(Debug)]
pub struct Check {
    pub name: String,
    pub condition: String,
}

#[derive(Debug)]
pub struct ForeignKey {
    pub name: String,
    pub columns: Vec<String>,
    pub table: String,
    pub to_columns: Vec<String>,
    pub on_update: String,
    pub on_delete: String,
}

#[derive(Debug)]
pub struct EnumType {
    pub name: String,
    pub comment: String,
    pub values: Vec<String>,
}

/// A policy admits every row of the own workspace when it looks at nothing but `workspace_id` and
/// `app.workspace_id()`; a view does when it calls no other function of schema `app`. Only the policies
/// that bind the gateway count: those for all roles (0) and its own.
const RELATIONS: &str = r"
with bound as (select array[0::oid, to_regrole('gateway')::oid] as roles)
select c.relname::text as name, c.relkind = 'v' as is_view,
       coalesce(obj_description(c.oid, 'pg_class'), '') as comment,
       case when c.relkind = 'v' then exists (
           select from pg_rewrite w
             join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid
             join pg_proc f on d.refclassid = 'pg_proc'::regclass and d.refobjid = f.oid
            where w.ev_class = c.oid and f.pronamespace = to_regnamespace('app') and f.proname <> 'workspace_id')
       else c.relrowsecurity and (
           exists (select from pg_policy p
                    where p.polrelid = c.oid and not p.polpermissive and p.polcmd in ('*', 'r')
                      and p.polroles && bound.roles)
           or not exists (
               select from pg_policy p
                where p.polrelid = c.oid and p.polpermissive and p.polcmd in ('*', 'r')
                  and p.polroles && bound.roles
                  and not exists (
                      select from pg_depend d
                        left join pg_attribute a on d.refclassid = 'pg_class'::regclass
                              and a.attrelid = d.refobjid and a.attnum = d.refobjsubid and d.refobjid = c.oid
                        left join pg_proc f on d.refclassid = 'pg_proc'::regclass and d.refobjid = f.oid
                       where d.classid = 'pg_policy'::regclass and d.objid = p.oid
                         and (d.refclassid = 'pg_class'::regclass
                                  and (d.refobjid <> c.oid or d.refobjsubid <> 0 and a.attname <> 'workspace_id')
                              or f.proname <> 'workspace_id'))))
       end as hides_rows
  from pg_class c, bound
 where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v') and not c.relispartition
   and c.relname <> $1
   and not exists (select from pg_depend d
                    where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')";

const COLUMNS: &str = r"
select c.relname::text as relation, a.attname::text as name,
       format_type(a.atttypid, a.atttypmod) as sql_type, not a.attnotnull as nullable,
       case when a.attidentity = 'a' then 'generated always as identity'
            when a.attidentity = 'd' then 'generated by default as identity'
            when a.attgenerated = '' then pg_get_expr(d.adbin, d.adrelid) end as default_value,
       a.attgenerated <> '' as generated,
       coalesce(col_description(c.oid, a.attnum), '') as comment
  from pg_attribute a join pg_class c on c.oid = a.attrelid
  left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
 where c.relnamespace = 'public'::regnamespace and a.attnum > 0 and not a.attisdropped
 order by c.relname, a.attnum";

/// The columns that a materialized view reads and that may be null.
const NULLABLE_SOURCES: &str = r"
select c.relname::text as relation, a.attname::text as name
  from pg_class c
  join pg_rewrite r on r.ev_class = c.oid
  join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
   and d.refclassid = 'pg_class'::regclass
  join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
 where c.relnamespace = to_regnamespace($1) and c.relkind = 'm' and d.refobjid <> c.oid and not a.attnotnull";

/// A key to a partitioned table has a shadow for every partition; `conparentid` tells them apart.
const FOREIGN_KEYS: &str = r"
select c.relname::text as relation, f.conname::text as name, t.relname::text as table,
       array(select a.attname::text
               from unnest(f.conkey) with ordinality k(attnum, position)
               join pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.attnum
              order by k.position) as columns,
       array(select a.attname::text
               from unnest(f.confkey) with ordinality k(attnum, position)
               join pg_attribute a on a.attrelid = f.confrelid and a.attnum = k.attnum
              order by k.position) as to_columns,
       f.confupdtype::text as on_update, f.confdeltype::text as on_delete
  from pg_constraint f
  join pg_class c on c.oid = f.conrelid
  join pg_class t on t.oid = f.confrelid
 where f.contype = 'f' and f.conparentid = 0 and c.relnamespace = 'public'::regnamespace
 order by f.conname";

const CHECKS: &str = r"
select c.relname::text as relation, k.conname::text as name, pg_get_expr(k.conbin, k.conrelid) as condition
  from pg_constraint k
  join pg_class c on c.oid = k.conrelid
 where k.contype = 'c' and c.relnamespace = 'public'::regnamespace
 order by k.conname";

const ENUMS: &str = r#"
select t.typname::text as name, coalesce(obj_description(t.oid, 'pg_type'), '') as comment,
       array(select e.enumlabel::text from pg_enum e where e.enumtypid = t.oid order by e.enumsortorder) as values
  from pg_type t
 where t.typnamespace = 'public'::regnamespace and t.typtype = 'e'
 order by t.typname collate "C""#;

impl Catalog {
    pub async fn read(pool: &PgPool) -> Result<Catalog> {
        let mut relations = BTreeMap::new();
        let rows = sqlx::query(RELATIONS).bind(NOT_THE_MODEL).fetch_all(pool);
        for row in rows.await.context("cannot list the tables")? {
            relations.insert(
                row.try_get::<String, _>("name")?,
                Relation {
                    is_view: row.try_get("is_view")?,
                    comment: row.try_get("comment")?,
                    hides_rows: row.try_get("hides_rows")?,
                    columns: Vec::new(),
                    primary_key: Key::default(),
                    unique: Vec::new(),
                    checks: Vec::new(),
                    foreign_keys: Vec::new(),
                    indexes: Vec::new(),
                    json_paths: Vec::new(),
                },
            );
        }
        read_columns(pool, &mut relations).await?;
        indexes::read(pool, &mut relations).await?;
        indexes::read_json_paths(pool, &mut relations).await?;
        read_keys(pool, &mut relations).await?;
        read_foreign_keys(pool, &mut relations).await?;
        read_checks(pool, &mut relations).await?;
        let enums = sqlx::query(ENUMS).fetch_all(pool).await;
        let enums = enums.context("cannot list the enum types")?;
        let enums = enums.iter().map(enum_type).collect::<Result<_>>()?;
        Ok(Catalog { relations, enums })
    }
}

async fn read_columns(pool: &PgPool, relations: &mut BTreeMap<String, Relation>) -> Result<()> {
    let rows = sqlx::query(COLUMNS).fetch_all(pool).await;
    let mut found_secrets = 0;
    for row in rows.context("cannot list the columns")? {
        let table: String = row.try_get("relation")?;
        let name: String = row.try_get("name")?;
        let Some(relation) = relations.get_mut(&table) else {
            continue;
        };
        if SECRETS.contains(&(table.as_str(), name.as_str())) {
            found_secrets += 1;
            continue;
        }
        if is_of_search(&table, &name) {
            continue;
        }
        relation.columns.push(Column {
            name,
            sql_type: row.try_get("sql_type")?,
            nullable: row.try_get("nullable")?,
            default: row.try_get("default_value")?,
            generated: row.try_get("generated")?,
            comment: row.try_get("comment")?,
        });
    }
    if found_secrets != SECRETS.len() {
        bail!(
            "{found_secrets} of the {} secret columns {SECRETS:?} are in the model: whoever renamed or dropped one must say so in `SECRETS` of xtask/src/codegen/catalog.rs",
            SECRETS.len()
        );
    }
    Ok(())
}

/// Takes the keys of each relation from its unique indexes.
async fn read_keys(pool: &PgPool, relations: &mut BTreeMap<String, Relation>) -> Result<()> {
    for relation in relations.values_mut() {
        for index in relation.indexes.iter().filter(|index| index.unique) {
            let key = Key {
                name: index.name.clone(),
                columns: index.columns.iter().map(|(name, _)| name.clone()).collect(),
                nulls_not_distinct: index.nulls_not_distinct,
            };
            if index.primary {
                relation.primary_key = key;
            } else {
                relation.unique.push(key);
            }
        }
    }
    let nullable = sqlx::query_as(NULLABLE_SOURCES).bind(MATERIALIZED);
    let nullable: BTreeSet<(String, String)> = nullable
        .fetch_all(pool)
        .await
        .context("cannot read what the materialized views are made of")?
        .into_iter()
        .collect();
    for (name, relation) in relations {
        relation.unique.sort_by(|a, b| a.name.cmp(&b.name));
        if relation.is_view {
            relation.take_key_from_unique_index(name, &nullable)?;
        } else if relation.primary_key.columns.is_empty() {
            bail!(
                "table {name} has no primary key, and an entity needs one: give it one in its migration"
            );
        }
    }
    Ok(())
}

impl Relation {
    /// A view has no primary key and no NOT NULL of its own; both follow from the unique index of the
    /// materialized view that it reads. An index with `nulls not distinct` says that a part of the key
    /// may be null: the one that is, by its name, a column that may be null in the table it comes from.
    fn take_key_from_unique_index(
        &mut self,
        name: &str,
        nullable_sources: &BTreeSet<(String, String)>,
    ) -> Result<()> {
        let Some(key) = self.unique.first().cloned() else {
            bail!(
                "view {name} needs a materialized view {MATERIALIZED}.{name} with a unique index over plain columns: that index is its key"
            );
        };
        for column in &mut self.columns {
            let source = (name.to_owned(), column.name.clone());
            let known = key.columns.contains(&column.name)
                && !(key.nulls_not_distinct && nullable_sources.contains(&source));
            column.nullable = !known;
        }
        if let Some(missing) = key
            .columns
            .iter()
            .find(|key| !self.columns.iter().any(|column| column.name == **key))
        {
            bail!(
                "view {name} does not show {missing}, a column of its key {}: add it to the view",
                key.name
            );
        }
        self.primary_key = key;
        Ok(())
    }
}

async fn read_foreign_keys(
    pool: &PgPool,
    relations: &mut BTreeMap<String, Relation>,
) -> Result<()> {
    let rows = sqlx::query(FOREIGN_KEYS).fetch_all(pool).await;
    for row in rows.context("cannot list the foreign keys")? {
        let Some(relation) = relations.get_mut(&row.try_get::<String, _>("relation")?) else {
            continue;
        };
        relation.foreign_keys.push(ForeignKey {
            name: row.try_get("name")?,
            columns: row.try_get("columns")?,
            table: row.try_get("table")?,
            to_columns: row.try_get("to_columns")?,
            on_update: action(row.try_get("on_update")?)?,
            on_delete: action(row.try_get("on_delete")?)?,
        });
    }
    for relation in relations.values_mut() {
        relation.foreign_keys.sort_by(|a, b| a.name.cmp(&b.name));
    }
    Ok(())
}

async fn read_checks(pool: &PgPool, relations: &mut BTreeMap<String, Relation>) -> Result<()> {
    let rows = sqlx::query(CHECKS).fetch_all(pool).await;
    for row in rows.context("cannot list the checks")? {
        if let Some(relation) = relations.get_mut(&row.try_get::<String, _>("relation")?) {
            relation.checks.push(Check {
                name: row.try_get("name")?,
                condition: row.try_get("condition")?,
            });
        }
    }
    for relation in relations.values_mut() {
        relation.checks.sort_by(|a, b| a.name.cmp(&b.name));
    }
    Ok(())
}

fn action(code: &str) -> Result<String> {
    let action = match code {
        "a" => "NO ACTION",
        "r" => "RESTRICT",
        "c" => "CASCADE",
        "n" => "SET NULL",
        "d" => "SET DEFAULT",
        other => bail!(
            "PostgreSQL names a foreign key action {other:?} that codegen does not know: add it to `action`"
        ),
    };
    Ok(action.to_owned())
}

fn enum_type(row: &PgRow) -> Result<EnumType> {
    Ok(EnumType {
        name: row.try_get("name")?,
        comment: row.try_get("comment")?,
        values: row.try_get("values")?,
    })
}
