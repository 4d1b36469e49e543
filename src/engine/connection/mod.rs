//! Connections: pages of lists in the form that Relay gave them.

mod compile;
mod cursor;
mod plan;
mod request;
mod scan;
mod schema;
mod write;

use std::sync::Arc;

use super::catalog::{ColumnId, Kind, TableId};
use super::names::names;
use super::plan::{Arguments, ListIndex, NodeIndex, OutputField, Parent, Planned};
use super::select::{Predicate, Term};
use super::{filter, order};
use crate::guard;

pub use self::compile::compile;
pub use self::plan::plan;
pub use self::schema::{connection, count, count_precision, edge, list_field, page_info};
pub use self::write::write;

const PAGE_INFO: &str = "PageInfo";
const COUNT: &str = "Count";

names! {
    /// The arguments of a field that answers a list.
    ListArgument {
        Where = filter::ARGUMENT,
        OrderBy = order::ARGUMENT,
        First = "first",
        After = "after",
        Last = "last",
        Before = "before",
        Offset = "offset",
    }
}

names! {
    ConnectionField {
        Nodes = guard::NODES,
        Edges = guard::EDGES,
        PageInfo = "pageInfo",
        TotalCount = "totalCount",
        CountUpTo = "countUpTo",
    }
}

impl ConnectionField {
    /// Whether the field tells of the rows of the page.
    fn needs_rows(self) -> bool {
        match self {
            Self::Nodes | Self::Edges | Self::PageInfo => true,
            Self::TotalCount | Self::CountUpTo => false,
        }
    }
}

names! { EdgeField { Cursor = "cursor", Node = "node" } }

names! {
    PageInfoField {
        HasNextPage = "hasNextPage",
        HasPreviousPage = "hasPreviousPage",
        StartCursor = "startCursor",
        EndCursor = "endCursor",
    }
}

names! { CountArgument { Limit = "limit" } }

names! { CountField { Value = "value", Precision = "precision" } }

names! { CountPrecision { Exact = "EXACT", AtLeast = "AT_LEAST" } }

/// What a list is of: a whole table, or the rows that point at each parent.
#[derive(Debug)]
pub struct ListOf {
    pub table: TableId,
    /// Where the keys come from, and the column of the table that holds them.
    pub key: Option<(Parent, ColumnId)>,
    /// The table of the parents.
    pub above: Option<TableId>,
}

impl ListOf {
    /// The list of a whole table.
    pub fn all(table: TableId) -> Self {
        Self {
            table,
            key: None,
            above: None,
        }
    }

    fn parent(&self) -> Option<Parent> {
        self.key.map(|(parent, _)| parent)
    }
}

/// The order of a list in both directions.
#[derive(Debug)]
struct Order {
    forwards: Arc<[Term]>,
    backwards: Arc<[Term]>,
}

/// Whether one row more is fetched to know whether there are more, by the direction of reading.
#[derive(Clone, Copy, Debug, Default)]
struct Peeks {
    forwards: bool,
    backwards: bool,
}

/// A compiled list; `R` is what is asked of each row.
#[derive(Debug)]
pub struct Connection<R> {
    of: ListOf,
    index: ListIndex,
    arguments: Arguments,
    /// An order that cannot be read is told when its turn comes.
    order: Planned<Order>,
    /// The condition, where every request has the same.
    condition: Option<Planned<Option<Predicate>>>,
    /// The node of the rows; none when only counts are asked for.
    node: Option<NodeIndex>,
    peeks: Peeks,
    /// Positions of the ordering columns in the row, where cursors are asked for.
    cursor: Option<Arc<[(usize, Kind)]>>,
    fields: Vec<OutputField<ConnectionPart<R>>>,
}

/// A field of a connection.
#[derive(Debug)]
enum ConnectionPart<R> {
    Nodes(R),
    Edges(Vec<OutputField<EdgePart<R>>>),
    PageInfo(Vec<OutputField<PageInfoField>>),
    TotalCount(NodeIndex),
    CountUpTo {
        node: NodeIndex,
        arguments: Arguments,
        fields: Vec<OutputField<CountField>>,
    },
}

/// A field of an edge.
#[derive(Debug)]
enum EdgePart<R> {
    Cursor,
    Node(R),
}
