//! The read scope: one snapshot of the database as one session.

use std::time::Instant;

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
    /// Runs a statement and collects its rows.
    ///
    /// # Errors
    /// `TIMEOUT`, `UNAVAILABLE` or `INTERNAL`; none of them quotes the database.
    pub async fn fetch(&mut self, statement: &Statement) -> Result<Vec<PgRow>, Error> {
        if let Some(observer) = &self.observer {
            observer(&statement.text);
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
        let rows = self
            .scope
            .fetch_all(sqlx::query_with(text, arguments))
            .instrument(span.clone())
            .await
            .map_err(|error| from_driver(&error))?;
        metrics().statement(rows.len(), sent.elapsed());
        span.record("db.response.returned_rows", rows.len());
        Ok(rows)
    }
}
