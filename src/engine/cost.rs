//! What an operation costs, in one unit: rows, and one for each statement.

use serde_json::{Value, json};

use super::load::Spent;
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

    /// Adds what a mutation has read of its payload.
    pub fn read_more(self, spent: Spent) -> Self {
        Self {
            actual: self.actual + u64::from(spent.statements) + spent.weighted,
            rows: self.rows + spent.rows,
            statements: self.statements + spent.statements,
            ..self
        }
    }

    /// Adds what was read.
    pub fn read(self, spent: Spent) -> Self {
        Self {
            actual: u64::from(spent.statements) + spent.weighted,
            rows: spent.rows,
            statements: spent.statements,
            ..self
        }
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
