//! Writes the parameters of a statement in PostgreSQL's binary form.

use uuid::Uuid;
use wire::Values;

use crate::sql::{OWN_TYPE, Statement, Value, list_literal};

/// Object ids of PostgreSQL's types.
pub mod element {
    pub const TEXT: u32 = 25;
    pub const BOOLEAN: u32 = 16;
    pub const BIGINT: u32 = 20;
    pub const INTEGER: u32 = 23;
    pub const DATE: u32 = 1082;
    pub const FLOAT: u32 = 701;
    pub const TIMESTAMP: u32 = 1184;
    pub const UUID: u32 = 2950;
}
pub(super) use element::TEXT;
use element::{BIGINT, BOOLEAN, DATE, FLOAT, INTEGER, TIMESTAMP, UUID};

/// The object id of the type of arrays of these values.
fn array_of(element: u32) -> u32 {
    match element {
        BOOLEAN => 1000,
        INTEGER => 1007,
        BIGINT => 1016,
        TIMESTAMP => 1185,
        DATE => 1182,
        UUID => 2951,
        _ => 1009,
    }
}

/// The object id of a value's type.
pub fn type_id(value: &Value) -> u32 {
    match value {
        Value::Uuid(_) => UUID,
        Value::Uuids(_) => 2951,
        Value::Text(_) | Value::Json(_) => TEXT,
        Value::Texts(_) => 1009,
        Value::Int(_) => INTEGER,
        Value::Ints(_) => 1007,
        Value::BigInt(_) => BIGINT,
        Value::BigInts(_) => 1016,
        Value::Boolean(_) => BOOLEAN,
        Value::Float(_) => FLOAT,
        Value::Timestamp(_) => TIMESTAMP,
        Value::Timestamps(_) => 1185,
        Value::Date(_) => DATE,
        Value::Dates(_) => 1182,
        Value::Array(array) => array_of(array.element),
    }
}

/// The values of a statement, with the keys that it is run for, which are its second value. What the
/// statement gives a type of its own is sent as text: the server reads it once, as that type.
pub(super) fn values(statement: &Statement, keys: Option<&[Uuid]>) -> Values {
    let types = statement.prepared.types();
    let mut bound = Values::new();
    for (index, value) in statement.values.iter().enumerate() {
        let own_type = types.get(index) == Some(&OWN_TYPE);
        match value {
            Value::Text(text) | Value::Json(text) if own_type => bound.push_text(text),
            Value::Texts(texts) if own_type => bound.push_text(&list_literal(texts)),
            Value::Uuids(values) => {
                let keys = keys.filter(|_| index == 1);
                let ids = keys.unwrap_or(values).iter();
                bound.push_array(UUID, ids.map(|id| Some(&id.as_bytes()[..])));
            }
            Value::Uuid(value) => bound.push(value.as_ref().map(|id| &id.as_bytes()[..])),
            Value::Text(value) | Value::Json(value) => bound.push(Some(value.as_bytes())),
            Value::Texts(values) => {
                bound.push_array(TEXT, values.iter().map(|text| Some(text.as_bytes())));
            }
            Value::Int(value) | Value::Date(value) => bound.push(Some(&value.to_be_bytes())),
            Value::BigInt(value) | Value::Timestamp(value) => {
                bound.push(Some(&value.to_be_bytes()));
            }
            Value::Ints(values) => {
                numbers(&mut bound, INTEGER, values, |value| value.to_be_bytes())
            }
            Value::Dates(values) => numbers(&mut bound, DATE, values, |value| value.to_be_bytes()),
            Value::BigInts(values) => {
                numbers(&mut bound, BIGINT, values, |value| value.to_be_bytes());
            }
            Value::Timestamps(values) => {
                numbers(&mut bound, TIMESTAMP, values, |value| value.to_be_bytes());
            }
            Value::Array(array) => {
                bound.push_array(
                    array.element,
                    array.items.iter().map(|item| item.as_deref()),
                );
            }
            Value::Boolean(value) => bound.push(Some(&[u8::from(*value)])),
            Value::Float(value) => bound.push(Some(&value.value().to_be_bytes())),
        }
    }
    bound
}

fn numbers<T: Copy, const N: usize>(
    bound: &mut Values,
    element: u32,
    values: &[T],
    bytes: impl Fn(T) -> [u8; N],
) {
    let values: Vec<[u8; N]> = values.iter().map(|&value| bytes(value)).collect();
    bound.push_array(element, values.iter().map(|value| Some(&value[..])));
}
