//! Writes rows.

use super::{One, RowFields, RowPart};
use crate::engine::load::Row;
use crate::engine::write::{Current, Writer, Written};
use crate::engine::{connection, load, opaque, scalar};

/// Writes the fields that are asked of a row.
pub fn write<'a>(writer: &mut Writer<'a>, fields: &'a RowFields, row: &Row) -> Written<'a> {
    writer.object(fields, |writer, part| match part {
        RowPart::NodeId { table, columns } => writer.string(&opaque::encode(table, columns, row)),
        RowPart::Column { index, kind } => {
            let bytes = load::bytes(row, *index);
            writer.append(
                bytes.map_or(0, |bytes| scalar::most_bytes(*kind, bytes)),
                |out| {
                    scalar::write(out, *kind, bytes);
                },
            )
        }
        RowPart::One(one) => write_one(writer, one, Some(row)),
        RowPart::Connection(list) => connection::write(writer, list, Some(row), write),
    })
}

/// Writes the row that the current one leads to.
pub fn write_one<'a>(writer: &mut Writer<'a>, one: &'a One, current: Current<'_>) -> Written<'a> {
    let found = writer.row_of(one.node, current);
    let non_null = one.non_null.then_some(&one.locations[..]);
    writer.nullable(found, non_null, |writer, (place, row)| {
        writer.once((one.node, place), |writer| write(writer, &one.fields, row))
    })
}
