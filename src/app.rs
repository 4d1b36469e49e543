//! Joins entities, exposure and engine.

use std::collections::HashMap;

use entity::facts::{ENUMS, TABLES, TableKind};

use crate::engine::catalog::{Catalog, Described, Notes, describe};
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
            unique: table.unique.iter().map(|key| strings(key)).collect(),
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
    Catalog::build(described, &notes, enums, &exposure::RULES, exposure::VIEWER)
}

fn strings(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}
