//! Writes aggregates.

use super::{AggregateFields, AggregatePart, Computed};
use crate::engine::load::{self, Row};
use crate::engine::write::{Writer, Written};

/// Writes the values about the rows; they begin at this column. No row means that there were none.
pub fn write<'a>(
    writer: &mut Writer<'a>,
    fields: &'a AggregateFields,
    row: Option<&Row>,
    first: usize,
) -> Written<'a> {
    writer.object(fields, |writer, part| write_part(writer, part, row, first))
}

/// Writes one field of an aggregate.
pub fn write_part<'a>(
    writer: &mut Writer<'a>,
    part: &'a AggregatePart,
    row: Option<&Row>,
    first: usize,
) -> Written<'a> {
    match part {
        AggregatePart::Count(count) => computed(writer, *count, row, first),
        AggregatePart::Column(fields) => {
            writer.object(fields, |writer, one| computed(writer, *one, row, first))
        }
    }
}

fn computed<'a>(
    writer: &mut Writer<'a>,
    value: Computed,
    row: Option<&Row>,
    first: usize,
) -> Written<'a> {
    let index = first + value.index;
    if value.counts {
        let count = row.and_then(|row| load::int8(row, index));
        return writer.number(count.unwrap_or(0));
    }
    writer.value(value.kind, row.and_then(|row| load::bytes(row, index)))
}
