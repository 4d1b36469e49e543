//! Writes list fields.

use super::{
    Connection, ConnectionPart, CountField, CountPrecision, CursorShape, EdgePart, PageInfoField,
};
use crate::db::Row;
use crate::engine::plan::{NodeIndex, OutputField};
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
    let fetched = node.map_or(&[][..], |node| writer.rows_of(node, current));
    let page = Page {
        rows: &fetched[..fetched.len().min(connection.limit)],
        more: fetched.len() > connection.limit,
    };
    writer.object(&connection.fields, |writer, part| match part {
        ConnectionPart::Nodes(fields) => list(writer, connection, page, |writer, row| {
            write_row(writer, fields, row)
        }),
        ConnectionPart::Edges(fields) => list(writer, connection, page, |writer, row| {
            writer.object(fields, |writer, part| match part {
                EdgePart::Cursor => cursor(writer, &connection.cursor, Some(row)),
                EdgePart::Node(fields) => write_row(writer, fields, row),
            })
        }),
        ConnectionPart::PageInfo(fields) => page_info(writer, fields, connection, page),
        ConnectionPart::TotalCount(node) => {
            let count = counted(writer, *node, current);
            writer.number(count)
        }
        ConnectionPart::CountUpTo {
            node,
            limit,
            fields,
        } => {
            let count = counted(writer, *node, current);
            writer.object(fields, |writer, field| match field {
                CountField::Value => writer.number(count.min(*limit)),
                CountField::Precision => writer.string(
                    match count > *limit {
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
    rows: &'a [Row],
    /// Whether there are more in this order.
    more: bool,
}

fn list<'a, R>(
    writer: &mut Writer<'a>,
    connection: &Connection<R>,
    page: Page<'a>,
    item: impl FnMut(&mut Writer<'a>, &'a Row) -> Written<'a>,
) -> Written<'a> {
    if connection.reversed {
        writer.list(page.rows.iter().rev(), item)
    } else {
        writer.list(page.rows.iter(), item)
    }
}

fn page_info<'a, R>(
    writer: &mut Writer<'a>,
    fields: &'a [OutputField<PageInfoField>],
    connection: &Connection<R>,
    page: Page<'_>,
) -> Written<'a> {
    let (next, previous, start, end) = match connection.reversed {
        true => (false, page.more, page.rows.last(), page.rows.first()),
        false => (page.more, false, page.rows.first(), page.rows.last()),
    };
    writer.object(fields, |writer, field| match field {
        PageInfoField::HasNextPage => writer.boolean(next || connection.ends_earlier),
        PageInfoField::HasPreviousPage => writer.boolean(previous || connection.starts_later),
        PageInfoField::StartCursor => cursor(writer, &connection.cursor, start),
        PageInfoField::EndCursor => cursor(writer, &connection.cursor, end),
    })
}

fn cursor<'a>(writer: &mut Writer<'a>, shape: &CursorShape, row: Option<&Row>) -> Written<'a> {
    match row {
        None => writer.null(),
        Some(row) => writer.string(&opaque::encode(&shape.signature, &shape.columns, row)),
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
