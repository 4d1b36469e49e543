//! Connections: pages of lists in the form that Relay gave them.

mod compile;
pub mod cursor;
mod joined;
mod nearest;
mod plan;
mod request;
mod scan;
mod schema;
mod write;

use std::sync::Arc;

use super::aggregate::{AGGREGATE, AggregateFields};
use super::catalog::{ColumnId, Kind, LogOf, Operator, TableId};
use super::group::Grouped;
use super::names::names;
use super::plan::{Arguments, ListIndex, NodeIndex, OutputField, Parent, Planned};
use super::search::{self, HighlightField, Mode};
use super::select::{Expr, Keys, Predicate, Term};
use super::{filter, order};
use crate::guard;
use crate::sql::Value;

pub use self::compile::{CompileRow, compile};
pub use self::joined::looks_of_groups;
pub use self::plan::{PlanRow, over_all, plan};
pub use self::scan::LOOKS;
pub use self::schema::{connection, count, count_precision, edge, list_field, page_info};
pub use self::write::{Page, WriteRow, about_all, page_info as write_page_info, write};

pub const PAGE_INFO: &str = "PageInfo";
const COUNT: &str = "Count";

names! {
    /// The arguments of a field that answers a list.
    ListArgument {
        Where = filter::ARGUMENT,
        Search = search::ARGUMENT,
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
        Aggregate = AGGREGATE,
        Groups = "groups",
    }
}

impl ConnectionField {
    /// Whether the field tells of the rows of the page.
    fn needs_rows(self) -> bool {
        match self {
            Self::Nodes | Self::Edges | Self::PageInfo => true,
            Self::TotalCount | Self::CountUpTo | Self::Aggregate | Self::Groups => false,
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

/// What a list is of: a whole table, the rows that point at each parent, or those of each group.
#[derive(Debug)]
pub struct ListOf {
    pub table: TableId,
    /// Where the keys come from, where there are keys.
    pub parent: Option<Parent>,
    pub keys: Keys,
    /// The table of the parents.
    pub above: Option<TableId>,
    /// How the order begins where a request gives none; it ends in the key.
    pub order: Vec<Term>,
    /// What holds for all of its rows.
    pub only: Option<Predicate>,
}

impl ListOf {
    /// The list of a whole table.
    pub fn all(table: TableId) -> Self {
        Self {
            table,
            parent: None,
            keys: Keys::None,
            above: None,
            order: Vec::new(),
            only: None,
        }
    }

    /// The list of a whole table, descending by a column where a request gives no order.
    pub fn latest(table: TableId, by: ColumnId) -> Self {
        let latest = Term {
            by: Expr::Column(by),
            descending: true,
            nulls_first: true,
        };
        Self {
            order: vec![latest],
            ..Self::all(table)
        }
    }

    /// What a log says of rows of a table, the latest first.
    pub fn log(table: TableId, of: &LogOf) -> Self {
        Self {
            only: Some(Predicate::Compare {
                left: Expr::Column(of.column),
                operator: Operator::Eq,
                value: Value::Text(of.table.clone()),
                insensitive: false,
            }),
            ..Self::latest(table, of.at)
        }
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
    /// How the rows are found, where the list is searched.
    search: Option<Mode>,
    /// Whether they are in the order of the search.
    ranked: bool,
    /// An order that cannot be read is told when its turn comes.
    order: Planned<Order>,
    /// The condition, where every request has the same.
    condition: Option<Planned<Option<Predicate>>>,
    /// The node of the rows; none when only values about them are asked for.
    node: Option<NodeIndex>,
    /// The node of values about all rows, whatever the page.
    aggregates: Option<NodeIndex>,
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
    TotalCount(usize),
    Aggregate(AggregateFields),
    Groups(Box<Grouped<R>>),
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
    /// The position of the score in the row, where there is one.
    Score(Option<usize>),
    /// The same of the ranks.
    Ranks(Option<Vec<OutputField<usize>>>),
    Highlights(Highlights),
}

/// The texts of a row in which words may be marked.
#[derive(Debug)]
struct Highlights {
    /// The name of each field, and the position of its snippet in the row.
    snippets: Vec<(String, usize)>,
    fields: Vec<OutputField<HighlightField>>,
}
