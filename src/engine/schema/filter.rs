//! Filter inputs: the operators of each type of column, and a filter for each table.

use std::collections::HashSet;

use async_graphql::dynamic::{InputObject, InputValue, TypeRef};

use super::enumeration::TEXT_MODE;
use super::{scalar, type_name, value_type};
use crate::engine::catalog::{Catalog, Kind, Operand, Operator, Sight, Table};
use crate::engine::plan::filter::PATH_OPERATORS;

const PATH_FILTER: &str = "JSONPathFilter";

/// Name of a table's filter.
pub fn filter_name(table: &Table) -> String {
    format!("{}Filter", table.type_name)
}

/// The filter of a table.
pub fn filter(sight: Sight<'_>, table: &Table) -> InputObject {
    let name = filter_name(table);
    let nested = |word: &str, comment: &str| {
        InputValue::new(word, TypeRef::named_nn_list(&name)).description(comment)
    };
    let mut input = InputObject::new(&name)
        .description(format!(
            "Which {} a list holds. All conditions of one filter must hold; a filter without conditions holds for all.",
            table.plural
        ))
        .field(nested("and", "All of the filters hold; an empty list always does."))
        .field(nested("or", "At least one of the filters holds; an empty list never does."))
        .field(
            InputValue::new("not", TypeRef::named(&name))
                .description("The filter does not hold; rows for which it is unknown because of nulls are included. Without conditions in it no row is."),
        );
    for (_, column) in sight.fields(table) {
        let operators = TypeRef::named(operators_name(sight.catalog, column.kind));
        input = input.field(InputValue::new(&column.field, operators).description(&column.comment));
    }
    input
}

fn operators_name(catalog: &Catalog, kind: Kind) -> String {
    let list = if kind == Kind::TextArray { "List" } else { "" };
    format!("{}{list}Operators", type_name(catalog, kind))
}

/// The operator inputs of all types that columns have.
pub fn operators(sight: Sight<'_>) -> Vec<InputObject> {
    let mut seen = HashSet::new();
    let mut inputs: Vec<InputObject> = sight
        .columns()
        .map(|column| column.kind)
        .filter(|kind| seen.insert(*kind))
        .map(|kind| operators_of(sight.catalog, kind))
        .collect();
    if seen.contains(&Kind::Json) {
        inputs.push(path_operators());
    }
    inputs
}

fn operators_of(catalog: &Catalog, kind: Kind) -> InputObject {
    let name = operators_name(catalog, kind);
    let mut input = InputObject::new(&name).description(format!(
        "Comparisons of a field of type {}{}. All that are given must hold; at least one must be given.",
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
            InputValue::new("mode", TypeRef::named(TEXT_MODE)).description(
                "How the other operators compare: with DEFAULT, capital and small letters differ.",
            ),
        );
    }
    input
}

fn path_operators() -> InputObject {
    let keys = InputValue::new("keys", TypeRef::named_nn_list_nn(TypeRef::STRING))
        .description("The way into the document: keys of objects, positions in lists.");
    PATH_OPERATORS.into_iter().fold(
        InputObject::new(PATH_FILTER)
            .description("Compares the value at a path inside a JSON document. A path that leads nowhere reads as null. At least one comparison must be given.")
            .field(keys),
        |input, operator| {
            let of = match operator {
                Operator::IsNull => TypeRef::BOOLEAN,
                _ => scalar::JSON,
            };
            input.field(InputValue::new(operator.name(), TypeRef::named(of)).description(operator.comment()))
        },
    )
}
