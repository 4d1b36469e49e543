//! Writes groups.

use super::{GroupPart, Grouped, GroupsPart, KeyPart};
use crate::engine::connection::{self, Page, WriteRow};
use crate::engine::load::{self, Row};
use crate::engine::plan::OutputField;
use crate::engine::select::MOST_BUCKETS;
use crate::engine::write::{Current, Stop, Writer, Written};
use crate::engine::{aggregate, group::FILL};
use crate::error::Error;

/// Writes the groups of a list that belongs to the current row.
pub fn write<'a, R>(
    writer: &mut Writer<'a>,
    grouped: &'a Grouped<R>,
    current: Current<'_>,
    write_row: WriteRow<'_, 'a, R>,
) -> Written<'a> {
    let slice = writer.slice(grouped.index);
    let node = grouped.node;
    let fetched = node.map_or(&[][..], |node| writer.rows_of(node, current));
    let first = node.map_or(0, |node| usize::from(writer.has_keys(node)));
    if grouped.fill
        && let Some(row) = fetched.first()
        && load::bytes(row, row.len() - 1) == Some(&[0])
    {
        let message = format!(
            "`{FILL}` would add more than {MOST_BUCKETS} buckets: choose a longer bucket, or a filter on the time."
        );
        return Err(Stop::Refused(Box::new(Error::input(FILL, message))));
    }
    let page = Page {
        slice,
        cursor: grouped.cursor.as_deref().unwrap_or_default(),
        rows: &fetched[..fetched.len().min(slice.limit)],
        more: fetched.len() > slice.limit,
    };
    writer.object(&grouped.fields, |writer, part| match part {
        GroupsPart::Nodes(fields) => writer.list(page.rows.iter(), |writer, row| {
            writer.object(fields, |writer, part| match part {
                GroupPart::Key(keys) => write_keys(writer, keys, row, first),
                GroupPart::Value(value) => {
                    let values = first + grouped.before_values;
                    aggregate::write_part(writer, value, Some(row), values)
                }
                GroupPart::Rows(rows) => connection::write(writer, rows, Some(row), write_row),
            })
        }),
        GroupsPart::PageInfo(fields) => connection::write_page_info(writer, fields, page),
        GroupsPart::TotalCount(node) => {
            let (row, first) = connection::about_all(writer, Some(*node), current);
            let count = row.and_then(|row| load::int8(row, first));
            writer.number(count.unwrap_or(0))
        }
    })
}

fn write_keys<'a>(
    writer: &mut Writer<'a>,
    keys: &'a [OutputField<KeyPart>],
    row: &Row,
    first: usize,
) -> Written<'a> {
    writer.object(keys, |writer, part| match part {
        KeyPart::Value { index, kind } => writer.value(*kind, load::bytes(row, first + index)),
        KeyPart::Related(keys) => write_keys(writer, keys, row, first),
    })
}
