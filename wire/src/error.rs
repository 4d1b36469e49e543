//! What can go wrong, told apart by what a caller can do.

use std::io;

use crate::config::ConfigError;
use crate::server_error::ServerError;

/// An error of a connection. After any of them but [`Error::Busy`], [`Error::Argument`],
/// [`Error::Statement`] and [`Error::QueueFull`] the connection is of no use, except where a method
/// says otherwise.
///
/// No text holds a password. Texts of the server may hold data of a row.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The URL cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The network or the file system: nobody there, or the connection is gone.
    #[error("{doing}: {error}")]
    Io {
        /// What was being done.
        doing: String,
        /// What the operating system says.
        error: io::Error,
    },
    /// The server did not answer in time.
    #[error("{0} took too long")]
    Late(String),
    /// TLS is not to be had, or the server's certificate is not good.
    #[error("TLS: {0}")]
    Tls(String),
    /// The server wants to know who we are in a way that is not possible or not allowed.
    #[error("authentication: {0}")]
    Authentication(String),
    /// What the server sent is not PostgreSQL's protocol, or not an answer to what was asked.
    #[error("the server broke the protocol: {0}")]
    Protocol(String),
    /// The server refused the connection or ended it.
    #[error(transparent)]
    Server(Box<ServerError>),
    /// No server is of the kind that `target_session_attrs` asks for.
    #[error("no server is {0}, which target_session_attrs asks for")]
    Target(&'static str),
    /// More came than a limit allows. The exchange can be drained; the connection is not lost.
    #[error("{what} is over the limit of {limit} bytes")]
    TooLarge {
        /// What has too many bytes.
        what: &'static str,
        /// The limit, in bytes.
        limit: usize,
    },
    /// The connection is in the middle of something, or in a transaction that was left open.
    #[error("the connection is not at rest")]
    Busy,
    /// A statement or value cannot be sent as it is; nothing was sent of it.
    #[error("the statement cannot be sent: {0}")]
    Argument(String),
    /// A statement of a batch on a shared connection failed. Nothing of the batch holds; others are
    /// not touched.
    #[error("{error}")]
    Statement {
        /// Which statement, counted from 0; the number of statements if ending the transaction
        /// failed.
        statement: usize,
        /// Why.
        error: Box<ServerError>,
    },
    /// As much is queued as the limits allow. Nothing was sent.
    #[error("too much is queued for the shared connection")]
    QueueFull,
    /// The shared connection was lost before the answer was complete.
    #[error("the shared connection was lost ({cause})")]
    Lost {
        /// Whether anything of the batch may have reached the server. What did not reach it may
        /// be asked elsewhere, whatever it is.
        sent: bool,
        /// Why, as told to everybody who waited.
        cause: String,
    },
}

impl Error {
    pub(crate) fn io(doing: impl Into<String>, error: io::Error) -> Self {
        Self::Io {
            doing: doing.into(),
            error,
        }
    }

    pub(crate) fn protocol(what: impl Into<String>) -> Self {
        Self::Protocol(what.into())
    }

    pub(crate) fn closed(doing: &str) -> Self {
        Self::io(
            doing,
            io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the server closed the connection",
            ),
        )
    }

    /// Whether the connection is of no use any more, or never came to be. What was asked on it may
    /// be asked on another if asking twice does no harm.
    pub fn is_lost(&self) -> bool {
        match self {
            Self::Io { .. }
            | Self::Late(_)
            | Self::Tls(_)
            | Self::Protocol(_)
            | Self::Target(_)
            | Self::Lost { .. } => true,
            Self::Server(error) => error.is_farewell(),
            _ => false,
        }
    }

    /// What the server said, where it is the server's error.
    pub fn server(&self) -> Option<&ServerError> {
        match self {
            Self::Server(error) | Self::Statement { error, .. } => Some(error),
            _ => None,
        }
    }
}

impl From<ServerError> for Error {
    fn from(error: ServerError) -> Self {
        Self::Server(Box::new(error))
    }
}
