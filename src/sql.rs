//! A statement and its parameters as plain data: made by the planner, executed by the database layer.

use std::sync::Arc;

use migration::READ_SCHEMA;
use uuid::Uuid;

/// A statement whose text does not depend on its values, so that it is prepared once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Statement {
    pub text: Arc<str>,
    /// Shared, since lists among them may be long.
    pub values: Arc<[Value]>,
}

/// A parameter.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    Uuid(Option<Uuid>),
    Uuids(Arc<[Uuid]>),
    Text(String),
    Texts(Vec<String>),
    Int(i32),
    Ints(Vec<i32>),
    BigInt(i64),
    BigInts(Vec<i64>),
    Boolean(bool),
    /// Microseconds since 2000-01-01, UTC; the extremes are the infinite ones.
    Timestamp(i64),
    Timestamps(Vec<i64>),
    /// Days since 2000-01-01; the extremes are the infinite ones.
    Date(i32),
    Dates(Vec<i32>),
    /// JSON text.
    Json(String),
}

impl Value {
    /// About how many bytes it takes in memory.
    pub fn bytes(&self) -> usize {
        let beside = match self {
            Self::Uuids(values) => size_of_val(&values[..]),
            Self::Text(value) | Self::Json(value) => value.len(),
            Self::Texts(values) => values
                .iter()
                .map(|value| value.len() + size_of::<String>())
                .sum(),
            Self::Ints(values) => size_of_val(&values[..]),
            Self::BigInts(values) => size_of_val(&values[..]),
            Self::Timestamps(values) => size_of_val(&values[..]),
            Self::Dates(values) => size_of_val(&values[..]),
            Self::Uuid(_)
            | Self::Int(_)
            | Self::BigInt(_)
            | Self::Boolean(_)
            | Self::Timestamp(_)
            | Self::Date(_) => 0,
        };
        size_of::<Self>() + beside
    }
}

/// An identifier in double quotes.
pub fn quoted(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}

/// What is read of a table: its view, where the database keeps the rules once more.
pub fn relation(table: &str) -> String {
    format!("{}.{}", quoted(READ_SCHEMA), quoted(table))
}
