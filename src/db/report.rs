//! What is told of the statements of a level: metrics, spans, and the statements themselves.

use std::borrow::Cow;
use std::time::Instant;

use tracing::Span;

use super::scope::Ask;
use crate::sql::{Statement, Value};
use crate::telemetry::{SPANS, metrics};

/// Metrics and spans of the statements of a level.
pub(super) struct Report<'a> {
    level: &'a [Ask<'a>],
    spans: Vec<Span>,
    sent: Instant,
}

impl<'a> Report<'a> {
    pub fn new(level: &'a [Ask<'a>]) -> Self {
        let spans = level.iter().map(|ask| {
            tracing::debug_span!(
                target: SPANS,
                "statement",
                otel.kind = "client",
                db.system.name = "postgresql",
                db.query.text = ask.statement.text(),
                db.response.returned_rows = tracing::field::Empty,
            )
        });
        Self {
            spans: spans.collect(),
            level,
            sent: Instant::now(),
        }
    }

    /// A statement of the level has answered so many rows.
    pub fn done(&mut self, index: usize, rows: u64) {
        if index < self.level.len() {
            metrics().statement(rows, self.sent.elapsed());
            // The span ends where its rows do.
            let span = std::mem::replace(&mut self.spans[index], Span::none());
            span.record("db.response.returned_rows", rows);
        }
    }
}

/// The statement as it is sent, for observers.
pub(super) fn sent<'a>(ask: &Ask<'a>) -> Cow<'a, Statement> {
    match ask.keys {
        None => Cow::Borrowed(ask.statement),
        Some(keys) => {
            let mut values = ask.statement.values.to_vec();
            values[1] = Value::Uuids(keys.into());
            Cow::Owned(Statement {
                prepared: ask.statement.prepared.clone(),
                values: values.into(),
            })
        }
    }
}
