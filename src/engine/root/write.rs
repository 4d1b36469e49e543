//! Writes the root of the answer.

use std::collections::HashMap;

use super::{RootFields, RootPart, ViewerPart};
use crate::engine::write::{Writer, Written};
use crate::engine::{connection, row};
use crate::session::Role;

/// Writes the fields of the operation; `introspected` is what the schema answers to `__schema`
/// and `__type`, as JSON by response key, and `role` that of the caller.
pub fn write<'a>(
    writer: &mut Writer<'a>,
    fields: &'a RootFields,
    introspected: &HashMap<String, String>,
    role: Role,
) -> Written<'a> {
    writer.object(fields, |writer, part| match part {
        RootPart::Introspection(key) => {
            writer.json(introspected.get(key).map_or("null", String::as_str))
        }
        RootPart::Viewer(fields) => writer.object(fields, |writer, part| match part {
            ViewerPart::Role => writer.string(&role.name().to_uppercase()),
            ViewerPart::User(one) | ViewerPart::Workspace(one) => row::write_one(writer, one, None),
            ViewerPart::Connection(list) => connection::write(writer, list, None, row::write),
        }),
        RootPart::Node(node) => match &node.found {
            Some((_, one)) => row::write_one(writer, one, None),
            None => writer.null(),
        },
        RootPart::Key(key) => row::write_one(writer, &key.one, None),
        RootPart::Connection(list) => connection::write(writer, list, None, row::write),
    })
}
