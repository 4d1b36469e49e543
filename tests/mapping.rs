//! Every column of the five source designs is in the API, where the mapping says; the secrets are
//! not.

use std::collections::HashSet;

use entity::facts::TABLES;
use tessera::app;
use tessera::engine::catalog::Kind;

const MAPPING: &str = include_str!("mapping.tsv");

/// Never in the API.
const SECRETS: [(&str, &str); 2] = [("users", "password_hash"), ("integrations", "credentials")];

struct Row<'a> {
    source: String,
    table: &'a str,
    column: &'a str,
}

fn rows() -> Vec<Row<'static>> {
    MAPPING
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            Row {
                source: cells[..3].join("."),
                table: cells[3],
                column: cells[4],
            }
        })
        .collect()
}

#[test]
fn the_mapping_is_whole() {
    assert_eq!(rows().len(), 878);
}

#[test]
fn every_source_column_can_be_read() {
    let catalog = app::catalog().expect("the model fits together");
    let sdl = app::sdl().expect("a schema");
    let mut missing = Vec::new();
    for row in rows() {
        if SECRETS.contains(&(row.table, row.column)) {
            continue;
        }
        let readable = catalog.by_name(row.table).is_some_and(|id| {
            let table = catalog.table(id);
            let column = table.column_by_name(row.column).map(|id| table.column(id));
            // The workspace of a row is the token's.
            column.is_some_and(|column| {
                let shown = !column.exposed && column.name == "workspace_id"
                    || in_type(&sdl, &table.type_name, &column.field);
                shown && (column.kind != Kind::Vector || column.nullable || column.exposed)
            })
        });
        if !readable {
            missing.push(format!("{} -> {}.{}", row.source, row.table, row.column));
        }
    }
    assert!(
        missing.is_empty(),
        "not in the API:\n{}",
        missing.join("\n")
    );
}

/// Whether the schema's type has the field.
fn in_type(sdl: &str, type_name: &str, field: &str) -> bool {
    let start = sdl
        .find(&format!("\ntype {type_name} implements"))
        .or_else(|| sdl.find(&format!("\ntype {type_name} {{")));
    let Some(start) = start else { return false };
    let body = &sdl[start + 1..];
    let end = body.find("\n}").unwrap_or(body.len());
    body[..end].lines().any(|line| {
        line.trim_start()
            .strip_prefix(field)
            .is_some_and(|rest| rest.starts_with(':') || rest.starts_with('('))
    })
}

#[test]
fn no_secret_is_anywhere() {
    let known: HashSet<(&str, &str)> = rows().iter().map(|row| (row.table, row.column)).collect();
    let catalog = app::catalog().expect("the model fits together");
    for (table, column) in SECRETS {
        assert!(
            known.contains(&(table, column)),
            "the mapping names {table}.{column}"
        );
        let facts = TABLES
            .iter()
            .find(|facts| facts.name == table)
            .expect("a table of the model");
        assert!(
            facts.columns.iter().all(|facts| facts.name != column),
            "{table}.{column} is in the entities"
        );
        let table = catalog.table(catalog.by_name(table).expect("a table of the catalog"));
        assert_eq!(table.column_by_name(column), None);
    }
    let sdl = app::sdl().expect("a schema");
    for word in ["passwordHash", "credentials"] {
        assert!(!in_any_field(&sdl, word), "the schema shows {word}");
    }
}

fn in_any_field(sdl: &str, field: &str) -> bool {
    sdl.lines()
        .any(|line| line.trim_start().starts_with(&format!("{field}:")))
}
