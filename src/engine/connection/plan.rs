//! Plans lists: what a request asks of one, and what that may cost.

use async_graphql_value::ConstValue;

use super::nearest;
use super::request::Request;
use super::scan::{Read, look};
use super::{Connection, ConnectionPart, CountArgument, EdgePart, ListOf, cursor};
use crate::engine::group;
use crate::engine::plan::{Arguments, Planned, Planner, Slice};
use crate::engine::select::{Page, Predicate};
use crate::error::Error;

/// Plans what is asked of so many rows of a list at most.
pub type PlanRow<'f, 'a, R> = &'f dyn Fn(&mut Planner<'a>, &'a R, u64) -> Planned<()>;

/// Plans a list of each of so many parents at most, within rows that match a condition.
pub fn plan<'a, R>(
    planner: &mut Planner<'a>,
    list: &'a Connection<R>,
    most_parents: u64,
    within: Option<Predicate>,
    plan_row: PlanRow<'_, 'a, R>,
) -> Planned<()> {
    let mut request = Request::read(planner, list)?;
    request.narrow(within);
    request.narrow(list.of.only.clone());
    let most = most_parents.saturating_mul(request.limit);
    if list.node.is_some() {
        planner.charge(most)?;
        planner.reserve()?;
    }
    planner.fields(&list.fields, |planner, part| match part {
        ConnectionPart::Nodes(row) => plan_row(planner, row, most),
        ConnectionPart::Edges(fields) => planner.fields(fields, |planner, part| match part {
            EdgePart::Node(row) => plan_row(planner, row, most),
            EdgePart::Cursor
            | EdgePart::Score(_)
            | EdgePart::Ranks(_)
            | EdgePart::Highlights(_) => Ok(()),
        }),
        ConnectionPart::PageInfo(_) => Ok(()),
        ConnectionPart::Groups(groups) => {
            let condition = request.condition.as_deref();
            group::plan(
                planner,
                groups,
                (&list.of, most_parents),
                condition,
                plan_row,
            )
        }
        // They share one statement, which is planned below.
        ConnectionPart::TotalCount(_) | ConnectionPart::Aggregate(_) => Ok(()),
        ConnectionPart::CountUpTo {
            node, arguments, ..
        } => {
            let limit = count_limit(planner, arguments)?;
            let (looks, filter) = over_all(
                planner,
                (&list.of, most_parents),
                request.condition.as_deref(),
                Some(limit),
            )?;
            planner.fill_count(*node, looks, filter, limit)
        }
    })?;
    if let Some(node) = list.aggregates {
        let (looks, filter) = over_all(
            planner,
            (&list.of, most_parents),
            request.condition.as_deref(),
            None,
        )?;
        planner.fill_rows(node, (most_parents, looks), filter, Page::default())?;
    }
    let table = planner.context.catalog.table(list.of.table);
    let slice = Slice {
        limit: usize::try_from(request.limit).unwrap_or(usize::MAX),
        reversed: request.backwards,
        starts_later: request.starts_later(),
        ends_earlier: request.before.is_some(),
        signature: match list.cursor {
            Some(_) => {
                let (sought, order) = (&request.sought, &request.order.forwards);
                cursor::signature(planner.context, table, sought, order)
            }
            None => String::new(),
        },
        ..Slice::default()
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
    let looks = if list.ranked && nearest::is_approximate(planner, list, &request) {
        request.approximate();
        nearest::charge(planner)?
    } else {
        let condition = request.condition.as_deref();
        look(planner, (&list.of, most_parents), condition, &read)?
    };
    let (filter, page) = request.page(u64::from(peeks));
    planner.fill_rows(node, (most, looks), filter, page)
}

/// Charges a statement about the whole list of each parent, whatever the page: what it looks at, and
/// its filter.
pub fn over_all(
    planner: &mut Planner<'_>,
    (of, most_parents): (&ListOf, u64),
    condition: Option<&Predicate>,
    limit: Option<u64>,
) -> Planned<(u64, Vec<Predicate>)> {
    planner.reserve()?;
    planner.charge(most_parents)?;
    let looks = look(planner, (of, most_parents), condition, &Read::Count(limit))?;
    Ok((looks, condition.cloned().into_iter().collect()))
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
    .ok_or_else(|| {
        let message = format!("`{name}` takes a whole number above 0.");
        arguments.at(name, Error::input(name, message))
    })
}
