//! The statement of a node while the fields of its rows are compiled.

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
    pub columns: Vec<Expr>,
    /// How many paths into JSON documents there are among the columns.
    pub paths: usize,
    /// Values that each row gives to the answer; a column counts under each of its aliases.
    pub values: u64,
}

impl NodeBuilder {
    /// The position of a column among the values of a row.
    pub fn position(&mut self, column: ColumnId) -> usize {
        self.position_of(&Expr::Column(column))
    }

    /// The position of a part of a JSON document, at the next of the paths that requests say.
    pub fn position_of_part(&mut self, column: ColumnId) -> usize {
        self.paths += 1;
        self.position_of(&Expr::Part(column, self.paths - 1))
    }

    /// The position of a value. Where there are keys, the key is first.
    pub fn position_of(&mut self, value: &Expr) -> usize {
        let known = self.columns.iter().position(|one| one == value);
        let position = known.unwrap_or_else(|| {
            self.columns.push(value.clone());
            self.columns.len() - 1
        });
        position + usize::from(self.keys != Keys::None)
    }

    /// What one row costs: wide rows count for several.
    pub fn weight(&self) -> u64 {
        self.values.div_ceil(VALUES_PER_WEIGHT).max(1)
    }
}
