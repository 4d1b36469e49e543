//! The errors of a request, and what callers see of them.

use std::fmt;

use async_graphql::{Name, Pos};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// The machine-readable kind of an error, as `extensions.code`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    Unauthenticated,
    Forbidden,
    BadUserInput,
    NotFound,
    UniqueViolation,
    ReferenceViolation,
    CheckViolation,
    Stale,
    Conflict,
    RolledBack,
    QueryTooExpensive,
    GraphqlParseFailed,
    GraphqlValidationFailed,
    BadRequest,
    PersistedQueryNotFound,
    PersistedQueryNotSupported,
    RateLimited,
    Timeout,
    Unavailable,
    Internal,
}

impl Code {
    pub const ALL: [Self; 20] = [
        Self::Unauthenticated,
        Self::Forbidden,
        Self::BadUserInput,
        Self::NotFound,
        Self::UniqueViolation,
        Self::ReferenceViolation,
        Self::CheckViolation,
        Self::Stale,
        Self::Conflict,
        Self::RolledBack,
        Self::QueryTooExpensive,
        Self::GraphqlParseFailed,
        Self::GraphqlValidationFailed,
        Self::BadRequest,
        Self::PersistedQueryNotFound,
        Self::PersistedQueryNotSupported,
        Self::RateLimited,
        Self::Timeout,
        Self::Unavailable,
        Self::Internal,
    ];

    /// What it means, and what a caller can do.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Unauthenticated => "The token is missing or not valid.",
            Self::Forbidden => "The role of the caller does not permit it.",
            Self::BadUserInput => "A value cannot be used.",
            Self::NotFound => "There is no such row, or none that the caller may read.",
            Self::UniqueViolation => "A value that must be unique is taken.",
            Self::ReferenceViolation => {
                "A row that is referred to does not exist, or is still referred to."
            }
            Self::CheckViolation => "A condition on the values of a row does not hold.",
            Self::Stale => "The row was changed since the version that was expected.",
            Self::Conflict => "Other requests work on the same; try again.",
            Self::RolledBack => "Another field of the operation failed, so nothing was written.",
            Self::QueryTooExpensive => "The operation exceeds a limit; ask for less.",
            Self::GraphqlParseFailed => "The document is not GraphQL.",
            Self::GraphqlValidationFailed => "The document does not fit the schema.",
            Self::BadRequest => "The request cannot be understood.",
            Self::PersistedQueryNotFound => "The server does not know the hash; send the document.",
            Self::PersistedQueryNotSupported => "The server takes no persisted queries.",
            Self::RateLimited => {
                "Too many requests; `retryAfter` says in how many seconds to try again."
            }
            Self::Timeout => "It took too long.",
            Self::Unavailable => "The database cannot be reached at the moment; try again.",
            Self::Internal => "A fault of the server; `traceId` finds it in its log.",
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::NotFound => "NOT_FOUND",
            Self::UniqueViolation => "UNIQUE_VIOLATION",
            Self::ReferenceViolation => "REFERENCE_VIOLATION",
            Self::CheckViolation => "CHECK_VIOLATION",
            Self::Stale => "STALE",
            Self::Conflict => "CONFLICT",
            Self::RolledBack => "ROLLED_BACK",
            Self::QueryTooExpensive => "QUERY_TOO_EXPENSIVE",
            Self::GraphqlParseFailed => "GRAPHQL_PARSE_FAILED",
            Self::GraphqlValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Self::BadRequest => "BAD_REQUEST",
            Self::PersistedQueryNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Self::PersistedQueryNotSupported => "PERSISTED_QUERY_NOT_SUPPORTED",
            Self::RateLimited => "RATE_LIMITED",
            Self::Timeout => "TIMEOUT",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal => "INTERNAL",
        }
    }
}

/// A position in the document, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Location {
    pub line: usize,
    pub column: usize,
}

impl From<Pos> for Location {
    fn from(pos: Pos) -> Self {
        Self {
            line: pos.line,
            column: pos.column,
        }
    }
}

/// One element of the path to a field of the answer.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(untagged)]
pub enum Step {
    Field(String),
    Index(usize),
}

/// A place inside an input value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValuePlace {
    /// The value of a field of an object.
    Field(Name),
    /// The name of a field, which is what is wrong.
    Name(Name),
    /// An item of a list.
    Item(usize),
}

impl From<&str> for ValuePlace {
    fn from(field: &str) -> Self {
        Self::Field(Name::new(field))
    }
}

impl From<&Name> for ValuePlace {
    fn from(field: &Name) -> Self {
        Self::Field(field.clone())
    }
}

impl From<usize> for ValuePlace {
    fn from(index: usize) -> Self {
        Self::Item(index)
    }
}

/// The places from an input value down to the part that is looked at.
#[derive(Debug, Default)]
pub struct ValuePlaces(Vec<ValuePlace>);

impl ValuePlaces {
    pub fn enter(&mut self, place: impl Into<ValuePlace>) {
        self.0.push(place.into());
    }

    pub fn leave(&mut self) {
        self.0.pop();
    }

    /// The names of the fields that lead here.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|place| match place {
            ValuePlace::Field(name) | ValuePlace::Name(name) => Some(name.as_str()),
            ValuePlace::Item(_) => None,
        })
    }

    /// Says of an error that it is about the part that is looked at.
    pub fn mark(&self, error: Error) -> Error {
        let places = self.0.iter().rev().cloned();
        places.fold(error, Error::inside)
    }
}

