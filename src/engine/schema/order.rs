//! Order inputs: one field of the table and its direction.

use async_graphql::dynamic::{InputObject, InputValue, TypeRef};

use super::enumeration::SORT_DIRECTION;
use crate::engine::catalog::{Sight, Table};

/// Name of a table's order.
pub fn order_name(table: &Table) -> String {
    format!("{}Order", table.type_name)
}

/// The order of a table.
pub fn order(sight: Sight<'_>, table: &Table) -> InputObject {
    sight
        .fields(table)
        .filter(|(_, column)| column.kind.is_orderable())
        .fold(
            InputObject::new(order_name(table))
                .description(format!(
                    "One term of the order of {}: exactly one field.",
                    table.plural
                ))
                .oneof(),
            |input, (_, column)| {
                let direction = TypeRef::named(SORT_DIRECTION);
                input.field(InputValue::new(&column.field, direction).description(&column.comment))
            },
        )
}
