//! Plans rows: charges what they and what is reached from them may cost.

use super::{One, PATH, RowFields, RowPart};
use crate::engine::connection;
use crate::engine::graph;
use crate::engine::plan::{Planned, Planner};
use crate::engine::select::{Page, Predicate};
use crate::error::Error;

/// Plans the fields of so many rows at most.
pub fn plan<'a>(planner: &mut Planner<'a>, fields: &'a RowFields, most_rows: u64) -> Planned<()> {
    planner.fields(fields, |planner, part| match part {
        RowPart::NodeId { .. } | RowPart::Column { .. } | RowPart::Version { .. } => Ok(()),
        RowPart::Part {
            node, arguments, ..
        } => {
            let arguments = arguments.with(planner.context.variables);
            let path = match arguments.text(PATH)? {
                Some(path) => steps(&path).map_err(|error| arguments.at(PATH, error))?,
                // The whole document.
                None => Vec::new(),
            };
            planner.path(*node, path);
            Ok(())
        }
        RowPart::One(one) => plan_referred(planner, one, most_rows),
        RowPart::Neighbourhood(around) => graph::plan(planner, around, most_rows),
        RowPart::Connection(list) => connection::plan(planner, list, most_rows, None, &plan),
    })
}

/// The row that each row of the parent leads to.
pub fn plan_referred<'a>(planner: &mut Planner<'a>, one: &'a One, most_rows: u64) -> Planned<()> {
    planner.reserve()?;
    planner.charge(most_rows)?;
    plan(planner, &one.fields, most_rows)?;
    planner.fill_rows(one.node, (most_rows, 0), Vec::new(), Page::default())
}

/// The one row of a table that the predicates leave.
pub fn plan_single<'a>(planner: &mut Planner<'a>, one: &'a One, is: Vec<Predicate>) -> Planned<()> {
    plan_some(planner, one, is, 1)
}

/// So many rows of a table at most, which the predicates leave.
pub fn plan_some<'a>(
    planner: &mut Planner<'a>,
    one: &'a One,
    filter: Vec<Predicate>,
    most: u64,
) -> Planned<()> {
    planner.charge(most)?;
    planner.reserve()?;
    plan(planner, &one.fields, most)?;
    planner.fill_rows(one.node, (most, 0), filter, Page::default())
}

/// The keys of a path, which are separated by dots. A backslash takes the meaning from a dot or a
/// backslash behind it.
fn steps(path: &str) -> Planned<Vec<String>> {
    let mut steps = vec![String::new()];
    let mut characters = path.chars();
    while let Some(character) = characters.next() {
        let literal = match character {
            '.' => {
                steps.push(String::new());
                continue;
            }
            '\\' => characters
                .next()
                .ok_or_else(|| Error::input(PATH, "`path` ends in a backslash; write it twice."))?,
            other => other,
        };
        if let Some(step) = steps.last_mut() {
            step.push(literal);
        }
    }
    Ok(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_cut_at_dots() {
        let cut = |path: &str| steps(path).map_err(|error| error.message);
        assert_eq!(cut("a.b.0").unwrap(), ["a", "b", "0"]);
        assert_eq!(cut("").unwrap(), [""]);
        assert_eq!(cut("a..b").unwrap(), ["a", "", "b"]);
        assert_eq!(cut(r"a\.b\\.c").unwrap(), ["a.b\\", "c"]);
        assert!(cut("a\\").is_err());
    }
}
