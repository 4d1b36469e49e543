//! `entity/src/facts.rs`: what the entities cannot say of the model, as constants.

use std::fmt::{self, Write};

use super::{
    BANNER,
    catalog::{Catalog, Column, ForeignKey, Key, Relation},
    indexes::Index,
};

/// The types of the constants, which the generated file carries along.
const TYPES: &str = r"
/// Whether rows can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableKind {
    Table,
    View,
}

/// A table or view of the model. The two secret columns are left out, as they are of the entities.
#[derive(Clone, Copy, Debug)]
pub struct TableFacts {
    pub name: &'static str,
    pub kind: TableKind,
    pub comment: &'static str,
    /// Row level security can hide a row of the session's own workspace.
    pub hides_rows: bool,
    pub has_workspace: bool,
    /// Of a view: the columns of the unique index of the materialized view behind it. A part of it may be
    /// nullable here, which the entity cannot say of its own primary key.
    pub primary_key: &'static [&'static str],
    pub columns: &'static [ColumnFacts],
    /// The unique keys besides the primary key, in the order of their names. A view has one.
    pub unique: &'static [&'static [&'static str]],
    pub foreign_keys: &'static [ForeignKeyFacts],
    /// The indexes over plain columns, the primary key's first. Of a view: those of the materialized view.
    pub indexes: &'static [IndexFacts],
}

/// A column, in the order of the table.
#[derive(Clone, Copy, Debug)]
pub struct ColumnFacts {
    pub name: &'static str,
    /// As PostgreSQL writes it, with length and precision: `numeric(12,2)`.
    pub sql_type: &'static str,
    pub nullable: bool,
    pub has_default: bool,
    pub comment: &'static str,
}

/// A foreign key, with its columns paired by position.
#[derive(Clone, Copy, Debug)]
pub struct ForeignKeyFacts {
    pub name: &'static str,
    pub columns: &'static [&'static str],
    pub table: &'static str,
    pub to_columns: &'static [&'static str],
    /// `CASCADE`, `RESTRICT`, `SET NULL`, `SET DEFAULT` or `NO ACTION`.
    pub on_delete: &'static str,
}

/// An index over all rows and plain columns.
#[derive(Clone, Copy, Debug)]
pub struct IndexFacts {
    /// `btree`, `gin` or another access method.
    pub method: &'static str,
    pub unique: bool,
    /// In the order of the index, each with whether it descends. Nulls are greater than all values.
    pub columns: &'static [(&'static str, bool)],
}

/// An enum type, its values in the order in which PostgreSQL compares them.
#[derive(Clone, Copy, Debug)]
pub struct EnumFacts {
    pub name: &'static str,
    pub comment: &'static str,
    pub values: &'static [&'static str],
}
";

/// The text of the file, not yet formatted.
pub fn write(catalog: &Catalog) -> Result<String, fmt::Error> {
    let mut text = format!("{BANNER}\n{TYPES}\n");
    text.push_str("/// All tables and views, by name.\npub static TABLES: &[TableFacts] = &[\n");
    for (name, relation) in &catalog.relations {
        write_table(&mut text, name, relation)?;
    }
    text.push_str("];\n\n/// All enum types, by name.\npub static ENUMS: &[EnumFacts] = &[\n");
    for found in &catalog.enums {
        writeln!(
            text,
            "EnumFacts {{ name: {:?}, comment: {:?}, values: &{:?} }},",
            found.name, found.comment, found.values
        )?;
    }
    text.push_str("];\n");
    Ok(text)
}

fn write_table(text: &mut String, name: &str, relation: &Relation) -> fmt::Result {
    let kind = if relation.is_view { "View" } else { "Table" };
    let has_workspace = relation
        .columns
        .iter()
        .any(|column| column.name == "workspace_id");
    writeln!(
        text,
        "TableFacts {{ name: {name:?}, kind: TableKind::{kind}, comment: {:?}, hides_rows: {}, \
         has_workspace: {has_workspace}, primary_key: &{:?}, columns: &[",
        relation.comment, relation.hides_rows, relation.primary_key.columns
    )?;
    for column in &relation.columns {
        write_column(text, column)?;
    }
    text.push_str("], unique: &[");
    for Key { columns, .. } in &relation.unique {
        write!(text, "&{columns:?}, ")?;
    }
    text.push_str("], foreign_keys: &[\n");
    for key in &relation.foreign_keys {
        write_foreign_key(text, key)?;
    }
    text.push_str("], indexes: &[\n");
    for index in relation.indexes.iter().filter(|index| index.usable) {
        write_index(text, index)?;
    }
    text.push_str("] },\n");
    Ok(())
}

fn write_column(text: &mut String, column: &Column) -> fmt::Result {
    writeln!(
        text,
        "ColumnFacts {{ name: {:?}, sql_type: {:?}, nullable: {}, has_default: {}, comment: {:?} }},",
        column.name, column.sql_type, column.nullable, column.has_default, column.comment
    )
}

fn write_index(text: &mut String, index: &Index) -> fmt::Result {
    writeln!(
        text,
        "IndexFacts {{ method: {:?}, unique: {}, columns: &{:?} }},",
        index.method, index.unique, index.columns
    )
}

fn write_foreign_key(text: &mut String, key: &ForeignKey) -> fmt::Result {
    writeln!(
        text,
        "ForeignKeyFacts {{ name: {:?}, columns: &{:?}, table: {:?}, to_columns: &{:?}, on_delete: {:?} }},",
        key.name, key.columns, key.table, key.to_columns, key.on_delete
    )
}
