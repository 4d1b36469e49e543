//! JSON in which numbers keep all digits and no object has a key twice.

use std::fmt;

use async_graphql::Variables;
use async_graphql_value::{ConstValue, Name};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// The name under which `serde_json` hands over a number that no primitive type holds exactly. A
/// test of this file notices should it change.
const NUMBER: &str = "$serde_json::private::Number";

/// Reads a text as JSON. Of two members with one name, one program would take the first and
/// another the last, so such an object is refused.
///
/// # Errors
/// When it is no JSON, nests deeper than 128 levels, or names a member twice.
pub fn parse(text: &[u8]) -> Result<Value, serde_json::Error> {
    serde_json::from_slice(text).map(|Strict(value)| value)
}

/// The value as GraphQL has it. The conversion of `async-graphql` would round numbers, or turn
/// them into objects.
pub fn to_graphql(value: Value) -> ConstValue {
    match value {
        Value::Null => ConstValue::Null,
        Value::Bool(value) => ConstValue::Boolean(value),
        Value::Number(number) => ConstValue::Number(number),
        Value::String(text) => ConstValue::String(text),
        Value::Array(items) => ConstValue::List(items.into_iter().map(to_graphql).collect()),
        Value::Object(members) => ConstValue::Object(
            members
                .into_iter()
                .map(|(name, member)| (Name::new(name), to_graphql(member)))
                .collect(),
        ),
    }
}

/// The members of an object as the values of variables.
pub fn to_variables(members: Map<String, Value>) -> Variables {
    Variables::from_value(to_graphql(Value::Object(members)))
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue).map(Self)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(Strict(element)) = sequence.next_element()? {
            elements.push(element);
        }
        Ok(Value::Array(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = entries.next_key::<String>()? {
            if name == NUMBER {
                let Digits(digits) = entries.next_value()?;
                return digits.parse().map(Value::Number).map_err(A::Error::custom);
            }
            let Strict(value) = entries.next_value()?;
            if members.contains_key(&name) {
                return Err(A::Error::custom(format_args!(
                    "the key `{name}` is there twice"
                )));
            }
            members.insert(name, value);
        }
        Ok(Value::Object(members))
    }
}

/// The digits of a number. A caller's own member of that name must not pass for a number: its
/// text comes borrowed from the request, the digits come owned.
struct Digits(String);

impl<'de> Deserialize<'de> for Digits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OwnedText).map(Self)
    }
}

struct OwnedText;

impl Visitor<'_> for OwnedText {
    type Value = String;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "no key `{NUMBER}`")
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<String, E> {
        Err(E::custom(format_args!("the key `{NUMBER}` is not allowed")))
    }

    fn visit_string<E>(self, digits: String) -> Result<String, E> {
        Ok(digits)
    }
}

/// Whether a number is written without fraction and exponent.
pub fn is_whole(number: &Number) -> bool {
    !number.as_str().contains(['.', 'e', 'E'])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_json_is_read_as_it_stands() {
        let text = br#"{"a": [1, -2, 2.5, true, null, "x", {"b": {}}], "c": 18446744073709551615}"#;
        let value = parse(text).unwrap();
        let plain: Value = serde_json::from_slice(text).unwrap();
        assert_eq!(value, plain);
        assert_eq!(value["a"][6], json!({"b": {}}));
    }

    #[test]
    fn numbers_keep_every_digit() {
        let long = "123456789".repeat(100);
        for text in [
            "0.1000",
            "-0.0",
            "1e400000",
            "-1E-5",
            "12345678901234567890123",
            "18446744073709551616",
            "-9223372036854775809",
            "3.00000000000000000000000000001",
            &long,
        ] {
            let document = format!("{{\"a\":[{text}]}}");
            let value = parse(document.as_bytes()).unwrap();
            // The exponent is written anew, in small letters and with its sign.
            let (read, written) = (&value["a"][0], to_graphql(value.clone()));
            let plain = |text: &str| text.to_lowercase().replace("e+", "e");
            assert_eq!(plain(&read.to_string()), plain(text));
            assert_eq!(
                plain(&serde_json::to_string(&written).unwrap()),
                plain(&document)
            );
        }
    }

    #[test]
    fn what_two_programs_could_read_differently_is_refused() {
        for text in [
            r#"{"a": 1, "a": 1}"#,
            r#"{"a": 1, "\u0061": 2}"#,
            r#"[{"b": {"c": 1, "d": 2, "c": 3}}]"#,
            r#"{"a": 1} {}"#,
            "{\"a\": \"\u{1}\"}",
            "{\"a\": NaN}",
            "",
        ] {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
        assert!(parse(b"{\"a\": \"\xff\"}").is_err(), "no UTF-8");
        let deep = format!("{}{}", "[".repeat(8000), "]".repeat(8000));
        assert!(parse(deep.as_bytes()).is_err(), "too deep");
    }

    #[test]
    fn no_member_passes_for_a_number_or_for_json_in_a_text() {
        for text in [
            r#"{"$serde_json::private::Number": "12"}"#,
            r#"{"$serde_json::private::Number": "1\u0032"}"#,
            r#"{"$serde_json::private::Number": 12}"#,
            r#"{"$serde_json::private::Number": 1.5}"#,
            r#"{"a": 1, "$serde_json::private::Number": "12"}"#,
        ] {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
        let text = br#"{"$serde_json::private::RawValue": "[1]"}"#;
        let value = parse(text).unwrap();
        assert_eq!(
            value.to_string().as_bytes(),
            br#"{"$serde_json::private::RawValue":"[1]"}"#
        );
    }
}
