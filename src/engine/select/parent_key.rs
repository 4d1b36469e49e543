//! The column that says to which parent a row belongs.

use super::render::Renderer;
use crate::engine::catalog::{ColumnId, Kind};

/// The column in a statement whose parameter 2 is the ids of the parents. A log holds the ids of
/// other rows as texts; these are compared as texts, so that an index finds them.
pub(super) struct ParentKey {
    column: String,
    is_text: bool,
}

impl ParentKey {
    /// The id of the parent, of rows that have one.
    pub fn id(&self) -> String {
        match self.is_text {
            true => format!("{}::uuid", self.column),
            false => self.column.clone(),
        }
    }

    /// The condition that the parent is `k.key`.
    pub fn is_one(&self) -> String {
        let cast = if self.is_text { "::text" } else { "" };
        format!("{} = k.key{cast}", self.column)
    }

    /// The condition that the parent is one of all.
    pub fn is_among(&self) -> String {
        let cast = if self.is_text { "::uuid[]::text[]" } else { "" };
        format!("{} = any($2{cast})", self.column)
    }
}

impl Renderer<'_> {
    pub(super) fn parent_key(&mut self, column: ColumnId) -> ParentKey {
        ParentKey {
            is_text: self.table.column(column).kind == Kind::Text,
            column: self.column(column),
        }
    }
}
