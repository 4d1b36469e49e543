//! Variables without a value in filters and orders: they never make a filter wider than the
//! document has it, nor an order another one.
//!
//! A field of a filter, `and`, `or`, `not` and the whole argument may be a variable without a
//! value; the condition is absent then. Anywhere deeper it is an error: an operator that is left
//! out would admit more rows than the caller asked for.

use std::collections::HashMap;

use async_graphql::Name;
use async_graphql_value::{ConstValue, Value as Literal};

use super::Planned;
use super::literal::missing;
use crate::error::Error;

type Variables = HashMap<Name, ConstValue>;

/// Checks the literal of a filter.
///
/// # Errors
/// `BAD_USER_INPUT` that names the variable.
pub fn check_filter(filter: &Literal, variables: &Variables) -> Planned<()> {
    match filter {
        Literal::List(filters) => filters
            .iter()
            .try_for_each(|filter| check_filter(filter, variables)),
        Literal::Object(members) => members
            .iter()
            .try_for_each(|(field, member)| check_member(field, member, variables)),
        _ => Ok(()),
    }
}

fn check_member(field: &Name, member: &Literal, variables: &Variables) -> Planned<()> {
    match (field.as_str(), member) {
        (_, Literal::Variable(_)) => Ok(()),
        ("and", filters) => check_filter(filters, variables),
        ("or", Literal::List(filters)) => filters
            .iter()
            .try_for_each(|filter| check_alternative(field, filter, variables)),
        ("or" | "not", filter) => check_alternative(field, filter, variables),
        _ => match missing(member, variables) {
            Some(variable) => Err(without_value(
                field,
                variable,
                &format!(
                    "the operators of `{field}`, where it would leave a condition out and admit more rows. Give it a value, or make the condition optional by giving the whole field (`{field}: $…`) or the whole `where` as a variable, which may have no value"
                ),
            )),
            None => Ok(()),
        },
    }
}

/// Under `or` and `not` a filter of which nothing is left would admit all rows, or none.
fn check_alternative(under: &Name, filter: &Literal, variables: &Variables) -> Planned<()> {
    check_filter(filter, variables)?;
    match missing(filter, variables) {
        Some(variable) if is_vacant(filter, variables) => Err(without_value(
            under,
            variable,
            &format!(
                "`{under}`, where nothing else is left of the filter. Give it a value, or give the whole `{under}` as a variable, which may have no value"
            ),
        )),
        _ => Ok(()),
    }
}

/// Whether a filter has no condition.
fn is_vacant(filter: &Literal, variables: &Variables) -> bool {
    match filter {
        Literal::Variable(name) => !variables.contains_key(name),
        Literal::List(filters) => filters.iter().all(|filter| is_vacant(filter, variables)),
        Literal::Object(members) => members.iter().all(|(field, member)| match member {
            Literal::Variable(name) => !variables.contains_key(name),
            filters => field == "and" && is_vacant(filters, variables),
        }),
        _ => false,
    }
}

/// Checks the literal of an order.
///
/// # Errors
/// `BAD_USER_INPUT` that names the variable.
pub fn check_order(order: &Literal, variables: &Variables) -> Planned<()> {
    match (order, missing(order, variables)) {
        (Literal::Variable(_), _) | (_, None) => Ok(()),
        (_, Some(variable)) => Err(without_value(
            "orderBy",
            variable,
            "`orderBy`, where it would leave a term out and change the order. Give it a value, or give the whole `orderBy` as a variable, which may have no value",
        )),
    }
}

fn without_value(field: &str, variable: &Name, place: &str) -> Error {
    Error::input(
        field,
        format!("The variable `${variable}` has no value and stands in {place}."),
    )
    .with("variable", variable.as_str())
}
