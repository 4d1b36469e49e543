//! What can go wrong in an import, told so that the file can be mended.

use std::io;

use crate::accounts::AccountError;

/// An import that failed. Nothing of it remains in the database.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("{file} is empty: expected {expected}")]
    Empty { file: String, expected: String },

    #[error(
        "{file}, line {line}, column {column}: expected {expected}, found {found}. \
         Nothing was imported; correct the file and run the import again"
    )]
    Unexpected {
        file: String,
        line: u64,
        /// Number of the column from 1, with its name where it has one.
        column: String,
        expected: String,
        found: String,
    },

    #[error(
        "{file}, line {line}: {missing} missing; {found}. \
         Nothing was imported; correct the file and run the import again"
    )]
    Missing {
        file: String,
        line: u64,
        /// The columns that are missing, with the verb.
        missing: String,
        /// The columns of the file, as a clause.
        found: String,
    },

    #[error(
        "{file}, line {line}, column {column}: {reason}. \
         Nothing was imported; correct the file and run the import again"
    )]
    Json {
        file: String,
        line: usize,
        column: usize,
        reason: String,
    },

    #[error(
        "{file}, {path}: expected {expected}, found {found}. \
         Nothing was imported; correct the file and run the import again"
    )]
    Inconsistent {
        file: String,
        /// Place in the document, such as `Invoice[3].CustomerId`.
        path: String,
        expected: String,
        found: String,
    },

    #[error(
        "{file} is damaged after line {line}: {reason}. \
         Nothing was imported; get the file again, complete"
    )]
    Damaged {
        file: String,
        line: u64,
        reason: String,
    },

    #[error("{file} cannot be read: {source}")]
    Unreadable { file: String, source: io::Error },

    #[error(
        "there is no workspace `{slug}`{known}; create it with --create-for EMAIL, or use another"
    )]
    NoWorkspace {
        slug: String,
        /// The workspaces that exist, as the end of the sentence.
        known: String,
    },

    #[error(
        "the workspace already has {what} `{value}` that does not come from this import; \
         nothing was imported. Import into another workspace, or rename it there"
    )]
    Taken { what: &'static str, value: String },

    #[error(transparent)]
    Account(#[from] AccountError),

    #[error("{}", refusal(.0))]
    Database(#[from] sqlx::Error),

    /// The reader found that nobody takes its rows any more; the cause is told elsewhere.
    #[error("the import was stopped, and nothing was imported")]
    Stopped,
}

fn refusal(error: &sqlx::Error) -> String {
    let code = error.as_database_error().and_then(|error| error.code());
    match (code.as_deref(), error) {
        (Some("53100"), _) => {
            "the disk of the database is full, and nothing was imported; free some space and run the import again"
                .to_owned()
        }
        // A server that ends while it commits may have done so.
        (Some("57P01" | "57P02" | "57P03"), _) | (None, sqlx::Error::Io(_)) => format!(
            "the connection to the database was lost before it confirmed the import ({error}); either all rows were imported or none. \
             Run the import again when the database is available: it adds only what is missing"
        ),
        _ => format!("the database refused the import, and nothing was imported: {error}"),
    }
}

/// The start of a value for a message: short, on one line, in quotation marks.
pub(super) fn quoted(value: &str) -> String {
    const SHOWN: usize = 40;
    if value.is_empty() {
        return "nothing".to_owned();
    }
    let mut shown: String = value.escape_debug().take(SHOWN).collect();
    if value.chars().count() > SHOWN {
        shown.push('…');
    }
    format!("`{shown}`")
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn values_are_shown_short_and_on_one_line() {
        assert_eq!(quoted(""), "nothing");
        assert_eq!(quoted("a\nb"), "`a\\nb`");
        assert_eq!(quoted(&"x".repeat(50)), format!("`{}…`", "x".repeat(40)));
    }
}