/// The places that lead to a part of an input value, the innermost first. It has a type for the
/// same reason as [`Hint`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inside(Vec<ValuePlace>);

/// Most bytes of a message: what a caller has sent is in it, and names can be long.
const LONGEST_MESSAGE: usize = 2000;

/// A sentence for those who may ask about the schema. It has a type so that an error holds a
/// pointer alone: errors are few, and every result is as large as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint(pub String);

/// An error as the caller sees it. Nothing internal is ever put into one: [`Error::internal`]
/// logs the cause and keeps only the id under which it was logged.
#[derive(Clone, Debug, PartialEq)]
pub struct Error {
    pub code: Code,
    pub message: String,
    /// A sentence that names parts of the schema which the caller did not: it is told only to
    /// those who may ask about the schema.
    pub hint: Option<Box<Hint>>,
    pub locations: Vec<Location>,
    /// Which part of the value at the location is meant.
    inside: Option<Box<Inside>>,
    pub path: Vec<Step>,
    /// Further members of `extensions`.
    pub details: Map<String, Value>,
}

impl Error {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        let mut message = message.into();
        if message.len() > LONGEST_MESSAGE {
            message.truncate(message.floor_char_boundary(LONGEST_MESSAGE));
            message.push('…');
        }
        Self {
            code,
            message,
            hint: None,
            locations: Vec::new(),
            inside: None,
            path: Vec::new(),
            details: Map::new(),
        }
    }

    /// A value of the caller that cannot be used; `field` names the argument or input field.
    pub fn input(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Code::BadUserInput, message).with("field", field.into())
    }

    pub fn unauthenticated(message: impl Into<String>) -> Self {
        Self::new(Code::Unauthenticated, message)
    }

    /// Another transaction was in the way.
    pub fn conflict() -> Self {
        Self::new(
            Code::Conflict,
            "Other requests write the same rows at the moment; nothing was written. Try again shortly.",
        )
    }

    /// Logs `cause` under a new trace id and answers with that id alone.
    pub fn internal(cause: impl fmt::Display) -> Self {
        let trace_id = Uuid::new_v4();
        tracing::error!(%trace_id, error = %cause, "internal error");
        Self::new(
            Code::Internal,
            format!("An internal error occurred; the gateway's log has the cause under the id {trace_id}."),
        )
        .with("traceId", trace_id.to_string())
    }

    /// The database cannot be reached; the cause is logged and not told.
    pub fn unavailable(cause: impl fmt::Display) -> Self {
        tracing::error!(error = %cause, "the database is unavailable");
        Self::new(
            Code::Unavailable,
            "The database cannot be reached at the moment; try again shortly.",
        )
    }

    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }

    /// Adds a sentence for those who may ask about the schema.
    pub fn hinting(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(Box::new(Hint(hint.into())));
        self
    }

    pub fn at(mut self, location: impl Into<Location>) -> Self {
        if self.locations.is_empty() {
            self.locations.push(location.into());
        }
        self
    }

    /// Says that the error is about a part of the value that it was about until now.
    pub fn inside(mut self, place: impl Into<ValuePlace>) -> Self {
        let inside = self
            .inside
            .get_or_insert_with(|| Box::new(Inside(Vec::new())));
        inside.0.push(place.into());
        self
    }

    /// Takes the places that lead to the part of the value that is meant, the outermost first.
    pub fn take_places(&mut self) -> Vec<ValuePlace> {
        let mut places = self.inside.take().map_or(Vec::new(), |inside| inside.0);
        places.reverse();
        places
    }

    /// The name of the limit that was exceeded, if that is the error.
    pub fn limit(&self) -> Option<&str> {
        if self.code != Code::QueryTooExpensive {
            return None;
        }
        self.details.get("name")?.as_str()
    }

    /// Sets the path unless a more precise one is there already.
    pub fn on_path(mut self, path: &[Step]) -> Self {
        if self.path.is_empty() {
            self.path = path.to_vec();
        }
        self
    }

    /// The error as the GraphQL specification writes it.
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// The members stand in the order in which a person reads them, the message first.
impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut error = serializer.serialize_map(None)?;
        match &self.hint {
            Some(hint) => {
                error.serialize_entry("message", &format!("{} {}", self.message, hint.0))?;
            }
            None => error.serialize_entry("message", &self.message)?,
        }
        if !self.locations.is_empty() {
            error.serialize_entry("locations", &self.locations)?;
        }
        if !self.path.is_empty() {
            error.serialize_entry("path", &self.path)?;
        }
        let mut extensions = self.details.clone();
        extensions.insert("code".to_owned(), json!(self.code.name()));
        error.serialize_entry("extensions", &extensions)?;
        error.end()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.code.name(), self.message)
    }
}

impl std::error::Error for Error {}

/// What may fail with an error about a part of a value.
pub trait Within {
    /// Says of an error which part of the value it is about.
    #[must_use]
    fn within(self, place: impl Into<ValuePlace>) -> Self;
}

impl<T> Within for Result<T, Error> {
    fn within(self, place: impl Into<ValuePlace>) -> Self {
        self.map_err(|error| error.inside(place))
    }
}
