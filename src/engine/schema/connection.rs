//! Connections: the type of a list, its edges, its page and its counts.

use async_graphql::dynamic::{Field, InputValue, Object, TypeRef};

use super::enumeration::COUNT_PRECISION;
use super::field;
use super::filter::filter_name;
use super::order::order_name;
use crate::engine::catalog::Table;

const PAGE_INFO: &str = "PageInfo";
const COUNT: &str = "Count";

/// Name of a table's connection.
pub fn connection_name(table: &Table) -> String {
    format!("{}Connection", table.type_name)
}

fn edge_name(table: &Table) -> String {
    format!("{}Edge", table.type_name)
}

/// A field that answers a list of the table's rows.
pub fn list_field(name: &str, table: &Table, description: String) -> Field {
    let argument =
        |name: &str, of: TypeRef, text: &str| InputValue::new(name, of).description(text);
    field(name, TypeRef::named_nn(connection_name(table)), description)
        .argument(argument("where", TypeRef::named(filter_name(table)), "Which rows the list holds."))
        .argument(argument(
            "orderBy",
            TypeRef::named_nn_list(order_name(table)),
            "The order, most important term first. Rows that are equal in all terms stand in the order of their key.",
        ))
        .argument(argument("first", TypeRef::named(TypeRef::INT), "Most rows from the front: 25 unless given, 500 at most."))
        .argument(argument("after", TypeRef::named(TypeRef::STRING), "Only rows behind this cursor."))
        .argument(argument("last", TypeRef::named(TypeRef::INT), "Most rows from the back, 500 at most."))
        .argument(argument("before", TypeRef::named(TypeRef::STRING), "Only rows in front of this cursor."))
        .argument(argument("offset", TypeRef::named(TypeRef::INT), "Rows to leave out at the front. Cursors are faster and miss nothing."))
}

pub fn connection(table: &Table) -> Object {
    let rows = &table.plural;
    Object::new(connection_name(table))
        .description(format!("A page of a list of {rows}."))
        .field(field("nodes", TypeRef::named_nn_list_nn(&table.type_name), format!("The {rows} of the page.")))
        .field(field("edges", TypeRef::named_nn_list_nn(edge_name(table)), format!("The {rows} of the page with their cursors.")))
        .field(field("pageInfo", TypeRef::named_nn(PAGE_INFO), "Where the page lies in the list."))
        .field(field("totalCount", TypeRef::named_nn(TypeRef::INT), "Number of rows in the whole list. It is counted only when it is asked for."))
        .field(
            field("countUpTo", TypeRef::named_nn(COUNT), "Number of rows in the whole list, counted up to a limit only, which is faster in a large list.")
                .argument(InputValue::new("limit", TypeRef::named_nn(TypeRef::INT)).description("Where counting stops; above 0.")),
        )
}

pub fn edge(table: &Table) -> Object {
    Object::new(edge_name(table))
        .description(format!(
            "A row of a list of {} and its place there.",
            table.plural
        ))
        .field(field(
            "cursor",
            TypeRef::named_nn(TypeRef::STRING),
            "The place of the row in this list in this order.",
        ))
        .field(field(
            "node",
            TypeRef::named_nn(&table.type_name),
            "The row.",
        ))
}

pub fn page_info() -> Object {
    Object::new(PAGE_INFO)
        .description("Where a page lies in its list.")
        .field(field(
            "hasNextPage",
            TypeRef::named_nn(TypeRef::BOOLEAN),
            "Whether rows follow behind the page.",
        ))
        .field(field(
            "hasPreviousPage",
            TypeRef::named_nn(TypeRef::BOOLEAN),
            "Whether rows stand in front of the page.",
        ))
        .field(field(
            "startCursor",
            TypeRef::named(TypeRef::STRING),
            "The cursor of the first row; null on an empty page.",
        ))
        .field(field(
            "endCursor",
            TypeRef::named(TypeRef::STRING),
            "The cursor of the last row; null on an empty page.",
        ))
}

pub fn count() -> Object {
    Object::new(COUNT)
        .description("A count that may have stopped at a limit.")
        .field(field(
            "value",
            TypeRef::named_nn(TypeRef::INT),
            "The number of rows, or the limit when there are more.",
        ))
        .field(field(
            "precision",
            TypeRef::named_nn(COUNT_PRECISION),
            "Whether the value is exact.",
        ))
}
