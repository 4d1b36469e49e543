//! Which rows of a table a statement is about.

use std::sync::Arc;

use super::Term;
use crate::engine::catalog::{ColumnId, Operator};
use crate::sql::Value;

/// A condition over the rows of one table. `V` is what stands for a value: the value itself, or its
/// place among the values of a statement.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Predicate<V = Value> {
    All(Vec<Self>),
    Any(Vec<Self>),
    /// The complement: rows for which the predicate is unknown belong to it.
    Not(Box<Self>),
    /// The column holds this value; without one it is null.
    Is(ColumnId, Option<V>),
    Compare {
        column: ColumnId,
        operator: Operator,
        value: V,
        insensitive: bool,
    },
    /// A comparison of the value at a path inside a JSON document.
    AtPath {
        column: ColumnId,
        /// The path, as texts.
        keys: V,
        operator: Operator,
        value: V,
    },
    /// The row comes after this position in the order.
    After {
        order: Arc<[Term]>,
        position: Vec<Option<V>>,
    },
}

impl Predicate {
    /// How many conditions it has, those included that admit everything.
    pub fn count(&self) -> u64 {
        match self {
            Self::All(conditions) | Self::Any(conditions) => {
                conditions.iter().map(Self::count).sum::<u64>().max(1)
            }
            Self::Not(condition) => condition.count(),
            Self::Is(..) | Self::Compare { .. } | Self::AtPath { .. } | Self::After { .. } => 1,
        }
    }

    /// About how many bytes its values take.
    pub fn bytes(&self) -> usize {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().map(Self::bytes).sum(),
            Self::Not(inner) => inner.bytes(),
            Self::Is(_, value) => value.as_ref().map_or(0, Value::bytes),
            Self::Compare { value, .. } => value.bytes(),
            Self::AtPath { keys, value, .. } => value.bytes() + keys.bytes(),
            Self::After { position, .. } => position.iter().flatten().map(Value::bytes).sum(),
        }
    }
}
