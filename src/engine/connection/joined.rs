//! How many rows of other tables a statement looks at: those that its filter and its order ask
//! about.

use super::scan::{LOOKS, MOST, Read};
use crate::engine::catalog::{Catalog, Table, TableId};
use crate::engine::plan::Planner;
use crate::engine::select::{Expr, GroupKey, Keys, Predicate};

/// What looking at related rows costs. PostgreSQL can look at each row of a related table once, for
/// each time that it is named.
pub fn looks(
    planner: &mut Planner<'_>,
    (table, keys): (&Table, &Keys),
    condition: Option<&Predicate>,
    read: &Read<'_>,
) -> u64 {
    let catalog = planner.context.catalog;
    let mut named = Vec::new();
    if let Some(condition) = condition {
        in_filter(catalog, table, condition, &mut named);
    }
    if let Read::Page { order, .. } = read {
        for term in *order {
            in_value(catalog, table, &term.by, &mut named);
        }
    }
    let looks = charge(planner, named);
    match keys {
        Keys::InGroups(keys, _) => looks.saturating_add(looks_of_groups(planner, table, keys)),
        _ => looks,
    }
}

/// What looking at the rows costs that groups are by.
pub fn looks_of_groups(planner: &mut Planner<'_>, table: &Table, keys: &[GroupKey]) -> u64 {
    let mut named = Vec::new();
    for key in keys {
        in_value(planner.context.catalog, table, &key.of, &mut named);
    }
    charge(planner, named)
}

fn charge(planner: &mut Planner<'_>, named: Vec<(TableId, u64)>) -> u64 {
    let most = planner.context.limits.max_cost / MOST;
    let looks = named.into_iter().map(|(table, conditions)| {
        let rows = planner.rows(table).saturating_mul(1 + conditions);
        rows.div_ceil(LOOKS).min(most)
    });
    looks.fold(0, u64::saturating_add)
}

/// The related tables of a condition, each with how many conditions its rows are compared with.
fn in_filter(
    catalog: &Catalog,
    table: &Table,
    condition: &Predicate,
    named: &mut Vec<(TableId, u64)>,
) {
    match condition {
        Predicate::All(parts) | Predicate::Any(parts) => {
            for part in parts {
                in_filter(catalog, table, part, named);
            }
        }
        Predicate::Not(inner) => in_filter(catalog, table, inner, named),
        Predicate::Related {
            relation, filter, ..
        } => {
            let to = table.relation(*relation).to;
            named.push((to, filter.count()));
            in_filter(catalog, catalog.table(to), filter, named);
        }
        Predicate::Compare { left, .. } => in_value(catalog, table, left, named),
        Predicate::Search(_) => {
            let search = table.search.as_ref();
            let embedding = search.and_then(|search| search.embedding);
            if let Some(relation) = embedding.and_then(|embedding| embedding.relation) {
                named.push((table.relation(relation).to, 0));
            }
        }
        // What is after a position is told by the order.
        Predicate::Is(..) | Predicate::AtPath { .. } | Predicate::After { .. } => {}
    }
}

fn in_value(catalog: &Catalog, table: &Table, value: &Expr, named: &mut Vec<(TableId, u64)>) {
    match value {
        // What a search looks at is told by its condition.
        Expr::Score(_) | Expr::Distance | Expr::Rank(_) | Expr::Snippet(_) => {}
        Expr::Column(_) | Expr::Part(..) | Expr::Key(..) | Expr::Total(_) => {}
        Expr::Related(relation, value) => {
            let to = table.relation(*relation).to;
            named.push((to, 0));
            in_value(catalog, catalog.table(to), value, named);
        }
        Expr::Aggregate(relation, _) => named.push((table.relation(*relation).to, 1)),
    }
}
