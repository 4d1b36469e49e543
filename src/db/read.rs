//! The read scope: a transaction that reads one snapshot as one session.

use std::borrow::Cow;
use std::time::Instant;

use sqlx::Row;
use sqlx::postgres::PgRow;
use tracing::Instrument;
use uuid::Uuid;

use super::scope::Scope;
use super::{Db, GATEWAY_ROLE, Observer, bind, from_driver};
use crate::error::Error;
use crate::session::Session;
use crate::sql::{Statement, Value};
use crate::telemetry::{SPANS, metrics};

/// Longest text of a statement that stays prepared, in bytes.
const LONGEST_KEPT: usize = 8 * 1024;
/// Most values of a statement that stays prepared.
const MOST_VALUES: usize = 50;

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
    /// Asks for plans, each as JSON. They are no statements of a request, and nothing is read.
    pub(super) async fn explain(&mut self, text: String) -> Result<Vec<Vec<u8>>, Error> {
        let query = sqlx::raw_sql(sqlx::AssertSqlSafe(text));
        let mut plans = Vec::new();
        let take = |row: PgRow| {
            let plan = row.try_get_raw(0)?.as_bytes().map(<[u8]>::to_vec);
            plans.push(plan.map_err(sqlx::Error::Decode)?);
            Ok(())
        };
        let taken: sqlx::Result<()> = self
            .scope
            .fetch_each(query, take)
            .await
            .map_err(|error| from_driver(&error))?;
        taken.map_err(|error| from_driver(&error))?;
        Ok(plans)
    }

    /// Runs a statement and hands over its rows as they arrive, each with the bytes of its values.
    /// Keys take the place of its second value.
    /// Nothing more is read after an error of `take`, and the scope is of no use then.
    ///
    /// # Errors
    /// `TIMEOUT`, `UNAVAILABLE` or `INTERNAL`, none of which quotes the database; the error of
    /// `take`.
    pub async fn fetch(
        &mut self,
        statement: &Statement,
        keys: Option<&[Uuid]>,
        mut take: impl FnMut(PgRow, usize) -> Result<(), Error> + Send,
    ) -> Result<(), Error> {
        if let Some(observer) = &self.observer {
            observer(&with_keys(statement, keys));
        }
        let arguments = bind::arguments(&statement.values, keys)?;
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
        // What is kept takes many times its length of PostgreSQL's memory, in every connection.
        let kept = statement.text.len() <= LONGEST_KEPT && statement.values.len() <= MOST_VALUES;
        let query = sqlx::query_with(text, arguments).persistent(kept);
        let sent = Instant::now();
        let mut rows = 0;
        let counted = |row: PgRow| {
            rows += 1;
            let bytes = bytes(&row);
            take(row, bytes)
        };
        let taken = self
            .scope
            .fetch_each(query, counted)
            .instrument(span.clone())
            .await
            .map_err(|error| from_driver(&error))?;
        metrics().statement(rows, sent.elapsed());
        span.record("db.response.returned_rows", rows);
        taken
    }
}

/// The statement as it is sent, for observers.
fn with_keys<'a>(statement: &'a Statement, keys: Option<&[Uuid]>) -> Cow<'a, Statement> {
    match keys {
        None => Cow::Borrowed(statement),
        Some(keys) => {
            let mut values = statement.values.to_vec();
            values[1] = Value::Uuids(keys.into());
            Cow::Owned(Statement {
                text: statement.text.clone(),
                values: values.into(),
            })
        }
    }
}

/// The bytes of a row's values, as they came from the database.
fn bytes(row: &PgRow) -> usize {
    let values = (0..row.len()).filter_map(|index| row.try_get_raw(index).ok());
    values
        .filter_map(|value| value.as_bytes().ok().map(<[u8]>::len))
        .sum()
}
