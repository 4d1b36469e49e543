//! What one statement reads, as data. `render` turns its shape into SQL, and nothing else does: the
//! shape is all of it but the values, so no text can depend on one.
//!
//! A table is named by [`scoped`] alone, at any depth, so that no mention of one can miss the
//! workspace and the rules about its rows.

mod compare;
mod keyset;
mod parameters;
mod predicate;
mod prefix;
mod render;
mod scoped;
mod shape;
mod statements;

use std::sync::Arc;

pub use self::parameters::Caller;
pub use self::predicate::Predicate;
pub use self::scoped::{Scoped, scoped};
pub use self::statements::{Paging, Statements};

use super::catalog::{ColumnId, TableId};
use crate::sql::Value;

/// One statement over one table. `V` stands for its values and `N` for its numbers of rows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Select<V = Value, N = u64> {
    pub from: Scoped,
    pub keys: Keys,
    pub output: Output,
    pub filter: Vec<Predicate<V>>,
    pub page: Page<N>,
}

impl Select {
    /// About how many bytes its values take, here and as parameters of its statement.
    pub fn bytes(&self) -> usize {
        2 * self.filter.iter().map(Predicate::bytes).sum::<usize>()
    }

    /// The table that it reads.
    pub fn table(&self) -> TableId {
        self.from.table()
    }
}

/// How the rows belong to the keys of the parent's rows. Where there are keys they are `$2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Keys {
    /// No keys: the rows are the answer.
    None,
    /// Rows whose column holds one of the keys. The column comes first.
    Among(ColumnId),
    /// A page of rows for each key, whose column holds it.
    PageOf(ColumnId),
}

/// What is read of the rows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Output {
    Columns(Arc<[Expr]>),
    /// Their number, for each key apart where there are keys.
    Count,
    /// Their number, where counting stops one above this.
    CountUpTo(u64),
}

impl Output {
    /// Whether rows are read, and not their number.
    pub fn is_rows(&self) -> bool {
        matches!(self, Self::Columns(_))
    }
}

/// A value of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Expr {
    Column(ColumnId),
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Term {
    pub column: ColumnId,
    pub descending: bool,
    pub nulls_first: bool,
}

impl Term {
    /// The same order read backwards.
    pub fn reversed(self) -> Self {
        Self {
            descending: !self.descending,
            nulls_first: !self.nulls_first,
            ..self
        }
    }
}
