//! Whether the nearest rows are found by an index.
//!
//! An index over embeddings is approximate, and it is one for all workspaces: it passes over the
//! rows of others. So all embeddings of a workspace are looked at, unless it has so many that this
//! takes longer and enough of those that the index holds are its own.

use super::Connection;
use super::request::Request;
use super::scan::LOOKS;
use crate::engine::plan::{Planned, Planner};
use crate::engine::search::Mode;
use crate::engine::select::Keys;
use crate::engine::sizes::MOST_PASSED;

/// Up to so many embeddings of a workspace are all looked at. ARCHITECTURE.md has the figures.
const ALL: u64 = 10_000;
/// How many times as many rows as are asked for the index should meet, so that a filter that takes
/// most of them leaves enough.
const MARGIN: u64 = 10;

/// Whether an index finds the page.
pub fn is_approximate<R>(
    planner: &mut Planner<'_>,
    list: &Connection<R>,
    request: &Request<'_>,
) -> bool {
    let first = request.after.is_none() && request.before.is_none();
    let skips = request.backwards || request.offset.is_some_and(|offset| offset > 0);
    if list.search != Some(Mode::Vector) || list.of.keys != Keys::None || !first || skips {
        return false;
    }
    let catalog = planner.context.catalog;
    let table = catalog.table(list.of.table);
    let Some(embedding) = table.search.as_ref().and_then(|search| search.embedding) else {
        return false;
    };
    let holder = match embedding.relation {
        Some(relation) => table.relation(relation).to,
        None => list.of.table,
    };
    let Some(everywhere) = planner.context.sizes.embedded(&catalog.table(holder).name) else {
        return false;
    };
    let own = planner.rows(holder);
    let met = u128::from(MOST_PASSED) * u128::from(own) / u128::from(everywhere.max(own).max(1));
    own > ALL && met >= u128::from(request.limit.saturating_mul(MARGIN))
}

/// Charges what the index looks at.
pub fn charge(planner: &mut Planner<'_>) -> Planned<u64> {
    planner.unbounded();
    planner.varies();
    planner.approximates();
    let looks = MOST_PASSED / LOOKS / MARGIN;
    planner.charge(looks)?;
    Ok(looks)
}
