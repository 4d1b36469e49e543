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
    /// Rows count by their weight, statements and conditions one each, and rows that are only
    /// looked at in part.
    pub requested: u64,
    /// The same unit, of what was read in the end; never more than `requested`. What a statement
    /// looked at is not told by PostgreSQL: it counts as requested where the statement was sent.
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
                let entry = sent.entry(Arc::as_ptr(rows)).or_insert((count, 1, 0));
                entry.1 = node.weight.max(entry.1);
                entry.2 = node.looks.max(entry.2);
            }
        }
        self.statements = u32::try_from(sent.len()).unwrap_or(u32::MAX);
        self.actual = u64::from(self.statements);
        for (rows, weight, looks) in sent.into_values() {
            self.rows += rows;
            self.actual += rows * weight + looks;
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
