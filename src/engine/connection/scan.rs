//! How many rows a statement looks at, beside those that it answers.
//!
//! What is known is how many rows a table has, and its indexes; so this is the worst that a filter,
//! an order, a count or an offset can come to, and not what PostgreSQL will do.

use std::collections::{HashMap, HashSet};

use super::{ListOf, joined};
use crate::engine::catalog::{ColumnId, Index, Kind, Operator, Table};
use crate::engine::plan::{Planned, Planner};
use crate::engine::select::{Expr, Keys, Path, Predicate, Term};
use crate::sql::Value;

/// So many rows that are looked at cost as much as one that is answered: PostgreSQL counts a row in
/// 0.2 microseconds, and a row on its way into an answer takes ten times that. Each condition that
/// they are compared with counts as one more look.
pub const LOOKS: u64 = 10;
/// The part of the rows that an index finds for one value, where it is not known.
const FOUND: u64 = 10;
/// How many times the average number of rows the parents of a list may have.
const SKEW: u64 = 4;
/// The part of the whole budget that one statement is charged at most for its looks, so that a
/// simple list of a very large table can still be asked for.
pub const MOST: u64 = 8;

/// So many rows are looked at in no time.
const FEW: u64 = 300;

/// What is done with the rows that a filter admits.
pub enum Read<'a> {
    /// The first of them in an order, past an offset and from a position.
    Page {
        order: &'a [Term],
        offset: u64,
        positioned: bool,
    },
    /// All are counted, or so many at most.
    Count(Option<u64>),
}

/// How far a statement has to look.
#[derive(Debug, PartialEq, Eq)]
enum Reach {
    /// Not beyond so many rows, for each parent where there are parents.
    Rows(u64),
    /// Through what an index finds.
    Found,
    /// Through everything.
    All,
}

/// Charges what a statement of a list, for each of so many parents, costs beside its rows: one for
/// each condition, and what it looks at. Gives what was charged.
pub fn look(
    planner: &mut Planner<'_>,
    (of, most_parents): (&ListOf, u64),
    condition: Option<&Predicate>,
    read: &Read<'_>,
) -> Planned<u64> {
    let table = planner.context.catalog.table(of.table);
    let key = of.keys.column();
    let conditions = condition.map_or(0, Predicate::count);
    let reach = match of.keys {
        // No index finds the rows of a group.
        Keys::InGroups(..) => Reach::All,
        _ => reach(table, condition, key, read),
    };
    if !matches!(reach, Reach::Rows(each) if each <= FEW) {
        planner.unbounded();
    }
    // What belongs to parents is found by their key. How far a parameter skips is not known when a
    // plan is made.
    let one_way = matches!(reach, Reach::Rows(_)) || (key.is_some() && condition.is_none());
    if !one_way || matches!(read, Read::Page { offset: 1.., .. }) {
        planner.varies();
    }
    let rows = match reach {
        Reach::Rows(each) => match each.saturating_mul(most_parents) {
            // So few cost nothing, however large the table is.
            few if few.saturating_mul(1 + conditions) < LOOKS => few,
            rows => rows.min(planner.rows(of.table)),
        },
        Reach::Found => planner.rows(of.table).div_ceil(FOUND),
        Reach::All => all(planner, of, most_parents),
    };
    let most = planner.context.limits.max_cost / MOST;
    let looks = (rows.saturating_mul(1 + conditions) / LOOKS).min(most);
    let related = joined::looks(planner, (table, &of.keys), condition, read);
    if related > 0 {
        planner.unbounded();
        planner.varies();
    }
    let charged = conditions.saturating_add(looks).saturating_add(related);
    planner.charge(charged)?;
    Ok(charged)
}

/// The rows that a list is about: those of the table, or those that belong to the parents.
fn all(planner: &mut Planner<'_>, of: &ListOf, most_parents: u64) -> u64 {
    let rows = planner.rows(of.table);
    let Some(above) = of.above else {
        return rows;
    };
    let parents = planner.rows(above).max(1);
    let share = most_parents.saturating_mul(SKEW).min(parents);
    let rows = u128::from(rows) * u128::from(share) / u128::from(parents);
    // It is no more than the rows of the table were.
    u64::try_from(rows).unwrap_or(u64::MAX)
}

/// The columns for which a filter names the values, all of them, or an end of them.
#[derive(Default)]
struct Bounds {
    /// How many values; none where it is null, which any number of rows may be.
    values: HashMap<ColumnId, Option<u64>>,
    ranges: HashSet<ColumnId>,
    /// Whether there are other conditions, which no index answers.
    others: bool,
    /// Whether a value inside a JSON document is named that has an index.
    path: bool,
}

impl Bounds {
    fn new(table: &Table, condition: Option<&Predicate>, key: Option<ColumnId>) -> Self {
        let mut bounds = Self {
            // What decides row by row is a condition, too.
            others: table.rule.is_some() || table.hides_rows,
            ..Self::default()
        };
        if let Some(condition) = condition {
            bounds.add(table, condition);
        }
        let workspace = table
            .column_by_name("workspace_id")
            .filter(|_| table.has_workspace);
        for column in key.into_iter().chain(workspace) {
            bounds.values.insert(column, Some(1));
        }
        bounds
    }

