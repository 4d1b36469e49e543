//! Variables without a value in filters: they never make a filter wider than the document has it.
//!
//! A field of a filter, `and`, `or`, `not` and the whole argument may be a variable without a
//! value; the condition is absent then. Anywhere deeper it is an error: an operator that is left
//! out would match more rows than the caller asked for.

use async_graphql::Name;
use async_graphql_value::Value as Literal;

use super::{Combinator, ForRows};
use crate::engine::catalog::{Cardinality, Catalog, Relation, Table};
use crate::engine::names::Named;
use crate::engine::plan::{Planned, Variables, missing, without_value};
use crate::error::Within;

/// The table that a filter is about.
type Of<'c> = (&'c Catalog, &'c Table);

/// Checks the literal of a filter.
///
/// # Errors
/// `BAD_USER_INPUT` that names the variable.
pub fn check(of: Of<'_>, filter: &Literal, variables: &Variables) -> Planned<()> {
    match filter {
        Literal::List(filters) => filters
            .iter()
            .enumerate()
            .try_for_each(|(index, filter)| check(of, filter, variables).within(index)),
        Literal::Object(members) => members.iter().try_for_each(|(field, member)| {
            check_member(of, field, member, variables).within(field)
        }),
        _ => Ok(()),
    }
}

fn check_member(of: Of<'_>, field: &Name, member: &Literal, variables: &Variables) -> Planned<()> {
    let combinator = Combinator::of(field);
    if let (None, Literal::Object(inside), Some((relation, to))) =
        (combinator, member, related(of, field))
    {
        if relation.cardinality == Cardinality::One {
            return check_alternative(to, field, member, variables);
        }
        return inside.iter().try_for_each(|(name, member)| {
            match (ForRows::of(name), member) {
                (Some(_), Literal::Object(_)) => check_alternative(to, name, member, variables),
                _ => check_operators(name, member, variables),
            }
            .within(name)
        });
    }
    match (combinator, member) {
        (_, Literal::Variable(_)) => Ok(()),
        (Some(Combinator::And), filters) => check(of, filters, variables),
        (Some(Combinator::Or), Literal::List(filters)) => {
            let mut filters = filters.iter().enumerate();
            filters.try_for_each(|(index, filter)| {
                check_alternative(of, field, filter, variables).within(index)
            })
        }
        (Some(Combinator::Or | Combinator::Not), filter) => {
            check_alternative(of, field, filter, variables)
        }
        (None, _) => check_operators(field, member, variables),
    }
}

/// The relation of this name, and the table that it leads to.
fn related<'c>((catalog, table): Of<'c>, field: &str) -> Option<(&'c Relation, Of<'c>)> {
    let relation = table.relation(table.relation_by_field(field)?);
    Some((relation, (catalog, catalog.table(relation.to))))
}

/// # Errors
/// `BAD_USER_INPUT` for a variable without a value anywhere in operators.
pub fn check_operators(field: &str, member: &Literal, variables: &Variables) -> Planned<()> {
    match missing(member, variables) {
        Some(variable) => Err(without_value(
            field,
            variable,
            &format!(
                "the operators of `{field}`, where the condition would be left out and more rows would match. Give it a value, or make the condition optional by giving the whole field (`{field}: $…`) or the whole `where` as a variable, which may have no value"
            ),
        )),
        None => Ok(()),
    }
}

/// Under `or`, `not` and relations, a filter of which nothing is left would match all rows, or
/// none.
fn check_alternative(
    of: Of<'_>,
    under: &Name,
    filter: &Literal,
    variables: &Variables,
) -> Planned<()> {
    check(of, filter, variables)?;
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
