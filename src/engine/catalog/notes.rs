//! What the catalog is built from beside the entities: facts about tables, and exceptions.

use std::collections::HashMap;

use migration::Access;

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
    /// Comment of each column by name, and whether it can be null: the key of a view's entity
    /// cannot, whatever the view holds.
    pub columns: HashMap<String, (String, bool)>,
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
    /// Who reads what.
    pub access: &'static [Access],
}

/// Enums of the model: name, comment, values.
pub type EnumNotes = (String, String, Vec<String>);
