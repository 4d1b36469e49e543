//! The catalog: the model as plain data, from which types, plans and statements are made.
//!
//! It is built once from the entities and never asks a database. Everything below this module is
//! free of generics over entities.

mod aggregates;
mod build;
mod describe;
mod graph;
mod naming;
mod notes;
mod operators;
mod relations;
mod roles;
mod search;
mod viewer;
mod writes;

use std::collections::HashMap;

use super::names::names;
use crate::session::Role;

pub use aggregates::{Aggregate, Function};
pub use describe::{Described, describe};
pub use graph::{Graph, GraphRules};
pub use migration::{Reads, RowRule};
pub use notes::HistoryRules;
pub use notes::{ColumnNotes, WriteNotes};
pub use notes::{Notes, Rules};
pub use operators::{Operand, Operator};
pub use roles::{RoleCatalog, forbidden};
pub use search::{Embedding, Searchable, SearchedText};
pub use viewer::{OwnList, Viewer, ViewerRules};
pub use writes::{Check, ColumnWrite, Command, Constraint, Owned, UniqueKey, Writers};
pub use writes::{LOWER_CASE, NUMBER_ALONE};

/// Index of a table in [`Catalog::tables`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableId(pub usize);

/// Index of a column in [`Table::columns`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ColumnId(pub usize);

/// Index of a relation in [`Table::relations`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RelationId(pub usize);

/// Index of an indexed path in [`Table::json_paths`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct JsonPathId(pub usize);

/// The whole model.
#[derive(Debug)]
pub struct Catalog {
    pub tables: Vec<Table>,
    pub enums: Vec<Enumeration>,
    pub viewer: Viewer,
    pub graphs: Vec<Graph>,
    roots: HashMap<String, Root>,
    mutations: HashMap<String, (TableId, Command)>,
    names: HashMap<String, TableId>,
}

/// The field of every table's type that holds the global id of the row.
pub const NODE_ID: &str = "nodeId";
/// The field that tells of every change of a row.
pub const VERSION: &str = "version";
/// The field of the entities of a graph that walks from one to others.
pub const NEIGHBOURHOOD: &str = "neighbourhood";
/// The argument that takes several global ids.
pub const NODE_IDS: &str = "nodeIds";

names! {
    /// The root fields that are there whatever the tables are.
    RootField { Node = "node", Nodes = "nodes", Viewer = "viewer" }
}

/// What a root field answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root {
    Field(RootField),
    List(TableId),
    /// One row by its key.
    Key(TableId),
    /// One row by the unique key of this index in [`Table::lookups`].
    Lookup(TableId, usize),
}

impl Catalog {
    pub fn table(&self, id: TableId) -> &Table {
        &self.tables[id.0]
    }

    /// What the root field of this name answers.
    pub fn root(&self, field: &str) -> Option<Root> {
        self.roots.get(field).copied()
    }

    /// The graph whose entities are the rows of this table.
    pub fn graph(&self, table: TableId) -> Option<&Graph> {
        self.graphs.iter().find(|graph| graph.entities == table)
    }

    /// The table of this name in the database.
    pub fn by_name(&self, name: &str) -> Option<TableId> {
        self.names.get(name).copied()
    }

    pub fn ids(&self) -> impl Iterator<Item = TableId> + use<> {
        (0..self.tables.len()).map(TableId)
    }
}

/// One table or view.
#[derive(Debug)]
pub struct Table {
    /// Name in the database.
    pub name: String,
    /// Name of the GraphQL object type: `ProductVariant`.
    pub type_name: String,
    /// Root field for one row: `productVariant`.
    pub singular: String,
    /// Root field for the list: `productVariants`.
    pub plural: String,
    /// What descriptions call a row: `product variant`.
    pub noun: String,
    /// What descriptions call several rows: `product variants`.
    pub nouns: String,
    pub comment: String,
    pub columns: Vec<Column>,
    /// Key columns without `workspace_id`; they identify a row inside a workspace.
    pub key: Vec<ColumnId>,
    pub lookups: Vec<Lookup>,
    /// The indexes that find values and give an order.
    pub indexes: Vec<Index>,
    /// Paths inside JSON documents that have an index.
    pub json_paths: Vec<(ColumnId, Vec<String>)>,
    /// Whether the key is a field `id`; views have others and are found by their lookups.
    pub has_id: bool,
    pub relations: Vec<Relation>,
    /// How its rows are searched, if they are.
    pub search: Option<Searchable>,
    /// Whether every row carries `workspace_id`, by which every statement then filters.
    pub has_workspace: bool,
    /// Which rows of its workspace a caller may read.
    pub rule: Option<RowRule>,
    /// The least role for which the table exists.
    pub least: Role,
    /// Whether a session may miss rows of its own workspace, so that fields that lead here are
    /// nullable.
    pub hides_rows: bool,
    /// Who writes it.
    pub writers: Writers,
    /// The unique keys beside the primary one.
    pub unique: Vec<UniqueKey>,
    pub checks: Vec<Check>,
    /// What is written together with a row.
    pub owned: Vec<Owned>,
}

