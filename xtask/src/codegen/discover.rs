//! Table definitions for the entity generator: sea-schema reads the types, the catalogue decides the rest.

use std::collections::HashMap;

use anyhow::{Context, Result, bail};
use sea_schema::{
    Connection, Name,
    postgres::{
        def::{
            ColumnInfo, NotNull, PrimaryKey, References, TableDef, TableInfo, Type, Unique,
            VectorDef,
        },
        discovery::{IntoExecutor, SchemaDiscovery},
        query::ColumnQueryResult,
    },
    sea_query::{Alias, ColumnType, IntoIden, TableCreateStatement},
};
use sqlx::PgPool;

use super::catalog::{Catalog, Relation};

/// One create statement per table and view, sorted by name.
///
/// Only columns and enums are read with sea-schema. Its discovery of a whole schema lists no views, and
/// takes minutes here: it asks the information schema for the constraints of each table, a query that
/// grows with the square of the model.
pub async fn table_statements(
    pool: &PgPool,
    catalog: &Catalog,
) -> Result<Vec<TableCreateStatement>> {
    let discovery = SchemaDiscovery::new(pool.clone(), "public");
    let enums = discovery.discover_enums().await;
    let enums: HashMap<String, Vec<String>> = enums
        .context("sea-schema cannot read the enum types")?
        .into_iter()
        .map(|found| (found.typename, found.values))
        .collect();
    let connection = pool.clone().into_executor();

    let mut statements = Vec::with_capacity(catalog.relations.len());
    for (name, relation) in &catalog.relations {
        let query = discovery
            .query
            .query_columns(discovery.schema.clone(), Alias::new(name).into_iden());
        let rows = connection.query_all(query).await;
        let columns = rows
            .with_context(|| format!("sea-schema cannot read the columns of {name}"))?
            .into_iter()
            .map(|row| ColumnQueryResult::from(row).parse(&enums))
            .collect();
        let table = define(name, relation, columns)?.write();
        refuse_unmapped_types(name, &table)?;
        statements.push(table);
    }
    Ok(statements)
}

/// Keys and nullability come from the catalogue: it knows the key of a view, and it keeps the column
/// pairs of a foreign key, which the information schema joins back together by constraint name.
fn define(name: &str, relation: &Relation, mut found: Vec<ColumnInfo>) -> Result<TableDef> {
    let mut columns = Vec::with_capacity(relation.columns.len());
    for column in &relation.columns {
        let Some(position) = found.iter().position(|info| info.name == column.name) else {
            bail!("sea-schema does not find column {} of {name}", column.name);
        };
        let mut info = found.swap_remove(position);
        // SeaORM has no key with a part that may be null, as that of a view can have: there the entity
        // says it is not, and the facts say that it is.
        let in_key = relation.primary_key.columns.contains(&column.name);
        info.not_null = NotNull::from_bool(in_key || !column.nullable);
        // The embedded server keeps extensions in `pg_catalog`, whose types the information schema
        // reports under their own names and not as user-defined ones.
        if info.col_type == Type::Unknown("vector".to_owned()) {
            info.col_type = Type::Vector(VectorDef::default());
        }
        columns.push(info);
    }
    let mut reference_constraints = Vec::with_capacity(relation.foreign_keys.len());
    for key in &relation.foreign_keys {
        reference_constraints.push(References {
            name: key.name.clone(),
            columns: key.columns.clone(),
            table: key.table.clone(),
            foreign_columns: key.to_columns.clone(),
            on_update: Name::from_str(&key.on_update),
            on_delete: Name::from_str(&key.on_delete),
        });
    }
    Ok(TableDef {
        info: TableInfo {
            name: name.to_owned(),
            of_type: None,
        },
        columns,
        check_constraints: Vec::new(),
        not_null_constraints: Vec::new(),
        unique_constraints: relation
            .unique
            .iter()
            .filter(|_| !relation.is_view)
            .map(|key| Unique {
                name: key.name.clone(),
                columns: key.columns.clone(),
                is_partial: false,
            })
            .collect(),
        primary_key_constraints: vec![PrimaryKey {
            name: relation.primary_key.name.clone(),
            columns: relation.primary_key.columns.clone(),
        }],
        reference_constraints,
        exclusion_constraints: Vec::new(),
    })
}

/// The generator turns a type that it does not know into an ignored text column, which the API would
/// silently miss.
fn refuse_unmapped_types(table: &str, statement: &TableCreateStatement) -> Result<()> {
    for column in statement.get_columns() {
        let mut column_type = column.get_column_type();
        if let Some(ColumnType::Array(element)) = column_type {
            column_type = Some(element.as_ref());
        }
        if let Some(ColumnType::Custom(custom)) = column_type {
            bail!(
                "{table}.{} has type {custom}, which the entity generator cannot map: give it a type that SeaORM knows",
                column.get_column_name()
            );
        }
    }
    Ok(())
}
