//! Literals of the document with the values of the variables filled in.

use std::borrow::Cow;
use std::collections::HashMap;

use async_graphql::Name;
use async_graphql_value::{ConstValue, Value as Literal};

use crate::error::{Error, ValuePlace};

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

/// A variable without a value.
pub struct Missing<'a> {
    variable: &'a Name,
    /// Where it stands in the literal, the innermost place first.
    places: Vec<ValuePlace>,
}

/// The first variable without a value inside a literal.
pub fn missing<'a>(literal: &'a Literal, variables: &Variables) -> Option<Missing<'a>> {
    let inside = |place: ValuePlace, part| {
        let mut missing = missing(part, variables)?;
        missing.places.push(place);
        Some(missing)
    };
    match literal {
        Literal::Variable(variable) => (!variables.contains_key(variable)).then(|| Missing {
            variable,
            places: Vec::new(),
        }),
        Literal::List(items) => {
            let mut items = items.iter().enumerate();
            items.find_map(|(index, item)| inside(index.into(), item))
        }
        Literal::Object(members) => {
            let mut members = members.iter();
            members.find_map(|(name, member)| inside(name.into(), member))
        }
        _ => None,
    }
}

/// `BAD_USER_INPUT` for a variable without a value at a place that needs one.
pub fn without_value(field: &str, missing: Missing<'_>, place: &str) -> Error {
    let Missing { variable, places } = missing;
    let message = format!("The variable `${variable}` has no value and is used in {place}.");
    let error = Error::input(field, message).with("variable", variable.as_str());
    places.into_iter().fold(error, Error::inside)
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
