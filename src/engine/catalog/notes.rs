//! What the catalog is built from beside the entities: facts about tables, and exceptions.

use std::collections::HashMap;

use migration::{Access, Searched, Writing};

use super::GraphRules;

/// What an entity cannot say about its table.
#[derive(Clone, Debug)]
pub struct Notes {
    pub table: String,
    pub comment: String,
    pub view: bool,
    pub has_workspace: bool,
    /// Whether a row policy can hide rows of the own workspace.
    pub hides_rows: bool,
    /// Unique keys beside the primary key.
    pub unique: Vec<Vec<String>>,
    /// B-tree indexes: whether they are unique, and their columns with whether they descend.
    pub indexes: Vec<(bool, Vec<(String, bool)>)>,
    /// Paths inside JSON documents that have an index: column and path.
    pub json_paths: Vec<(String, Vec<String>)>,
    /// Comment of each column by name, and whether it can be null: the key of a view's entity
    /// cannot, whatever the view holds.
    pub columns: HashMap<String, (String, bool)>,
    pub writing: WriteNotes,
}

/// What the database says of written values.
#[derive(Clone, Debug, Default)]
pub struct WriteNotes {
    pub columns: HashMap<String, ColumnNotes>,
    /// The unique keys beside the primary one: name, columns, whether two nulls are equal.
    pub unique: Vec<(String, Vec<String>, bool)>,
    /// The check constraints: name and condition.
    pub checks: Vec<(String, String)>,
    /// Columns of foreign keys by which a row is deleted together with the one that it points at.
    pub cascades: Vec<String>,
}

/// What the database says of the values of a column.
#[derive(Clone, Debug, Default)]
pub struct ColumnNotes {
    /// With length and precision: `numeric(12,2)`.
    pub sql_type: String,
    /// The expression for a row that is given no value.
    pub default: Option<String>,
}

/// Where the changes of each row are told, by names of the database.
#[derive(Clone, Copy, Debug, Default)]
pub struct HistoryRules {
    pub log: &'static str,
    /// The columns of the log that name the table and the id of a row.
    pub table: &'static str,
    pub row: &'static str,
    /// The column of the log that says when.
    pub at: &'static str,
}

/// The hand-written exceptions, by names of the database.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// Tables that are no part of the API.
    pub hidden_tables: &'static [&'static str],
    /// Column -> name of the to-one field.
    pub forward_names: &'static [(&'static str, &'static str)],
    /// Child table, its column -> name of the parent's field.
    pub reverse_names: &'static [(&'static str, &'static str, &'static str)],
    /// Words that descriptions write in capitals.
    pub acronyms: &'static [&'static str],
    /// Last words of tables that have no plural in descriptions.
    pub uncountable: &'static [&'static str],
    pub graphs: &'static [GraphRules],
    pub history: HistoryRules,
    /// Who reads what.
    pub access: &'static [Access],
    /// What people search.
    pub searched: &'static [Searched],
    /// Who writes what.
    pub writing: Vec<Writing>,
}

/// Enums of the model: name, comment, values.
pub type EnumNotes = (String, String, Vec<String>);
