//! Writes the root of the answer.

use std::collections::HashMap;

use super::{RootFields, RootPart, ViewerPart};
use crate::engine::write::{Writer, Written};
use crate::engine::{connection, row};

/// Writes the fields of the operation; `introspected` is what the schema answers to `__schema`
/// and `__type`, as JSON by response key.
pub fn write<'a>(
    writer: &mut Writer<'a>,
    fields: &'a RootFields,
    introspected: &HashMap<String, String>,
) -> Written<'a> {
    writer.object(fields, |writer, part| match part {
        RootPart::Introspection(key) => {
            writer.json(introspected.get(key).map_or("null", String::as_str))
        }
        RootPart::Viewer(fields) => writer.object(fields, |writer, part| match part {
            ViewerPart::Role(json) => writer.json(json),
            ViewerPart::One(one) => row::write_one(writer, one, None),
            ViewerPart::Connection(list) => connection::write(writer, list, None, row::write),
        }),
        RootPart::One(one) => row::write_one(writer, one, None),
        RootPart::Connection(list) => connection::write(writer, list, None, row::write),
    })
}
