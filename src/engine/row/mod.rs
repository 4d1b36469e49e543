//! Rows: the object type of each table, and the interface that all of them implement.

mod compile;
pub mod node_id;
mod plan;
mod schema;
mod write;

use super::catalog::Kind;
use super::connection::Connection;
use super::graph::Neighbourhood;
use super::plan::{Arguments, NodeIndex, OutputField};
use crate::error::Location;

pub use self::compile::{by_key, fields, referred, single};
pub use self::plan::{plan, plan_referred, plan_single, plan_some};
pub use self::schema::{interface, object};
pub use self::write::{write, write_fields, write_one};

/// The interface that the object type of every table implements.
pub const NODE: &str = "Node";

/// The argument of JSON fields that leads to a part of the document.
const PATH: &str = "path";

/// The fields that are asked of a row.
pub type RowFields = Vec<OutputField<RowPart>>;

/// A field of a row.
#[derive(Debug)]
pub enum RowPart {
    NodeId {
        table: String,
        columns: Vec<(usize, Kind)>,
    },
    Column {
        index: usize,
        kind: Kind,
    },
    /// The version of the row, by the time of its last change.
    Version {
        index: usize,
    },
    /// The part of a JSON document at a path.
    Part {
        index: usize,
        node: NodeIndex,
        arguments: Arguments,
    },
    One(One),
    Neighbourhood(Box<Neighbourhood>),
    Connection(Box<Connection<RowFields>>),
}

/// One row of another node, or null.
#[derive(Debug)]
pub struct One {
    node: NodeIndex,
    fields: RowFields,
    non_null: bool,
    /// Where the document asks for it, for the error when it must be there and is not.
    locations: Vec<Location>,
}

impl One {
    /// The node of its rows.
    pub fn node(&self) -> NodeIndex {
        self.node
    }
}
