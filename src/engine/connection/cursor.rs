//! Keyset cursors: the position of a row in one order of one list of one workspace.

use async_graphql_value::ConstValue;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::engine::catalog::{Kind, Table};
use crate::engine::load::Row;
use crate::engine::plan::{PlanContext, Planned};
use crate::engine::select::{Mark, Term};
use crate::engine::{opaque, scalar};
use crate::error::Error;
use crate::sql::Value;

/// A position: the values of the ordering columns.
pub type Position = Vec<Mark>;

/// Longest text that stands in a cursor as it is, in bytes. A cursor has to fit into a URL, and into
/// a document beside others.
const LONGEST: usize = 1024;
/// How many characters of a longer text stand in a cursor.
const KEPT: usize = 256;
/// The members that stand for a longer text.
const START: &str = "start";
const DIGEST: &str = "sha256";

/// The cursor of a row.
pub fn encode(signature: &str, columns: &[(usize, Kind)], row: &Row) -> String {
    opaque::encode_by(signature, columns, row, |out, kind, bytes| {
        match bytes.and_then(|bytes| cut(kind, bytes)) {
            Some(cut) => out.extend_from_slice(cut.as_bytes()),
            None => scalar::write(out, kind, bytes),
        }
    })
}

/// What stands for a text that is too long; none for what is not.
fn cut(kind: Kind, bytes: &[u8]) -> Option<String> {
    if kind != Kind::Text || bytes.len() <= LONGEST {
        return None;
    }
    let start: String = str::from_utf8(bytes).ok()?.chars().take(KEPT).collect();
    let digest = format!("{:x}", Sha256::digest(bytes));
    Some(serde_json::json!({ START: start, DIGEST: digest }).to_string())
}

/// Reads what [`cut`] writes.
fn read_cut(kind: Kind, value: &ConstValue, argument: &str) -> Option<Mark> {
    let ConstValue::Object(members) = value else {
        return None;
    };
    if kind != Kind::Text || members.len() != 2 {
        return None;
    }
    let text = |name| scalar::text(members.get(name)?, argument).ok();
    Some(Mark::Cut {
        start: Value::Text(text(START)?),
        digest: Value::Text(text(DIGEST)?),
    })
}

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
    if text.is_empty() {
        let message = format!(
            "`{argument}` is empty; leave it out, or give null, to read the list without a cursor."
        );
        return Err(Error::input(argument, message));
    }
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
                ConstValue::Null => Ok(Mark::Null),
                ConstValue::Object(_) => read_cut(kind, value, argument).ok_or_else(foreign),
                value => scalar::value(context.catalog, kind, value, argument)
                    .map(Mark::Whole)
                    .map_err(|_| foreign()),
            }
        })
        .collect()
}
