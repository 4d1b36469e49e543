//! The plan of an operation: which statements it needs, and the tools to plan its fields with.
//!
//! Planning is pure and synchronous. It fetches nothing; whatever is wrong with the arguments is
//! found here, before a connection is taken. What each kind of field asks for is planned where
//! the field is declared: in `root`, `row` and `connection`.

mod arguments;
mod collect;
mod literal;
mod node_builder;
mod output;
mod planner;

use std::collections::BTreeSet;

use super::catalog::{Catalog, TableId};
use super::select::Select;
use super::sizes::Known;
use crate::error::Error;
use crate::guard::Limits;
use crate::session::Session;

pub use arguments::Arguments;
pub use collect::{Document, Merged, choose, location};
pub use literal::{Variables, missing, without_value};
pub use node_builder::{NodeBuilder, VALUES_PER_WEIGHT};
pub use output::{Output, OutputField, json_text};
pub use planner::{Planner, unknown};

/// What planning needs to know.
pub struct PlanContext<'a> {
    pub catalog: &'a Catalog,
    pub document: &'a Document<'a>,
    pub session: &'a Session,
    pub limits: Limits,
    /// About how many rows the tables have.
    pub sizes: &'a Known<'a>,
}

/// Index of a node in [`Plan::nodes`]; a parent always stands before its children.
pub type NodeIndex = usize;

/// The statements of one operation.
#[derive(Debug, Default)]
pub struct Plan {
    pub nodes: Vec<Node>,
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

/// A result of planning.
pub type Planned<T> = Result<T, Error>;
