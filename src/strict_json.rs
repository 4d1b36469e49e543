//! JSON in which no object names a member twice, for tokens, key sets and requests.
//!
//! `serde_json` takes the last of two members with one name, and its own `Value` reads an object
//! with a member of a reserved name as something else. No library refuses both, so this reads the
//! values itself; the text is still parsed by `serde_json`.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// How the names begin that `serde_json` keeps to itself.
const RESERVED: &str = "$serde_json::private::";
/// The name under which it hands over a number with all of its digits.
const NUMBER: &str = "$serde_json::private::Number";

/// A value that was read so. Of two members with one name, one program would take the first and
/// another the last: whoever can add a member could then be somebody else to one of them.
struct Strict(Value);

/// Reads a text as JSON.
///
/// # Errors
/// When it is no JSON, nests deeper than 128 levels, or names a member twice.
pub fn parse(text: &[u8]) -> Result<Value, serde_json::Error> {
    serde_json::from_slice(text).map(|Strict(value)| value)
}

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

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("a number is out of range"))
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
                return digits.parse().map(Value::Number).map_err(|_| reserved());
            }
            if name.starts_with(RESERVED) {
                return Err(reserved());
            }
            let Strict(value) = entries.next_value()?;
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("a member is named twice"));
            }
        }
        Ok(Value::Object(members))
    }
}

fn reserved<E: Error>() -> E {
    E::custom("a member has a name that is reserved")
}

/// The digits of a number. `serde_json` hands them over as an owned text, where its feature
/// `arbitrary_precision` is on, and every text of a document as a borrowed one: an object of the
/// caller's that looks like a number is refused.
struct Digits(String);

impl<'de> Deserialize<'de> for Digits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OwnedText;

        impl Visitor<'_> for OwnedText {
            type Value = String;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a number")
            }

            fn visit_str<E: Error>(self, _: &str) -> Result<String, E> {
                Err(reserved())
            }

            fn visit_string<E>(self, digits: String) -> Result<String, E> {
                Ok(digits)
            }
        }

        deserializer.deserialize_any(OwnedText).map(Self)
    }
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
    fn numbers_are_the_ones_that_serde_json_reads() {
        for text in [
            "0",
            "-0",
            "1",
            "-1",
            "1.50",
            "1e3",
            "1E-3",
            "9007199254740993",
            "18446744073709551615",
            "18446744073709551616",
            "-9223372036854775809",
            "12345678901234567890123",
            "0.1000000000000000000000000000001",
        ] {
            let plain: Value = serde_json::from_str(text).unwrap();
            assert_eq!(parse(text.as_bytes()).unwrap(), plain, "{text}");
            let inside = format!("{{\"a\": [{text}]}}");
            assert_eq!(parse(inside.as_bytes()).unwrap()["a"][0], plain, "{text}");
        }
    }

    #[test]
    fn what_two_programs_could_read_differently_is_refused() {
        for text in [
            r#"{"a": 1, "a": 1}"#,
            r#"{"a": 1, "\u0061": 2}"#,
            r#"[{"b": {"c": 1, "d": 2, "c": 3}}]"#,
            r#"{"a": 1} {}"#,
            r#"{"$serde_json::private::Number": "1"}"#,
            r#"{"\u0024serde_json::private::Number": "1"}"#,
            r#"{"a": {"$serde_json::private::Number": 1}}"#,
            r#"{"a": 1, "$serde_json::private::Number": "1"}"#,
            r#"{"$serde_json::private::RawValue": "[1]"}"#,
            "{\"a\": \"\u{1}\"}",
            "",
        ] {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
        assert!(parse(b"{\"a\": \"\xff\"}").is_err(), "no UTF-8");
        let deep = format!("{}{}", "[".repeat(8000), "]".repeat(8000));
        assert!(parse(deep.as_bytes()).is_err(), "too deep");
    }
}
