//! Compiles the root fields of a query.

use super::{ByKey, ByNodeId, RootFields, RootPart, VIEWER, ViewerField, ViewerPart};
use crate::engine::catalog::{Catalog, ColumnId, NODE_ID, Root, RootField, TableId};
use crate::engine::connection::{self, ListOf};
use crate::engine::names::Named;
use crate::engine::names::SchemaField;
use crate::engine::plan::{Arguments, Compiler, Merged, Parts, Planned, Source, unknown};
use crate::engine::row;

/// Compiles everything that a query operation asks for.
///
/// # Errors
/// For fields that do not exist, which validation has refused before.
pub fn compile(catalog: &Catalog, source: &Source<'_>) -> Planned<(RootFields, Parts)> {
    let mut compiler = Compiler::new(catalog, source);
    let selection = source.root();
    let fields = compiler.fields(source.root_type, &selection, field)?;
    Ok((fields, compiler.finish()))
}

fn field<'a>(compiler: &mut Compiler<'a>, name: &str, merged: &Merged<'a>) -> Planned<RootPart> {
    if SchemaField::of(name).is_some() {
        let key = merged[0].node.response_key().node.to_string();
        return Ok(RootPart::Introspection(key));
    }
    let catalog = compiler.catalog;
    let root = catalog
        .root(name)
        .ok_or_else(|| unknown(compiler.source.root_type, name))?;
    Ok(match root {
        Root::Field(RootField::Node) => RootPart::Node(node(compiler, merged)?),
        Root::Field(RootField::Viewer) => {
            RootPart::Viewer(compiler.object(VIEWER, merged, viewer_field)?)
        }
        Root::List(table) => {
            let of = ListOf::all(table);
            RootPart::Connection(Box::new(connection::compile(
                compiler,
                of,
                merged,
                row::fields,
            )?))
        }
        Root::Key(table) => {
            let key = &catalog.table(table).key;
            RootPart::Key(by_key(compiler, table, key, merged)?)
        }
        Root::Lookup(table, index) => {
            let columns = &catalog.table(table).lookups[index].columns;
            RootPart::Key(by_key(compiler, table, columns, merged)?)
        }
    })
}

fn by_key<'a>(
    compiler: &mut Compiler<'a>,
    table: TableId,
    columns: &[ColumnId],
    merged: &Merged<'a>,
) -> Planned<ByKey> {
    let arguments = Arguments::of(merged);
    compiler.holds(arguments.bytes());
    Ok(ByKey {
        table,
        columns: columns.to_vec(),
        arguments,
        one: row::single(compiler, table, merged)?,
    })
}

/// The document does not say which table an id is of, but what was settled does.
fn node<'a>(compiler: &mut Compiler<'a>, merged: &Merged<'a>) -> Planned<ByNodeId> {
    let arguments = Arguments::of(merged);
    compiler.holds(arguments.bytes());
    let source = compiler.source;
    let literal = merged[0].node.get_argument(NODE_ID);
    let table = literal.and_then(|id| source.inputs.table(source.settled, &id.node));
    let found = match table {
        Some(table) => Some((table, row::single(compiler, table, merged)?)),
        None => None,
    };
    Ok(ByNodeId { arguments, found })
}

fn viewer_field<'a>(
    compiler: &mut Compiler<'a>,
    field: ViewerField,
    merged: &Merged<'a>,
) -> Planned<ViewerPart> {
    let viewer = compiler.catalog.viewer;
    Ok(match field {
        ViewerField::Role => ViewerPart::Role,
        ViewerField::User => ViewerPart::User(row::single(compiler, viewer.users, merged)?),
        ViewerField::Workspace => {
            ViewerPart::Workspace(row::single(compiler, viewer.workspaces, merged)?)
        }
        ViewerField::Workspaces => {
            let of = ListOf::all(viewer.workspaces);
            ViewerPart::Connection(Box::new(connection::compile(
                compiler,
                of,
                merged,
                row::fields,
            )?))
        }
    })
}
