//! Whatever error the connection to the database has, no detail of it reaches a caller.

use std::io;

use proptest::prelude::*;
use wire::{Error, ServerError};

use super::loss::from_wire;
use crate::error::Code;

/// What is inside: it must not come out.
const INSIDE: &str = "s3cr3t";

fn errors() -> impl Strategy<Value = Error> {
    let text = "[ -~]{0,20}".prop_map(|noise| format!("{noise} {INSIDE} {noise}"));
    let state = prop_oneof![
        "[0-9A-Z]{5}",
        prop::sample::select(vec![
            "23505", "23503", "23502", "23514", "42703", "42P01", "57014", "57P01", "57P02",
            "57P03", "53300", "53100", "40001", "25006", "28P01", "XX000",
        ])
        .prop_map(str::to_owned),
    ];
    (0..14, text, state, any::<usize>()).prop_map(|(variant, text, state, number)| {
        let server = || {
            Box::new(ServerError {
                severity: "ERROR".to_owned(),
                code: state.clone(),
                message: text.clone(),
                detail: Some(text.clone()),
                hint: Some(text.clone()),
                table: Some("s3cr3t_table".to_owned()),
                constraint: Some("s3cr3t_constraint".to_owned()),
                ..ServerError::default()
            })
        };
        match variant {
            0 => Error::Io {
                doing: text,
                error: io::Error::other(INSIDE),
            },
            1 => Error::Late(text),
            2 => Error::Tls(text),
            3 => Error::Authentication(text),
            4 => Error::Protocol(text),
            5 => Error::Target("s3cr3t"),
            6 => Error::TooLarge {
                what: "s3cr3t",
                limit: number,
            },
            7 => Error::Busy,
            8 => Error::Argument(text),
            9 => Error::QueueFull,
            10 => Error::Lost {
                sent: number % 2 == 0,
                cause: text,
            },
            11 => Error::Statement {
                statement: number,
                error: server(),
            },
            _ => Error::Server(server()),
        }
    })
}

proptest! {
    #[test]
    fn nothing_of_the_inside_comes_out(error in errors()) {
        let told = from_wire(&error);
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
            Code::Unavailable | Code::Timeout | Code::QueryTooExpensive => {
                prop_assert!(told.details.is_empty());
                text
            }
            other => return Err(TestCaseError::fail(format!("{other:?}: {text}"))),
        };
        // The same few sentences, whatever the error.
        prop_assert!(!fixed.contains(|c: char| c.is_ascii_digit()), "{}", fixed);
    }
}
