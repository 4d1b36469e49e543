//! The statement of a node while the fields of its rows are compiled.

use std::sync::Arc;

use super::{NodeIndex, Parent};
use crate::engine::catalog::{ColumnId, TableId};
use crate::engine::select::{Expr, Keys};

/// Values that a row of weight 1 may give to the answer.
pub const VALUES_PER_WEIGHT: u64 = 20;

/// Gathers the columns that fields ask for.
pub struct NodeBuilder {
    pub table: TableId,
    pub index: NodeIndex,
    pub parent: Option<Parent>,
    pub keys: Keys,
    pub columns: Vec<ColumnId>,
    /// Values that each row gives to the answer; a column counts under each of its aliases.
    pub values: u64,
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

    /// The gathered columns.
    pub fn exprs(&self) -> Arc<[Expr]> {
        self.columns.iter().copied().map(Expr::Column).collect()
    }
}
