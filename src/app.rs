//! Joins entities, exposure and engine.

use std::collections::HashMap;

use entity::facts::{ENUMS, TABLES, TableFacts, TableKind};

use crate::engine::catalog::{Catalog, ColumnNotes, Described, Notes, Rules, WriteNotes, describe};
use crate::engine::{Engine, Limits};
use crate::exposure;

macro_rules! describe_all {
    ($($entity:expr),* $(,)?) => { vec![$(describe($entity)),*] };
}

/// The engine over the whole model. It depends on code alone, never on a database.
///
/// # Errors
/// A mistake in the code: entities, facts and exceptions do not fit together.
pub fn engine(limits: Limits) -> Result<Engine, String> {
    Engine::new(catalog()?, limits)
}

/// The schema of the API in the schema definition language.
///
/// # Errors
/// As [`engine`].
pub fn sdl() -> Result<String, String> {
    Ok(engine(Limits::default())?.sdl())
}

/// The catalog of the whole model.
///
/// # Errors
/// As [`engine`].
pub fn catalog() -> Result<Catalog, String> {
    let described: Vec<Described> = entity::for_each_entity!(describe_all);
    let notes: Vec<Notes> = TABLES
        .iter()
        .map(|table| Notes {
            table: table.name.to_owned(),
            comment: table.comment.to_owned(),
            view: table.kind == TableKind::View,
            has_workspace: table.has_workspace,
            hides_rows: table.hides_rows,
            unique: table
                .unique
                .iter()
                .map(|key| strings(key.columns))
                .collect(),
            indexes: table
                .indexes
                .iter()
                .filter(|index| index.method == "btree")
                .map(|index| {
                    let columns = index.columns.iter();
                    let columns = columns.map(|&(name, descending)| (name.to_owned(), descending));
                    (index.unique, columns.collect())
                })
                .collect(),
            json_paths: table
                .json_paths
                .iter()
                .map(|&(column, path)| (column.to_owned(), strings(path)))
                .collect(),
            columns: table
                .columns
                .iter()
                .map(|column| {
                    (
                        column.name.to_owned(),
                        (column.comment.to_owned(), column.nullable),
                    )
                })
                .collect::<HashMap<_, _>>(),
            writing: writing(table),
        })
        .collect();
    let enums = ENUMS
        .iter()
        .map(|one| {
            (
                one.name.to_owned(),
                one.comment.to_owned(),
                strings(one.values),
            )
        })
        .collect();
    let rules = Rules {
        writing: migration::writing(),
        ..exposure::RULES
    };
    Catalog::build(described, &notes, enums, &rules, &exposure::VIEWER)
}

fn writing(table: &TableFacts) -> WriteNotes {
    let columns = table.columns.iter().map(|column| {
        let notes = ColumnNotes {
            sql_type: column.sql_type.to_owned(),
            default: column.default.map(str::to_owned),
        };
        (column.name.to_owned(), notes)
    });
    let unique = table.unique.iter();
    let unique = unique.map(|key| (key.name.to_owned(), strings(key.columns), key.nulls_equal));
    let checks = table.checks.iter();
    let cascades = table.foreign_keys.iter();
    let cascades = cascades.filter(|key| key.on_delete == "CASCADE");
    WriteNotes {
        columns: columns.collect(),
        unique: unique.collect(),
        checks: checks
            .map(|check| (check.name.to_owned(), check.condition.to_owned()))
            .collect(),
        cascades: cascades.flat_map(|key| strings(key.columns)).collect(),
    }
}

fn strings(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}
