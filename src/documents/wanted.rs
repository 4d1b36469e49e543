//! How a request names its document.

use serde_json::{Map, Value};

use crate::error::{Code, Error};

/// Longest id of a document, in bytes.
const LONGEST_ID: usize = 256;

/// What a request says about its document: a text, a name for one, or a text with its hash.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    text: Option<String>,
    name: Option<Name>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Name {
    Id(String),
    Hash(String),
}

/// A name for a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named<'a> {
    /// The member `documentId`, as GraphQL over HTTP has it.
    Id(&'a str),
    /// The member `extensions.persistedQuery.sha256Hash`, as Apollo's clients send it.
    Hash(&'a str),
}

impl Wanted {
    /// A text without a name.
    pub fn of(text: impl Into<String>) -> Self {
        Self {
            text: Some(text.into()),
            name: None,
        }
    }

    /// Takes what concerns the document out of the members of a request.
    ///
    /// # Errors
    /// `BAD_REQUEST` for members of another type, and for requests that name nothing.
    pub fn take(members: &mut Map<String, Value>) -> Result<Self, Error> {
        let id = match members.remove("documentId") {
            Some(Value::String(id)) if (1..=LONGEST_ID).contains(&id.len()) => Some(Name::Id(id)),
            Some(Value::Null) | None => None,
            Some(_) => {
                return Err(bad(&format!(
                    "`documentId` must be a string of 1 to {LONGEST_ID} bytes."
                )));
            }
        };
        let hash = match members.get("extensions") {
            Some(Value::Object(extensions)) => persisted(extensions.get("persistedQuery"))?,
            _ => None,
        };
        let text = match members.remove("query") {
            Some(Value::String(text)) if !text.trim().is_empty() => Some(text),
            Some(Value::Null) | None => None,
            // Some clients send an empty text beside the name of a document.
            Some(Value::String(_)) if id.is_some() || hash.is_some() => None,
            Some(Value::String(_)) => return Err(bad("`query` is empty.")),
            Some(_) => return Err(bad("`query` must be a string.")),
        };
        if id.is_some() && (text.is_some() || hash.is_some()) {
            return Err(bad(
                "`documentId` names the whole document; omit `query` and `extensions.persistedQuery`.",
            ));
        }
        let name = id.or(hash.map(Name::Hash));
        if text.is_none() && name.is_none() {
            return Err(nothing());
        }
        Ok(Self { text, name })
    }

    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    pub fn named(&self) -> Option<Named<'_>> {
        self.name.as_ref().map(|name| match name {
            Name::Id(id) => Named::Id(id),
            Name::Hash(hash) => Named::Hash(hash),
        })
    }
}

/// Reads `extensions.persistedQuery`. Members that nobody specified are passed over, as all of
/// `extensions` that nobody here knows is.
fn persisted(value: Option<&Value>) -> Result<Option<String>, Error> {
    let value = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(value)) => value,
        Some(_) => return Err(bad("`extensions.persistedQuery` must be an object.")),
    };
    if value.get("version") != Some(&Value::from(1)) {
        return Err(bad("`extensions.persistedQuery.version` must be 1."));
    }
    match value.get("sha256Hash") {
        Some(Value::String(hash)) if (1..=LONGEST_ID).contains(&hash.len()) => {
            Ok(Some(hash.clone()))
        }
        _ => Err(bad(
            "`extensions.persistedQuery.sha256Hash` must be a string of 64 hexadecimal digits.",
        )),
    }
}

pub(super) fn nothing() -> Error {
    bad("`query` is missing.")
}

fn bad(message: &str) -> Error {
    Error::new(Code::BadRequest, message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn asked(members: Value) -> Result<Wanted, Error> {
        let Value::Object(mut members) = members else {
            panic!("an object");
        };
        Wanted::take(&mut members)
    }

    #[test]
    fn a_request_names_its_document_in_one_way() {
        let hashed = json!({"persistedQuery": {"version": 1, "sha256Hash": "a", "more": true}});
        assert_eq!(asked(json!({"query": "{a}"})), Ok(Wanted::of("{a}")));
        let one = asked(json!({"documentId": "a", "query": null, "extensions": {}})).unwrap();
        assert_eq!((one.text(), one.named()), (None, Some(Named::Id("a"))));
        for query in [Value::Null, json!(""), json!(" ")] {
            let one = asked(json!({"query": query, "extensions": hashed})).unwrap();
            assert_eq!((one.text(), one.named()), (None, Some(Named::Hash("a"))));
        }
        let one = asked(json!({"query": "{a}", "extensions": hashed})).unwrap();
        assert_eq!(
            (one.text(), one.named()),
            (Some("{a}"), Some(Named::Hash("a")))
        );
        for refused in [
            json!({}),
            json!({"query": ""}),
            json!({"query": 1}),
            json!({"query": ["{a}"]}),
            json!({"documentId": ""}),
            json!({"documentId": 1}),
            json!({"documentId": "a".repeat(257)}),
            json!({"documentId": "a", "query": "{a}"}),
            json!({"documentId": "a", "extensions": hashed}),
            json!({"query": "{a}", "extensions": {"persistedQuery": "a"}}),
            json!({"query": "{a}", "extensions": {"persistedQuery": {}}}),
            json!({"query": "{a}", "extensions": {"persistedQuery": {"version": 2, "sha256Hash": "a"}}}),
            json!({"query": "{a}", "extensions": {"persistedQuery": {"version": "1", "sha256Hash": "a"}}}),
            json!({"query": "{a}", "extensions": {"persistedQuery": {"version": 1}}}),
            json!({"query": "{a}", "extensions": {"persistedQuery": {"version": 1, "sha256Hash": 1}}}),
        ] {
            let error = asked(refused.clone()).expect_err(&refused.to_string());
            assert_eq!(error.code, Code::BadRequest, "{refused}");
        }
    }
}
