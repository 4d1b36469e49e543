//! Declares orders: one field of the table and its direction.

use async_graphql::dynamic::{Enum, InputObject, InputValue, TypeRef};

use super::Direction;
use crate::engine::catalog::{RoleCatalog, Table};
use crate::engine::declare;

const SORT_DIRECTION: &str = "SortDirection";

/// Name of a table's order.
pub fn order_name(table: &Table) -> String {
    format!("{}Order", table.type_name)
}

/// The order of a table.
pub fn order(role: RoleCatalog<'_>, table: &Table) -> InputObject {
    let input = InputObject::new(order_name(table))
        .description(format!(
            "One term of the order of {}: exactly one field and its direction.",
            table.nouns
        ))
        .oneof();
    role.fields(table)
        .filter(|(_, column)| column.kind.is_orderable())
        .fold(input, |input, (_, column)| {
            let direction = TypeRef::named(SORT_DIRECTION);
            input.field(InputValue::new(&column.field, direction).description(&column.comment))
        })
}

pub fn direction() -> Enum {
    let description = "The direction of an order. Nulls are greater than all values, unless the direction says where they are placed.";
    declare::enumeration(SORT_DIRECTION, description, |direction: Direction| {
        let (descending, nulls_first) = direction.meaning();
        let way = if descending {
            "Descending"
        } else {
            "Ascending"
        };
        let nulls = if nulls_first { "first" } else { "last" };
        format!("{way}, nulls {nulls}.")
    })
}
