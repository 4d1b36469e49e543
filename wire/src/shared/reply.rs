//! The whole answer to one batch.

use crate::row::Row;

/// The rows of each statement of a batch, and how many rows it read or changed.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    rows: Vec<Row>,
    /// For each statement where its rows end, and what it counted.
    statements: Vec<(usize, u64)>,
}

impl Reply {
    /// The rows of a statement, counted from 0 in the order of the batch.
    pub fn rows(&self, statement: usize) -> &[Row] {
        let end = |index: usize| self.statements.get(index).map(|(end, _)| *end);
        let start = statement.checked_sub(1).and_then(end).unwrap_or(0);
        let end = end(statement).unwrap_or(start);
        self.rows.get(start..end).unwrap_or_default()
    }

    /// How many rows a statement read or changed.
    pub fn affected(&self, statement: usize) -> u64 {
        self.statements
            .get(statement)
            .map_or(0, |(_, affected)| *affected)
    }

    /// All rows, each with the number of its statement, in the order of the statements.
    pub fn into_rows(self) -> impl Iterator<Item = (usize, Row)> {
        let Self { rows, statements } = self;
        let mut statement = 0;
        rows.into_iter().enumerate().map(move |(index, row)| {
            while statements
                .get(statement)
                .is_some_and(|(end, _)| *end <= index)
            {
                statement += 1;
            }
            (statement, row)
        })
    }

    pub(super) fn push(&mut self, row: Row) {
        self.rows.push(row);
    }

    pub(super) fn end_statement(&mut self, affected: u64) {
        self.statements.push((self.rows.len(), affected));
    }
}
