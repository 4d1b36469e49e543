//! Orders of lists: how they are declared, and how the argument `orderBy` is read.

use async_graphql::dynamic::{Enum, InputObject, InputValue, TypeRef};
use async_graphql_value::{ConstValue, Value as Literal};

use super::catalog::{RoleCatalog, Table};
use super::declare;
use super::names::{Named, names};
use super::plan::{Planned, Values, missing, without_value};
use super::select::Term;
use crate::error::Error;

/// The argument of lists that takes an order.
pub const ARGUMENT: &str = "orderBy";
const SORT_DIRECTION: &str = "SortDirection";

names! {
    Direction {
        Asc = "ASC",
        AscNullsFirst = "ASC_NULLS_FIRST",
        AscNullsLast = "ASC_NULLS_LAST",
        Desc = "DESC",
        DescNullsFirst = "DESC_NULLS_FIRST",
        DescNullsLast = "DESC_NULLS_LAST",
    }
}

impl Direction {
    /// Whether it descends, and whether nulls come first. By default nulls are greater than every
    /// value, as in PostgreSQL, so that an index serves both directions.
    fn meaning(self) -> (bool, bool) {
        match self {
            Self::Asc | Self::AscNullsLast => (false, false),
            Self::AscNullsFirst => (false, true),
            Self::Desc | Self::DescNullsFirst => (true, true),
            Self::DescNullsLast => (true, false),
        }
    }
}

/// Name of a table's order.
pub fn order_name(table: &Table) -> String {
    format!("{}Order", table.type_name)
}

/// The order of a table.
pub fn order(role: RoleCatalog<'_>, table: &Table) -> InputObject {
    let input = InputObject::new(order_name(table))
        .description(format!(
            "One term of the order of {}: exactly one field and its direction.",
            table.nouns
        ))
        .oneof();
    role.fields(table)
        .filter(|(_, column)| column.kind.is_orderable())
        .fold(input, |input, (_, column)| {
            let direction = TypeRef::named(SORT_DIRECTION);
            input.field(InputValue::new(&column.field, direction).description(&column.comment))
        })
}

pub fn direction() -> Enum {
    let description = "The direction of an order. Nulls are greater than all values, unless the direction says where they are placed.";
    declare::enumeration(SORT_DIRECTION, description, |direction: Direction| {
        let (descending, nulls_first) = direction.meaning();
        let way = if descending {
            "Descending"
        } else {
            "Ascending"
        };
        let nulls = if nulls_first { "first" } else { "last" };
        format!("{way}, nulls {nulls}.")
    })
}

/// Reads the order of a list.
///
/// # Errors
/// `BAD_USER_INPUT` for what is no order of the table, and for a variable without a value in it.
pub fn read(table: &Table, arguments: &Values<'_>) -> Planned<Vec<Term>> {
    // The whole argument may be such a variable: the list is then in the order of its key.
    if let Some(literal) = arguments.literal(ARGUMENT)
        && !matches!(literal, Literal::Variable(_))
        && let Some(variable) = missing(literal, arguments.variables())
    {
        let place = "`orderBy`, where a term would be left out and the order would change. Give it a value, or give the whole `orderBy` as a variable, which may have no value";
        return Err(without_value(ARGUMENT, variable, place));
    }
    terms(table, arguments.get(ARGUMENT).as_deref())
}

/// The terms of an order; without an argument those of the key.
pub fn terms(table: &Table, argument: Option<&ConstValue>) -> Planned<Vec<Term>> {
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
    for item in items {
        let term = parse_term(table, item)?;
        // A column that is named twice orders by its first mention.
        if terms.iter().all(|known| known.column != term.column) {
            terms.push(term);
        }
    }
    let descending = terms.last().is_some_and(|term| term.descending);
    for &column in &table.key {
        if terms.iter().all(|known| known.column != column) {
            terms.push(Term {
                column,
                descending,
                nulls_first: descending,
            });
        }
    }
    Ok(terms)
}

fn parse_term(table: &Table, item: &ConstValue) -> Planned<Term> {
    let wrong = || {
        Error::input(
            ARGUMENT,
            "Each element of `orderBy` names exactly one field and its direction.",
        )
        .hinting("An example is { createdAt: DESC }.")
    };
    let ConstValue::Object(members) = item else {
        return Err(wrong());
    };
    let mut members = members.iter();
    let (Some((field, direction)), None) = (members.next(), members.next()) else {
        return Err(wrong());
    };
    let column = table
        .column_by_field(field)
        .filter(|&column| table.column(column).kind.is_orderable())
        .ok_or_else(|| {
            Error::input(
                ARGUMENT,
                format!("`{}` cannot be ordered by `{field}`.", table.plural),
            )
        })?;
    let direction = match direction {
        ConstValue::Enum(name) => name.as_str(),
        ConstValue::String(name) => name,
        _ => return Err(wrong()),
    };
    let (descending, nulls_first) = Direction::of(direction).ok_or_else(wrong)?.meaning();
    Ok(Term {
        column,
        descending,
        nulls_first,
    })
}
