//! The file of trusted documents, in either of two formats: `{"<id>": "<text>", …}` as Relay's
//! compiler and GraphQL Code Generator write it, or Apollo's persisted query manifest.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

/// Form of Apollo's manifest that is read.
const APOLLO: &str = "apollo-persisted-query-manifest";

/// A document as it stands in the file.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    pub id: String,
    pub text: String,
}

/// Reads the documents of a manifest.
///
/// # Errors
/// A sentence that says what is wrong and where.
pub fn parse(json: &str) -> Result<Vec<Entry>, String> {
    let Members(members) = serde_json::from_str(json)
        .map_err(|error| format!("it is not a JSON object of documents: {error}"))?;
    let apollo = members
        .iter()
        .any(|(name, value)| name == "operations" && value.is_array());
    let entries = if apollo {
        operations(members)?
    } else {
        let texts = members.into_iter().map(|(id, value)| match value {
            Value::String(text) => Ok(Entry { id, text }),
            _ => Err(format!("the document `{id}` is not a string")),
        });
        texts.collect::<Result<Vec<_>, _>>()?
    };
    let mut ids = HashSet::new();
    for Entry { id, text } in &entries {
        if id.is_empty() {
            return Err("a document has an empty id".to_owned());
        }
        if text.trim().is_empty() {
            return Err(format!("the document `{id}` is empty"));
        }
        if !ids.insert(id) {
            return Err(format!("the id `{id}` is there twice"));
        }
    }
    if entries.is_empty() {
        return Err("it contains no documents, so no request could be executed".to_owned());
    }
    Ok(entries)
}

fn operations(members: Vec<(String, Value)>) -> Result<Vec<Entry>, String> {
    let mut operations = Vec::new();
    let (mut format, mut version) = (Value::Null, Value::Null);
    for (name, value) in members {
        match (name.as_str(), value) {
            ("format", value) => format = value,
            ("version", value) => version = value,
            ("operations", Value::Array(all)) => operations = all,
            _ => {}
        }
    }
    if format != APOLLO || version != 1 {
        return Err(format!(
            "a manifest with `operations` must have the `format` `{APOLLO}` and the `version` 1"
        ));
    }
    let entries = operations
        .into_iter()
        .enumerate()
        .map(|(index, operation)| {
            let text = |name: &str| {
                let text = operation.get(name).and_then(Value::as_str);
                text.map(str::to_owned)
                    .ok_or_else(|| format!("operation {} has no string `{name}`", index + 1))
            };
            Ok(Entry {
                id: text("id")?,
                text: text("body")?,
            })
        });
    entries.collect()
}

/// The members of an object in their order, those that stand there twice too.
struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;

        impl<'de> Visitor<'de> for All {
            type Value = Members;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(All)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: &str, text: &str) -> Entry {
        Entry {
            id: id.to_owned(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn both_forms_are_read() {
        assert_eq!(
            parse(r#"{"a": "{ x }", "format": "{ y }"}"#),
            Ok(vec![entry("a", "{ x }"), entry("format", "{ y }")])
        );
        assert_eq!(
            parse(
                r#"{"format": "apollo-persisted-query-manifest", "version": 1, "operations":
                    [{"id": "a", "name": "X", "type": "query", "body": "query X { x }"}]}"#
            ),
            Ok(vec![entry("a", "query X { x }")])
        );
    }

    #[test]
    fn a_manifest_that_cannot_be_meant_is_refused() {
        for (json, reason) in [
            ("", "line 1"),
            ("{\n\"a\": \"{ x }\",\n}", "line 3"),
            ("[]", "an object"),
            ("{}", "no documents"),
            (r#"{"a": 1}"#, "`a` is not a string"),
            (r#"{"a": " "}"#, "`a` is empty"),
            (r#"{"": "{ x }"}"#, "empty id"),
            (r#"{"a": "{ x }", "a": "{ y }"}"#, "`a` is there twice"),
            (r#"{"operations": []}"#, "`format`"),
            (
                r#"{"format": "apollo-persisted-query-manifest", "version": 2, "operations": []}"#,
                "`version` 1",
            ),
            (
                r#"{"format": "apollo-persisted-query-manifest", "version": 1, "operations": []}"#,
                "no documents",
            ),
            (
                r#"{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id": "a"}]}"#,
                "operation 1 has no string `body`",
            ),
            (
                r#"{"format": "apollo-persisted-query-manifest", "version": 1, "operations":
                    [{"id": "a", "body": "{ x }"}, {"id": "a", "body": "{ y }"}]}"#,
                "`a` is there twice",
            ),
        ] {
            let error = parse(json).unwrap_err();
            assert!(error.contains(reason), "{json}: {error}");
        }
    }
}
