//! Plans groups: what a request asks of them, and what that may cost.

use std::sync::Arc;

use async_graphql_value::Value as Literal;

use super::{GroupArgument, GroupPart, Grouped, GroupsPart};
use crate::engine::connection::{self, ListOf, PlanRow, cursor};
use crate::engine::filter;
use crate::engine::plan::{Planned, Planner, Slice};
use crate::engine::select::{Expr, Page, Predicate};

/// Plans the groups of a list of each of so many parents at most, whose rows match a condition.
pub fn plan<'a, R>(
    planner: &mut Planner<'a>,
    grouped: &'a Grouped<R>,
    (of, most_parents): (&ListOf, u64),
    condition: Option<&Predicate>,
    plan_row: PlanRow<'_, 'a, R>,
) -> Planned<()> {
    let context = planner.context;
    let (catalog, limits) = (context.catalog, context.limits);
    let table = catalog.table(of.table);
    let arguments = grouped.arguments.with(context.variables);
    let first = arguments.count(GroupArgument::First.name(), limits.max_page)?;
    let limit = first.map_or(limits.default_page.min(limits.max_page), u64::from);
    let name = GroupArgument::After.name();
    let after = match arguments.text(name)? {
        Some(text) => {
            let order = (table, &*grouped.by, &*grouped.order);
            let position = cursor::parse(context, order, name, &text);
            Some(position.map_err(|error| arguments.at(name, error))?)
        }
        None => None,
    };
    let name = GroupArgument::Having.name();
    if let Some(literal @ Literal::Object(_)) = arguments.literal(name) {
        filter::check_operators(name, literal, context.variables)
            .map_err(|error| arguments.at(name, error))?;
    }
    let having = arguments
        .get(name)
        .map(|input| filter::aggregates(catalog, table, &input, Expr::Total))
        .transpose()
        .map_err(|error| arguments.at(name, error))?;
    planner.count_conditions(having.as_ref())?;
    let related = connection::looks_of_groups(planner, table, &grouped.keys);
    planner.charge(related)?;
    let starts_later = after.is_some();
    let most = most_parents.saturating_mul(limit);
    planner.fields(&grouped.fields, |planner, part| match part {
        GroupsPart::Nodes(fields) => planner.fields(fields, |planner, part| match part {
            GroupPart::Key(_) | GroupPart::Value(_) => Ok(()),
            GroupPart::Rows(rows) => {
                connection::plan(planner, rows, most, condition.cloned(), plan_row)
            }
        }),
        GroupsPart::PageInfo(_) => Ok(()),
        GroupsPart::TotalCount(node) => {
            let (looks, filter) =
                connection::over_all(planner, (of, most_parents), condition, None)?;
            let having = having.iter().cloned().collect();
            let page = (filter, having, Page::default());
            planner.fill_groups(*node, (most_parents, looks), page)
        }
    })?;
    let slice = Slice {
        limit: usize::try_from(limit).unwrap_or(usize::MAX),
        starts_later,
        signature: match grouped.cursor {
            Some(_) => cursor::signature(context, table, &grouped.by, &grouped.order),
            None => String::new(),
        },
        ..Slice::default()
    };
    planner.slice(grouped.index, slice);
    let Some(node) = grouped.node else {
        return Ok(());
    };
    let peek = u64::from(grouped.peeks);
    planner.charge(most.saturating_add(most_parents.saturating_mul(peek)))?;
    let (looks, filter) = connection::over_all(planner, (of, most_parents), condition, None)?;
    let after = after.map(|position| Predicate::After {
        order: Arc::clone(&grouped.order),
        position,
    });
    let having = having.into_iter().chain(after).collect();
    let page = Page {
        order: Arc::clone(&grouped.order),
        limit: Some(limit + peek),
        offset: None,
    };
    planner.fill_groups(node, (most, looks), (filter, having, page))
}
