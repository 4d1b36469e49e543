//! Errors and notices of the server, as data.

use std::fmt;

use fallible_iterator::FallibleIterator;
use postgres_protocol::message::backend::ErrorFields;

use crate::error::Error;

/// What an `ErrorResponse` or a `NoticeResponse` says. Texts that are not UTF-8 are shown as far as
/// they are; before the encoding is agreed on, a server may send others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerError {
    /// `ERROR`, `FATAL`, `PANIC`, `WARNING` and so on, whatever the server's language.
    pub severity: String,
    /// SQLSTATE: five letters and digits.
    pub code: String,
    /// One sentence in the server's language.
    pub message: String,
    /// More about it.
    pub detail: Option<String>,
    /// What could be done.
    pub hint: Option<String>,
    /// Where in the statement's text, counted in characters from one.
    pub position: Option<u32>,
    /// What the server was doing.
    pub context: Option<String>,
    /// The schema of the object that it is about.
    pub schema: Option<String>,
    /// The table that it is about.
    pub table: Option<String>,
    /// The column that it is about.
    pub column: Option<String>,
    /// The type that it is about.
    pub data_type: Option<String>,
    /// The constraint that it is about.
    pub constraint: Option<String>,
}

/// The longest text that is kept of a field; the rest is cut off.
const LONGEST: usize = 8 * 1024;

impl ServerError {
    pub(crate) fn read(mut fields: ErrorFields<'_>) -> Result<Self, Error> {
        let mut read = Self::default();
        while let Some(field) = fields
            .next()
            .map_err(|_| Error::protocol("an error without its end"))?
        {
            let bytes = field.value_bytes();
            let kept = &bytes[..bytes.len().min(LONGEST)];
            let text = String::from_utf8_lossy(kept).into_owned();
            match field.type_() {
                // Before 9.6 there is only the one in the server's language.
                b'S' if read.severity.is_empty() => read.severity = text,
                b'V' => read.severity = text,
                b'C' => read.code = text,
                b'M' => read.message = text,
                b'D' => read.detail = Some(text),
                b'H' => read.hint = Some(text),
                b'P' => read.position = text.parse().ok(),
                b'W' => read.context = Some(text),
                b's' => read.schema = Some(text),
                b't' => read.table = Some(text),
                b'c' => read.column = Some(text),
                b'd' => read.data_type = Some(text),
                b'n' => read.constraint = Some(text),
                _ => {}
            }
        }
        Ok(read)
    }

    /// Whether the server ends the connection with this.
    pub fn is_fatal(&self) -> bool {
        matches!(self.severity.as_str(), "FATAL" | "PANIC")
    }

    /// Whether the server ends the connection, or does not take it yet, for reasons of its own:
    /// shutdown, crash, start, a session that idled for too long, a broken connection.
    pub fn is_farewell(&self) -> bool {
        const ENDED: [&str; 6] = ["57P01", "57P02", "57P03", "57P05", "25P03", "25P04"];
        let code = self.code.as_str();
        // A breach of the protocol is a fault of ours, which another connection does not mend.
        ENDED.contains(&code) || (code.starts_with("08") && code != "08P01")
    }

    /// Whether the statement may succeed when it is prepared again: its plan no longer fits the
    /// tables, or the server has lost it, as a pooler's next server has. The connection forgets
    /// such a statement itself, so asking once more is enough.
    pub fn asks_to_prepare_again(&self) -> bool {
        matches!(self.code.as_str(), "0A000" | "26000" | "42P05")
    }

    pub(crate) fn log_as_notice(&self) {
        let (severity, code, message) = (&self.severity, &self.code, &self.message);
        if severity == "WARNING" {
            tracing::warn!(code, detail = self.detail, "PostgreSQL warns: {message}");
        } else {
            tracing::debug!(code, severity, "PostgreSQL says: {message}");
        }
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            severity,
            code,
            message,
            ..
        } = self;
        write!(formatter, "{severity}: {message} (SQLSTATE {code})")
    }
}

impl std::error::Error for ServerError {}
