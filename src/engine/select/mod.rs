//! What one statement reads, as data. [`render`] turns it into SQL, and nothing else does.
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

pub use self::predicate::Predicate;
pub use self::render::{Caller, Paging, render};
pub use self::scoped::{Scoped, scoped};

use super::catalog::{ColumnId, TableId};

/// One statement over one table.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Select {
    pub from: Scoped,
    pub keys: Keys,
    pub output: Output,
    pub filter: Vec<Predicate>,
    pub page: Page,
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
    Columns(Vec<Expr>),
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Page {
    pub order: Vec<Term>,
    pub limit: Option<u64>,
    pub offset: Option<u64>,
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
