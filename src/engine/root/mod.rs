//! The root of queries: lists, lookups by key, `node` and `viewer`.

mod compile;
mod plan;
mod schema;
mod write;

use super::catalog::{ColumnId, Kind, TableId};
use super::connection::Connection;
use super::names::names;
use super::plan::{Arguments, ListIndex, Output, OutputField};
use super::row::{One, RowFields};

pub use self::compile::{compile, inner};
pub use self::plan::{plan, plan_fields};
pub use self::schema::{QUERY, query, viewer};
pub use self::write::write;

const VIEWER: &str = "Viewer";

names! {
    ViewerField { User = "user", Role = "role", Workspace = "workspace", Workspaces = "workspaces" }
}

/// The fields of the operation.
pub type RootFields = Vec<OutputField<RootPart>>;

/// A field of the root.
#[derive(Debug)]
pub enum RootPart {
    /// Answered by the schema itself under this response key.
    Introspection(String),
    Viewer(Vec<OutputField<ViewerPart>>),
    Node(ByNodeId),
    Nodes(ByNodeIds),
    Key(ByKey),
    Connection(Box<Connection<RowFields>>),
}

/// One row by a key that the arguments give.
#[derive(Debug)]
pub struct ByKey {
    table: TableId,
    columns: Vec<ColumnId>,
    arguments: Arguments,
    one: One,
}

/// One row by its global id.
#[derive(Debug)]
pub struct ByNodeId {
    arguments: Arguments,
    /// What is asked of a row of the table that the id is of; none where it is no id.
    found: Option<(TableId, One)>,
}

/// Rows by their global ids.
#[derive(Debug)]
pub struct ByNodeIds {
    arguments: Arguments,
    index: ListIndex,
    /// What is asked of rows of the tables that the ids are of.
    tables: Vec<OfTable>,
}

/// What is asked of rows of a table, and where the columns of their global ids are.
#[derive(Debug)]
struct OfTable {
    table: TableId,
    key: Vec<(usize, Kind)>,
    one: One,
}

/// A field of the viewer.
#[derive(Debug)]
pub enum ViewerPart {
    Role,
    User(One),
    Workspace(One),
    Connection(Box<Connection<RowFields>>),
    /// The rows whose column holds the caller's user.
    Own {
        user: ColumnId,
        list: Box<Connection<RowFields>>,
    },
}

/// Whether the fields can be answered by the schema alone.
pub fn asks_schema_only(fields: &RootFields) -> bool {
    fields.iter().all(|field| {
        matches!(
            field.output,
            Output::TypeName(_) | Output::Part(RootPart::Introspection(_))
        )
    })
}
