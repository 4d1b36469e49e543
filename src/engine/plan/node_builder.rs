//! The statement of a node while the fields of its rows are planned.

use super::{NodeIndex, Parent};
use crate::engine::catalog::{ColumnId, TableId};
use crate::engine::select::{self, Expr, Keys, Page, Predicate, Select, scoped};

/// Values that a row of weight 1 may give to the answer.
pub const VALUES_PER_WEIGHT: u64 = 20;

/// Gathers the columns that fields ask for.
pub struct NodeBuilder {
    pub table: TableId,
    pub index: NodeIndex,
    pub parent: Option<Parent>,
    pub keys: Keys,
    pub columns: Vec<ColumnId>,
    /// Most rows that the statement can read.
    pub most_rows: u64,
    /// Values that each row gives to the answer; a column counts under each of its aliases.
    pub values: u64,
    /// What the statement costs beside its rows.
    pub looks: u64,
}

impl NodeBuilder {
    /// The position of a column among the values of a row. Where there are keys, the key is first.
    pub fn position(&mut self, column: ColumnId) -> usize {
        let known = self.columns.iter().position(|&one| one == column);
        let position = known.unwrap_or_else(|| {
            self.columns.push(column);
            self.columns.len() - 1
        });
        position + usize::from(self.keys != Keys::None)
    }

    /// What one row costs: wide rows count for several.
    pub fn weight(&self) -> u64 {
        self.values.div_ceil(VALUES_PER_WEIGHT).max(1)
    }

    /// The statement that reads the gathered columns.
    pub fn select(&self, filter: Vec<Predicate>, page: Page) -> Select {
        let columns = self.columns.iter().copied().map(Expr::Column);
        Select {
            from: scoped(self.table, "t"),
            keys: self.keys,
            output: select::Output::Columns(columns.collect()),
            filter,
            page,
        }
    }
}
