//! Expected failures: they stand in the payload, all of an input at once.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

use crate::engine::names::{Named, names};
use crate::error::{Code, Error, ValuePlace};

names! {
    /// The types of errors in payloads.
    ErrorType {
        InvalidValue = "InvalidValue",
        NotFound = "NotFound",
        UniqueViolation = "UniqueViolation",
        ReferenceViolation = "ReferenceViolation",
        CheckViolation = "CheckViolation",
        StaleVersion = "StaleVersion",
        Conflict = "Conflict",
        RolledBack = "RolledBack",
    }
}

impl ErrorType {
    pub fn code(self) -> Code {
        match self {
            Self::InvalidValue => Code::BadUserInput,
            Self::NotFound => Code::NotFound,
            Self::UniqueViolation => Code::UniqueViolation,
            Self::ReferenceViolation => Code::ReferenceViolation,
            Self::CheckViolation => Code::CheckViolation,
            Self::StaleVersion => Code::Stale,
            Self::Conflict => Code::Conflict,
            Self::RolledBack => Code::RolledBack,
        }
    }
}

impl Serialize for ErrorType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for ErrorType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::of(&name).ok_or_else(|| de::Error::custom("no type of errors"))
    }
}

/// Steps into the input.
pub type Path = Vec<String>;

/// A failure that the caller can do something about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    pub of: ErrorType,
    pub message: String,
    pub path: Path,
    pub detail: Detail,
}

/// What a type of error says beside its message.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Detail {
    #[default]
    None,
    /// Fields that must be unique together.
    Fields(Vec<String>),
    /// The row as it is now.
    Stale { id: Uuid, version: String },
    /// The response key of the root field that failed.
    Because(String),
}

impl Problem {
    pub fn new(of: ErrorType, path: &[String], message: impl Into<String>) -> Self {
        Self {
            of,
            message: message.into(),
            path: path.to_vec(),
            detail: Detail::None,
        }
    }

    pub fn invalid(path: &[String], message: impl Into<String>) -> Self {
        Self::new(ErrorType::InvalidValue, path, message)
    }

    /// Whether it says that a value is taken and not which.
    pub fn is_unexplained(&self) -> bool {
        self.detail == Detail::Fields(Vec::new())
    }

    /// What it is about: another one that is about the same says nothing more.
    pub fn about(&self) -> (ErrorType, Path) {
        (self.of, self.path.clone())
    }

    /// An error of the engine about a value of the input.
    pub fn of_value(path: &[String], mut error: Error) -> Self {
        let places = error.take_places().into_iter().map(|place| match place {
            ValuePlace::Field(name) | ValuePlace::Name(name) => name.to_string(),
            ValuePlace::Item(index) => index.to_string(),
        });
        let path: Vec<String> = path.iter().cloned().chain(places).collect();
        let message = match error.hint {
            Some(hint) => format!("{} {}", error.message, hint.0),
            None => error.message,
        };
        Self::invalid(&path, message)
    }

    /// A row that a new or changed one refers to is not there, or is none that the caller may read.
    pub fn reference(path: &[String], noun: &str) -> Self {
        Self::new(
            ErrorType::ReferenceViolation,
            path,
            format!("There is no {noun} with this key."),
        )
    }

    pub fn not_found(path: &[String], noun: &str) -> Self {
        Self::new(
            ErrorType::NotFound,
            path,
            format!("There is no {noun} with this key."),
        )
    }

    pub fn unique(path: &[String], fields: Vec<String>, within: bool) -> Self {
        let names: Vec<String> = fields.iter().map(|field| format!("`{field}`")).collect();
        let names = names.join(", ");
        let message = match (fields.is_empty(), within) {
            (true, _) => "A value that must be unique is already in use.".to_owned(),
            (false, true) => {
                format!("{names} must be unique; another row of this input has the same value.")
            }
            (false, false) => format!("{names} must be unique; another row has the same value."),
        };
        Self {
            detail: Detail::Fields(fields),
            ..Self::new(ErrorType::UniqueViolation, path, message)
        }
    }

    pub fn stale(path: &[String], id: Uuid, version: String) -> Self {
        Self {
            detail: Detail::Stale { id, version },
            ..Self::new(
                ErrorType::StaleVersion,
                path,
                "The row was changed since this version. Read `current`, and try again with its version.",
            )
        }
    }

    pub fn rolled_back(because: &str) -> Self {
        Self {
            detail: Detail::Because(because.to_owned()),
            ..Self::new(
                ErrorType::RolledBack,
                &[],
                format!("Nothing was written, because `{because}` failed."),
            )
        }
    }
}
