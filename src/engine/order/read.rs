//! Reads the argument `orderBy`.

use std::sync::Arc;

use async_graphql_value::{ConstValue, Value as Literal};

use super::{ARGUMENT, Direction};
use crate::engine::aggregate::{self, AGGREGATE};
use crate::engine::catalog::{Aggregate, Cardinality, Catalog, Table};
use crate::engine::names::Named;
use crate::engine::plan::{Planned, Values, missing, only_member, without_value};
use crate::engine::select::{Expr, Term};
use crate::error::{Error, Within};

/// Reads the order of a list; `usual` is how it begins where a request gives none.
///
/// # Errors
/// `BAD_USER_INPUT` for what is no order of the table, and for a variable without a value in it.
pub fn read(
    catalog: &Catalog,
    table: &Table,
    arguments: &Values<'_>,
    usual: &[Term],
) -> Planned<Vec<Term>> {
    check_variables(arguments)
        .and_then(|()| match arguments.get(ARGUMENT) {
            None => Ok(complete(usual.to_vec(), key(table))),
            given => terms(catalog, table, given.as_deref()),
        })
        .map_err(|error| arguments.at(ARGUMENT, error))
}

/// # Errors
/// `BAD_USER_INPUT` for a variable without a value inside an order.
pub fn check_variables(arguments: &Values<'_>) -> Planned<()> {
    // The whole argument may be such a variable: the list is then in the order of its key.
    if let Some(literal) = arguments.literal(ARGUMENT)
        && !matches!(literal, Literal::Variable(_))
        && let Some(variable) = missing(literal, arguments.variables())
    {
        let place = "`orderBy`, where a term would be left out and the order would change. Give it a value, or give the whole `orderBy` as a variable, which may have no value";
        return Err(without_value(ARGUMENT, variable, place));
    }
    Ok(())
}

/// The terms of an order; without an argument those of the key.
pub fn terms(
    catalog: &Catalog,
    table: &Table,
    argument: Option<&ConstValue>,
) -> Planned<Vec<Term>> {
    terms_by(argument, |item| value(catalog, table, item), key(table))
}

fn key(table: &Table) -> impl Iterator<Item = Expr> {
    table.key.iter().map(|&column| Expr::Column(column))
}

/// The terms of an order, each read by `value`, and behind them what makes the order complete.
pub fn terms_by(
    argument: Option<&ConstValue>,
    value: impl Fn(&ConstValue) -> Planned<(Expr, Direction)>,
    last: impl Iterator<Item = Expr>,
) -> Planned<Vec<Term>> {
    let single;
    let items = match argument {
        None => &[][..],
        Some(ConstValue::List(items)) => items,
        Some(one) => {
            single = [one.clone()];
            &single
        }
    };
    let mut terms: Vec<Term> = Vec::with_capacity(items.len() + 1);
    for (index, item) in items.iter().enumerate() {
        let (by, direction) = value(item).within(index)?;
        add(&mut terms, by, direction.meaning());
    }
    Ok(complete(terms, last))
}

/// Adds what makes an order complete, in the direction of its last term.
fn complete(mut terms: Vec<Term>, last: impl Iterator<Item = Expr>) -> Vec<Term> {
    let descending = terms.last().is_some_and(|term| term.descending);
    for by in last {
        add(&mut terms, by, (descending, descending));
    }
    terms
}

/// Adds a term. What is named twice orders by its first mention.
fn add(terms: &mut Vec<Term>, by: Expr, (descending, nulls_first): (bool, bool)) {
    if terms.iter().all(|known| known.by != by) {
        terms.push(Term {
            by,
            descending,
            nulls_first,
        });
    }
}

/// What one term orders by, and its direction.
pub fn value(catalog: &Catalog, table: &Table, term: &ConstValue) -> Planned<(Expr, Direction)> {
    let (field, member) = only_member(term).ok_or_else(wrong)?;
    if let Some(column) = table
        .column_by_field(field)
        .filter(|&column| table.column(column).kind.is_orderable())
    {
        return Ok((Expr::Column(column), direction(member)?));
    }
    let id = table.relation_by_field(field).ok_or_else(|| {
        let message = format!("`{}` cannot be ordered by `{field}`.", table.plural);
        Error::input(ARGUMENT, message)
    })?;
    let relation = table.relation(id);
    let to = catalog.table(relation.to);
    match relation.cardinality {
        Cardinality::One => {
            let (by, direction) = value(catalog, to, member).within(field)?;
            Ok((Expr::Related(id, Arc::new(by)), direction))
        }
        Cardinality::Many => {
            let Some((AGGREGATE, member)) = only_member(member) else {
                return Err(wrong().inside(field));
            };
            let (aggregate, direction) =
                of_aggregate(to, member).within(AGGREGATE).within(field)?;
            Ok((Expr::Aggregate(id, aggregate), direction))
        }
    }
}

/// An aggregate of rows of a table, and its direction.
pub fn of_aggregate(table: &Table, term: &ConstValue) -> Planned<(Aggregate, Direction)> {
    let (field, member) = only_member(term).ok_or_else(wrong)?;
    if field == aggregate::COUNT {
        return Ok((Aggregate::Count, direction(member)?));
    }
    let (name, member) = only_member(member).ok_or_else(wrong)?;
    let aggregate = aggregate::of(table, field, name).ok_or_else(wrong)?;
    Ok((aggregate, direction(member)?))
}

/// A direction by its name.
fn direction(value: &ConstValue) -> Planned<Direction> {
    let name = match value {
        ConstValue::Enum(name) => name.as_str(),
        ConstValue::String(name) => name,
        _ => return Err(wrong()),
    };
    Direction::of(name).ok_or_else(wrong)
}

/// The error about what is no term of an order.
fn wrong() -> Error {
    Error::input(
        ARGUMENT,
        "Each element of `orderBy` names exactly one field and its direction.",
    )
    .hinting("An example is { createdAt: DESC }.")
}
