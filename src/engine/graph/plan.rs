//! Plans walks over graphs: reads their arguments, and charges what they may look at.

use async_graphql_value::ConstValue;

use super::{
    DEFAULT_DEPTH, GraphDirection, MOST_DEPTH, NeighbourPart, Neighbourhood, NeighbourhoodArgument,
    NeighbourhoodPart,
};
use crate::engine::connection::LOOKS;
use crate::engine::names::Named;
use crate::engine::plan::{Planned, Planner, Slice, Values};
use crate::engine::select::{MOST_RELATIONSHIPS, Walk};
use crate::engine::{row, scalar};
use crate::error::Error;
use crate::sql::Value;

/// Plans the walk from each of so many rows at most.
///
/// # Errors
/// `BAD_USER_INPUT` for an argument that cannot be used; `QUERY_TOO_EXPENSIVE`.
pub fn plan<'a>(
    planner: &mut Planner<'a>,
    around: &'a Neighbourhood,
    most_rows: u64,
) -> Planned<()> {
    let context = planner.context;
    let graph = around.graph;
    let arguments = around.arguments.with(context.variables);
    let depth = NeighbourhoodArgument::Depth.name();
    let depth = within(&arguments, depth, (1, MOST_DEPTH))?.unwrap_or(DEFAULT_DEPTH);
    let first = NeighbourhoodArgument::First.name();
    let first = within(&arguments, first, (0, context.limits.max_page))?;
    let first = first.unwrap_or(context.limits.default_page.min(context.limits.max_page));
    let direction = direction(&arguments)?;
    let name = NeighbourhoodArgument::RelationshipTypes.name();
    let types = match arguments.get(name).as_deref() {
        None => None,
        Some(ConstValue::List(types)) => {
            let types = types.iter().map(|one| scalar::text(one, name));
            Some(Value::Texts(types.collect::<Planned<_>>()?))
        }
        Some(one) => Some(Value::Texts(vec![scalar::text(one, name)?])),
    };
    let name = NeighbourhoodArgument::MinStrength.name();
    let relationships = context.catalog.table(graph.relationships);
    let kind = relationships.column(graph.strength).kind;
    let strength = arguments.get(name);
    let strength = strength
        .map(|least| scalar::value(context.catalog, kind, &least, name))
        .transpose()
        .map_err(|error| arguments.at(name, error))?;
    let number = |number: u64| Value::Int(i32::try_from(number).unwrap_or(i32::MAX));
    let walk = Walk {
        graph,
        outgoing: direction != GraphDirection::Incoming,
        incoming: direction != GraphDirection::Outgoing,
        depth: number(depth),
        // The key itself, and one to know whether there are more.
        most: number(first + 2),
        types,
        strength,
    };

    // A step that looked at too many and found nothing has a row as well.
    let most = most_rows.saturating_mul(first);
    planner.charge(most_rows.saturating_mul(first + 1 + depth))?;
    planner.reserve()?;
    planner.unbounded();
    // Each step looks at the relationships of what the one before has found.
    let table = planner.rows(graph.relationships);
    let ways = u64::from(walk.outgoing) + u64::from(walk.incoming);
    let each = (MOST_RELATIONSHIPS.saturating_mul(depth)).min(table.saturating_mul(ways));
    let looks = each.saturating_mul(most_rows) / LOOKS;
    planner.charge(looks)?;

    planner.fields(&around.fields, |planner, part| match part {
        NeighbourhoodPart::IsComplete => Ok(()),
        NeighbourhoodPart::Nodes(fields) => planner.fields(fields, |planner, part| match part {
            NeighbourPart::Depth => Ok(()),
            // A path has as many steps as the distance.
            NeighbourPart::Path(_) => planner.charge(most.saturating_mul(depth)),
            // That of the row behind the page is read as well.
            NeighbourPart::Entity(one) => {
                row::plan_referred(planner, one, most_rows.saturating_mul(first + 1))
            }
        }),
    })?;
    let slice = Slice {
        limit: usize::try_from(first).unwrap_or(usize::MAX),
        ..Slice::default()
    };
    planner.slice(around.index, slice);
    planner.fill_walk(around.node, looks, walk)
}

fn direction(arguments: &Values<'_>) -> Planned<GraphDirection> {
    let name = NeighbourhoodArgument::Direction.name();
    let given = arguments.get(name);
    let found = match given.as_deref() {
        None => Some(GraphDirection::Both),
        Some(ConstValue::Enum(direction)) => GraphDirection::of(direction),
        Some(ConstValue::String(direction)) => GraphDirection::of(direction),
        Some(_) => None,
    };
    found.ok_or_else(|| Error::input(name, format!("`{name}` is OUTGOING, INCOMING or BOTH.")))
}

/// A whole number between two, both included.
fn within(arguments: &Values<'_>, name: &str, (least, most): (u64, u64)) -> Planned<Option<u64>> {
    let Some(value) = arguments.get(name) else {
        return Ok(None);
    };
    let number = match &*value {
        ConstValue::Number(number) => number.as_u64(),
        _ => None,
    };
    match number {
        Some(number) if (least..=most).contains(&number) => Ok(Some(number)),
        _ => {
            let message = format!("`{name}` takes a whole number from {least} to {most}.");
            let error = Error::input(name, message).with("limit", most);
            Err(arguments.at(name, error))
        }
    }
}
