//! Loads the nodes of a plan level by level, in one read scope.
//!
//! The loader is born in the request and dies with it, so nothing is shared between sessions. All
//! nodes of a level are asked for at once: the loader sees them as one batch and sends one
//! statement for those that differ in their keys alone.

mod batch;
mod rows;

use std::collections::HashSet;
use std::sync::Arc;

use futures_util::future::try_join_all;
use uuid::Uuid;

use self::batch::{Batch, Demand};
pub use self::rows::{Rows, bytes, int8, uuid};
use super::budget::Budget;
use super::plan::{Node, Plan};
use crate::db::ReadScope;
use crate::error::Error;

/// The rows of each node of a plan, by its index.
pub type Loaded = Vec<Arc<Rows>>;

/// Runs the statements of a plan.
///
/// # Errors
/// The first error of the database, or of the budget.
pub async fn load(plan: &Plan, scope: ReadScope, budget: &Budget) -> Result<Loaded, Error> {
    let loader = dataloader::cached::Loader::new(Batch::new(scope, budget))
        // A batch is a whole level, however wide; cutting it would send a statement twice.
        .with_max_batch_size(usize::MAX)
        // All demands of a level are polled before the first of them resumes.
        .with_yield_count(1);
    let nothing = Arc::new(Rows::default());
    let mut loaded: Loaded = vec![nothing; plan.nodes.len()];
    let depth = plan
        .nodes
        .iter()
        .map(|node| node.depth + 1)
        .max()
        .unwrap_or(0);
    for depth in 0..depth {
        let level = plan
            .nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| node.depth == depth);
        let demands = level.filter_map(|(index, node)| {
            let keys = keys(node, &loaded)?;
            let demand = Demand {
                order: index,
                statement: node.statement.clone(),
                shape: node.shape,
                keys,
            };
            let loader = &loader;
            Some(async move {
                let rows = loader.try_load(demand).await.map_err(Error::internal)??;
                Ok::<_, Error>((index, rows))
            })
        });
        for (index, rows) in try_join_all(demands).await? {
            loaded[index] = rows;
        }
    }
    Ok(loaded)
}

/// The distinct keys that a node looks for, in the order of the parent's rows; none when the
/// parent has no rows to look from.
fn keys(node: &Node, loaded: &Loaded) -> Option<Arc<[Uuid]>> {
    let Some(parent) = node.parent else {
        return Some([].into());
    };
    let mut seen = HashSet::new();
    let keys: Arc<[Uuid]> = loaded[parent.node]
        .all()
        .iter()
        .filter_map(|row| uuid(row, parent.column))
        .filter(|&key| seen.insert(key))
        .collect();
    (!keys.is_empty()).then_some(keys)
}
