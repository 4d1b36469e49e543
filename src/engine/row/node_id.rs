//! Reads global ids of rows, which are the table and the values of its key.

use async_graphql_value::ConstValue;

use crate::engine::catalog::{Catalog, TableId};
use crate::engine::select::Predicate;
use crate::engine::{opaque, scalar};

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
