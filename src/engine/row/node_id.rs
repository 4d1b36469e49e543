//! Reads global ids of rows, which are the table and the values of its key.

use async_graphql_value::ConstValue;

use crate::engine::catalog::{Catalog, Kind, Operator, Table, TableId};
use crate::engine::load::{self, Row};
use crate::engine::select::{Expr, Predicate};
use crate::engine::{opaque, scalar};
use crate::sql::Value;

/// Reads an id as the table and what its key must be; none where the text is no id.
pub fn read(catalog: &Catalog, text: &str) -> Option<(TableId, Vec<Predicate>)> {
    let (name, values) = opaque::decode(text)?;
    let id = catalog.by_name(&name)?;
    let table = catalog.table(id);
    if values.len() != table.key.len() {
        return None;
    }
    let pairs = table
        .key
        .iter()
        .zip(&values)
        .map(|(&column, value)| match value {
            ConstValue::Null => Some(Predicate::Is(column, None)),
            value => {
                let of = table.column(column);
                let value = scalar::value(catalog, of.kind, value, &of.field).ok()?;
                Some(Predicate::Is(column, Some(value)))
            }
        });
    Some((id, pairs.collect::<Option<_>>()?))
}

/// The key as the text by which rows are found among those that were read: its values as JSON.
pub fn key(table: &Table, is: &[Predicate]) -> Vec<u8> {
    let mut text = Vec::new();
    for (predicate, &column) in is.iter().zip(&table.key) {
        if let Predicate::Is(_, value) = predicate {
            let value = value.as_ref().map(binary);
            scalar::write(&mut text, table.column(column).kind, value.as_deref());
        }
        text.push(b',');
    }
    text
}

/// The same of a row, whose key stands in these columns.
pub fn key_of(row: &Row, columns: &[(usize, Kind)]) -> Vec<u8> {
    let mut text = Vec::new();
    for (index, kind) in columns {
        scalar::write(&mut text, *kind, load::bytes(row, *index));
        text.push(b',');
    }
    text
}

/// A value of a key in PostgreSQL's binary form.
fn binary(value: &Value) -> Vec<u8> {
    match value {
        Value::Uuid(Some(id)) => id.as_bytes().to_vec(),
        Value::Text(text) => text.clone().into_bytes(),
        Value::Int(number) | Value::Date(number) => number.to_be_bytes().to_vec(),
        Value::BigInt(number) | Value::Timestamp(number) => number.to_be_bytes().to_vec(),
        // Keys are of no other type.
        _ => Vec::new(),
    }
}

/// The rows that have one of these keys.
pub fn any(table: &Table, mut keys: Vec<Vec<Predicate>>) -> Predicate {
    if let [column] = table.key[..] {
        let ids = keys.iter().flatten().map(|is| match is {
            Predicate::Is(_, Some(Value::Uuid(Some(id)))) => Some(*id),
            _ => None,
        });
        if let Some(ids) = ids.collect::<Option<Vec<_>>>() {
            return Predicate::Compare {
                left: Expr::Column(column),
                operator: Operator::In,
                value: Value::Uuids(ids.into()),
                insensitive: false,
            };
        }
    }
    let keys = keys.drain(..).map(Predicate::All);
    Predicate::Any(keys.collect())
}
