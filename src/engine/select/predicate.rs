//! Which rows of a table a statement is about.

use std::sync::Arc;

use super::{Expr, Mark, Search, Term};
use crate::engine::catalog::{ColumnId, JsonPathId, Operator, RelationId};
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
        left: Expr,
        operator: Operator,
        value: V,
        insensitive: bool,
    },
    /// A comparison of the value at a path inside a JSON document.
    AtPath {
        column: ColumnId,
        path: Path<V>,
        operator: Operator,
        value: V,
    },
    /// What holds for the rows that a relation leads to.
    Related {
        relation: RelationId,
        quantifier: Quantifier,
        filter: Box<Self>,
    },
    /// The row is found by a search.
    Search(Box<Search<V>>),
    /// The row comes after this position in the order.
    After {
        order: Arc<[Term]>,
        position: Vec<Mark<V>>,
    },
}

/// A path inside a JSON document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Path<V = Value> {
    /// One that has an index. It stands in the text of a statement, because PostgreSQL does not look
    /// for the index of an expression with a parameter.
    Indexed(JsonPathId),
    /// The keys, as texts.
    Given(V),
}

/// For how many of the related rows a filter has to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quantifier {
    Some,
    None,
    Every,
}

impl Predicate {
    /// How many conditions it has, those included that admit everything.
    pub fn count(&self) -> u64 {
        match self {
            Self::All(conditions) | Self::Any(conditions) => {
                conditions.iter().map(Self::count).sum::<u64>().max(1)
            }
            Self::Not(condition) => condition.count(),
            Self::Related { filter, .. } => filter.count().saturating_add(1),
            Self::Search(search) => search.looks(),
            Self::Is(..) | Self::Compare { .. } | Self::AtPath { .. } | Self::After { .. } => 1,
        }
    }

    /// Whether it can leave a row out.
    pub fn restricts(&self) -> bool {
        match self {
            Self::All(parts) => parts.iter().any(Self::restricts),
            Self::Any(parts) => !parts.is_empty() && parts.iter().all(Self::restricts),
            Self::Not(inner) => inner.restricts() && !inner.never_holds(),
            other => !other.always_holds(),
        }
    }

    /// Whether it is known to hold for every row, whatever stands in it.
    fn always_holds(&self) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(Self::always_holds),
            Self::Any(parts) => parts.iter().any(Self::always_holds),
            Self::Not(inner) => inner.never_holds(),
            Self::Compare {
                operator: Operator::NotIn,
                value,
                ..
            } => value.is_empty_list(),
            Self::Related {
                quantifier: Quantifier::Every,
                filter,
                ..
            } => filter.always_holds(),
            Self::Related {
                quantifier: Quantifier::None,
                filter,
                ..
            } => filter.never_holds(),
            _ => false,
        }
    }

    /// Whether it is known to hold for no row.
    fn never_holds(&self) -> bool {
        match self {
            Self::All(parts) => parts.iter().any(Self::never_holds),
            Self::Any(parts) => parts.iter().all(Self::never_holds),
            Self::Not(inner) => inner.always_holds(),
            Self::Compare {
                operator: Operator::In,
                value,
                ..
            } => value.is_empty_list(),
            Self::Related {
                quantifier: Quantifier::Some,
                filter,
                ..
            } => filter.never_holds(),
            _ => false,
        }
    }

    /// Whether one of its parts that all must hold is a search.
    pub fn searches(&self) -> bool {
        match self {
            Self::Search(_) => true,
            Self::All(parts) => parts.iter().any(Self::searches),
            _ => false,
        }
    }

    /// About how many bytes its values take.
    pub fn bytes(&self) -> usize {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().map(Self::bytes).sum(),
            Self::Not(inner) => inner.bytes(),
            Self::Is(_, value) => value.as_ref().map_or(0, Value::bytes),
            Self::Compare { value, .. } => value.bytes(),
            Self::Related { filter, .. } => filter.bytes(),
            Self::Search(search) => search.values().map(Value::bytes).sum(),
            Self::AtPath { path, value, .. } => {
                let path = match path {
                    Path::Indexed(_) => 0,
                    Path::Given(keys) => keys.bytes(),
                };
                value.bytes() + path
            }
            Self::After { position, .. } => position
                .iter()
                .flat_map(Mark::values)
                .map(Value::bytes)
                .sum(),
        }
    }
}
