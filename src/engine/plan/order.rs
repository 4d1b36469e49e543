//! The order of a list: what the caller asks for, with the key as the last tie-breaker.

use async_graphql_value::ConstValue;

use super::Planned;
use crate::engine::catalog::Table;
use crate::engine::select::Term;
use crate::error::Error;

/// The directions, as the API names them, with what they mean: descending, nulls first.
///
/// Without a word on nulls they count as greater than every value, as in PostgreSQL, so that an
/// index serves both directions.
pub const DIRECTIONS: [(&str, bool, bool); 6] = [
    ("ASC", false, false),
    ("ASC_NULLS_FIRST", false, true),
    ("ASC_NULLS_LAST", false, false),
    ("DESC", true, true),
    ("DESC_NULLS_FIRST", true, true),
    ("DESC_NULLS_LAST", true, false),
];

/// Reads the argument `orderBy`.
pub fn parse(table: &Table, argument: Option<&ConstValue>) -> Planned<Vec<Term>> {
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
            "orderBy",
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
                "orderBy",
                format!("`{}` cannot be ordered by `{field}`.", table.plural),
            )
        })?;
    let direction = match direction {
        ConstValue::Enum(name) => name.as_str(),
        ConstValue::String(name) => name,
        _ => return Err(wrong()),
    };
    let (_, descending, nulls_first) = DIRECTIONS
        .into_iter()
        .find(|(name, _, _)| *name == direction)
        .ok_or_else(wrong)?;
    Ok(Term {
        column,
        descending,
        nulls_first,
    })
}
