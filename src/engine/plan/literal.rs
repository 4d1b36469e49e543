//! Literals of the document with the values of the variables filled in.

use std::collections::HashMap;

use async_graphql::Name;
use async_graphql_value::{ConstValue, Value as Literal};

use crate::error::Error;

pub type Variables = HashMap<Name, ConstValue>;

/// Fills in variables. An absent variable makes an argument or input field absent, and an element
/// of a list null, as the specification says.
pub fn resolve(literal: &Literal, variables: &Variables) -> Option<ConstValue> {
    Some(match literal {
        Literal::Variable(name) => return variables.get(name).cloned(),
        Literal::Null => ConstValue::Null,
        Literal::Number(number) => ConstValue::Number(number.clone()),
        Literal::String(text) => ConstValue::String(text.clone()),
        Literal::Boolean(value) => ConstValue::Boolean(*value),
        Literal::Binary(bytes) => ConstValue::Binary(bytes.clone()),
        Literal::Enum(name) => ConstValue::Enum(name.clone()),
        Literal::List(items) => ConstValue::List(
            items
                .iter()
                .map(|item| resolve(item, variables).unwrap_or_default())
                .collect(),
        ),
        Literal::Object(members) => ConstValue::Object(
            members
                .iter()
                .filter_map(|(name, member)| Some((name.clone(), resolve(member, variables)?)))
                .collect(),
        ),
    })
}

/// The first variable without a value inside a literal.
pub fn missing<'a>(literal: &'a Literal, variables: &Variables) -> Option<&'a Name> {
    match literal {
        Literal::Variable(name) => (!variables.contains_key(name)).then_some(name),
        Literal::List(items) => items.iter().find_map(|item| missing(item, variables)),
        Literal::Object(members) => members
            .values()
            .find_map(|member| missing(member, variables)),
        _ => None,
    }
}

/// `BAD_USER_INPUT` for a variable without a value at a place that needs one.
pub fn without_value(field: &str, variable: &Name, place: &str) -> Error {
    Error::input(
        field,
        format!("The variable `${variable}` has no value and is used in {place}."),
    )
    .with("variable", variable.as_str())
}
