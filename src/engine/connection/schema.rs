//! Declares the types of lists, their edges, pages and counts.

use async_graphql::dynamic::{Enum, Field, InputValue, Object, TypeRef};

use super::{
    COUNT, ConnectionField, CountArgument, CountField, CountPrecision, EdgeField, ListArgument,
    PAGE_INFO, PageInfoField,
};
use crate::engine::aggregate::aggregate_name;
use crate::engine::catalog::Table;
use crate::engine::declare::{self, field};
use crate::engine::names::Named;
use crate::engine::{filter, group, order, search};

const COUNT_PRECISION: &str = "CountPrecision";

/// Name of a table's connection.
pub fn connection_name(table: &Table) -> String {
    format!("{}Connection", table.type_name)
}

/// Name of the edges of a table's connection.
pub fn edge_name(table: &Table) -> String {
    format!("{}Edge", table.type_name)
}

/// A field that answers a list of the table's rows.
pub fn list_field(name: &str, table: &Table, description: impl Into<String>) -> Field {
    let list = field(name, TypeRef::named_nn(connection_name(table)), description);
    ListArgument::ALL.iter().fold(list, |list, &argument| {
        if argument == ListArgument::Search {
            return match &table.search {
                Some(searchable) => list.argument(search::argument(table, searchable)),
                None => list,
            };
        }
        let int = TypeRef::named(TypeRef::INT);
        let string = TypeRef::named(TypeRef::STRING);
        let (of, description) = match argument {
            // It was declared above, where rows are searched.
            ListArgument::Search => (string, ""),
            ListArgument::Where => (
                TypeRef::named(filter::filter_name(table)),
                "Which rows the list contains; all rows by default.",
            ),
            ListArgument::OrderBy => (
                TypeRef::named_nn_list(order::order_name(table)),
                "The order of the rows, most significant term first; ties are ordered by key.",
            ),
            ListArgument::First => (int, "Returns the first n rows; 25 by default, 500 at most."),
            ListArgument::After => (string, "Returns rows after this cursor."),
            ListArgument::Last => (int, "Returns the last n rows; 500 at most."),
            ListArgument::Before => (string, "Returns rows before this cursor."),
            ListArgument::Offset => (
                int,
                "Skips the first n rows; `after` is faster, and stable when rows come or go.",
            ),
        };
        list.argument(InputValue::new(argument.name(), of).description(description))
    })
}

pub fn connection(table: &Table) -> Object {
    let rows = &table.nouns;
    let mut object =
        Object::new(connection_name(table)).description(format!("A page of a list of {rows}."));
    for &one in ConnectionField::ALL {
        let (of, description) = match one {
            ConnectionField::Groups => {
                object = object.field(group::groups_field(one.name(), table));
                continue;
            }
            ConnectionField::Nodes => (
                TypeRef::named_nn_list_nn(&table.type_name),
                format!("The {rows} on this page."),
            ),
            ConnectionField::Edges => (
                TypeRef::named_nn_list_nn(edge_name(table)),
                format!("The {rows} on this page with their cursors."),
            ),
            ConnectionField::PageInfo => (
                TypeRef::named_nn(PAGE_INFO),
                "Information about this page, to get the next or previous one.".to_owned(),
            ),
            ConnectionField::TotalCount => (
                TypeRef::named_nn(TypeRef::INT),
                "The number of rows in the whole list. Rows are counted only if this field is selected.".to_owned(),
            ),
            ConnectionField::CountUpTo => (
                TypeRef::named_nn(COUNT),
                "The number of rows in the whole list, counted up to a limit, which is faster than `totalCount` for long lists.".to_owned(),
            ),
            ConnectionField::Aggregate => (
                TypeRef::named_nn(aggregate_name(table)),
                "Values about all rows of the whole list, whatever the page. They are computed only if this field is selected.".to_owned(),
            ),
        };
        let mut field = field(one.name(), of, description);
        if one == ConnectionField::CountUpTo {
            field = field.argument(
                InputValue::new(CountArgument::Limit.name(), TypeRef::named_nn(TypeRef::INT))
                    .description("The number at which counting stops; at least 1."),
            );
        }
        object = object.field(field);
    }
    object
}

pub fn edge(table: &Table) -> Object {
    let description = format!("A row in a list of {} with its cursor.", table.nouns);
    let edge = declare::object(edge_name(table), description, |field| match field {
        EdgeField::Cursor => (
            TypeRef::named_nn(TypeRef::STRING),
            "The position of the row in this list and order, for `after` and `before`. Of a text of more than 1024 bytes it holds the beginning; if that text is changed or its row deleted, rows whose texts begin alike can be returned again.",
        ),
        EdgeField::Node => (TypeRef::named_nn(&table.type_name), "The row."),
    });
    match table.search {
        Some(_) => search::edge_fields().fold(edge, Object::field),
        None => edge,
    }
}

pub fn page_info() -> Object {
    let description = "Information about a page of a list.";
    declare::object(PAGE_INFO, description, |field| match field {
        PageInfoField::HasNextPage => (
            TypeRef::named_nn(TypeRef::BOOLEAN),
            "Whether there are rows after this page.",
        ),
        PageInfoField::HasPreviousPage => (
            TypeRef::named_nn(TypeRef::BOOLEAN),
            "Whether there are rows before this page.",
        ),
        PageInfoField::StartCursor => (
            TypeRef::named(TypeRef::STRING),
            "The cursor of the first row on this page; null if the page has no rows.",
        ),
        PageInfoField::EndCursor => (
            TypeRef::named(TypeRef::STRING),
            "The cursor of the last row on this page; null if the page has no rows.",
        ),
    })
}

pub fn count() -> Object {
    let description = "A number of rows, counted up to a limit.";
    declare::object(COUNT, description, |field| match field {
        CountField::Value => (
            TypeRef::named_nn(TypeRef::INT),
            "The number of rows, or the limit if there are more.",
        ),
        CountField::Precision => (
            TypeRef::named_nn(COUNT_PRECISION),
            "Whether the value is exact.",
        ),
    })
}

pub fn count_precision() -> Enum {
    let description = "Whether a count is exact.";
    declare::enumeration(COUNT_PRECISION, description, |precision| match precision {
        CountPrecision::Exact => "The value is the number of rows.",
        CountPrecision::AtLeast => "There are more rows than the value.",
    })
}
