//! The plan of an operation: which statements are needed and how the answer is put together.
//!
//! Planning is pure and synchronous. It fetches nothing; whatever is wrong with the arguments is
//! found here, before a connection is taken.

mod absent;
mod arguments;
mod collect;
mod connection;
pub mod cursor;
mod decimal;
pub mod filter;
mod literal;
pub mod order;
mod root;
mod row;
mod scalar;
mod scan;

use std::collections::BTreeSet;

use crate::engine::catalog::{Catalog, Kind, TableId};
use crate::engine::select::Select;
use crate::engine::sizes::Known;
use crate::error::{Error, Location};
use crate::guard::Limits;
use crate::session::Session;

pub use collect::{Document, choose};
pub use cursor::CursorShape;
pub use root::plan;

/// What planning needs to know.
pub struct Context<'a> {
    pub catalog: &'a Catalog,
    pub document: &'a Document<'a>,
    pub session: &'a Session,
    pub limits: Limits,
    /// About how many rows the tables have.
    pub sizes: &'a Known<'a>,
}

/// Index of a node in [`Plan::nodes`]; a parent always stands before its children.
pub type NodeIndex = usize;

/// The plan of all data fields of one operation.
#[derive(Debug, Default)]
pub struct Plan {
    pub nodes: Vec<Node>,
    pub fields: Vec<OutputField>,
    /// The most that the operation can cost, as [`crate::engine::Cost`] counts.
    pub cost: u64,
    /// Bytes of the parameters of its statements.
    pub bytes: u64,
    /// Tables whose size the cost depends on and that was not known; the plan is complete when
    /// there is none.
    pub unsized_tables: BTreeSet<TableId>,
}

/// One statement of the plan.
#[derive(Debug)]
pub struct Node {
    pub parent: Option<Parent>,
    /// Number of nodes above this one; nodes of one depth are loaded together.
    pub depth: usize,
    pub select: Select,
    /// What one of its rows costs.
    pub weight: u64,
    /// What it costs beside its rows: its conditions, and the rows that it looks at.
    pub looks: u64,
}

/// Where a node finds the keys to look for.
#[derive(Clone, Copy, Debug)]
pub struct Parent {
    pub node: NodeIndex,
    /// Position of the key among the columns of the parent's rows.
    pub column: usize,
}

impl Node {
    /// The table that the statement reads.
    pub fn table(&self) -> TableId {
        self.select.table()
    }
}

/// A field of the answer with the response key, written as `"key":`.
#[derive(Debug)]
pub struct OutputField {
    pub key: String,
    pub output: Output,
}

/// How the value of a field is made.
#[derive(Debug)]
pub enum Output {
    /// JSON that is known already.
    Literal(String),
    /// An object of further fields over the same row.
    Object(Vec<OutputField>),
    Column {
        index: usize,
        kind: Kind,
    },
    /// The global id of the row.
    NodeId {
        table: String,
        columns: Vec<(usize, Kind)>,
    },
    /// One row of another node, or null.
    One {
        node: NodeIndex,
        fields: Vec<OutputField>,
        non_null: bool,
        /// Where the document asks for it, for the error when it must be there and is not.
        locations: Vec<Location>,
    },
    Connection(Connection),
    /// Answered by the schema itself: `__schema` and `__type`.
    Introspection {
        response_key: String,
    },
}

/// The answer of a list field.
#[derive(Debug)]
pub struct Connection {
    /// The node of the rows; none when only counts are asked for.
    pub node: Option<NodeIndex>,
    /// Most rows that are shown; one more is fetched to know whether there are more.
    pub limit: usize,
    /// Whether the rows come in reverse.
    pub reversed: bool,
    /// Whether something lies before the first row as far as the arguments tell.
    pub starts_later: bool,
    /// Whether something lies behind the last row as far as the arguments tell.
    pub ends_earlier: bool,
    pub cursor: CursorShape,
    pub parts: Vec<(String, Part)>,
}

/// A field of a connection.
#[derive(Debug)]
pub enum Part {
    Literal(String),
    Nodes(Vec<OutputField>),
    Edges(Vec<(String, EdgePart)>),
    PageInfo(Vec<(String, PagePart)>),
    TotalCount(NodeIndex),
    CountUpTo {
        node: NodeIndex,
        limit: i64,
        parts: Vec<(String, CountPart)>,
    },
}

#[derive(Debug)]
pub enum EdgePart {
    Literal(String),
    Cursor,
    Node(Vec<OutputField>),
}

#[derive(Debug)]
pub enum PagePart {
    Literal(String),
    HasNext,
    HasPrevious,
    StartCursor,
    EndCursor,
}

#[derive(Debug)]
pub enum CountPart {
    Literal(String),
    Value,
    Precision,
}

/// A result of planning.
pub type Planned<T> = Result<T, Error>;
