//! Writes list fields.

use sqlx::postgres::PgRow;

use super::{Current, Writer, Written, below};
use crate::engine::load;
use crate::engine::plan::{Connection, CountPart, CursorShape, EdgePart, PagePart, Part};
use crate::error::Step;

impl<'a> Writer<'a> {
    pub(super) fn connection(
        &mut self,
        connection: &'a Connection,
        row: Current<'_>,
    ) -> Written<'a> {
        let fetched = connection
            .node
            .map_or(&[][..], |node| self.rows_of(node, row));
        let more = fetched.len() > connection.limit;
        let shown = &fetched[..fetched.len().min(connection.limit)];
        let rows = Shown {
            rows: shown,
            reversed: connection.reversed,
        };
        self.out.push(b'{');
        for (index, (key, part)) in connection.parts.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.text(key)?;
            match part {
                Part::Literal(json) => self.text(json)?,
                Part::Nodes(fields) => self.inside(
                    || below(key),
                    |writer| writer.list(rows, |writer, row| writer.object(fields, Some(row))),
                )?,
                Part::Edges(parts) => self.inside(
                    || below(key),
                    |writer| {
                        writer.list(rows, |writer, row| {
                            writer.edge(parts, &connection.cursor, row)
                        })
                    },
                )?,
                Part::PageInfo(parts) => self.page_info(parts, connection, rows, more)?,
                Part::TotalCount(node) => {
                    let count = self.counted(*node, row);
                    self.number(count);
                }
                Part::CountUpTo { node, limit, parts } => {
                    let count = self.counted(*node, row);
                    self.count(parts, count, *limit)?;
                }
            }
        }
        self.out.push(b'}');
        Ok(())
    }

    fn list(
        &mut self,
        rows: Shown<'a>,
        mut item: impl FnMut(&mut Self, &'a PgRow) -> Written<'a>,
    ) -> Written<'a> {
        self.out.push(b'[');
        for index in 0..rows.rows.len() {
            if index > 0 {
                self.out.push(b',');
            }
            self.inside(
                || Step::Index(index),
                |writer| item(writer, rows.get(index)),
            )?;
        }
        self.out.push(b']');
        Ok(())
    }

    fn edge(
        &mut self,
        parts: &'a [(String, EdgePart)],
        cursor: &CursorShape,
        row: &'a PgRow,
    ) -> Written<'a> {
        self.out.push(b'{');
        for (index, (key, part)) in parts.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.text(key)?;
            match part {
                EdgePart::Literal(json) => self.text(json)?,
                EdgePart::Cursor => self.cursor(cursor, Some(row))?,
                EdgePart::Node(fields) => {
                    self.inside(|| below(key), |writer| writer.object(fields, Some(row)))?
                }
            }
        }
        self.out.push(b'}');
        Ok(())
    }

    fn page_info(
        &mut self,
        parts: &[(String, PagePart)],
        connection: &Connection,
        rows: Shown<'_>,
        more: bool,
    ) -> Written<'a> {
        let (next, previous) = if connection.reversed {
            (connection.ends_earlier, more || connection.starts_later)
        } else {
            (more || connection.ends_earlier, connection.starts_later)
        };
        self.out.push(b'{');
        for (index, (key, part)) in parts.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.text(key)?;
            match part {
                PagePart::Literal(json) => self.text(json)?,
                PagePart::HasNext => self.boolean(next),
                PagePart::HasPrevious => self.boolean(previous),
                PagePart::StartCursor => self.cursor(&connection.cursor, rows.first())?,
                PagePart::EndCursor => self.cursor(&connection.cursor, rows.last())?,
            }
        }
        self.out.push(b'}');
        Ok(())
    }

    fn cursor(&mut self, shape: &CursorShape, row: Option<&PgRow>) -> Written<'a> {
        match row {
            None => self.text("null"),
            Some(row) => {
                // The signature is base64, which needs no escapes.
                let mut json = format!("[\"{}\"", shape.signature).into_bytes();
                self.key_values(&mut json, &shape.columns, row);
                self.opaque(json)
            }
        }
    }

    /// The count that a node holds for the current row; no row means that nothing was counted.
    fn counted(&self, node: usize, row: Current<'_>) -> i64 {
        let column = usize::from(self.plan.nodes[node].parent.is_some());
        let rows = self.rows_of(node, row);
        rows.first()
            .and_then(|row| load::int8(row, column))
            .unwrap_or(0)
    }

    fn count(&mut self, parts: &[(String, CountPart)], count: i64, limit: i64) -> Written<'a> {
        self.out.push(b'{');
        for (index, (key, part)) in parts.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.text(key)?;
            match part {
                CountPart::Literal(json) => self.text(json)?,
                CountPart::Value => self.number(count.min(limit)),
                CountPart::Precision => {
                    let precision: &[u8] = if count > limit {
                        b"\"AT_LEAST\""
                    } else {
                        b"\"EXACT\""
                    };
                    self.out.extend_from_slice(precision);
                }
            }
        }
        self.out.push(b'}');
        Ok(())
    }

    fn number(&mut self, number: i64) {
        self.out
            .extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
    }

    fn boolean(&mut self, value: bool) {
        self.out
            .extend_from_slice(if value { b"true" } else { b"false" });
    }
}

/// The rows of a page in the order in which the caller reads them.
#[derive(Clone, Copy)]
struct Shown<'a> {
    rows: &'a [PgRow],
    reversed: bool,
}

impl<'a> Shown<'a> {
    fn get(self, index: usize) -> &'a PgRow {
        if self.reversed {
            &self.rows[self.rows.len() - 1 - index]
        } else {
            &self.rows[index]
        }
    }

    fn first(self) -> Option<&'a PgRow> {
        (!self.rows.is_empty()).then(|| self.get(0))
    }

    fn last(self) -> Option<&'a PgRow> {
        (!self.rows.is_empty()).then(|| self.get(self.rows.len() - 1))
    }
}
