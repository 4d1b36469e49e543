//! What an operation costs, in one unit: rows, and one for each statement.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::load::Loaded;
use super::plan::Plan;

/// What an operation was allowed to cost and what it did cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Known before anything is read: the most that the operation can come to by its page sizes.
    /// Rows count by their weight, statements one each.
    pub requested: u64,
    /// The same unit, of what was read in the end; never more than `requested`.
    pub actual: u64,
    /// Rows that were read.
    pub rows: u64,
    /// Statements that were sent.
    pub statements: u32,
}

impl Cost {
    /// What a plan may cost.
    pub fn of(plan: &Plan) -> Self {
        Self {
            requested: plan.cost,
            ..Self::default()
        }
    }

    /// Adds what was read. Nodes that shared a statement hold the same rows, which count once.
    pub fn read(mut self, plan: &Plan, loaded: &Loaded) -> Self {
        let mut sent = HashMap::new();
        for (node, rows) in plan.nodes.iter().zip(loaded) {
            if rows.sent() {
                let count = rows.all().len() as u64;
                let (_, weight) = sent.entry(Arc::as_ptr(rows)).or_insert((count, 1));
                *weight = node.weight.max(*weight);
            }
        }
        self.statements = u32::try_from(sent.len()).unwrap_or(u32::MAX);
        self.actual = u64::from(self.statements);
        for (rows, weight) in sent.into_values() {
            self.rows += rows;
            self.actual += rows * weight;
        }
        self
    }

    /// As `extensions.cost` tells it, beside the limit.
    pub fn to_json(self, limit: u64) -> Value {
        json!({
            "requested": self.requested,
            "actual": self.actual,
            "limit": limit,
            "rows": self.rows,
            "statements": self.statements,
        })
    }
}
