//! Writes one value of the database as JSON, from PostgreSQL's binary form.

use std::io::Write;

use super::calendar;
use crate::binary;
use crate::engine::catalog::Kind;

/// Appends the value, or `null`.
pub fn write(out: &mut Vec<u8>, kind: Kind, bytes: Option<&[u8]>) {
    let Some(bytes) = bytes else {
        out.extend_from_slice(b"null");
        return;
    };
    let start = out.len();
    let written = match kind {
        Kind::Text => {
            string(out, bytes);
            Some(())
        }
        Kind::Decimal => quoted(out, bytes, binary::decimal),
        Kind::Inet => quoted(out, bytes, binary::inet),
        Kind::Enum(_) => {
            out.push(b'"');
            out.extend(bytes.iter().map(u8::to_ascii_uppercase));
            out.push(b'"');
            Some(())
        }
        Kind::Uuid => uuid(out, bytes),
        Kind::Int => fixed(bytes).map(|value| number(out, i32::from_be_bytes(value))),
        Kind::BigInt => fixed(bytes).map(|value| {
            out.push(b'"');
            number(out, i64::from_be_bytes(value));
            out.push(b'"');
        }),
        Kind::Float => fixed(bytes).map(|value| float(out, f64::from_be_bytes(value))),
        Kind::Boolean => {
            out.extend_from_slice(if bytes == [1] { b"true" } else { b"false" });
            Some(())
        }
        Kind::Timestamp => fixed(bytes).map(|value| {
            out.push(b'"');
            calendar::write_timestamp(out, i64::from_be_bytes(value));
            out.push(b'"');
        }),
        Kind::Date => fixed(bytes).map(|value| {
            out.push(b'"');
            calendar::write_date(out, i32::from_be_bytes(value));
            out.push(b'"');
        }),
        // The binary form of jsonb is a version byte and the text.
        Kind::Json => bytes.get(1..).map(|json| out.extend_from_slice(json)),
        Kind::Vector => binary::vector(out, bytes),
        Kind::TextArray => text_array(out, bytes),
    };
    if written.is_none() {
        // The statement was made for this type, so this is a fault of the gateway, not of data.
        tracing::error!(
            ?kind,
            length = bytes.len(),
            "a value has another form than its column"
        );
        out.truncate(start);
        out.extend_from_slice(b"null");
    }
}

/// The most bytes that a value can become as JSON: of a text, a sign of control becomes six.
pub fn most_bytes(kind: Kind, value: &[u8]) -> usize {
    match kind {
        Kind::Decimal => return binary::most_of_decimal(value),
        Kind::Vector => return binary::most_of_vector(value),
        _ => {}
    }
    /// Up to here the worst case may be assumed; longer values are looked at.
    const SHORT: usize = 1024;
    if value.len() <= SHORT {
        return value.len() * 6;
    }
    let longer = value.iter().map(|byte| match byte {
        0..0x20 => 5,
        b'"' | b'\\' => 1,
        _ => 0,
    });
    value.len() + longer.sum::<usize>()
}

/// Appends what needs no escapes, in quotes.
fn quoted(
    out: &mut Vec<u8>,
    bytes: &[u8],
    write: impl FnOnce(&mut Vec<u8>, &[u8]) -> Option<()>,
) -> Option<()> {
    out.push(b'"');
    write(out, bytes)?;
    out.push(b'"');
    Some(())
}

fn fixed<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    bytes.try_into().ok()
}

fn number(out: &mut Vec<u8>, value: impl itoa::Integer) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// All digits that it takes to read the same number again; JSON has no others than finite ones.
fn float(out: &mut Vec<u8>, value: f64) {
    match serde_json::Number::from_f64(value) {
        Some(number) => out.extend_from_slice(number.as_str().as_bytes()),
        None => out.extend_from_slice(b"null"),
    }
}

fn string(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    let mut copied = 0;
    for (index, &byte) in text.iter().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&text[copied..index]);
        copied = index + 1;
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            other => {
                // Writing to a vector does not fail.
                let _ = write!(out, "\\u{other:04x}");
            }
        }
    }
    out.extend_from_slice(&text[copied..]);
    out.push(b'"');
}

fn uuid(out: &mut Vec<u8>, bytes: &[u8]) -> Option<()> {
    let value = uuid::Uuid::from_slice(bytes).ok()?;
    let mut buffer = uuid::Uuid::encode_buffer();
    out.push(b'"');
    out.extend_from_slice(value.hyphenated().encode_lower(&mut buffer).as_bytes());
    out.push(b'"');
    Some(())
}

/// The binary form of an array: dimensions, null flag, element type, then length and lower bound
/// of each dimension, then the elements, each with its length.
///
/// The API promises a list of texts. The model keeps nulls and further dimensions out of a column;
/// of what was stored before it did, nulls are left out and the elements follow in their order.
fn text_array(out: &mut Vec<u8>, bytes: &[u8]) -> Option<()> {
    let int = |at: usize| Some(i32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let start = out.len();
    out.push(b'[');
    if int(0)? > 0 {
        let dimensions = usize::try_from(int(0)?).ok()?;
        let mut at = 12 + 8 * dimensions;
        let first = out.len();
        while at < bytes.len() {
            let length = int(at)?;
            at += 4;
            let Ok(length) = usize::try_from(length) else {
                continue;
            };
            if out.len() > first {
                out.push(b',');
            }
            let Some(element) = bytes.get(at..at + length) else {
                out.truncate(start);
                return None;
            };
            string(out, element);
            at += length;
        }
    }
    out.push(b']');
    Some(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn json(kind: Kind, bytes: &[u8]) -> serde_json::Value {
        let mut out = Vec::new();
        write(&mut out, kind, Some(bytes));
        serde_json::from_slice(&out).unwrap()
    }

    proptest! {
        #[test]
        fn any_text_survives(text in any::<String>()) {
            prop_assert_eq!(json(Kind::Text, text.as_bytes()), serde_json::Value::from(text));
        }
    }

    /// An array as PostgreSQL sends it.
    fn array(dimensions: &[i32], elements: &[Option<&str>]) -> Vec<u8> {
        let mut bytes: Vec<u8> = [i32::try_from(dimensions.len()).unwrap(), 1, 25]
            .iter()
            .flat_map(|int| int.to_be_bytes())
            .collect();
        for length in dimensions {
            bytes.extend([*length, 1].iter().flat_map(|int| int.to_be_bytes()));
        }
        for element in elements {
            let length = element.map_or(-1, |text| i32::try_from(text.len()).unwrap());
            bytes.extend(length.to_be_bytes());
            bytes.extend(element.unwrap_or_default().bytes());
        }
        bytes
    }

    #[test]
    fn lists_of_texts_hold_texts_alone() {
        let list = |dimensions: &[i32], elements: &[Option<&str>]| {
            json(Kind::TextArray, &array(dimensions, elements)).to_string()
        };
        assert_eq!(list(&[], &[]), "[]");
        assert_eq!(list(&[2], &[Some("a"), Some("")]), r#"["a",""]"#);
        assert_eq!(list(&[3], &[None, Some("a"), None]), r#"["a"]"#);
        assert_eq!(list(&[2], &[None, None]), "[]");
        let square = [Some("a"), Some("b"), None, Some("c")];
        assert_eq!(list(&[2, 2], &square), r#"["a","b","c"]"#);
    }
}
