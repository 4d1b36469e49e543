//! The root of queries: lists, lookups by key, `node` and `viewer`.

mod plan;
mod schema;
mod write;

use super::connection::Connection;
use super::names::names;
use super::plan::OutputField;
use super::row::{One, RowFields};

pub use self::plan::plan;
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
    One(One),
    Connection(Connection<RowFields>),
}

/// A field of the viewer.
#[derive(Debug)]
pub enum ViewerPart {
    /// As JSON.
    Role(String),
    One(One),
    Connection(Connection<RowFields>),
}
