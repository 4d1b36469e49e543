//! Declares filters: the operators of each type of column, and a filter for each table.

use std::collections::HashSet;

use async_graphql::dynamic::{Enum, InputObject, InputValue, TypeRef};

use super::{Combinator, ForRows, KEYS, MODE, TextMode};
use crate::engine::aggregate::{self, AGGREGATE, COUNT, Functions};
use crate::engine::catalog::{Cardinality, Catalog, Kind, Operand, Operator, RoleCatalog, Table};
use crate::engine::declare;
use crate::engine::names::Named;
use crate::engine::scalar::{JSON, type_name, value_type};

const PATH_FILTER: &str = "JSONPathFilter";
const TEXT_MODE: &str = "TextMode";

/// Name of a table's filter.
pub fn filter_name(table: &Table) -> String {
    format!("{}Filter", table.type_name)
}

/// The filter of a table.
pub fn filter(role: RoleCatalog<'_>, table: &Table) -> InputObject {
    let name = filter_name(table);
    let mut input = InputObject::new(&name).description(format!(
        "Conditions on {}. All of them must hold; a filter without conditions matches all rows.",
        table.nouns
    ));
    for &combinator in Combinator::ALL {
        let (of, description) = match combinator {
            Combinator::And => (
                TypeRef::named_nn_list(&name),
                "All of these filters match; true for an empty list.",
            ),
            Combinator::Or => (
                TypeRef::named_nn_list(&name),
                "At least one of these filters matches; false for an empty list.",
            ),
            Combinator::Not => (
                TypeRef::named(&name),
                "This filter does not match. Rows for which a comparison with null leaves it undecided are included. A filter without conditions excludes all rows.",
            ),
        };
        input = input.field(InputValue::new(combinator.name(), of).description(description));
    }
    for (_, column) in role.fields(table) {
        let operators = TypeRef::named(operators_name(role.catalog, column.kind));
        input = input.field(InputValue::new(&column.field, operators).description(&column.comment));
    }
    for relation in role.joins(table) {
        let to = role.catalog.table(relation.to);
        let of = match relation.cardinality {
            Cardinality::One => filter_name(to),
            Cardinality::Many => to_many_filter_name(to),
        };
        let value = InputValue::new(&relation.field, TypeRef::named(of));
        input = input.field(value.description(&relation.comment));
    }
    input
}

/// Name of the filter on related rows of a table.
fn to_many_filter_name(table: &Table) -> String {
    format!("{}ToManyFilter", table.type_name)
}

/// The filter on related rows of a table.
pub fn to_many_filter(table: &Table) -> InputObject {
    let rows = &table.nouns;
    let input = InputObject::new(to_many_filter_name(table)).description(format!(
        "Conditions on the related {rows}. All that are given must hold; at least one is required."
    ));
    let input = ForRows::ALL.iter().fold(input, |input, &one| {
        let description = match one {
            ForRows::Some => "At least one of them matches.",
            ForRows::None => "None of them matches.",
            ForRows::Every => "All of them match; true if there are none.",
        };
        let of = TypeRef::named(filter_name(table));
        input.field(InputValue::new(one.name(), of).description(description))
    });
    let aggregate = TypeRef::named(aggregate_filter_name(table));
    input.field(
        InputValue::new(AGGREGATE, aggregate)
            .description("Conditions on values about them, such as their number."),
    )
}

/// Name of the filter on values about rows of a table.
pub fn aggregate_filter_name(table: &Table) -> String {
    format!("{}AggregateFilter", table.type_name)
}

/// The filter on values about rows of a table.
pub fn aggregate_filter(role: RoleCatalog<'_>, table: &Table) -> InputObject {
    let description = format!(
        "Conditions on values about several {}. All that are given must hold; at least one is required. The fields are those of `{}`.",
        table.nouns, table.type_name
    );
    let count = TypeRef::named(operators_name(role.catalog, Kind::Int));
    let input = InputObject::new(aggregate_filter_name(table))
        .description(description)
        .field(InputValue::new(COUNT, count).description(aggregate::ABOUT_COUNT));
    aggregate::columns(role, table).fold(input, |input, (column, functions)| {
        let of = TypeRef::named(functions_filter_name(functions));
        input.field(InputValue::new(&column.field, of))
    })
}

