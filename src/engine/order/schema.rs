//! Declares orders: one input for each table, and those of its aggregates.

use async_graphql::dynamic::{Enum, InputObject, InputValue, TypeRef};

use super::Direction;
use crate::engine::aggregate::{self, AGGREGATE, COUNT, Functions};
use crate::engine::catalog::{Cardinality, RoleCatalog, Table};
use crate::engine::declare;

const SORT_DIRECTION: &str = "SortDirection";

/// Name of a table's order.
pub fn order_name(table: &Table) -> String {
    format!("{}OrderBy", table.type_name)
}

/// Name of the order by values about rows of a table that are related to another.
fn to_many_order_name(table: &Table) -> String {
    format!("{}ToManyOrderBy", table.type_name)
}

/// Name of the order by values about rows of a table.
fn aggregate_order_name(table: &Table) -> String {
    format!("{}AggregateOrderBy", table.type_name)
}

/// The order of a table.
pub fn order(role: RoleCatalog<'_>, table: &Table) -> InputObject {
    let input = one_term(
        order_name(table),
        format!(
            "One term of the order of {}: exactly one field and its direction. The fields are those of `{}`.",
            table.nouns, table.type_name
        ),
    );
    let input = role
        .fields(table)
        .filter(|(_, column)| column.kind.is_orderable())
        .fold(input, |input, (_, column)| {
            input.field(InputValue::new(
                &column.field,
                TypeRef::named(SORT_DIRECTION),
            ))
        });
    role.joins(table).fold(input, |input, relation| {
        let to = role.catalog.table(relation.to);
        let of = match relation.cardinality {
            Cardinality::One => order_name(to),
            Cardinality::Many => to_many_order_name(to),
        };
        input.field(InputValue::new(&relation.field, TypeRef::named(of)))
    })
}

/// The order by values about rows of a table that are related to another.
pub fn to_many_order(table: &Table) -> InputObject {
    let description = format!("Orders by a value about the related {}.", table.nouns);
    let aggregate = InputValue::new(AGGREGATE, TypeRef::named(aggregate_order_name(table)))
        .description("The value, such as their number.");
    one_term(to_many_order_name(table), description).field(aggregate)
}

/// The order by values about rows of a table.
pub fn aggregate_order(role: RoleCatalog<'_>, table: &Table) -> InputObject {
    let description = format!(
        "Orders by a value about several {}: exactly one, and its direction. The fields are those of `{}`.",
        table.nouns, table.type_name
    );
    let input = one_term(aggregate_order_name(table), description);
    aggregate_fields(role, table, input, |_| true)
}

/// Adds the values about rows of a table to an order, of columns whose names are free there.
pub fn aggregate_fields(
    role: RoleCatalog<'_>,
    table: &Table,
    input: InputObject,
    is_free: impl Fn(&str) -> bool,
) -> InputObject {
    let input = input.field(directed(COUNT, aggregate::ABOUT_COUNT));
    let columns = aggregate::columns(role, table).filter(|(column, _)| is_free(&column.field));
    columns.fold(input, |input, (column, functions)| {
        let of = TypeRef::named(functions_order_name(functions));
        input.field(InputValue::new(&column.field, of))
    })
}

fn functions_order_name(functions: Functions) -> String {
    format!("{}OrderBy", functions.type_name())
}

/// The order by what is computed over columns of a type.
pub fn functions_order(functions: Functions) -> InputObject {
    let input = one_term(
        functions_order_name(functions),
        "Orders by a value about a field in several rows: exactly one, and its direction.",
    );
    functions.all().iter().fold(input, |input, function| {
        input.field(directed(function.name(), function.comment()))
    })
}

/// An input for one term of an order.
pub fn one_term(name: String, description: impl Into<String>) -> InputObject {
    InputObject::new(name).description(description).oneof()
}

fn directed(field: &str, description: &str) -> InputValue {
    InputValue::new(field, TypeRef::named(SORT_DIRECTION)).description(description)
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
