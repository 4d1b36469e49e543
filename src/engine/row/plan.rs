//! Plans rows: charges what they and what is reached from them may cost.

use super::{One, RowFields, RowPart};
use crate::engine::connection;
use crate::engine::plan::{Planned, Planner};
use crate::engine::select::{Page, Predicate};

/// Plans the fields of so many rows at most.
pub fn plan<'a>(planner: &mut Planner<'a>, fields: &'a RowFields, most_rows: u64) -> Planned<()> {
    planner.fields(fields, |planner, part| match part {
        RowPart::NodeId { .. } | RowPart::Column { .. } => Ok(()),
        RowPart::One(one) => related(planner, one, most_rows),
        RowPart::Connection(list) => connection::plan(planner, list, most_rows, plan),
    })
}

/// The row that each row of the parent leads to.
fn related<'a>(planner: &mut Planner<'a>, one: &'a One, most_rows: u64) -> Planned<()> {
    planner.reserve()?;
    planner.charge(most_rows)?;
    plan(planner, &one.fields, most_rows)?;
    planner.fill_rows(one.node, (most_rows, 0), Vec::new(), Page::default())
}

/// The one row of a table that the predicates leave.
pub fn plan_single<'a>(planner: &mut Planner<'a>, one: &'a One, is: Vec<Predicate>) -> Planned<()> {
    planner.charge(1)?;
    planner.reserve()?;
    plan(planner, &one.fields, 1)?;
    planner.fill_rows(one.node, (1, 0), is, Page::default())
}