fn functions_filter_name(functions: Functions) -> String {
    format!("{}Filter", functions.type_name())
}

/// The filter on what is computed over columns of a type.
pub fn functions_filter(catalog: &Catalog, functions: Functions) -> InputObject {
    let input = InputObject::new(functions_filter_name(functions)).description(
        "Conditions on values about a field in several rows. All that are given must hold; at least one is required.",
    );
    functions.all().iter().fold(input, |input, &function| {
        let kind = functions.result(function).unwrap_or(Kind::Int);
        let of = TypeRef::named(operators_name(catalog, kind));
        input.field(InputValue::new(function.name(), of).description(function.comment()))
    })
}

fn operators_name(catalog: &Catalog, kind: Kind) -> String {
    let list = if kind == Kind::TextArray { "List" } else { "" };
    format!("{}{list}Operators", type_name(catalog, kind))
}

/// The operator inputs of all types that columns have.
pub fn operators(role: RoleCatalog<'_>) -> Vec<InputObject> {
    let mut seen = HashSet::new();
    let mut inputs: Vec<InputObject> = role
        .columns()
        .map(|column| column.kind)
        .chain(Functions::RESULTS)
        .filter(|kind| seen.insert(*kind))
        .map(|kind| operators_of(role.catalog, kind))
        .collect();
    if seen.contains(&Kind::Json) {
        inputs.push(path_operators());
    }
    inputs
}

fn operators_of(catalog: &Catalog, kind: Kind) -> InputObject {
    let mut input = InputObject::new(operators_name(catalog, kind)).description(format!(
        "Comparisons with a field of type {}{}. All that are given must hold; at least one is required.",
        type_name(catalog, kind),
        if kind == Kind::TextArray { " list" } else { "" }
    ));
    for operator in kind.operators() {
        let of = match operator.operand(kind) {
            Operand::Same => value_type(catalog, kind, true),
            Operand::List => TypeRef::named_nn_list(type_name(catalog, kind)),
            Operand::Boolean => TypeRef::named(TypeRef::BOOLEAN),
            Operand::Text => TypeRef::named(TypeRef::STRING),
            Operand::Path => TypeRef::named(PATH_FILTER),
        };
        input = input.field(InputValue::new(operator.name(), of).description(operator.comment()));
    }
    if kind == Kind::Text {
        input = input.field(
            InputValue::new(MODE, TypeRef::named(TEXT_MODE))
                .description("Whether the other operators ignore case; they do not by default."),
        );
    }
    input
}

fn path_operators() -> InputObject {
    let keys = InputValue::new(KEYS, TypeRef::named_nn_list_nn(TypeRef::STRING))
        .description("The path into the document: keys of objects and positions in lists.");
    let input = InputObject::new(PATH_FILTER)
        .description("Comparisons with the value at a path inside a JSON document. A path that does not exist reads as null, which `eq: null` and `isNull: true` match. `lt`, `lte`, `gt` and `gte` match only values of the same JSON type as their operand. At least one comparison is required.")
        .field(keys);
    Operator::AT_PATH.iter().fold(input, |input, operator| {
        let of = match operator {
            Operator::IsNull => TypeRef::BOOLEAN,
            _ => JSON,
        };
        input.field(
            InputValue::new(operator.name(), TypeRef::named(of)).description(operator.comment()),
        )
    })
}

pub fn text_mode() -> Enum {
    declare::enumeration(TEXT_MODE, "How texts are compared.", |mode| match mode {
        TextMode::Default => "Upper and lower case letters are different.",
        TextMode::Insensitive => "Case is ignored.",
    })
}
