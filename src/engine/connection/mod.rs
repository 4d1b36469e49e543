//! Connections: pages of lists in the form that Relay gave them.

mod cursor;
mod plan;
mod scan;
mod schema;
mod write;

use super::catalog::{ColumnId, TableId};
use super::names::names;
use super::plan::{NodeIndex, OutputField, Parent};
use super::{filter, order};
use crate::guard;

pub use self::cursor::CursorShape;
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
pub struct ListOf {
    pub table: TableId,
    /// Where the keys come from, and the column of the table that holds them.
    pub key: Option<(Parent, ColumnId)>,
    pub most_parents: u64,
    /// The table of the parents.
    pub above: Option<TableId>,
}

impl ListOf {
    /// The list of a whole table.
    pub fn all(table: TableId) -> Self {
        Self {
            table,
            key: None,
            most_parents: 1,
            above: None,
        }
    }

    fn parent(&self) -> Option<Parent> {
        self.key.map(|(parent, _)| parent)
    }
}

/// A planned list; `R` is what is asked of each row.
#[derive(Debug)]
pub struct Connection<R> {
    /// The node of the rows; none when only counts are asked for.
    node: Option<NodeIndex>,
    /// Most rows that are shown; one more is fetched to know whether there are more.
    limit: usize,
    /// Whether the rows come in reverse.
    reversed: bool,
    /// Whether rows lie before the first one as far as the arguments tell.
    starts_later: bool,
    /// Whether rows lie after the last one as far as the arguments tell.
    ends_earlier: bool,
    cursor: CursorShape,
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
        limit: i64,
        fields: Vec<OutputField<CountField>>,
    },
}

/// A field of an edge.
#[derive(Debug)]
enum EdgePart<R> {
    Cursor,
    Node(R),
}
