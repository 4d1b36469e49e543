//! Plans the root fields of a query.

use async_graphql_value::ConstValue;
use uuid::Uuid;

use super::{ByKey, ByNodeId, ByNodeIds, RootFields, RootPart, ViewerPart};
use crate::engine::catalog::{NODE_ID, NODE_IDS, Operator, TableId, forbidden};
use crate::engine::connection;
use crate::engine::plan::{Plan, PlanContext, Planned, Planner};
use crate::engine::row::{self, One, node_id};
use crate::engine::scalar;
use crate::engine::select::{Expr, Predicate};
use crate::error::Error;
use crate::guard::Limit;
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

/// Plans the fields of a query inside of a payload.
pub fn plan_fields<'a>(planner: &mut Planner<'a>, fields: &'a RootFields) -> Planned<()> {
    planner.fields(fields, field)
}

fn field<'a>(planner: &mut Planner<'a>, part: &'a RootPart) -> Planned<()> {
    match part {
        RootPart::Introspection(_) => Ok(()),
        RootPart::Viewer(fields) => planner.fields(fields, viewer_field),
        RootPart::Node(node) => by_node_id(planner, node),
        RootPart::Nodes(nodes) => by_node_ids(planner, nodes),
        RootPart::Key(key) => by_key(planner, key),
        RootPart::Connection(list) => connection::plan(planner, list, 1, None, &row::plan),
    }
}

fn by_key<'a>(planner: &mut Planner<'a>, key: &'a ByKey) -> Planned<()> {
    let catalog = planner.context.catalog;
    let arguments = key.arguments.with(planner.context.variables);
    let pairs = key.columns.iter().map(|&column_id| {
        let column = catalog.table(key.table).column(column_id);
        let value = arguments.required(&column.field)?;
        let value = scalar::value(catalog, column.kind, &value, &column.field)
            .map_err(|error| arguments.at(&column.field, error))?;
        Ok(Predicate::Is(column_id, Some(value)))
    });
    let is = pairs.collect::<Planned<_>>()?;
    row::plan_single(planner, &key.one, is)
}

fn by_node_id<'a>(planner: &mut Planner<'a>, node: &'a ByNodeId) -> Planned<()> {
    let context = planner.context;
    let arguments = node.arguments.with(context.variables);
    let given = scalar::text(&*arguments.required(NODE_ID)?, NODE_ID)?;
    let (table, is) =
        read_id(context, &given, NODE_ID).map_err(|error| arguments.at(NODE_ID, error))?;
    match &node.found {
        Some((compiled, one)) if *compiled == table => row::plan_single(planner, one, is),
        _ => Err(Error::internal(
            "an operation was compiled for another table",
        )),
    }
}

/// Reads a global id of a row that the role may read.
fn read_id(
    context: &PlanContext<'_>,
    given: &str,
    argument: &str,
) -> Planned<(TableId, Vec<Predicate>)> {
    let (table, is) = node_id::read(context.catalog, given).ok_or_else(|| {
        let is = match argument {
            NODE_ID => "is",
            _ => "contains a value that is",
        };
        let message = format!(
            "`{argument}` {is} not a global id; use the `nodeId` of a row from a response."
        );
        Error::input(argument, message)
    })?;
    // The document does not say which table an id is of, so nothing has looked at it before.
    let role = context.session.role;
    let of = context.catalog.table(table);
    match of.least > role {
        true => Err(forbidden(&of.type_name, of.least, role)),
        false => Ok((table, is)),
    }
}

/// The rows of each table are read at once, and written in the order of their ids.
fn by_node_ids<'a>(planner: &mut Planner<'a>, nodes: &'a ByNodeIds) -> Planned<()> {
    let context = planner.context;
    let arguments = nodes.arguments.with(context.variables);
    let given = arguments.required(NODE_IDS)?;
    let given = match &*given {
        ConstValue::List(ids) => &ids[..],
        one => std::slice::from_ref(one),
    };
    context.limits.hold(Limit::Page, given.len() as u64)?;
    let mut ids = Vec::with_capacity(given.len());
    let mut wanted: Vec<Vec<Vec<Predicate>>> = vec![Vec::new(); nodes.tables.len()];
    for (index, id) in given.iter().enumerate() {
        let (table, is) = scalar::text(id, NODE_IDS)
            .and_then(|id| read_id(context, &id, NODE_IDS))
            .map_err(|error| arguments.at(NODE_IDS, error.inside(index)))?;
        let place = nodes.tables.iter().position(|of| of.table == table);
        let place =
            place.ok_or_else(|| Error::internal("an operation was compiled for other tables"))?;
        let of = context.catalog.table(table);
        ids.push((place, node_id::key(of, &is)));
        if !wanted[place].contains(&is) {
            wanted[place].push(is);
        }
    }
    for (of, wanted) in nodes.tables.iter().zip(wanted) {
        let most = wanted.len() as u64;
        let condition = node_id::any(context.catalog.table(of.table), wanted);
        row::plan_some(planner, &of.one, vec![condition], most)?;
    }
    planner.ids(nodes.index, ids);
    Ok(())
}

fn viewer_field<'a>(planner: &mut Planner<'a>, part: &'a ViewerPart) -> Planned<()> {
    let (viewer, session) = (&planner.context.catalog.viewer, planner.context.session);
    match part {
        ViewerPart::Role => Ok(()),
        ViewerPart::User(one) => own(planner, viewer.users, session.user, one),
        ViewerPart::Workspace(one) => own(planner, viewer.workspaces, session.workspace, one),
        ViewerPart::Connection(list) => connection::plan(planner, list, 1, None, &row::plan),
        ViewerPart::Own { user, list } => {
            let own = Predicate::Compare {
                left: Expr::Column(*user),
                operator: Operator::Eq,
                value: Value::Uuid(Some(session.user)),
                insensitive: false,
            };
            connection::plan(planner, list, 1, Some(own), &row::plan)
        }
    }
}

/// The row of this id, which the token names.
fn own<'a>(planner: &mut Planner<'a>, table: TableId, id: Uuid, one: &'a One) -> Planned<()> {
    let key = planner.context.catalog.table(table).key[0];
    let is = vec![Predicate::Is(key, Some(Value::Uuid(Some(id))))];
    row::plan_single(planner, one, is)
}
