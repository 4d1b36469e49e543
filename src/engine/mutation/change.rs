//! What a mutation is going to do, as plain data: read from its input before anything is sent.

use uuid::Uuid;

use super::problem::{Path, Problem};
use super::{ErrorPolicy, HashSet};
use crate::engine::catalog::{Catalog, ColumnId, TableId};
use crate::engine::select::{Operation, Predicate};
use crate::sql::Item;

/// A value of a row.
#[derive(Clone, Debug)]
pub enum Cell {
    Item(Item),
    /// The id of a row that a reference names.
    Connected(Uuid),
    /// The id of a row that the same mutation creates.
    New(Uuid),
    /// The id that a lookup finds.
    Found(usize),
}

/// A row to find before others are written.
#[derive(Debug)]
pub struct Lookup {
    pub table: TableId,
    pub key: Vec<ColumnId>,
    pub items: Vec<Item>,
    pub path: Path,
    pub otherwise: Otherwise,
}

/// What it means that there is no such row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Otherwise {
    /// The row to change or delete does not exist.
    NotFound,
    /// A row that another refers to does not exist.
    Missing,
    /// The row of this id is created.
    Create(Uuid),
}

/// A row to create.
#[derive(Debug)]
pub struct NewRow {
    pub table: TableId,
    /// Rows of a lower rank come first, since others refer to them.
    pub rank: i32,
    pub id: Uuid,
    pub cells: Vec<(ColumnId, Cell)>,
    pub path: Path,
    /// Position of the row of the input that it belongs to.
    pub top: usize,
    /// It is not created if one of these lookups finds a row.
    pub unless: Vec<usize>,
}

/// Which row is written.
#[derive(Clone, Copy, Debug)]
pub enum Target {
    Id(Uuid),
    Found(usize),
}

/// A new value of a column.
#[derive(Debug)]
pub struct Set {
    pub column: ColumnId,
    pub operation: Operation,
    pub cell: Cell,
    pub path: Path,
}

/// A row to change.
#[derive(Debug)]
pub struct RowUpdate {
    pub table: TableId,
    pub target: Target,
    /// The row that it must be a child of, and the column that says so.
    pub parent: Option<(ColumnId, Target)>,
    pub set: Vec<Set>,
    /// The version that it must have.
    pub version: Option<i64>,
    pub path: Path,
}

/// A child to delete.
#[derive(Debug)]
pub struct RowDelete {
    pub table: TableId,
    pub target: Target,
    pub parent: (ColumnId, Target),
    pub path: Path,
}

/// A whole mutation.
#[derive(Debug)]
pub struct Change {
    pub table: TableId,
    pub lookups: Vec<Lookup>,
    pub news: Vec<NewRow>,
    pub updates: Vec<RowUpdate>,
    pub deletes: Vec<RowDelete>,
    /// Rows of the input that cannot be created, where they are skipped.
    pub skipped: Vec<(usize, Problem)>,
    pub what: What,
}

#[derive(Debug)]
pub enum What {
    /// The rows of these ids are created, with what belongs to them.
    Create {
        tops: Vec<Uuid>,
        policy: ErrorPolicy,
    },
    /// The first of the updates, with what belongs to it.
    Update,
    UpdateMany {
        filter: Predicate,
        max: u64,
        set: Vec<Set>,
    },
    /// The first of the new rows, or the one that has its key.
    Upsert {
        key: Vec<ColumnId>,
        items: Vec<Item>,
        set: Vec<Set>,
    },
    Delete {
        target: Target,
        version: Option<i64>,
    },
    DeleteMany {
        filter: Predicate,
        max: u64,
    },
}

impl Change {
    /// The most rows that it writes, as far as its input says.
    pub fn rows(&self) -> u64 {
        let listed = self.news.len() + self.updates.len() + self.deletes.len();
        let more = match self.what {
            What::UpdateMany { max, .. } | What::DeleteMany { max, .. } => max,
            What::Delete { .. } => 1,
            _ => 0,
        };
        listed as u64 + more
    }

    /// The most statements that write it, and that look for what is to be written.
    pub fn statements(&self, catalog: &Catalog) -> u64 {
        // New rows: those of one rank and table are inserted together, and looked at once more where
        // the table has a rule.
        let inserted: HashSet<_> = self.news.iter().map(|new| (new.rank, new.table)).collect();
        let mut most = 2 * inserted.len();
        if let What::Create {
            policy: ErrorPolicy::SkipFailed,
            ..
        } = self.what
        {
            // What would fail is asked before: references, keys and checks.
            let asked = inserted.iter().map(|(_, table)| {
                let of = catalog.table(*table);
                of.columns.len() + of.keys().count() + of.checks.len()
            });
            most += asked.sum::<usize>();
        }
        // Changed rows are locked, looked for, changed, and looked at once more.
        let columns = |update: &RowUpdate| update.set.iter().map(|set| set.column).collect();
        let changed: HashSet<(TableId, Vec<ColumnId>)> = self
            .updates
            .iter()
            .map(|update| (update.table, columns(update)))
            .collect();
        let deleted: HashSet<_> = self.deletes.iter().map(|delete| delete.table).collect();
        most += self.lookups.len() + 5 * changed.len() + 3 * deleted.len();
        most += match self.what {
            What::Create { .. } | What::Update => 0,
            What::Upsert { .. } | What::UpdateMany { .. } | What::DeleteMany { .. } => 5,
            What::Delete { .. } => 4,
        };
        most as u64
    }

    /// Whether its rows are found by a filter.
    pub fn filters(&self) -> bool {
        matches!(self.what, What::UpdateMany { .. } | What::DeleteMany { .. })
    }
}
