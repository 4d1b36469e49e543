//! Plans the root fields of a query.

use uuid::Uuid;

use super::{ByKey, ByNodeId, RootFields, RootPart, ViewerPart};
use crate::engine::catalog::{NODE_ID, TableId, forbidden};
use crate::engine::connection;
use crate::engine::plan::{Plan, PlanContext, Planned, Planner};
use crate::engine::row::{self, One, node_id};
use crate::engine::scalar;
use crate::engine::select::Predicate;
use crate::error::Error;
use crate::sql::Value;

/// Plans everything that a compiled query with so many lists asks for.
///
/// # Errors
/// `BAD_USER_INPUT` for an argument that cannot be used, with its path; `QUERY_TOO_EXPENSIVE`.
pub fn plan(context: &PlanContext<'_>, fields: &RootFields, lists: usize) -> Planned<Plan> {
    let mut planner = Planner::new(context, lists);
    planner.fields(fields, field)?;
    Ok(planner.finish())
}

fn field<'a>(planner: &mut Planner<'a>, part: &'a RootPart) -> Planned<()> {
    match part {
        RootPart::Introspection(_) => Ok(()),
        RootPart::Viewer(fields) => planner.fields(fields, viewer_field),
        RootPart::Node(node) => by_node_id(planner, node),
        RootPart::Key(key) => by_key(planner, key),
        RootPart::Connection(list) => connection::plan(planner, list, 1, row::plan),
    }
}

fn by_key<'a>(planner: &mut Planner<'a>, key: &'a ByKey) -> Planned<()> {
    let catalog = planner.context.catalog;
    let arguments = key.arguments.with(planner.context.variables);
    let pairs = key.columns.iter().map(|&column_id| {
        let column = catalog.table(key.table).column(column_id);
        let value = arguments.required(&column.field)?;
        let value = scalar::value(catalog, column.kind, &value, &column.field)?;
        Ok(Predicate::Is(column_id, Some(value)))
    });
    let is = pairs.collect::<Planned<_>>()?;
    row::plan_single(planner, &key.one, is)
}

fn by_node_id<'a>(planner: &mut Planner<'a>, node: &'a ByNodeId) -> Planned<()> {
    let context = planner.context;
    let arguments = node.arguments.with(context.variables);
    let given = scalar::text(&*arguments.required(NODE_ID)?, NODE_ID)?;
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
    match &node.found {
        Some((compiled, one)) if *compiled == table => row::plan_single(planner, one, is),
        _ => Err(Error::internal(
            "an operation was compiled for another table",
        )),
    }
}

fn viewer_field<'a>(planner: &mut Planner<'a>, part: &'a ViewerPart) -> Planned<()> {
    let (viewer, session) = (planner.context.catalog.viewer, planner.context.session);
    match part {
        ViewerPart::Role => Ok(()),
        ViewerPart::User(one) => own(planner, viewer.users, session.user, one),
        ViewerPart::Workspace(one) => own(planner, viewer.workspaces, session.workspace, one),
        ViewerPart::Connection(list) => connection::plan(planner, list, 1, row::plan),
    }
}

/// The row of this id, which the token names.
fn own<'a>(planner: &mut Planner<'a>, table: TableId, id: Uuid, one: &'a One) -> Planned<()> {
    let key = planner.context.catalog.table(table).key[0];
    let is = vec![Predicate::Is(key, Some(Value::Uuid(Some(id))))];
    row::plan_single(planner, one, is)
}
