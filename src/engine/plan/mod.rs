//! What an operation reads, in two steps, and the tools to take them with.
//!
//! An operation is compiled once: its fields, the statements that they need, and the arguments as
//! the document has them. A request is planned by giving that the values of its variables. Both are
//! pure and synchronous and fetch nothing; whatever is wrong with the arguments is found here,
//! before a connection is taken. How each kind of field is compiled and planned stands where the
//! field is declared: in `root`, `row` and `connection`.

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

use super::catalog::{Catalog, TableId};
use super::select::{Expr, Keys, Select};
use super::sizes::Known;
use crate::error::Error;
use crate::guard::Limits;
use crate::session::Session;

pub use arguments::{Arguments, Values};
pub use collect::{Merged, Source, choose, location};
pub use compiler::{Compiler, Parts, unknown};
pub use inputs::{Inputs, Settled, SettledKey};
pub use literal::{Variables, missing, without_value};
pub use node_builder::{NodeBuilder, VALUES_PER_WEIGHT};
pub use output::{Output, OutputField};
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
    /// What is read of each row; nothing where rows are counted.
    pub columns: Arc<[Expr]>,
    /// What one of its rows costs.
    pub weight: u64,
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
