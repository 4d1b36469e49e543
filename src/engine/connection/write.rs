//! Writes list fields.

use super::{
    Connection, ConnectionPart, CountField, CountPrecision, EdgePart, Highlights, PageInfoField,
    cursor,
};
use crate::engine::catalog::Kind;
use crate::engine::load::Row;
use crate::engine::plan::{NodeIndex, OutputField, Slice};
use crate::engine::search::HighlightField;
use crate::engine::write::{Current, Writer, Written};
use crate::engine::{aggregate, group, load, search};

/// Writes what is asked of a row of a list.
pub type WriteRow<'f, 'a, R> = &'f dyn Fn(&mut Writer<'a>, &'a R, &'a Row) -> Written<'a>;

/// Writes a list that belongs to the current row; `write_row` writes one of its rows.
pub fn write<'a, R>(
    writer: &mut Writer<'a>,
    connection: &'a Connection<R>,
    current: Current<'_>,
    write_row: WriteRow<'_, 'a, R>,
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
                EdgePart::Cursor => write_cursor(writer, page, Some(row)),
                EdgePart::Node(fields) => write_row(writer, fields, row),
                EdgePart::Score(None) | EdgePart::Ranks(None) => writer.null(),
                EdgePart::Score(Some(place)) => writer.value(Kind::Float, load::bytes(row, *place)),
                EdgePart::Ranks(Some(fields)) => writer.object(fields, |writer, place| {
                    writer.value(Kind::Int, load::bytes(row, *place))
                }),
                EdgePart::Highlights(highlights) => write_highlights(writer, highlights, row),
            })
        }),
        ConnectionPart::PageInfo(fields) => page_info(writer, fields, page),
        ConnectionPart::TotalCount(place) => {
            let (row, first) = about_all(writer, connection.aggregates, current);
            let count = row.and_then(|row| load::int8(row, first + place));
            writer.number(count.unwrap_or(0))
        }
        ConnectionPart::Groups(groups) => group::write(writer, groups, current, write_row),
        ConnectionPart::Aggregate(fields) => {
            let (row, first) = about_all(writer, connection.aggregates, current);
            aggregate::write(writer, fields, row, first)
        }
        ConnectionPart::CountUpTo { node, fields, .. } => {
            let (row, first) = about_all(writer, Some(*node), current);
            let count = row.and_then(|row| load::int8(row, first)).unwrap_or(0);
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

/// Writes the texts in which words of the search occur.
fn write_highlights<'a>(
    writer: &mut Writer<'a>,
    highlights: &'a Highlights,
    row: &'a Row,
) -> Written<'a> {
    let snippets = highlights.snippets.iter();
    let marked = snippets.filter_map(|(field, place)| {
        let snippet = str::from_utf8(load::bytes(row, *place)?).ok()?;
        Some((field.as_str(), search::highlighted(snippet)?))
    });
    writer.list(marked, |writer, (name, snippet)| {
        writer.object(&highlights.fields, |writer, field| match field {
            HighlightField::Field => writer.string(name),
            HighlightField::Snippet => writer.value(Kind::Text, Some(snippet.as_bytes())),
        })
    })
}

/// The rows of a page in the order of the statement.
#[derive(Clone, Copy)]
pub struct Page<'a> {
    pub slice: &'a Slice,
    /// Positions of the columns of a cursor.
    pub cursor: &'a [(usize, Kind)],
    pub rows: &'a [Row],
    /// Whether there are more in this order.
    pub more: bool,
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

/// Writes what there is to say of a page.
pub fn page_info<'a>(
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
        PageInfoField::StartCursor => write_cursor(writer, page, start),
        PageInfoField::EndCursor => write_cursor(writer, page, end),
    })
}

fn write_cursor<'a>(writer: &mut Writer<'a>, page: Page<'_>, row: Option<&Row>) -> Written<'a> {
    match row {
        None => writer.null(),
        Some(row) => writer.string(&cursor::encode(&page.slice.signature, page.cursor, row)),
    }
}

/// The row with values about all rows that belong to the current one, and the column where they
/// begin; no row means that there are none.
pub fn about_all<'a>(
    writer: &Writer<'a>,
    node: Option<NodeIndex>,
    current: Current<'_>,
) -> (Option<&'a Row>, usize) {
    let Some(node) = node else {
        return (None, 0);
    };
    let first = usize::from(writer.has_keys(node));
    (writer.rows_of(node, current).first(), first)
}
