//! A table as a statement may name it.

use crate::engine::catalog::TableId;

/// A table under an alias. The renderer writes it together with the predicates of the workspace
/// and of the rules about its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Scoped {
    table: TableId,
    alias: &'static str,
}

/// Names a table. There is no other way to name one.
pub fn scoped(table: TableId, alias: &'static str) -> Scoped {
    Scoped { table, alias }
}

impl Scoped {
    pub fn table(self) -> TableId {
        self.table
    }

    pub fn alias(self) -> &'static str {
        self.alias
    }
}
