//! Literals of the document with the values of the variables filled in.

use std::borrow::Cow;
use std::collections::HashMap;

use async_graphql::Name;
use async_graphql_value::{ConstValue, Value as Literal};

use crate::error::Error;

pub type Variables = HashMap<Name, ConstValue>;

/// Fills in variables. An absent variable makes an argument or input field absent, and an element
/// of a list null, as the specification says.
pub fn resolve<'a>(literal: &'a Literal, variables: &'a Variables) -> Option<Cow<'a, ConstValue>> {
    match literal {
        Literal::Variable(name) => variables.get(name).map(Cow::Borrowed),
        literal => filled(literal, variables).map(Cow::Owned),
    }
}

fn filled(literal: &Literal, variables: &Variables) -> Option<ConstValue> {
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
                .map(|item| filled(item, variables).unwrap_or_default())
                .collect(),
        ),
        Literal::Object(members) => ConstValue::Object(
            members
                .iter()
                .filter_map(|(name, member)| Some((name.clone(), filled(member, variables)?)))
                .collect(),
        ),
    })
}

/// Whether there is a variable inside a literal.
pub fn has_variable(literal: &Literal) -> bool {
    let mut found = false;
    each_variable(literal, &mut |_| found = true);
    found
}

/// Tells every variable inside a literal.
pub fn each_variable<'a>(literal: &'a Literal, tell: &mut impl FnMut(&'a Name)) {
    match literal {
        Literal::Variable(name) => tell(name),
        Literal::List(items) => items.iter().for_each(|item| each_variable(item, tell)),
        Literal::Object(members) => members
            .values()
            .for_each(|member| each_variable(member, tell)),
        _ => {}
    }
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

/// The one member of an object that has no others.
pub fn only_member(value: &ConstValue) -> Option<(&str, &ConstValue)> {
    let ConstValue::Object(members) = value else {
        return None;
    };
    let mut members = members.iter();
    match (members.next(), members.next()) {
        (Some((field, member)), None) => Some((field.as_str(), member)),
        _ => None,
    }
}
