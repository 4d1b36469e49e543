//! Compiles the root fields of a query.

use super::{
    ByKey, ByNodeId, ByNodeIds, OfTable, QUERY, RootFields, RootPart, VIEWER, ViewerField,
    ViewerPart,
};
use crate::engine::catalog::{Catalog, ColumnId, NODE_ID, NODE_IDS, Root, RootField, TableId};
use crate::engine::connection::{self, ListOf};
use crate::engine::names::Named;
use crate::engine::names::SchemaField;
use crate::engine::plan::{Arguments, Compiler, Merged, Parts, Planned, Source, unknown};
use crate::engine::row;
use crate::error::{Code, Error};

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

/// Compiles what the payload of a mutation asks for after the write.
///
/// # Errors
/// `BAD_REQUEST` for questions about the schema, which queries answer.
pub fn inner<'a>(compiler: &mut Compiler<'a>, merged: &Merged<'a>) -> Planned<RootFields> {
    let selection = compiler.source.selection(merged, QUERY, &[]);
    compiler.fields(QUERY, &selection, |compiler, name, merged| {
        if SchemaField::of(name).is_some() {
            let message = "Ask about the schema in a query, not in the payload of a mutation.";
            return Err(Error::new(Code::BadRequest, message));
        }
        field(compiler, name, merged)
    })
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
        Root::Field(RootField::Nodes) => RootPart::Nodes(nodes(compiler, merged)?),
        Root::Field(RootField::Viewer) => {
            let selection = compiler.source.selection(merged, VIEWER, &[]);
            RootPart::Viewer(compiler.fields(VIEWER, &selection, viewer_field)?)
        }
        Root::List(table) => {
            let of = ListOf::all(table);
            RootPart::Connection(Box::new(connection::compile(
                compiler,
                of,
                merged,
                &row::fields,
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
    let table = literal.and_then(|id| source.inputs.tables(source.settled, &id.node).next());
    let found = match table {
        Some(table) => Some((table, row::single(compiler, table, merged)?)),
        None => None,
    };
    Ok(ByNodeId { arguments, found })
}

/// One statement for each table that the ids are of.
fn nodes<'a>(compiler: &mut Compiler<'a>, merged: &Merged<'a>) -> Planned<ByNodeIds> {
    let arguments = Arguments::of(merged);
    compiler.holds(arguments.bytes());
    let source = compiler.source;
    let literal = merged[0].node.get_argument(NODE_IDS);
    let tables = literal.map(|ids| source.inputs.tables(source.settled, &ids.node));
    let tables = tables.into_iter().flatten().map(|table| {
        let (one, key) = row::by_key(compiler, table, merged)?;
        Ok(OfTable { table, key, one })
    });
    let tables = tables.collect::<Planned<_>>()?;
    Ok(ByNodeIds {
        arguments,
        index: compiler.reserve_list(),
        tables,
    })
}

fn viewer_field<'a>(
    compiler: &mut Compiler<'a>,
    name: &str,
    merged: &Merged<'a>,
) -> Planned<ViewerPart> {
    let viewer = &compiler.catalog.viewer;
    let Some(field) = ViewerField::of(name) else {
        let own = viewer.own.iter().find(|own| own.field == name);
        let own = own.ok_or_else(|| unknown(VIEWER, name))?;
        let of = ListOf::latest(own.table, own.latest);
        let list = connection::compile(compiler, of, merged, &row::fields)?;
        return Ok(ViewerPart::Own {
            user: own.user,
            list: Box::new(list),
        });
    };
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
                &row::fields,
            )?))
        }
    })
}
