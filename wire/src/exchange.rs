//! Statements that share one implicit transaction, sent in as few messages as their levels.

use std::time::Duration;

use tokio::time::Instant;

use crate::connection::Connection;
use crate::error::Error;
use crate::event::{Event, Rows};
use crate::statement::Statement;
use crate::values::Values;

/// Statements up to one Sync: PostgreSQL runs them as one implicit transaction, and skips the rest
/// after an error.
///
/// `add` the statements of a level, then `flush` if another level depends on their rows, or else
/// `sync`; then read with `next` until it tells nothing more. Both only write to memory; `next`
/// sends. It may be dropped at any await, and called again.
///
/// An exchange that is dropped before `next` told [`Event::Ready`] leaves a connection that is not
/// at rest: [`Connection::is_idle`] says so, and nothing can be asked on it before
/// [`Connection::drain`].
pub struct Exchange<'c> {
    connection: &'c mut Connection,
    statements: usize,
    /// Whether it was told to end.
    ended: bool,
    patience: Duration,
    deadline: Option<Instant>,
}

impl<'c> Exchange<'c> {
    pub(crate) fn new(connection: &'c mut Connection) -> Self {
        Self::resumed(connection, 0)
    }

    /// An exchange of which so many statements are answered.
    pub(crate) fn resumed(connection: &'c mut Connection, statements: usize) -> Self {
        let patience = connection.limits.answer;
        Self {
            connection,
            statements,
            ended: false,
            patience,
            deadline: None,
        }
    }

    /// Gives the server so long for each level, instead of [`crate::Limits::answer`].
    pub fn set_patience(&mut self, patience: Duration) {
        self.patience = patience;
        self.deadline = None;
    }

    /// Adds a statement and gives its number, counted from 0.
    ///
    /// # Errors
    /// [`Error::Argument`] if it cannot be sent: a zero byte in the text, more than 65,535 values,
    /// more than a gigabyte. Nothing of it is sent then, and the exchange can go on.
    /// [`Error::Busy`] after `sync`.
    pub fn add(
        &mut self,
        statement: &Statement,
        values: &Values,
        rows: Rows,
    ) -> Result<usize, Error> {
        if self.ended || self.connection.synced || self.connection.broken {
            return Err(Error::Busy);
        }
        let is_first = !self.connection.open;
        let mut encoder = self.connection.encoder();
        if is_first {
            encoder.closes()?;
        }
        let added = encoder.statement(statement, values, rows);
        // What was closed before it must be answered, too.
        self.connection.open |= !self.connection.protocol.steps.is_empty();
        added?;
        self.statements += 1;
        Ok(self.statements - 1)
    }

    /// Asks for the answers of what was added; more statements may follow in the same transaction.
    pub fn flush(&mut self) {
        if !self.connection.synced && self.connection.open {
            self.connection.encoder().flush();
            self.deadline = None;
        }
    }

    /// Ends the transaction after what was added, and asks for all answers.
    pub fn sync(&mut self) {
        if self.ended || self.connection.broken {
            return;
        }
        self.ended = true;
        self.connection.open = true;
        self.connection.sync();
        self.deadline = None;
    }

    /// Sends what was added, and reads the next part of the answers; none when all is answered up
    /// to the last `flush` or `sync`. After [`Event::Failed`] it sends the Sync itself if that is
    /// still to be sent, and tells [`Event::Ready`] next.
    ///
    /// # Errors
    /// [`Error::Late`] if the server does not answer in time, and [`Error::TooLarge`] if all
    /// answers are over [`crate::Limits::exchange`]: the connection can be drained. After all others
    /// it is lost.
    pub async fn next(&mut self) -> Result<Option<Event>, Error> {
        let patience = self.patience;
        let deadline = *self
            .deadline
            .get_or_insert_with(|| Instant::now() + patience);
        let event = self.connection.next(deadline).await;
        // After an error the Sync was sent already.
        self.ended |= self.connection.synced;
        event
    }
}