impl Table {
    pub fn column(&self, id: ColumnId) -> &Column {
        &self.columns[id.0]
    }

    pub fn column_by_field(&self, field: &str) -> Option<ColumnId> {
        self.columns
            .iter()
            .position(|column| column.exposed && column.field == field)
            .map(ColumnId)
    }

    pub fn column_by_name(&self, name: &str) -> Option<ColumnId> {
        self.columns
            .iter()
            .position(|column| column.name == name)
            .map(ColumnId)
    }

    /// The column that a field of an input writes.
    pub fn input_column(&self, field: &str) -> Option<ColumnId> {
        let written = |column: &Column| column.write.create.or(column.write.update).is_some();
        self.columns
            .iter()
            .position(|column| column.field == field && written(column))
            .map(ColumnId)
    }

    /// The index of this path inside the documents of a column, where there is one.
    pub fn json_path(&self, column: ColumnId, path: &[String]) -> Option<JsonPathId> {
        let mut paths = self.json_paths.iter();
        let found = paths.position(|(of, indexed)| *of == column && indexed == path);
        found.map(JsonPathId)
    }

    pub fn relation(&self, id: RelationId) -> &Relation {
        &self.relations[id.0]
    }

    pub fn relation_by_field(&self, field: &str) -> Option<RelationId> {
        self.relations
            .iter()
            .position(|relation| relation.field == field)
            .map(RelationId)
    }

    /// Columns that are fields of the type.
    pub fn fields(&self) -> impl Iterator<Item = (ColumnId, &Column)> {
        self.columns
            .iter()
            .enumerate()
            .filter(|(_, column)| column.exposed)
            .map(|(index, column)| (ColumnId(index), column))
    }
}

/// One column.
#[derive(Debug)]
pub struct Column {
    /// Name in the database.
    pub name: String,
    /// Name in GraphQL.
    pub field: String,
    pub kind: Kind,
    pub nullable: bool,
    pub comment: String,
    /// Whether the column is a field, a filter and an order of the API.
    pub exposed: bool,
    /// In which rows a caller may read the value; in others it reads as null.
    pub guard: Option<RowRule>,
    /// The least role for which the column exists, where the table does.
    pub least: Role,
    pub write: ColumnWrite,
}

/// The type of a column as far as the API distinguishes types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Uuid,
    Text,
    TextArray,
    Int,
    BigInt,
    Decimal,
    /// No column has it; scores do.
    Float,
    Boolean,
    Timestamp,
    Date,
    Json,
    Inet,
    Vector,
    /// Index in [`Catalog::enums`].
    Enum(usize),
}

/// A PostgreSQL enum.
#[derive(Debug)]
pub struct Enumeration {
    /// Name in the database: `order_status`.
    pub name: String,
    /// Name in GraphQL: `OrderStatus`.
    pub type_name: String,
    pub comment: String,
    /// Values in the order of the database; GraphQL shows them in upper case.
    pub values: Vec<String>,
}

/// A unique key as a root field that answers one row.
#[derive(Debug)]
pub struct Lookup {
    /// `customerByEmail`; the lookup by `id` is named as [`Table::singular`].
    pub field: String,
    pub columns: Vec<ColumnId>,
}

/// A B-tree index.
#[derive(Debug)]
pub struct Index {
    pub unique: bool,
    /// In the order of the index, each with whether it descends.
    pub columns: Vec<(ColumnId, bool)>,
}

/// A way from one table to another.
#[derive(Clone, Debug)]
pub struct Relation {
    pub field: String,
    pub to: TableId,
    pub cardinality: Cardinality,
    /// The column of this table whose value is looked for.
    pub from_column: ColumnId,
    /// The column of the other table that holds the value.
    pub to_column: ColumnId,
    /// Whether a to-one field can be null.
    pub nullable: bool,
    pub comment: String,
    /// Where it leads to a log. Filters, orders and groups do not reach over such a relation.
    pub log: Option<LogOf>,
}

/// The part of a log that is about the rows of one table.
#[derive(Clone, Debug)]
pub struct LogOf {
    /// The column of the log that names the table.
    pub column: ColumnId,
    /// The name in it.
    pub table: String,
    /// The column of the log that says when.
    pub at: ColumnId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cardinality {
    One,
    Many,
}
