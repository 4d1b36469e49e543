//! A statement and its parameters as plain data: made by the planner, executed by the database layer.

use std::sync::Arc;

use migration::READ_SCHEMA;
use uuid::Uuid;

use crate::db::type_id;

/// A statement whose text does not depend on its values, so that it is prepared once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Statement {
    pub prepared: wire::Statement,
    /// Shared, since lists among them may be long.
    pub values: Arc<[Value]>,
}

/// Longest text of a statement that stays prepared, in bytes. What is kept takes many times its
/// length of PostgreSQL's memory, in every connection.
const LONGEST_KEPT: usize = 8 * 1024;
/// Most values of a statement that stays prepared.
const MOST_VALUES: usize = 50;

/// The type of a parameter whose type the text of the statement says: `$1::numeric`.
pub const OWN_TYPE: u32 = 0;

impl Statement {
    /// A statement whose parameters have the types of its values.
    pub fn new(text: String, values: Arc<[Value]>) -> Self {
        let types = values.iter().map(type_id).collect();
        Self::typed(text, values, types)
    }

    /// A statement of the engine, with the object ids of its parameters' types.
    pub fn typed(text: String, values: Arc<[Value]>, types: Vec<u32>) -> Self {
        let kept = text.len() <= LONGEST_KEPT && values.len() <= MOST_VALUES;
        Self {
            prepared: match kept {
                true => wire::Statement::new(text, types),
                false => wire::Statement::once(text, types),
            },
            values,
        }
    }

    /// A statement without parameters that is seldom run.
    pub fn once(text: impl Into<Box<str>>) -> Self {
        Self {
            prepared: wire::Statement::once(text, []),
            values: [].into(),
        }
    }

    pub fn text(&self) -> &str {
        self.prepared.text()
    }
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
    Float(Float),
    /// Microseconds since 2000-01-01, UTC; the extremes are the infinite ones.
    Timestamp(i64),
    Timestamps(Vec<i64>),
    /// Days since 2000-01-01; the extremes are the infinite ones.
    Date(i32),
    Dates(Vec<i32>),
    /// JSON text.
    Json(String),
    Array(Array),
}

/// Values of one type, which may be null, in PostgreSQL's binary form. What has no binary form of
/// its own here is text, and the statement says its type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Array {
    /// Object id of the type of its values.
    pub element: u32,
    pub items: Arc<[Item]>,
}

/// A value of an [`Array`]; none is null.
pub type Item = Option<Arc<[u8]>>;

/// A number of 64 bits with a point, equal to those of the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Float(u64);

impl Float {
    pub fn new(value: f64) -> Self {
        Self(value.to_bits())
    }

    pub fn value(self) -> f64 {
        f64::from_bits(self.0)
    }
}

impl Value {
    /// Whether it is a list without any value.
    pub fn is_empty_list(&self) -> bool {
        match self {
            Self::Uuids(values) => values.is_empty(),
            Self::Texts(values) => values.is_empty(),
            Self::Ints(values) => values.is_empty(),
            Self::BigInts(values) => values.is_empty(),
            Self::Timestamps(values) => values.is_empty(),
            Self::Dates(values) => values.is_empty(),
            Self::Array(array) => array.items.is_empty(),
            _ => false,
        }
    }

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
            Self::Array(array) => {
                let items = array.items.iter().flatten();
                size_of_val(&array.items[..]) + items.map(|item| item.len()).sum::<usize>()
            }
            Self::Uuid(_)
            | Self::Int(_)
            | Self::BigInt(_)
            | Self::Boolean(_)
            | Self::Float(_)
            | Self::Timestamp(_)
            | Self::Date(_) => 0,
        };
        size_of::<Self>() + beside
    }
}

/// A list of texts as PostgreSQL reads it.
pub fn list_literal(texts: &[String]) -> String {
    let mut list = String::from("{");
    for (index, text) in texts.iter().enumerate() {
        list.push_str(if index > 0 { ",\"" } else { "\"" });
        for character in text.chars() {
            if matches!(character, '"' | '\\') {
                list.push('\\');
            }
            list.push(character);
        }
        list.push('"');
    }
    list.push('}');
    list
}

/// An identifier in double quotes.
pub fn quoted(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}

/// What is read of a table: its view, where the database keeps the rules once more.
pub fn relation(table: &str) -> String {
    format!("{}.{}", quoted(READ_SCHEMA), quoted(table))
}
