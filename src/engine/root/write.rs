//! Writes the root of the answer.

use std::collections::HashMap;

use super::{ByNodeIds, RootFields, RootPart, ViewerPart};
use crate::engine::connection;
use crate::engine::row::{self, node_id};
use crate::engine::write::{Writer, Written};
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
            ViewerPart::Connection(list) | ViewerPart::Own { list, .. } => {
                connection::write(writer, list, None, &row::write)
            }
        }),
        RootPart::Node(node) => match &node.found {
            Some((_, one)) => row::write_one(writer, one, None),
            None => writer.null(),
        },
        RootPart::Nodes(nodes) => write_nodes(writer, nodes),
        RootPart::Key(key) => row::write_one(writer, &key.one, None),
        RootPart::Connection(list) => connection::write(writer, list, None, &row::write),
    })
}

/// Writes rows in the order of their ids, and null where there is none.
fn write_nodes<'a>(writer: &mut Writer<'a>, nodes: &'a ByNodeIds) -> Written<'a> {
    let tables = nodes.tables.iter().map(|of| {
        let rows = writer.rows_of(of.one.node(), None).iter();
        rows.map(|row| (node_id::key_of(row, &of.key), row))
            .collect::<HashMap<_, _>>()
    });
    let tables: Vec<_> = tables.collect();
    let ids = writer.slice(nodes.index).ids.iter();
    let rows = ids.map(|(place, key)| (&nodes.tables[*place], tables[*place].get(key)));
    writer.list(rows, |writer, (of, row)| {
        writer.nullable(row, None, |writer, row| {
            row::write_fields(writer, &of.one, row)
        })
    })
}
