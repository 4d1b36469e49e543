//! Writes list fields.

use super::{Connection, ConnectionPart, CountField, CountPrecision, EdgePart, PageInfoField};
use crate::engine::catalog::Kind;
use crate::engine::load::Row;
use crate::engine::plan::{NodeIndex, OutputField, Slice};
use crate::engine::write::{Current, Writer, Written};
use crate::engine::{load, opaque};

/// Writes a list that belongs to the current row; `write_row` writes one of its rows.
pub fn write<'a, R>(
    writer: &mut Writer<'a>,
    connection: &'a Connection<R>,
    current: Current<'_>,
    write_row: impl Fn(&mut Writer<'a>, &'a R, &'a Row) -> Written<'a>,
) -> Written<'a> {
    let node = connection.node;
    let slice = writer.slice(connection.index);
    let fetched = node.map_or(&[][..], |node| writer.rows_of(node, current));
    let page = Page {
        slice,
        cursor: connection.cursor.as_deref().unwrap_or_default(),
        rows: &fetched[..fetched.len().min(slice.limit)],
        more: fetched.len() > slice.limit,
    };
    writer.object(&connection.fields, |writer, part| match part {
        ConnectionPart::Nodes(fields) => {
            list(writer, page, |writer, row| write_row(writer, fields, row))
        }
        ConnectionPart::Edges(fields) => list(writer, page, |writer, row| {
            writer.object(fields, |writer, part| match part {
                EdgePart::Cursor => cursor(writer, page, Some(row)),
                EdgePart::Node(fields) => write_row(writer, fields, row),
            })
        }),
        ConnectionPart::PageInfo(fields) => page_info(writer, fields, page),
        ConnectionPart::TotalCount(node) => {
            let count = counted(writer, *node, current);
            writer.number(count)
        }
        ConnectionPart::CountUpTo { node, fields, .. } => {
            let count = counted(writer, *node, current);
            let limit = i64::try_from(writer.counted_to(*node)).unwrap_or(i64::MAX);
            writer.object(fields, |writer, field| match field {
                CountField::Value => writer.number(count.min(limit)),
                CountField::Precision => writer.string(
                    match count > limit {
                        true => CountPrecision::AtLeast,
                        false => CountPrecision::Exact,
                    }
                    .name(),
                ),
            })
        }
    })
}

/// The rows of a page in the order of the statement.
#[derive(Clone, Copy)]
struct Page<'a> {
    slice: &'a Slice,
    /// Positions of the columns of a cursor.
    cursor: &'a [(usize, Kind)],
    rows: &'a [Row],
    /// Whether there are more in this order.
    more: bool,
}

fn list<'a>(
    writer: &mut Writer<'a>,
    page: Page<'a>,
    item: impl FnMut(&mut Writer<'a>, &'a Row) -> Written<'a>,
) -> Written<'a> {
    if page.slice.reversed {
        writer.list(page.rows.iter().rev(), item)
    } else {
        writer.list(page.rows.iter(), item)
    }
}

fn page_info<'a>(
    writer: &mut Writer<'a>,
    fields: &'a [OutputField<PageInfoField>],
    page: Page<'_>,
) -> Written<'a> {
    let (next, previous, start, end) = match page.slice.reversed {
        true => (false, page.more, page.rows.last(), page.rows.first()),
        false => (page.more, false, page.rows.first(), page.rows.last()),
    };
    writer.object(fields, |writer, field| match field {
        PageInfoField::HasNextPage => writer.boolean(next || page.slice.ends_earlier),
        PageInfoField::HasPreviousPage => writer.boolean(previous || page.slice.starts_later),
        PageInfoField::StartCursor => cursor(writer, page, start),
        PageInfoField::EndCursor => cursor(writer, page, end),
    })
}

fn cursor<'a>(writer: &mut Writer<'a>, page: Page<'_>, row: Option<&Row>) -> Written<'a> {
    match row {
        None => writer.null(),
        Some(row) => writer.string(&opaque::encode(&page.slice.signature, page.cursor, row)),
    }
}

/// The count that a node holds for the current row; no row means that nothing was counted.
fn counted(writer: &Writer<'_>, node: NodeIndex, current: Current<'_>) -> i64 {
    let column = usize::from(writer.has_keys(node));
    let rows = writer.rows_of(node, current);
    rows.first()
        .and_then(|row| load::int8(row, column))
        .unwrap_or(0)
}
