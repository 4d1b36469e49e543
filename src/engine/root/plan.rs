//! Plans the root fields of a query.

use uuid::Uuid;

use super::{RootFields, RootPart, VIEWER, ViewerField, ViewerPart};
use crate::engine::catalog::{ColumnId, NODE_ID, Root, RootField, TableId, forbidden};
use crate::engine::connection::{self, ListOf};
use crate::engine::names::{Named, SchemaField};
use crate::engine::plan::{
    Arguments, Merged, Plan, PlanContext, Planned, Planner, json_text, unknown,
};
use crate::engine::row::{self, One, node_id};
use crate::engine::scalar;
use crate::engine::select::Predicate;
use crate::error::Error;
use crate::sql::Value;

/// Plans everything that a query operation asks for.
///
/// # Errors
/// `BAD_USER_INPUT` for an argument that cannot be used, with its path; `QUERY_TOO_EXPENSIVE`.
pub fn plan(context: &PlanContext<'_>) -> Planned<(Plan, RootFields)> {
    let mut planner = Planner::new(context);
    let selection = context.document.root();
    let fields = planner.fields(context.document.root_type, &selection, field)?;
    Ok((planner.finish(), fields))
}

fn field<'a>(planner: &mut Planner<'a>, name: &str, merged: &Merged<'a>) -> Planned<RootPart> {
    if SchemaField::of(name).is_some() {
        let key = merged[0].node.response_key().node.to_string();
        return Ok(RootPart::Introspection(key));
    }
    let context = planner.context;
    let catalog = context.catalog;
    let arguments = Arguments::new(context.document, merged);
    let root = catalog
        .root(name)
        .ok_or_else(|| unknown(context.document.root_type, name))?;
    Ok(match root {
        Root::Field(RootField::Node) => RootPart::One(node(planner, &arguments, merged)?),
        Root::Field(RootField::Viewer) => {
            RootPart::Viewer(planner.object(VIEWER, merged, viewer_field)?)
        }
        Root::List(table) => {
            let of = ListOf::all(table);
            RootPart::Connection(connection::plan(planner, &of, merged, row::fields)?)
        }
        Root::Key(table) => {
            let key = &catalog.table(table).key;
            RootPart::One(lookup(planner, table, key, &arguments, merged)?)
        }
        Root::Lookup(table, index) => {
            let columns = &catalog.table(table).lookups[index].columns;
            RootPart::One(lookup(planner, table, columns, &arguments, merged)?)
        }
    })
}

fn lookup<'a>(
    planner: &mut Planner<'a>,
    id: TableId,
    columns: &[ColumnId],
    arguments: &Arguments<'_>,
    merged: &Merged<'a>,
) -> Planned<One> {
    let catalog = planner.context.catalog;
    let pairs = columns.iter().map(|&column_id| {
        let column = catalog.table(id).column(column_id);
        let value = arguments.required(&column.field)?;
        let value = scalar::value(catalog, column.kind, &value, &column.field)?;
        Ok(Predicate::Is(column_id, Some(value)))
    });
    let is = pairs.collect::<Planned<_>>()?;
    row::single(planner, id, is, merged)
}

fn node<'a>(
    planner: &mut Planner<'a>,
    arguments: &Arguments<'_>,
    merged: &Merged<'a>,
) -> Planned<One> {
    let context = planner.context;
    let given = scalar::text(&arguments.required(NODE_ID)?, NODE_ID)?;
    let (table, is) = node_id::read(context.catalog, &given).ok_or_else(|| {
        Error::input(
            NODE_ID,
            "`nodeId` is not a global id; use the `nodeId` of a row from a response.",
        )
    })?;
    // The document does not say which table an id is of, so nothing has looked at it before.
    let role = context.session.role;
    let of = context.catalog.table(table);
    if of.least > role {
        return Err(forbidden(&of.type_name, of.least, role));
    }
    row::single(planner, table, is, merged)
}

fn viewer_field<'a>(
    planner: &mut Planner<'a>,
    field: ViewerField,
    merged: &Merged<'a>,
) -> Planned<ViewerPart> {
    let (viewer, session) = (planner.context.catalog.viewer, planner.context.session);
    Ok(match field {
        ViewerField::Role => ViewerPart::Role(json_text(&session.role.name().to_uppercase())),
        ViewerField::User => ViewerPart::One(own(planner, viewer.users, session.user, merged)?),
        ViewerField::Workspace => {
            ViewerPart::One(own(planner, viewer.workspaces, session.workspace, merged)?)
        }
        ViewerField::Workspaces => {
            let of = ListOf::all(viewer.workspaces);
            ViewerPart::Connection(connection::plan(planner, &of, merged, row::fields)?)
        }
    })
}

/// The row of this id, which the token names.
fn own<'a>(
    planner: &mut Planner<'a>,
    table: TableId,
    id: Uuid,
    merged: &Merged<'a>,
) -> Planned<One> {
    let key = planner.context.catalog.table(table).key[0];
    let is = vec![Predicate::Is(key, Some(Value::Uuid(Some(id))))];
    row::single(planner, table, is, merged)
}
