//! Refuses documents that would be expensive or dangerous to look at, before validation looks at
//! them: `token` and `parse` read the text and stop where it passes a limit, `weigh` weighs the
//! document with its fragments expanded, `variables` the values beside it. `locate` finds parts of
//! literals again.

mod limits;
mod locate;
mod parse;
mod token;
mod variables;
pub mod visit;
mod weigh;

use async_graphql::parser::types::ExecutableDocument;

pub(crate) use self::limits::for_each_limit;
pub use self::limits::{DEFAULT_PAGE, Limit, Limits};
pub use self::locate::locate;
pub use self::variables::weigh_variables;
pub use self::weigh::{EDGES, NODES};
use crate::error::Error;

/// Reads a document that keeps the limits.
///
/// # Errors
/// `GRAPHQL_PARSE_FAILED`, `GRAPHQL_VALIDATION_FAILED` for what cannot be expanded, and
/// `QUERY_TOO_EXPENSIVE` with the limit's name, what was counted, and the limit.
pub fn read(text: &str, limits: &Limits) -> Result<ExecutableDocument, Error> {
    let document = parse::parse(text, limits)?;
    weigh::weigh(&document, limits)?;
    Ok(document)
}
