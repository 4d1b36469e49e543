//! The errors of async-graphql in our words.

use async_graphql::{PathSegment, ServerError};

use super::suggest;
use crate::engine::mutation::{DRY_RUN, IDEMPOTENT};
use crate::error::{Code, Error, Location, Step};

/// The directives of documents.
const DIRECTIVES: [&str; 4] = ["@dryRun", "@idempotent", "@include", "@skip"];

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

/// Whether a message is about fields of one response key, which `merge` looks at: it may name an
/// argument in the place of the key.
pub fn is_about_merging(message: &str) -> bool {
    message.starts_with("Fields \"") && message.contains("\" conflict because ")
}

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
            None => match directive(&error.message) {
                Some(hint) => invalid(&error.message).hinting(hint),
                None => invalid(&error.message),
            },
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
        _ => of_selection(&rest, &names).unwrap_or_else(|| {
            let end = if message.ends_with(['.', '?']) {
                ""
            } else {
                "."
            };
            format!("{}{end}", message.replace('"', "`"))
        }),
    }
}

/// A message about what is selected, as a sentence.
fn of_selection(rest: &str, names: &[&str]) -> Option<String> {
    if let Some(kinds) = rest.strip_prefix("Schema is not configured for ") {
        let kinds = kinds.trim_end_matches('.');
        return Some(format!("The schema has no {kinds}; send a query instead."));
    }
    let elsewhere = |fragment: &str, on: &str, of: &str| {
        format!(
            "{fragment} is on `{on}`, but here fields of `{of}` are selected; put it where `{on}` is possible."
        )
    };
    Some(match (rest, names) {
        (
            "Fragment _ cannot be spread here as objects of type _ can never be of type _",
            [fragment, of, on],
        ) => elsewhere(&format!("The fragment `{fragment}`"), on, of),
        (
            "Fragment cannot be spread here as objects of type _ can never be of type _",
            [of, on],
        ) => elsewhere("This fragment", on, of),
        ("Fragment _ cannot condition non composite type _", [fragment, on]) => {
            format!("The fragment `{fragment}` is on `{on}`, which has no fields to select.")
        }
        ("Fragment cannot condition non composite type _", [on]) => {
            format!("This fragment is on `{on}`, which has no fields to select.")
        }
        ("Directive _ may not be used on _", [directive, _]) => {
            format!("`@{directive}` is not allowed here.")
        }
        _ => return None,
    })
}

/// Proposes a directive for one that does not exist.
fn directive(message: &str) -> Option<String> {
    let name = message.strip_prefix("Unknown directive \"")?;
    let given = format!("@{}", name.strip_suffix('"')?);
    // One that exists stands in the wrong place.
    let exists = DIRECTIVES.contains(&given.as_str());
    let proposed = suggest::alike(&given, DIRECTIVES.into_iter());
    proposed.filter(|_| !exists)
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
            (
                "Schema is not configured for subscriptions.",
                "The schema has no subscriptions; send a query instead.",
            ),
            (
                "Fragment \"F\" cannot be spread here as objects of type \"A\" can never be of type \"B\"",
                "The fragment `F` is on `B`, but here fields of `A` are selected; put it where `B` is possible.",
            ),
            (
                "Fragment cannot be spread here as objects of type \"A\" can never be of type \"B\"",
                "This fragment is on `B`, but here fields of `A` are selected; put it where `B` is possible.",
            ),
            ("Something \"new\"", "Something `new`."),
        ] {
            assert_eq!(reworded(theirs), ours);
        }
        let proposed = directive("Unknown directive \"dryrun\"");
        assert_eq!(proposed.as_deref(), Some("Did you mean `@dryRun`?"));
        assert_eq!(directive("Unknown directive \"dryRun\""), None);
        assert_eq!(directive("Unknown directive \"nope\""), None);
        let (of, argument) = missing_argument(
            "Directive \"@skip\" argument \"if\" of type \"Boolean!\" is required but not provided",
        )
        .unwrap();
        assert_eq!((of.as_str(), argument), ("directive `@skip`", "if"));
    }
}
