//! What an exchange tells as it goes on.

use crate::row::Row;
use crate::server_error::ServerError;

/// What becomes of the rows of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// They are handed over.
    Read,
    /// They are handed over behind a description of their columns.
    Describe,
    /// They are thrown away where they were received. For settings.
    Discard,
}

/// A part of the answers of an exchange. Statements are counted from 0 in the order in which they
/// were added.
#[derive(Clone, Debug)]
pub enum Event {
    /// The columns of a statement's rows; none if it has no rows.
    Columns {
        /// Which statement.
        statement: usize,
        /// Its columns.
        columns: Vec<Column>,
    },
    /// A row.
    Row {
        /// Which statement.
        statement: usize,
        /// The row.
        row: Row,
    },
    /// A statement is through. What it changed is committed only with [`Event::Ready`].
    Done {
        /// Which statement.
        statement: usize,
        /// How many rows it read or changed; 0 for statements that count none.
        affected: u64,
    },
    /// A statement failed. The server skips the rest up to the Sync and undoes what the exchange
    /// changed. `Ready` follows.
    Failed {
        /// Which statement; the number of statements if ending the transaction failed.
        statement: usize,
        /// Why.
        error: Box<ServerError>,
    },
    /// The exchange is over, and committed unless something failed.
    Ready(Transaction),
}

/// Whether a transaction block that a statement began (`BEGIN`) is still open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transaction {
    /// There is none.
    None,
    /// There is one.
    Open,
    /// There is one, and it can only be rolled back.
    Failed,
}

/// A column of a statement's rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// The object id of its type.
    pub type_id: u32,
}
