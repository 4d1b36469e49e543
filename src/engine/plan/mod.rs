//! What an operation reads, in two steps, and the tools to take them with.
//!
//! An operation is compiled once: its fields, the statements that they need, and the arguments as
//! the document has them. A request is planned by giving that the values of its variables. Both are
//! pure and synchronous and fetch nothing; whatever is wrong with the arguments is found here,
//! before a connection is taken. How each kind of field is compiled and planned stands where the
//! field is declared: in `root`, `row` and `connection`.

mod allowed;
mod arguments;
mod collect;
mod compiler;
mod inputs;
mod literal;
mod node_builder;
mod output;
mod planner;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::catalog::{Aggregate, Catalog, TableId};
use super::select::{Expr, Groups, Keys, Select};
use super::sizes::Known;
use crate::error::Error;
use crate::guard::Limits;
use crate::session::Session;

pub use allowed::check as check_allowed;
pub use arguments::{Arguments, Values};
pub use collect::{Merged, Source, choose, location};
pub use compiler::{Compiler, Parts, unknown};
pub use inputs::{Inputs, Settled, SettledKey};
pub use literal::{Variables, each_variable, missing, only_member, resolve, without_value};
pub use node_builder::{NodeBuilder, VALUES_PER_WEIGHT};
pub use output::{Output, OutputField, json_key, json_text};
pub use planner::Planner;

/// What planning needs to know.
pub struct PlanContext<'a> {
    pub catalog: &'a Catalog,
    pub statements: &'a [Statement],
    pub variables: &'a Variables,
    pub session: &'a Session,
    pub limits: Limits,
    /// About how many rows the tables have.
    pub sizes: &'a Known<'a>,
}

/// Index of a node in [`Plan::nodes`]; a parent always stands before its children.
pub type NodeIndex = usize;

/// Index of a list in [`Plan::lists`].
pub type ListIndex = usize;

/// A statement as far as it is the same in every request.
#[derive(Debug)]
pub struct Statement {
    pub parent: Option<Parent>,
    /// Number of statements above this one; those of one depth are loaded together.
    pub depth: usize,
    pub table: TableId,
    pub keys: Keys,
    pub reads: Reads,
    /// What one of its rows costs.
    pub weight: u64,
    /// The response keys down to the field that it reads for.
    pub path: Box<[String]>,
}

/// What a statement reads.
#[derive(Clone, Debug)]
pub enum Reads {
    /// Values of each row.
    Rows(Arc<[Expr]>),
    /// Values about all rows.
    Aggregates(Arc<[Aggregate]>),
    /// How many rows there are, up to a limit that each request says.
    CountUpTo,
    /// Groups of rows, or how many there are.
    Groups { groups: Arc<Groups>, counted: bool },
    /// What lies around each row of the parent in a graph.
    Walk,
}

impl Reads {
    /// About how many bytes it takes.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Rows(columns) => size_of_val(&columns[..]),
            Self::Aggregates(aggregates) => size_of_val(&aggregates[..]),
            Self::CountUpTo | Self::Walk => 0,
            Self::Groups { groups, .. } => groups.bytes(),
        }
    }
}

/// The statements of one request.
#[derive(Debug, Default)]
pub struct Plan {
    pub nodes: Vec<Node>,
    pub lists: Vec<Slice>,
    /// The most that the operation can cost, as [`crate::engine::Cost`] counts.
    pub cost: u64,
    /// Bytes of the parameters of its statements.
    pub bytes: u64,
    /// Tables whose size the cost depends on and that was not known; the plan is complete when
    /// there is none.
    pub unsized_tables: BTreeSet<TableId>,
    /// Whether its statements take little time by construction: they read few rows, by key or
    /// along an index.
    pub short: bool,
    /// Whether PostgreSQL's plans of its statements can serve all values: each finds its rows by
    /// key, by the key of its parents, or along one index.
    pub generic: bool,
    /// Whether a statement finds embeddings by an approximate index.
    pub approximate: bool,
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

/// The part of a list that a request asks for.
#[derive(Clone, Debug, Default)]
pub struct Slice {
    /// Most rows that are shown; one more is fetched to know whether there are more.
    pub limit: usize,
    /// Whether the rows come in reverse.
    pub reversed: bool,
    /// Whether rows lie before the first one as far as the arguments tell.
    pub starts_later: bool,
    /// Whether rows lie after the last one as far as the arguments tell.
    pub ends_earlier: bool,
    /// Tells cursors of different lists, orders and workspaces apart.
    pub signature: String,
    /// Of rows by their global ids: the place of the table among those that are read, and the key.
    pub ids: Vec<(usize, Vec<u8>)>,
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

/// A result of planning.
pub type Planned<T> = Result<T, Error>;
