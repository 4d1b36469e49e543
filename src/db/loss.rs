//! Errors of the driver: which of them mean that the connection is lost, and what callers see.

use std::io;

use crate::error::{Code, Error};

/// The server ends the connection, or does not take it yet: shutdown, crash, start, a session that
/// idled for too long.
const ENDED: [&str; 6] = ["57P01", "57P02", "57P03", "57P05", "25P03", "25P04"];
/// The server is there and does not serve us now: too many connections, login refused, database
/// missing or dropped, a snapshot that a replica could not keep.
const REFUSED: [&str; 6] = ["53300", "28000", "28P01", "3D000", "57P04", "40001"];

/// Whether the connection is of no use any more. What was asked on it may be asked on another.
pub(super) fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => true,
        sqlx::Error::Database(database) => database
            .code()
            // A breach of the protocol is a fault of ours, which another connection does not mend.
            .is_some_and(|code| {
                ENDED.contains(&&*code) || code.starts_with("08") && code != "08P01"
            }),
        _ => false,
    }
}

/// Whether the connection was lost so soon that asking once more on another is worth the time.
pub(super) fn is_worth_another(error: &sqlx::Error) -> bool {
    is_lost(error)
        && !matches!(error, sqlx::Error::Io(cause) if cause.kind() == io::ErrorKind::TimedOut)
}

/// The error of a server that is silent where it should answer at once.
pub(super) fn no_answer() -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(
        io::ErrorKind::NotConnected,
        "the server does not respond",
    ))
}

/// The error of a server that stays silent for longer than it gives a statement itself.
pub(super) fn late() -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(
        io::ErrorKind::TimedOut,
        "the server did not complete a statement in time",
    ))
}

/// Turns an error of the driver into one that tells the caller nothing of the inside.
pub(super) fn from_driver(error: &sqlx::Error) -> Error {
    match error {
        sqlx::Error::PoolTimedOut => Error::new(
            Code::Unavailable,
            "The gateway has no free database connection; try again shortly.",
        ),
        sqlx::Error::PoolClosed => Error::unavailable(error),
        sqlx::Error::Io(cause) if cause.kind() == io::ErrorKind::TimedOut => {
            tracing::error!(%error, "the database is slow or unreachable");
            Error::new(
                Code::Timeout,
                "The database did not respond in time; try again shortly.",
            )
        }
        _ if is_lost(error) => Error::unavailable(error),
        sqlx::Error::Database(database) => match database.code().as_deref() {
            Some("57014") => Error::new(
                Code::Timeout,
                "The query took longer than the gateway allows; ask for fewer rows or levels.",
            ),
            Some(code) if REFUSED.contains(&code) => Error::unavailable(error),
            _ => Error::internal(error),
        },
        _ => Error::internal(error),
    }
}
