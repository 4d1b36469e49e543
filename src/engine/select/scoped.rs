//! A table as a statement may name it.

use crate::engine::catalog::TableId;

/// A table. The renderer writes it under an alias, together with the predicates of the workspace
/// and of the rules about its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Scoped(TableId);

/// Names a table. There is no other way to name one.
pub fn scoped(table: TableId) -> Scoped {
    Scoped(table)
}

impl Scoped {
    pub fn table(self) -> TableId {
        self.0
    }
}