    fn add(&mut self, table: &Table, condition: &Predicate) {
        match condition {
            Predicate::All(conditions) => {
                for condition in conditions {
                    self.add(table, condition);
                }
            }
            Predicate::Any(conditions) => match &conditions[..] {
                [only] => self.add(table, only),
                _ => self.others = true,
            },
            Predicate::Compare {
                left: Expr::Column(column),
                operator,
                value,
                insensitive: false,
            } if table.column(*column).guard.is_none() => match (operator, value) {
                (Operator::Eq, _) => self.names(*column, Some(1)),
                (Operator::In, value) => self.names(*column, length(value)),
                (Operator::IsNull, Value::Boolean(true)) => self.names(*column, None),
                (Operator::Lt | Operator::Lte | Operator::Gt | Operator::Gte, _) => {
                    self.ranges.insert(*column);
                }
                _ => self.others = true,
            },
            Predicate::AtPath {
                path: Path::Indexed(_),
                operator,
                ..
            } => {
                // The index tells nothing of its order here, and other conditions narrow its rows.
                self.others = true;
                let (eq, lt, gt) = (Operator::Eq, Operator::Lt, Operator::Gt);
                self.path |= [eq, lt, gt, Operator::Lte, Operator::Gte].contains(operator);
            }
            _ => self.others = true,
        }
    }

    fn names(&mut self, column: ColumnId, values: Option<u64>) {
        let known = self.values.entry(column).or_insert(values);
        *known = match (*known, values) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }

    /// How many columns in front of an index have named values.
    fn named(&self, index: &Index) -> usize {
        let columns = index.columns.iter();
        columns
            .take_while(|(column, _)| self.values.contains_key(column))
            .count()
    }

    /// The most rows that a unique key leaves.
    fn by_key(&self, index: &Index) -> Option<u64> {
        let mut values = index
            .columns
            .iter()
            .map(|(column, _)| self.values.get(column));
        let unique = index.unique && !index.columns.is_empty();
        unique.then_some(())?;
        values.try_fold(1_u64, |all, one| Some(all.saturating_mul((*one?)?)))
    }

    /// Whether the index answers the whole filter, so that every row found is one that is wanted.
    fn answered_by(&self, index: &Index) -> bool {
        let named = self.named(index);
        let (front, rest) = index.columns.split_at(named);
        let next = rest.first().map(|(column, _)| *column);
        !self.others
            && self.ranges.iter().all(|&column| Some(column) == next)
            && self
                .values
                .keys()
                .all(|column| front.iter().any(|(one, _)| one == column))
    }

    /// Whether the index has the rows in the order that is asked for.
    fn ordered_by(&self, table: &Table, index: &Index, order: &[Term]) -> bool {
        let (front, rest) = index.columns.split_at(self.named(index));
        let one_value = |column: &ColumnId| self.values.get(column) == Some(&Some(1));
        if !front.iter().all(|(column, _)| one_value(column)) {
            return false;
        }
        let mut terms = order
            .iter()
            .filter(|term| !term.by.own().is_some_and(|column| one_value(&column)));
        let mut backwards = None;
        let mut last = None;
        for (column, descending) in rest {
            let Some(term) = terms.next() else {
                return true;
            };
            let Some(own) = term.by.own() else {
                break;
            };
            let of = table.column(own);
            let as_stored = !of.nullable || term.nulls_first == term.descending;
            let reversed = term.descending != *descending;
            if own != *column
                || of.guard.is_some()
                || !as_stored
                || *backwards.get_or_insert(reversed) != reversed
            {
                break;
            }
            last = Some(of.kind);
            if terms.clone().next().is_none() {
                return true;
            }
        }
        // What the index leaves open is sorted among rows that are equal so far. Few are, unless
        // the column has few values.
        last.is_some_and(|kind| !matches!(kind, Kind::Enum(_) | Kind::Boolean))
            || order
                .iter()
                .all(|term| term.by.own().is_some_and(|column| one_value(&column)))
    }
}

fn length(list: &Value) -> Option<u64> {
    let length = match list {
        Value::Uuids(values) => values.len(),
        Value::Texts(values) => values.len(),
        Value::Ints(values) => values.len(),
        Value::BigInts(values) => values.len(),
        Value::Timestamps(values) => values.len(),
        Value::Dates(values) => values.len(),
        _ => return None,
    };
    Some(length as u64)
}

/// How far a statement looks; `key` is the column that says whose rows they are.
fn reach(
    table: &Table,
    condition: Option<&Predicate>,
    key: Option<ColumnId>,
    read: &Read<'_>,
) -> Reach {
    let bounds = Bounds::new(table, condition, key);
    let by_key = table
        .indexes
        .iter()
        .filter_map(|index| bounds.by_key(index));
    if let Some(rows) = by_key.min() {
        return Reach::Rows(rows);
    }
    let mut answered = table
        .indexes
        .iter()
        .filter(|index| bounds.answered_by(index));
    match read {
        Read::Count(Some(limit)) if answered.next().is_some() => {
            return Reach::Rows(limit.saturating_add(1));
        }
        Read::Page {
            order,
            offset,
            positioned,
        } if (!positioned || in_one_range(table, order))
            && answered.any(|index| bounds.ordered_by(table, index, order)) =>
        {
            return Reach::Rows(*offset);
        }
        _ => {}
    }
    let workspace = usize::from(table.has_workspace);
    let found = |index: &Index| bounds.named(index) > workspace;
    // What belongs to parents is found by their key in any case.
    if key.is_none() && (bounds.path || table.indexes.iter().any(found)) {
        Reach::Found
    } else {
        Reach::All
    }
}

/// Whether the rows past a position are one range of an index, as `select/keyset.rs` writes them.
fn in_one_range(table: &Table, order: &[Term]) -> bool {
    order.iter().all(|term| {
        let column = term.by.own().map(|column| table.column(column));
        term.descending == order[0].descending && column.is_some_and(|column| !column.nullable)
    })
}

#[cfg(test)]
// It asks about the real model, which the engine itself does not name.
#[path = "../../../tests/unit/scan.rs"]
mod tests;
