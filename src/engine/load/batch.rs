//! The batch function: what one level of a plan asks for becomes as few statements as it can.

use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use dataloader::BatchFn;
use uuid::Uuid;

use super::rows::Rows;
use crate::db::ReadScope;
use crate::engine::budget::Budget;
use crate::engine::plan::Shape;
use crate::error::Error;
use crate::sql::{Statement, Value};

/// What a node asks for. The statement holds relation, columns, filter, order and page, so two
/// demands are the same only when all of that is.
#[derive(Clone, Debug)]
pub struct Demand {
    /// Keeps the statements of a level in the order of the query.
    pub order: usize,
    pub statement: Statement,
    pub shape: Shape,
    pub keys: Arc<[Uuid]>,
}

impl PartialEq for Demand {
    fn eq(&self, other: &Self) -> bool {
        self.shape == other.shape && self.statement == other.statement && self.keys == other.keys
    }
}

impl Eq for Demand {}

impl Hash for Demand {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.statement.hash(state);
        self.keys.hash(state);
    }
}

/// The answer to a demand.
pub type Answer = Result<Arc<Rows>, Error>;

/// Owns the read scope for as long as the loader lives.
pub struct Batch<'a> {
    scope: ReadScope,
    budget: &'a Budget,
}

impl<'a> Batch<'a> {
    pub fn new(scope: ReadScope, budget: &'a Budget) -> Self {
        Self { scope, budget }
    }

    async fn run(&mut self, statement: &Statement, shape: Shape, keys: &[Uuid]) -> Answer {
        let keyed;
        let statement = if shape == Shape::Root || keys.is_empty() {
            statement
        } else {
            let mut with_keys = statement.clone();
            // The planner reserves the second parameter for the keys.
            with_keys.values[1] = Value::Uuids(keys.into());
            keyed = with_keys;
            &keyed
        };
        let (budget, mut rows) = (self.budget, Vec::new());
        let take = |row, bytes| {
            budget.read(bytes)?;
            rows.push(row);
            Ok(())
        };
        self.scope.fetch(statement, take).await?;
        Ok(Arc::new(Rows::new(rows, shape, keys)?))
    }
}

impl BatchFn<Demand, Answer> for Batch<'_> {
    async fn load(&mut self, demands: &[Demand]) -> HashMap<Demand, Answer> {
        let mut ordered: Vec<&Demand> = demands.iter().collect();
        ordered.sort_by_key(|demand| demand.order);
        let mut groups: Vec<Vec<&Demand>> = Vec::new();
        for demand in ordered {
            let twin = groups.iter_mut().find(|group| {
                group[0].shape == demand.shape && group[0].statement == demand.statement
            });
            match twin {
                Some(group) => group.push(demand),
                None => groups.push(vec![demand]),
            }
        }
        let mut answers = HashMap::with_capacity(demands.len());
        let mut failed: Option<Error> = None;
        for group in groups {
            let answer = match &group[..] {
                // What failed once would fail again, and its scope may be in the middle of it.
                _ if let Some(error) = &failed => Err(error.clone()),
                [only] => self.run(&only.statement, only.shape, &only.keys).await,
                several => {
                    let mut seen = HashSet::new();
                    let all = several
                        .iter()
                        .flat_map(|demand| demand.keys.iter().copied());
                    let keys: Vec<Uuid> = all.filter(|key| seen.insert(*key)).collect();
                    self.run(&several[0].statement, several[0].shape, &keys)
                        .await
                }
            };
            failed = failed.or_else(|| answer.as_ref().err().cloned());
            answers.extend(
                group
                    .into_iter()
                    .map(|demand| (demand.clone(), answer.clone())),
            );
        }
        answers
    }
}
