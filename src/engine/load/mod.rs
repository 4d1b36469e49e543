//! Loads the nodes of a plan level by level, in one read scope.
//!
//! The loader is born in the request and dies with it, so nothing is shared between sessions. All
//! nodes of a level are asked for at once: the loader sees them as one batch. Nodes that read the
//! same share a statement, and a row that one of them has read is not read again by another, in
//! this level or a later one.

mod batch;
mod paging;
mod rows;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foldhash::fast::RandomState;
use futures_util::future::try_join_all;
use uuid::Uuid;

use self::batch::{Batch, Demand};
pub use self::rows::{Rows, bytes, int8, uuid};
use super::budget::Budget;
use super::catalog::Catalog;
use super::explain::Sent;
use super::plan::{Node, Plan};
use super::select::{Caller, Statements};
pub use crate::db::Row;
use crate::db::{Scope, Statistics, Then};
use crate::error::{Code, Error};

/// Tables by id. The hash is one for speed: ids of rows are many, and each request has tables of its
/// own.
type HashMap<K, V> = std::collections::HashMap<K, V, RandomState>;
type HashSet<K> = std::collections::HashSet<K, RandomState>;

/// What reading needs to know beside the plan.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    pub catalog: &'a Catalog,
    pub caller: Caller,
    pub statements: &'a Statements,
    pub statistics: &'a Statistics,
    pub budget: &'a Budget,
    /// Takes what is sent, where the operation is explained.
    pub sent: Option<&'a Sent>,
}

/// What was read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spent {
    pub statements: u32,
    pub rows: u64,
    /// The rows, each with the weight of its node, and what the statements looked at.
    pub weighted: u64,
}

/// The rows of each node of a plan, by its index.
#[derive(Default)]
pub struct Loaded {
    pub rows: Vec<Arc<Rows>>,
    pub spent: Spent,
}

/// Runs the statements of a plan. What lost its connection half way is read once more, whole: it
/// changes nothing.
///
/// # Errors
/// The first error of the database, or of the budget.
pub async fn load(
    plan: &Plan,
    scope: impl Fn() -> Scope,
    reading: Reading<'_>,
) -> Result<Loaded, Error> {
    let spent = Mutex::default();
    match levels(plan, (&mut scope(), Then::End), reading, &spent).await {
        // Before anything was read, the scope itself has tried again.
        Err(error)
            if error.code == Code::Unavailable
                && !reading.budget.is_full()
                && lock(&spent).statements > 0 =>
        {
            reading.budget.restart();
            *lock(&spent) = Spent::default();
            Box::pin(levels(plan, (&mut scope(), Then::End), reading, &spent)).await
        }
        loaded => loaded,
    }
}

/// Runs the statements of a plan in a transaction that goes on afterwards.
///
/// # Errors
/// As [`load`]; nothing is tried again.
pub async fn load_within(
    plan: &Plan,
    scope: &mut Scope,
    reading: Reading<'_>,
) -> Result<Loaded, Error> {
    levels(plan, (scope, Then::More), reading, &Mutex::default()).await
}

fn lock(spent: &Mutex<Spent>) -> MutexGuard<'_, Spent> {
    spent.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn levels(
    plan: &Plan,
    scope: (&mut Scope, Then),
    reading: Reading<'_>,
    spent: &Mutex<Spent>,
) -> Result<Loaded, Error> {
    let mut batch = Batch::new(plan, reading, spent, scope);
    let depths = plan.nodes.iter().map(|node| node.depth + 1);
    let depths = depths.max().unwrap_or(0);
    let rows = if depths == 1 {
        // There is nothing to gather, nor to read twice.
        let demands: Vec<Demand> = (0..plan.nodes.len()).map(Demand::root).collect();
        batch.read(&demands).await?
    } else {
        Box::pin(by_loader(plan, batch, depths)).await?
    };
    Ok(Loaded {
        rows,
        spent: *lock(spent),
    })
}

/// Reads level by level.
async fn by_loader(plan: &Plan, batch: Batch<'_>, depths: usize) -> Result<Vec<Arc<Rows>>, Error> {
    let loader = dataloader::cached::Loader::new(batch)
        // A batch is a whole level, however wide; cutting it would send a statement twice.
        .with_max_batch_size(usize::MAX)
        // All demands of a level are polled before the first of them resumes.
        .with_yield_count(1);
    let nothing = Arc::new(Rows::default());
    let mut loaded = vec![nothing; plan.nodes.len()];
    for depth in 0..depths {
        let level = plan
            .nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| node.depth == depth);
        let demands = level.filter_map(|(index, node)| {
            let keys = keys(node, &loaded)?;
            let demand = Demand { node: index, keys };
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
fn keys(node: &Node, loaded: &[Arc<Rows>]) -> Option<Arc<[Uuid]>> {
    let Some(parent) = node.parent else {
        return Some(Arc::default());
    };
    let mut seen = HashSet::default();
    let keys: Arc<[Uuid]> = loaded[parent.node]
        .all()
        .filter_map(|row| uuid(row, parent.column))
        .filter(|&key| seen.insert(key))
        .collect();
    (!keys.is_empty()).then_some(keys)
}
