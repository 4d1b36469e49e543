//! Reads the text of a document: scanned, parsed and weighed.

use async_graphql::parser::types::ExecutableDocument;
use async_graphql::parser::{Error as ParseError, parse_query};

use crate::error::{Code, Error, Location};
use crate::guard;

/// Reads a document.
///
/// # Errors
/// `GRAPHQL_PARSE_FAILED` with the place, and what the guard refuses.
pub fn read(text: &str) -> Result<ExecutableDocument, Error> {
    let text = guard::scan(text)?;
    let document = parse_query(text).map_err(|error| parse_failure(&error))?;
    guard::check(&document)?;
    Ok(document)
}

fn parse_failure(error: &ParseError) -> Error {
    let message = error.to_string();
    // The parser draws the place over several lines; the last one says what it is missing.
    let message = message.rsplit("  = ").next().unwrap_or(&message).trim();
    let mut failure = Error::new(
        Code::GraphqlParseFailed,
        format!("The document cannot be read: {message}."),
    );
    failure.locations = error
        .positions()
        .map(|position| Location {
            line: position.line,
            column: position.column,
        })
        .collect();
    failure
}
