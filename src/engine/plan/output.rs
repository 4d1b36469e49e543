//! Fields of the answer, in the order of the selection.

use crate::error::{Location, Step};

/// A field of an object of the answer.
#[derive(Debug)]
pub struct OutputField<T> {
    /// The response key, written as `"key":`.
    pub key: String,
    /// Where the document asks for it.
    pub location: Location,
    pub output: Output<T>,
}

impl<T> OutputField<T> {
    /// The field with another part.
    pub fn map<U>(self, with: impl FnOnce(T) -> U) -> OutputField<U> {
        OutputField {
            key: self.key,
            location: self.location,
            output: match self.output {
                Output::TypeName(name) => Output::TypeName(name),
                Output::Part(part) => Output::Part(with(part)),
            },
        }
    }

    /// The step to it in the path of an error.
    pub fn step(&self) -> Step {
        let name = |character| "\":".contains(character);
        Step::Field(self.key.trim_matches(name).to_owned())
    }
}

/// How the value of a field is made.
#[derive(Debug)]
pub enum Output<T> {
    /// `__typename`, which every object has, as JSON.
    TypeName(String),
    /// What a field of this type of object asks for.
    Part(T),
}

/// A text as JSON.
pub fn json_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A response key as the writer takes it. GraphQL names need no escapes.
pub fn json_key(key: &str) -> String {
    format!("\"{key}\":")
}
