//! JSON in which numbers keep all digits and no object has a key twice.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use async_graphql_value::indexmap::IndexMap;
use async_graphql_value::{ConstValue, Name};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// The name under which `serde_json` hands over a number that no primitive type holds exactly. A
/// test of this file notices should it change.
pub const NUMBER: &str = "$serde_json::private::Number";

/// Reads a text as JSON. Of two members with one name, one program would take the first and
/// another the last, so such an object is refused.
///
/// # Errors
/// When it is no JSON, nests deeper than 128 levels, or names a member twice.
pub fn parse<T: Tree>(text: &[u8]) -> Result<T, serde_json::Error> {
    serde_json::from_slice(text).map(|Strict(value)| value)
}

/// What JSON is read into. The conversions of `async-graphql` and `serde` would round numbers, or
/// turn them into objects.
pub trait Tree: Sized {
    /// The members of an object.
    type Members: Default;

    fn null() -> Self;
    fn boolean(value: bool) -> Self;
    fn number(number: Number) -> Self;
    fn text(text: String) -> Self;
    fn list(items: Vec<Self>) -> Self;
    fn object(members: Self::Members) -> Self;
    /// Adds a member; false if there is one of that name.
    fn add(members: &mut Self::Members, name: &str, value: Self) -> bool;
}

impl Tree for Value {
    type Members = Map<String, Self>;

    fn null() -> Self {
        Self::Null
    }

    fn boolean(value: bool) -> Self {
        Self::Bool(value)
    }

    fn number(number: Number) -> Self {
        Self::Number(number)
    }

    fn text(text: String) -> Self {
        Self::String(text)
    }

    fn list(items: Vec<Self>) -> Self {
        Self::Array(items)
    }

    fn object(members: Self::Members) -> Self {
        Self::Object(members)
    }

    fn add(members: &mut Self::Members, name: &str, value: Self) -> bool {
        members.insert(name.to_owned(), value).is_none()
    }
}

impl Tree for ConstValue {
    type Members = IndexMap<Name, Self>;

    fn null() -> Self {
        Self::Null
    }

    fn boolean(value: bool) -> Self {
        Self::Boolean(value)
    }

    fn number(number: Number) -> Self {
        Self::Number(number)
    }

    fn text(text: String) -> Self {
        Self::String(text)
    }

    fn list(items: Vec<Self>) -> Self {
        Self::List(items)
    }

    fn object(members: Self::Members) -> Self {
        Self::Object(members)
    }

    fn add(members: &mut Self::Members, name: &str, value: Self) -> bool {
        members.insert(Name::new(name), value).is_none()
    }
}

/// A value that was read as [`parse`] reads it.
pub struct Strict<T>(pub T);

impl<'de, T: Tree> Deserialize<'de> for Strict<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_any(AnyValue(PhantomData))
            .map(Self)
    }
}

struct AnyValue<T>(PhantomData<T>);

impl<'de, T: Tree> Visitor<'de> for AnyValue<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<T, E> {
        Ok(T::boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<T, E> {
        Ok(T::number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<T, E> {
        Ok(T::number(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<T, E> {
        Ok(T::text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<T, E> {
        Ok(T::text(value))
    }

    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::null())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<T, A::Error> {
        let mut elements = Vec::new();
        while let Some(Strict(element)) = sequence.next_element()? {
            elements.push(element);
        }
        Ok(T::list(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<T, A::Error> {
        let mut members = T::Members::default();
        while let Some(Key(name)) = entries.next_key()? {
            if name == NUMBER {
                return number(&mut entries).map(T::number);
            }
            let Strict(value) = entries.next_value()?;
            if !T::add(&mut members, &name, value) {
                return Err(twice(&name));
            }
        }
        Ok(T::object(members))
    }
}

/// The name of a member, or [`NUMBER`].
pub struct Key<'de>(pub Cow<'de, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(AnyName).map(Self)
    }
}

struct AnyName;

impl<'de> Visitor<'de> for AnyName {
    type Value = Cow<'de, str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the name of a member")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

/// The number that follows the key [`NUMBER`].
///
/// # Errors
/// When a caller's own member has that name.
pub fn number<'de, A: MapAccess<'de>>(entries: &mut A) -> Result<Number, A::Error> {
    let Digits(digits) = entries.next_value()?;
    digits.parse().map_err(A::Error::custom)
}

/// The error for an object that names a member twice.
pub fn twice<E: Error>(name: &str) -> E {
    E::custom(format_args!("the key `{name}` is there twice"))
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

/// The first escape in a text that is half of a surrogate pair. `serde_json` refuses it without
/// saying what it is.
pub fn lone_surrogate(text: &[u8]) -> Option<&str> {
    let escape = |at: usize| {
        let escape = std::str::from_utf8(text.get(at..at + 6)?).ok()?;
        let digits = escape.strip_prefix("\\u")?;
        let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let unit = u16::from_str_radix(digits, 16).ok().filter(|_| is_hex)?;
        Some((unit, escape))
    };
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        at += match byte {
            b'\\' => match escape(at) {
                Some((0xd800..=0xdbff, _))
                    if matches!(escape(at + 6), Some((0xdc00..=0xdfff, _))) =>
                {
                    12
                }
                Some((0xd800..=0xdfff, escape)) => return Some(escape),
                Some(_) => 6,
                None => 2,
            },
            _ => 1,
        };
    }
    None
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
        let value: Value = parse(text).unwrap();
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
            let value: Value = parse(document.as_bytes()).unwrap();
            let written: ConstValue = parse(document.as_bytes()).unwrap();
            // The exponent is written anew, in small letters and with its sign.
            let read = &value["a"][0];
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
            assert!(parse::<Value>(text.as_bytes()).is_err(), "{text}");
            assert!(parse::<ConstValue>(text.as_bytes()).is_err(), "{text}");
        }
        assert!(parse::<Value>(b"{\"a\": \"\xff\"}").is_err(), "no UTF-8");
        let deep = format!("{}{}", "[".repeat(8000), "]".repeat(8000));
        assert!(parse::<Value>(deep.as_bytes()).is_err(), "too deep");
    }

    #[test]
    fn half_of_a_surrogate_pair_is_found() {
        for (text, expected) in [
            (r#"{"a": "\ud800"}"#, Some("\\ud800")),
            (r#"["\uD83D\uDE00", "\udE00x"]"#, Some("\\udE00")),
            (r#"["\uD83D\n"]"#, Some("\\uD83D")),
            (r#"["\uD83D\uD83D\uDE00"]"#, Some("\\uD83D")),
            (r#"["\uD83D"#, Some("\\uD83D")),
            (r#"["\uD83D\uDE00"]"#, None),
            (r#"["\\ud800", "\u00e4", "\u+d80"]"#, None),
            (r"\", None),
        ] {
            assert_eq!(lone_surrogate(text.as_bytes()), expected, "{text}");
        }
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
            assert!(parse::<Value>(text.as_bytes()).is_err(), "{text}");
            assert!(parse::<ConstValue>(text.as_bytes()).is_err(), "{text}");
        }
        let text = br#"{"$serde_json::private::RawValue": "[1]"}"#;
        let value: Value = parse(text).unwrap();
        assert_eq!(
            value.to_string().as_bytes(),
            br#"{"$serde_json::private::RawValue":"[1]"}"#
        );
    }
}
