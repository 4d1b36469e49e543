//! What one statement reads, as data. `render` turns its shape into SQL, and nothing else does: the
//! shape is all of it but the values, so no text can depend on one.
//!
//! A table is named by [`scoped`] alone, at any depth, so that no mention of one can miss the
//! workspace and the rules about its rows.

mod change;
mod compare;
mod expr;
mod groups;
mod joins;
mod keyset;
mod ledger;
mod parameters;
mod parent_key;
mod predicate;
mod prefix;
mod render;
mod scoped;
mod search;
mod shape;
mod statements;
mod walk;

use std::sync::Arc;

pub use self::change::{Changes, NewColumn, NewRows, Operation, SetColumn, Targets, changes};
pub use self::expr::Expr;
pub use self::groups::{Bucket, GroupKey, Groups, MOST_BUCKETS, Unit};
pub use self::keyset::Mark;
pub use self::ledger::Ledger;
pub use self::parameters::Caller;
pub use self::predicate::{Path, Predicate, Quantifier};
pub use self::scoped::{Scoped, scoped};
pub use self::search::{MARK_END, MARK_START, Nearest, Search};
pub use self::statements::{Paging, Statements};
pub use self::walk::{MOST_RELATIONSHIPS, Walk};

use super::catalog::{Aggregate, ColumnId, TableId};
use crate::sql::Value;

/// One statement over one table. `V` stands for its values and `N` for its numbers of rows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Select<V = Value, N = u64> {
    pub from: Scoped,
    pub keys: Keys,
    pub output: Output<V>,
    /// The paths of what is read of JSON documents.
    pub paths: Vec<V>,
    pub filter: Vec<Predicate<V>>,
    pub page: Page<N>,
}

impl Select {
    /// About how many bytes its values take, here and as parameters of its statement.
    pub fn bytes(&self) -> usize {
        let having = match &self.output {
            Output::Groups { having, .. } => &having[..],
            _ => &[],
        };
        let conditions = self.filter.iter().chain(having);
        let paths = self.paths.iter().map(Value::bytes);
        let walk = match &self.output {
            Output::Walk(walk) => walk.bytes(),
            _ => 0,
        };
        2 * (conditions.map(Predicate::bytes).sum::<usize>() + paths.sum::<usize>() + walk)
    }

    /// Whether a search finds its rows.
    pub fn is_searched(&self) -> bool {
        self.filter.iter().any(Predicate::searches)
    }

    /// The table that it reads.
    pub fn table(&self) -> TableId {
        self.from.table()
    }
}

/// How the rows belong to the keys of the parent's rows. Where there are keys they are `$2`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Keys {
    /// No keys: the rows are the answer.
    None,
    /// Rows whose column holds one of the keys. The column comes first.
    Among(ColumnId),
    /// A page of rows for each key, whose column holds it.
    PageOf(ColumnId),
    /// A page of rows for each key, which is the id of their group. The groups are of rows that may
    /// have keys themselves.
    InGroups(Arc<[GroupKey]>, Arc<Keys>),
}

impl Keys {
    pub fn is_some(&self) -> bool {
        *self != Self::None
    }

    /// The column that holds the keys.
    pub fn column(&self) -> Option<ColumnId> {
        match self {
            Self::Among(column) | Self::PageOf(column) => Some(*column),
            Self::None | Self::InGroups(..) => None,
        }
    }

    /// About how many bytes it takes beside itself.
    pub fn bytes(&self) -> usize {
        match self {
            Self::InGroups(keys, of) => size_of_val(&keys[..]) + size_of::<Self>() + of.bytes(),
            _ => 0,
        }
    }
}

/// What is read of the rows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Output<V = Value> {
    Columns(Arc<[Expr]>),
    /// Values about all of them, for each key apart where there are keys.
    Aggregates(Arc<[Aggregate]>),
    /// Their number, where counting stops one above this.
    CountUpTo(u64),
    /// Groups of them, or how many groups there are.
    Groups {
        groups: Arc<Groups>,
        /// Conditions on the groups.
        having: Vec<Predicate<V>>,
        counted: bool,
    },
    /// What lies around each key in a graph.
    Walk(Box<Walk<V>>),
}

impl<V> Output<V> {
    /// Whether rows are read, and not values about them.
    pub fn is_rows(&self) -> bool {
        matches!(self, Self::Columns(_))
    }
}

/// Which of the rows, and in which order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Page<N = u64> {
    pub order: Arc<[Term]>,
    pub limit: Option<u64>,
    pub offset: Option<N>,
}

impl<N> Default for Page<N> {
    fn default() -> Self {
        Self {
            order: Arc::default(),
            limit: None,
            offset: None,
        }
    }
}

/// One term of an order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Term {
    pub by: Expr,
    pub descending: bool,
    pub nulls_first: bool,
}

impl Term {
    /// The same order read backwards.
    pub fn reversed(&self) -> Self {
        Self {
            by: self.by.clone(),
            descending: !self.descending,
            nulls_first: !self.nulls_first,
        }
    }
}
