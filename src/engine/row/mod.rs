//! Rows: the object type of each table, and the interface that all of them implement.

mod compile;
pub mod node_id;
mod plan;
mod schema;
mod write;

use super::catalog::Kind;
use super::connection::Connection;
use super::plan::{NodeIndex, OutputField};
use crate::error::Location;

pub use self::compile::{fields, single};
pub use self::plan::{plan, plan_single};
pub use self::schema::{interface, object};
pub use self::write::{write, write_one};

/// The interface that the object type of every table implements.
pub const NODE: &str = "Node";

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
    One(One),
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
