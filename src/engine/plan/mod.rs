//! The plan of an operation: which statements are needed and how the answer is put together.
//!
//! Planning is pure and synchronous. It fetches nothing; whatever is wrong with the arguments is
//! found here, before a connection is taken.

mod arguments;
mod collect;
mod connection;
pub mod cursor;
pub mod filter;
mod literal;
pub mod order;
mod prefix;
mod root;
mod row;
mod scalar;
mod select;

use crate::engine::catalog::{Catalog, Kind};
use crate::error::{Error, Location};
use crate::guard::Limits;
use crate::session::Session;
use crate::sql::Statement;

pub use collect::{Document, choose};
pub use cursor::CursorShape;
pub use root::plan;

/// What planning needs to know.
pub struct Context<'a> {
    pub catalog: &'a Catalog,
    pub document: &'a Document<'a>,
    pub session: &'a Session,
    pub limits: Limits,
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
}

/// One statement of the plan.
#[derive(Debug)]
pub struct Node {
    pub parent: Option<Parent>,
    /// Number of nodes above this one; nodes of one depth are loaded together.
    pub depth: usize,
    pub statement: Statement,
    pub shape: Shape,
    /// What one of its rows costs.
    pub weight: u64,
}

/// Where a node finds the keys to look for.
#[derive(Clone, Copy, Debug)]
pub struct Parent {
    pub node: NodeIndex,
    /// Position of the key among the columns of the parent's rows.
    pub column: usize,
}

/// How the rows of a statement belong to its keys. Where there are keys they are `$2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// No keys: the rows are the answer.
    Root,
    /// The first column holds the key; there is one row for it at most.
    ByKey,
    /// The first column holds the position of the key, counted from 1; rows of one key stand
    /// together, in their order.
    ByPosition,
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
