//! Plans lists: what a request asks of one, and what that may cost.

use async_graphql_value::ConstValue;

use super::request::Request;
use super::scan::{Read, look};
use super::{Connection, ConnectionPart, CountArgument, EdgePart, cursor};
use crate::engine::plan::{Arguments, NodeIndex, Planned, Planner, Slice};
use crate::error::Error;

/// Plans a list of each of so many parents at most; `plan_row` plans what is asked of so many of
/// its rows at most.
pub fn plan<'a, R>(
    planner: &mut Planner<'a>,
    list: &'a Connection<R>,
    most_parents: u64,
    plan_row: impl Fn(&mut Planner<'a>, &'a R, u64) -> Planned<()>,
) -> Planned<()> {
    let request = Request::read(planner, list)?;
    let most = most_parents.saturating_mul(request.limit);
    if list.node.is_some() {
        planner.charge(most)?;
        planner.reserve()?;
    }
    planner.fields(&list.fields, |planner, part| match part {
        ConnectionPart::Nodes(row) => plan_row(planner, row, most),
        ConnectionPart::Edges(fields) => planner.fields(fields, |planner, part| match part {
            EdgePart::Cursor => Ok(()),
            EdgePart::Node(row) => plan_row(planner, row, most),
        }),
        ConnectionPart::PageInfo(_) => Ok(()),
        ConnectionPart::TotalCount(node) => {
            count(planner, (list, most_parents), &request, *node, None)
        }
        ConnectionPart::CountUpTo {
            node, arguments, ..
        } => {
            let limit = count_limit(planner, arguments)?;
            count(planner, (list, most_parents), &request, *node, Some(limit))
        }
    })?;
    let table = planner.context.catalog.table(list.of.table);
    let slice = Slice {
        limit: usize::try_from(request.limit).unwrap_or(usize::MAX),
        reversed: request.backwards,
        starts_later: request.starts_later(),
        ends_earlier: request.before.is_some(),
        signature: match list.cursor {
            Some(_) => cursor::signature(planner.context, table, &request.order.forwards),
            None => String::new(),
        },
    };
    planner.slice(list.index, slice);
    let Some(node) = list.node else {
        return Ok(());
    };
    let peeks = match request.backwards {
        true => list.peeks.backwards,
        false => list.peeks.forwards,
    };
    if peeks {
        planner.charge(most_parents)?;
    }
    let read = Read::Page {
        order: &request.order.forwards,
        offset: request.offset.unwrap_or(0),
        positioned: request.after.is_some() || request.before.is_some(),
    };
    let condition = request.condition.as_deref();
    let looks = look(planner, (&list.of, most_parents), condition, &read)?;
    let (filter, page) = request.page(u64::from(peeks));
    planner.fill_rows(node, (most, looks), filter, page)
}

/// Counts the whole list, whatever the page.
fn count<'a, R>(
    planner: &mut Planner<'a>,
    (list, most_parents): (&'a Connection<R>, u64),
    request: &Request<'_>,
    node: NodeIndex,
    limit: Option<u64>,
) -> Planned<()> {
    planner.reserve()?;
    planner.charge(most_parents)?;
    let condition = request.condition.as_deref();
    let looks = look(
        planner,
        (&list.of, most_parents),
        condition,
        &Read::Count(limit),
    )?;
    let filter = condition.cloned().into_iter().collect();
    planner.fill_count(node, looks, filter, limit)
}

fn count_limit(planner: &Planner<'_>, arguments: &Arguments) -> Planned<u64> {
    let name = CountArgument::Limit.name();
    let arguments = arguments.with(planner.context.variables);
    match &*arguments.required(name)? {
        ConstValue::Number(number) => number
            .as_u64()
            .filter(|limit| (1..u64::from(i32::MAX.unsigned_abs())).contains(limit)),
        _ => None,
    }
    .ok_or_else(|| Error::input(name, format!("`{name}` takes a whole number above 0.")))
}
