//! Errors of the connection to the database: which of them mean that it is lost, and what callers
//! see.

use wire::Error as WireError;

use crate::error::{Code, Error};

/// The server is there and does not serve us now: login refused, database missing or dropped, a
/// snapshot that a replica could not keep.
const REFUSED: [&str; 6] = [TOO_MANY, "28000", "28P01", "3D000", "57P04", "40001"];
/// The server has as many connections as it takes.
const TOO_MANY: &str = "53300";
/// The server stopped a statement.
const CANCELLED: &str = "57014";

fn code(error: &WireError) -> Option<&str> {
    error.server().map(|error| error.code.as_str())
}

/// Whether the connection was lost so soon that asking once more on another is worth the time. What
/// only reads may be asked twice.
pub(super) fn is_worth_another(error: &WireError) -> bool {
    match error {
        WireError::Late(_) => false,
        _ => error.is_lost() || asks_again(error),
    }
}

/// Whether the same on the same connection may succeed: a prepared statement no longer fits.
pub(super) fn asks_again(error: &WireError) -> bool {
    error
        .server()
        .is_some_and(wire::ServerError::asks_to_prepare_again)
}

/// Whether the server may take a connection in a moment.
pub(super) fn is_full(error: &WireError) -> bool {
    code(error) == Some(TOO_MANY)
}

/// Whether the server stopped a statement, for its time or because somebody asked for it.
pub(super) fn is_cancelled(error: &WireError) -> bool {
    code(error) == Some(CANCELLED)
}

/// No connection became free in time.
pub(super) fn exhausted() -> Error {
    Error::new(
        Code::Unavailable,
        "The gateway has no free database connection; try again shortly.",
    )
}

/// The connection was lost while a transaction was committed.
pub(super) fn in_commit() -> Error {
    Error::new(
        Code::Unavailable,
        "The connection to the database was lost while the mutation was committed, so it may have been written or not. Repeat it with the same idempotency key to be told; without one, look before you repeat it.",
    )
}

/// Turns an error of the connection into one that tells the caller nothing of the inside.
pub(super) fn from_wire(error: &WireError) -> Error {
    match error {
        WireError::Late(_) => {
            tracing::error!(%error, "the database is slow or unreachable");
            Error::new(
                Code::Timeout,
                "The database did not respond in time; try again shortly.",
            )
        }
        _ if error.is_lost() => Error::unavailable(error),
        WireError::Authentication(_) | WireError::QueueFull => Error::unavailable(error),
        WireError::TooLarge { .. } => {
            tracing::warn!(%error, "an answer of the database was given up");
            Error::new(
                Code::QueryTooExpensive,
                "A row is larger than the gateway reads; leave large fields out.",
            )
        }
        _ => match code(error) {
            Some(CANCELLED) => Error::new(
                Code::Timeout,
                "The query took longer than the gateway allows; ask for fewer rows or levels.",
            ),
            Some(code) if REFUSED.contains(&code) => Error::unavailable(error),
            _ => Error::internal(error),
        },
    }
}
