//! Keyset cursors: the position of a row in one order of one list of one workspace.

use async_graphql_value::ConstValue;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::engine::catalog::Table;
use crate::engine::plan::{PlanContext, Planned};
use crate::engine::select::Term;
use crate::engine::{opaque, scalar};
use crate::error::Error;
use crate::sql::Value;

/// A position: the values of the ordering columns, none for null.
pub type Position = Vec<Option<Value>>;

/// The signature of a list's cursors. `groups` says what they are by, and nothing for rows.
pub fn signature(context: &PlanContext<'_>, table: &Table, groups: &str, terms: &[Term]) -> String {
    let mut hasher = Sha256::new();
    hasher.update(context.session.workspace.as_bytes());
    hasher.update(table.name.as_bytes());
    hasher.update(groups.as_bytes());
    for term in terms {
        let direction = u8::from(term.descending) * 2 + u8::from(term.nulls_first);
        hasher.update([0, direction]);
        hasher.update(term.by.name(context.catalog, table).as_bytes());
    }
    URL_SAFE_NO_PAD.encode(&hasher.finalize()[..6])
}

/// Reads the argument `after` or `before`.
pub fn parse(
    context: &PlanContext<'_>,
    (table, groups, terms): (&Table, &str, &[Term]),
    argument: &str,
    text: &str,
) -> Planned<Position> {
    let foreign = || {
        Error::input(
            argument,
            format!(
                "`{argument}` is not a cursor of this list in this order; use a cursor from a response with the same `orderBy`."
            ),
        )
    };
    let (signed, values) = opaque::decode(text).ok_or_else(foreign)?;
    if signed != signature(context, table, groups, terms) || values.len() != terms.len() {
        return Err(foreign());
    }
    terms
        .iter()
        .zip(&values)
        .map(|(term, value)| {
            let kind = term.by.kind(context.catalog, table);
            match value {
                ConstValue::Null => Ok(None),
                value => scalar::value(context.catalog, kind, value, argument)
                    .map(Some)
                    .map_err(|_| foreign()),
            }
        })
        .collect()
}
