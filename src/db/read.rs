//! The read scope: one snapshot of the database as one session.

use std::time::Instant;

use sqlx::Row;
use sqlx::postgres::PgRow;
use tracing::Instrument;

use super::scope::Scope;
use super::{Db, GATEWAY_ROLE, Observer, bind, from_driver};
use crate::error::Error;
use crate::session::Session;
use crate::sql::Statement;
use crate::telemetry::{SPANS, metrics};

/// A `repeatable read, read only` transaction in which role and settings of the session hold.
///
/// Dropping it rolls back, which for a reader is the same as a commit; the pool sends that while
/// the answer is already on its way. Dropping it while a statement runs stops the statement.
pub struct ReadScope {
    scope: Scope,
    observer: Option<Observer>,
}

impl Db {
    /// Opens the scope in which everything of one query operation is read.
    ///
    /// # Errors
    /// `UNAVAILABLE` when no connection can be had.
    pub async fn read(&self, session: &Session) -> Result<ReadScope, Error> {
        // The values are two UUIDs and a name of our own, so nothing needs escaping. One message
        // carries all of it: a scope costs one round trip.
        let begin = format!(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL ROLE {GATEWAY_ROLE}; \
             SET LOCAL app.workspace_id = '{}'; SET LOCAL app.user_id = '{}'; SET LOCAL app.role = '{}'",
            session.workspace, session.user, session.role,
        );
        Ok(ReadScope {
            scope: self.begin(begin).await?,
            observer: self.observer.clone(),
        })
    }
}

impl ReadScope {
    /// Runs a statement and hands over its rows as they arrive, each with the bytes of its values.
    /// Nothing more is read after an error of `take`, and the scope is of no use then.
    ///
    /// # Errors
    /// `TIMEOUT`, `UNAVAILABLE` or `INTERNAL`, none of which quotes the database; the error of
    /// `take`.
    pub async fn fetch(
        &mut self,
        statement: &Statement,
        mut take: impl FnMut(PgRow, usize) -> Result<(), Error> + Send,
    ) -> Result<(), Error> {
        if let Some(observer) = &self.observer {
            observer(statement);
        }
        let arguments = bind::arguments(&statement.values)?;
        // The text is put together from names of the catalog and placeholders alone.
        let text = sqlx::AssertSqlSafe(statement.text.clone());
        let span = tracing::debug_span!(
            target: SPANS,
            "statement",
            otel.kind = "client",
            db.system.name = "postgresql",
            db.query.text = &*statement.text,
            db.response.returned_rows = tracing::field::Empty,
        );
        let sent = Instant::now();
        let mut rows = 0;
        let counted = |row: PgRow| {
            rows += 1;
            let bytes = bytes(&row);
            take(row, bytes)
        };
        let taken = self
            .scope
            .fetch_each(sqlx::query_with(text, arguments), counted)
            .instrument(span.clone())
            .await
            .map_err(|error| from_driver(&error))?;
        metrics().statement(rows, sent.elapsed());
        span.record("db.response.returned_rows", rows);
        taken
    }
}

/// The bytes of a row's values, as they came from the database.
fn bytes(row: &PgRow) -> usize {
    let values = (0..row.len()).filter_map(|index| row.try_get_raw(index).ok());
    values
        .filter_map(|value| value.as_bytes().ok().map(<[u8]>::len))
        .sum()
}
