//! Writes rows.

use super::{One, RowFields, RowPart};
use crate::engine::catalog::Kind;
use crate::engine::load::Row;
use crate::engine::write::{Current, Writer, Written};
use crate::engine::{connection, graph, load, mutation, opaque};

/// Writes the fields that are asked of a row.
pub fn write<'a>(writer: &mut Writer<'a>, fields: &'a RowFields, row: &Row) -> Written<'a> {
    writer.object(fields, |writer, part| match part {
        RowPart::NodeId { table, columns } => writer.string(&opaque::encode(table, columns, row)),
        RowPart::Column { index, kind } => writer.value(*kind, load::bytes(row, *index)),
        RowPart::Version { index } => {
            let time = load::int8(row, *index).unwrap_or_default();
            writer.string(&mutation::version_text(time))
        }
        RowPart::Part { index, .. } => writer.value(Kind::Json, load::bytes(row, *index)),
        RowPart::One(one) => write_one(writer, one, Some(row)),
        RowPart::Neighbourhood(around) => graph::write(writer, around, row),
        RowPart::Connection(list) => connection::write(writer, list, Some(row), &write),
    })
}

/// Writes what is asked of a row that was found otherwise.
pub fn write_fields<'a>(writer: &mut Writer<'a>, one: &'a One, row: &Row) -> Written<'a> {
    write(writer, &one.fields, row)
}

/// Writes the row that the current one leads to.
pub fn write_one<'a>(writer: &mut Writer<'a>, one: &'a One, current: Current<'_>) -> Written<'a> {
    let found = writer.row_of(one.node, current);
    let non_null = one.non_null.then_some(&one.locations[..]);
    writer.nullable(found, non_null, |writer, (place, row)| {
        writer.once((one.node, place), |writer| write(writer, &one.fields, row))
    })
}
