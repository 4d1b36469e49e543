//! Variables without a value in filters: they never make a filter wider than the document has it.
//!
//! A field of a filter, `and`, `or`, `not` and the whole argument may be a variable without a
//! value; the condition is absent then. Anywhere deeper it is an error: an operator that is left
//! out would match more rows than the caller asked for.

use async_graphql::Name;
use async_graphql_value::Value as Literal;

use super::Combinator;
use crate::engine::names::Named;
use crate::engine::plan::{Planned, Variables, missing, without_value};

/// Checks the literal of a filter.
///
/// # Errors
/// `BAD_USER_INPUT` that names the variable.
pub fn check(filter: &Literal, variables: &Variables) -> Planned<()> {
    match filter {
        Literal::List(filters) => filters
            .iter()
            .try_for_each(|filter| check(filter, variables)),
        Literal::Object(members) => members
            .iter()
            .try_for_each(|(field, member)| check_member(field, member, variables)),
        _ => Ok(()),
    }
}

fn check_member(field: &Name, member: &Literal, variables: &Variables) -> Planned<()> {
    match (Combinator::of(field), member) {
        (_, Literal::Variable(_)) => Ok(()),
        (Some(Combinator::And), filters) => check(filters, variables),
        (Some(Combinator::Or), Literal::List(filters)) => filters
            .iter()
            .try_for_each(|filter| check_alternative(field, filter, variables)),
        (Some(Combinator::Or | Combinator::Not), filter) => {
            check_alternative(field, filter, variables)
        }
        (None, _) => match missing(member, variables) {
            Some(variable) => Err(without_value(
                field,
                variable,
                &format!(
                    "the operators of `{field}`, where the condition would be left out and more rows would match. Give it a value, or make the condition optional by giving the whole field (`{field}: $…`) or the whole `where` as a variable, which may have no value"
                ),
            )),
            None => Ok(()),
        },
    }
}

/// Under `or` and `not` a filter of which nothing is left would match all rows, or none.
fn check_alternative(under: &Name, filter: &Literal, variables: &Variables) -> Planned<()> {
    check(filter, variables)?;
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
            filters => {
                Combinator::of(field) == Some(Combinator::And) && is_vacant(filters, variables)
            }
        }),
        _ => false,
    }
}
