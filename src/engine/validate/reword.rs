//! The errors of async-graphql in our words.

use async_graphql::{PathSegment, ServerError};

use crate::engine::mutation::{DRY_RUN, IDEMPOTENT};
use crate::error::{Code, Error, Location, Step};

/// How messages begin and end about what `document` looks at as well.
const OURS: [(&str, &str); 7] = [
    ("Unknown field ", ""),
    ("Unknown argument ", ""),
    ("Invalid value for argument ", ""),
    ("Invalid default value for argument", ""),
    ("Field ", "is required but not provided"),
    ("Field ", "has no subfields"),
    ("Field ", "must have a selection of subfields"),
];

/// Whether a message says what `document` says better.
pub fn is_ours(message: &str) -> bool {
    let about_directive = message.contains("\" on directive \"");
    let mut ours = OURS.iter();
    ours.any(|(start, end)| message.starts_with(start) && message.ends_with(end))
        && !about_directive
}

/// An error in our words.
pub fn convert(error: ServerError) -> Error {
    let invalid = |message: &str| Error::new(Code::GraphqlValidationFailed, reworded(message));
    // It proposes names of the schema at the end of a message, and names the argument that lacks.
    let mut converted = match error.message.split_once(" Did you mean ") {
        Some((message, names)) => {
            invalid(message).hinting(format!("Did you mean {}", names.replace('"', "`")))
        }
        None => match missing_argument(&error.message) {
            Some((of, argument)) => {
                let message = format!("The {of} needs an argument that is not given.");
                let error = Error::new(Code::GraphqlValidationFailed, message);
                error.hinting(format!("It is `{argument}`."))
            }
            None => invalid(&error.message),
        },
    };
    converted.locations = error.locations.into_iter().map(Location::from).collect();
    converted.path = error
        .path
        .into_iter()
        .map(|segment| match segment {
            PathSegment::Field(name) => Step::Field(name),
            PathSegment::Index(index) => Step::Index(index),
        })
        .collect();
    converted
}

/// A message about names in quotes, as a sentence with the names as they are written here.
fn reworded(message: &str) -> String {
    if message.contains("exactly one field") {
        return "This input takes exactly one of its fields, which must not be null.".to_owned();
    }
    let names: Vec<&str> = message.split('"').skip(1).step_by(2).collect();
    let rest: String = message.split('"').step_by(2).collect::<Vec<_>>().join("_");
    match (&*rest, &names[..]) {
        ("Unknown field _ on type _." | "Unknown field _ on type _", [field, of]) => {
            format!("`{of}` has no field `{field}`.")
        }
        (
            "Unknown argument _ on field _ of type _." | "Unknown argument _ on field _ of type _",
            [argument, field, _],
        ) => format!("`{field}` has no argument `{argument}`."),
        (
            "Unknown argument _ on directive _." | "Unknown argument _ on directive _",
            [argument, directive],
        ) => format!("`@{directive}` has no argument `{argument}`."),
        ("Invalid value for argument _, expected type _", [place, of]) => {
            format!("`{place}` takes a value of type `{of}`.")
        }
        ("Field _ must not have a selection since type _ has no subfields", [field, _]) => {
            format!("`{field}` has no fields and takes no selection.")
        }
        ("Field _ of type _ must have a selection of subfields", [field, _]) => {
            format!("`{field}` needs a selection of its fields.")
        }
        ("Unknown type _", [of]) => format!("There is no type `{of}`."),
        ("Unknown fragment: _", [fragment]) => format!("There is no fragment `{fragment}`."),
        ("Unknown directive _", [DRY_RUN]) => {
            format!("`@{DRY_RUN}` stands on mutation operations.")
        }
        ("Unknown directive _", [IDEMPOTENT]) => {
            format!("`@{IDEMPOTENT}` stands on root fields of mutations.")
        }
        ("Unknown directive _", [directive]) => format!("There is no directive `@{directive}`."),
        ("Duplicate directive _", [directive]) => format!("`@{directive}` cannot be repeated."),
        ("Variable _ is not defined by operation _", [variable, operation]) => {
            format!("The variable `{variable}` is not declared by the operation `{operation}`.")
        }
        ("Variable _ is not defined", [variable]) => {
            format!("The variable `{variable}` is not declared.")
        }
        ("Variable _ is not used by operation _", [variable, operation]) => {
            format!("The variable `{variable}` is not used by the operation `{operation}`.")
        }
        ("Variable _ is not used", [variable]) => {
            format!("The variable `{variable}` is not used.")
        }
        ("Fragment _ is never used", [fragment]) => {
            format!("The fragment `{fragment}` is never used.")
        }
        ("There can only be one argument named _", [argument]) => {
            format!("The argument `{argument}` is given twice.")
        }
        ("There can only be one variable named _", [variable]) => {
            format!("The variable `{variable}` is declared twice.")
        }
        _ => {
            let end = if message.ends_with(['.', '?']) {
                ""
            } else {
                "."
            };
            format!("{}{end}", message.replace('"', "`"))
        }
    }
}

/// The field or directive, and the argument, of a message that the argument is not given.
fn missing_argument(message: &str) -> Option<(String, &str)> {
    let rest = message.strip_suffix("is required but not provided")?;
    let (of, rest) = rest.split_once("\" argument \"")?;
    let (argument, _) = rest.split_once('"')?;
    let of = match of.strip_prefix("Directive \"") {
        Some(directive) => format!("directive `{directive}`"),
        None => format!("field `{}`", of.strip_prefix("Field \"")?),
    };
    Some((of, argument))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_sentences_with_names_in_backticks() {
        for (theirs, ours) in [
            ("Unknown fragment: \"F\"", "There is no fragment `F`."),
            (
                "Variable \"$v\" is not defined by operation \"O\"",
                "The variable `$v` is not declared by the operation `O`.",
            ),
            (
                "Invalid value for argument \"id\", expected type \"ID\"",
                "`id` takes a value of type `ID`.",
            ),
            (
                "Oneof input objects requires have exactly one field",
                "This input takes exactly one of its fields, which must not be null.",
            ),
            ("Something \"new\"", "Something `new`."),
        ] {
            assert_eq!(reworded(theirs), ours);
        }
        let (of, argument) = missing_argument(
            "Directive \"@skip\" argument \"if\" of type \"Boolean!\" is required but not provided",
        )
        .unwrap();
        assert_eq!((of.as_str(), argument), ("directive `@skip`", "if"));
    }
}
