//! The invented rows of the record store: files of rows by table, one file for each area.
//!
//! A row has the columns of its table, with these additions:
//! - `id` is a label; where it is absent, the position in the list of the table is.
//! - `@table/label` is the id of another invented row.
//! - `@table.column/value` is the id of an imported row, found by that column.
//! - `@words/column` is the embedding of that column of the same row.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Map, Value};
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::embedding;
use crate::import::ImportError;

macro_rules! file {
    ($name:literal) => {
        (
            $name,
            include_str!(concat!("../../playground/data/record-store/", $name)),
        )
    };
}

/// In the order of their references: a file names rows of itself and of those above it.
const FILES: [(&str, &str); 12] = [
    file!("agents.json"),
    file!("catalog.json"),
    file!("stock.json"),
    file!("orders.json"),
    file!("customers.json"),
    file!("support.json"),
    file!("memory.json"),
    file!("marketing.json"),
    file!("finance.json"),
    file!("analytics.json"),
    file!("billing.json"),
    file!("system.json"),
];

#[derive(Deserialize)]
struct Table {
    table: String,
    rows: Vec<Row>,
}

type Row = Map<String, Value>;

/// The ids of imported rows, by table, column and value.
type Imported = BTreeMap<(String, String), BTreeMap<String, Uuid>>;

/// Adds them to a workspace that has the records.
pub async fn load(connection: &mut PgConnection, workspace: Uuid) -> Result<(), ImportError> {
    let mut files = Vec::with_capacity(FILES.len());
    for (file, text) in FILES {
        let tables: Vec<Table> = serde_json::from_str(text).map_err(|error| ImportError::Json {
            file: file.to_owned(),
            line: error.line(),
            column: error.column(),
            reason: error.to_string(),
        })?;
        files.extend(tables.into_iter().map(|table| (file, table)));
    }
    let imported = imported(connection, workspace, &files).await?;
    for (file, Table { table, rows }) in files {
        let resolved = rows.iter().enumerate().map(|(position, row)| {
            resolve(workspace, &table, position, row, &imported).map_err(|found| {
                ImportError::Inconsistent {
                    file: file.to_owned(),
                    path: format!("{table}[{position}]"),
                    expected: "the value of an imported row".to_owned(),
                    found,
                }
            })
        });
        let resolved: Vec<Row> = resolved.collect::<Result<_, _>>()?;
        insert(connection, &table, &resolved).await?;
    }
    Ok(())
}

/// Looks up the imported rows that the tables refer to, with one statement for each column.
async fn imported(
    connection: &mut PgConnection,
    workspace: Uuid,
    files: &[(&str, Table)],
) -> Result<Imported, ImportError> {
    let mut wanted: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    let rows = files.iter().flat_map(|(_, table)| &table.rows);
    for value in rows.flat_map(Map::values) {
        if let Some(Reference::Imported(table, column, key)) = Reference::of(value) {
            wanted.entry((table, column)).or_default().insert(key);
        }
    }
    let mut imported = Imported::new();
    for ((table, column), keys) in wanted {
        let scope = match table {
            "users" => "id in (select user_id from workspace_members where workspace_id = $1)",
            _ => "workspace_id = $1",
        };
        let found: Vec<(String, Uuid)> = sqlx::query_as(AssertSqlSafe(format!(
            "select {column}, id from {table} where {scope} and {column} = any($2)"
        )))
        .bind(workspace)
        .bind(Vec::from_iter(keys))
        .fetch_all(&mut *connection)
        .await?;
        let ids = found.into_iter().collect();
        imported.insert((table.to_owned(), column.to_owned()), ids);
    }
    Ok(imported)
}

enum Reference<'a> {
    Invented(&'a str),
    Imported(&'a str, &'a str, &'a str),
    Words(&'a str),
}

impl<'a> Reference<'a> {
    fn of(value: &'a Value) -> Option<Self> {
        let reference = value.as_str()?.strip_prefix('@')?;
        let (place, key) = reference.split_once('/')?;
        Some(match place.split_once('.') {
            Some((table, column)) => Self::Imported(table, column, key),
            None if place == "words" => Self::Words(key),
            None => Self::Invented(reference),
        })
    }
}

/// The row with the values that its references stand for; an error names one that nothing has.
fn resolve(
    workspace: Uuid,
    table: &str,
    position: usize,
    row: &Row,
    imported: &Imported,
) -> Result<Row, String> {
    let id = |name: &str| Uuid::new_v5(&workspace, name.as_bytes()).to_string();
    let mut resolved = Row::new();
    for (column, value) in row {
        let value = match Reference::of(value) {
            None => value.clone(),
            Some(Reference::Invented(name)) => id(name).into(),
            Some(Reference::Imported(table, column, key)) => imported
                .get(&(table.to_owned(), column.to_owned()))
                .and_then(|ids| ids.get(key))
                .ok_or_else(|| format!("{key} as {column} of {table}"))?
                .to_string()
                .into(),
            Some(Reference::Words(of)) => {
                let words = row.get(of).and_then(Value::as_str).unwrap_or_default();
                embedding::of(&[(words, 1.0)]).into()
            }
        };
        resolved.insert(column.clone(), value);
    }
    let label = match row.get("id").and_then(Value::as_str) {
        Some(label) => format!("{table}/{label}"),
        None => format!("{table}/{}", position + 1),
    };
    resolved.insert("id".to_owned(), id(&label).into());
    resolved.insert("workspace_id".to_owned(), workspace.to_string().into());
    Ok(resolved)
}

/// Inserts the rows, with one statement for those that follow each other and have the same columns,
/// because a column that is absent takes its default.
async fn insert(
    connection: &mut PgConnection,
    table: &str,
    rows: &[Row],
) -> Result<(), ImportError> {
    for alike in rows.chunk_by(|one, next| one.keys().eq(next.keys())) {
        let columns = Vec::from_iter(alike[0].keys().map(String::as_str)).join(", ");
        sqlx::query(AssertSqlSafe(format!(
            "insert into {table} ({columns}) select {columns} from jsonb_populate_recordset(null::{table}, $1)"
        )))
        .bind(sqlx::types::Json(alike))
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}
