//! Whatever error the driver returns, no detail of it reaches a caller.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::io;

use proptest::prelude::*;
use sqlx::error::{DatabaseError, ErrorKind};

use super::from_driver;
use crate::error::Code;

/// What is inside: it must not come out.
const INSIDE: &str = "s3cr3t";

/// An error of a database whose every text is of the inside.
#[derive(Debug)]
struct Fake {
    state: Option<String>,
    message: String,
}

impl fmt::Display for Fake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl StdError for Fake {}

impl DatabaseError for Fake {
    fn message(&self) -> &str {
        &self.message
    }

    fn code(&self) -> Option<Cow<'_, str>> {
        self.state.as_deref().map(Cow::Borrowed)
    }

    fn as_error(&self) -> &(dyn StdError + Send + Sync + 'static) {
        self
    }

    fn as_error_mut(&mut self) -> &mut (dyn StdError + Send + Sync + 'static) {
        self
    }

    fn into_error(self: Box<Self>) -> Box<dyn StdError + Send + Sync + 'static> {
        self
    }

    fn constraint(&self) -> Option<&str> {
        Some("s3cr3t_constraint")
    }

    fn table(&self) -> Option<&str> {
        Some("s3cr3t_table")
    }

    fn kind(&self) -> ErrorKind {
        match self.state.as_deref() {
            Some("23505") => ErrorKind::UniqueViolation,
            Some("23503") => ErrorKind::ForeignKeyViolation,
            Some("23502") => ErrorKind::NotNullViolation,
            Some("23514") => ErrorKind::CheckViolation,
            _ => ErrorKind::Other,
        }
    }
}

fn errors() -> impl Strategy<Value = sqlx::Error> {
    let text = "[ -~]{0,20}".prop_map(|noise| format!("{noise} {INSIDE} {noise}"));
    let state = prop_oneof![
        Just(None),
        "[0-9A-Z]{5}".prop_map(Some),
        prop::sample::select(vec![
            "23505", "23503", "23502", "23514", "42703", "42P01", "57014", "57P01", "57P02",
            "57P03", "53300", "53100", "40001", "25006", "28P01", "XX000",
        ])
        .prop_map(|state| Some(state.to_owned())),
    ];
    (0..16, text, state, any::<usize>()).prop_map(|(variant, text, state, number)| match variant {
        0 => sqlx::Error::Configuration(text.into()),
        1 => sqlx::Error::InvalidArgument(text),
        2 => sqlx::Error::Io(io::Error::other(text)),
        3 => sqlx::Error::Tls(text.into()),
        4 => sqlx::Error::Protocol(text),
        5 => sqlx::Error::TypeNotFound { type_name: text },
        6 => sqlx::Error::ColumnNotFound(text),
        7 => sqlx::Error::ColumnDecode {
            index: text.clone(),
            source: text.into(),
        },
        8 => sqlx::Error::Encode(text.into()),
        9 => sqlx::Error::Decode(text.into()),
        10 => sqlx::Error::PoolTimedOut,
        11 => sqlx::Error::PoolClosed,
        12 => sqlx::Error::WorkerCrashed,
        13 => sqlx::Error::ColumnIndexOutOfBounds {
            index: number,
            len: 987_654,
        },
        _ => sqlx::Error::Database(Box::new(Fake {
            state,
            message: text,
        })),
    })
}

proptest! {
    #[test]
    fn nothing_of_the_inside_comes_out(error in errors()) {
        let told = from_driver(&error);
        let text = told.to_json().to_string();
        prop_assert!(!text.contains(INSIDE), "{}", text);
        prop_assert!(told.locations.is_empty() && told.path.is_empty() && told.hint.is_none());
        let fixed = match told.code {
            Code::Internal => {
                let id = told.details["traceId"].as_str().unwrap_or_default();
                prop_assert!(uuid::Uuid::parse_str(id).is_ok());
                prop_assert_eq!(told.details.len(), 1);
                text.replace(id, "")
            }
            Code::Unavailable | Code::Timeout => {
                prop_assert!(told.details.is_empty());
                text
            }
            other => return Err(TestCaseError::fail(format!("{other:?}: {text}"))),
        };
        // The same few sentences, whatever the error.
        prop_assert!(!fixed.contains(|c: char| c.is_ascii_digit()), "{}", fixed);
    }
}
