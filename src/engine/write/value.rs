//! Writes one value of the database as JSON, from PostgreSQL's binary form.

use std::io::Write;

use crate::engine::catalog::Kind;

/// Days from 1970-01-01 to 2000-01-01, from which PostgreSQL counts.
const EPOCH_DAYS: i64 = 10_957;
const MICROSECONDS_PER_DAY: i64 = 86_400_000_000;

/// Appends the value, or `null`.
pub fn write(out: &mut Vec<u8>, kind: Kind, bytes: Option<&[u8]>) {
    let Some(bytes) = bytes else {
        out.extend_from_slice(b"null");
        return;
    };
    let written = match kind {
        Kind::Text | Kind::Decimal | Kind::Inet => {
            string(out, bytes);
            Some(())
        }
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
        Kind::Boolean => {
            out.extend_from_slice(if bytes == [1] { b"true" } else { b"false" });
            Some(())
        }
        Kind::Timestamp => fixed(bytes).map(|value| timestamp(out, i64::from_be_bytes(value))),
        Kind::Date => fixed(bytes).map(|value| {
            out.push(b'"');
            date(out, i64::from(i32::from_be_bytes(value)));
            out.push(b'"');
        }),
        // The binary form of jsonb is a version byte and the text.
        Kind::Json => bytes.get(1..).map(|json| out.extend_from_slice(json)),
        // Read as text, which is a JSON list of numbers.
        Kind::Vector => {
            out.extend_from_slice(bytes);
            Some(())
        }
        Kind::TextArray => text_array(out, bytes),
    };
    if written.is_none() {
        // The statement was made for this type, so this is a fault of the gateway, not of data.
        tracing::error!(
            ?kind,
            length = bytes.len(),
            "a value has another form than its column"
        );
        out.extend_from_slice(b"null");
    }
}

fn fixed<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    bytes.try_into().ok()
}

fn number(out: &mut Vec<u8>, value: impl itoa::Integer) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
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

fn timestamp(out: &mut Vec<u8>, microseconds: i64) {
    let days = microseconds.div_euclid(MICROSECONDS_PER_DAY);
    let rest = microseconds.rem_euclid(MICROSECONDS_PER_DAY);
    let seconds = rest / 1_000_000;
    let fraction = rest % 1_000_000;
    out.push(b'"');
    date(out, days);
    out.push(b'T');
    digits(out, seconds / 3600, 2);
    out.push(b':');
    digits(out, seconds / 60 % 60, 2);
    out.push(b':');
    digits(out, seconds % 60, 2);
    if fraction > 0 {
        out.push(b'.');
        digits(out, fraction, 6);
    }
    out.extend_from_slice(b"Z\"");
}

/// Appends a date, given in days since 2000-01-01.
fn date(out: &mut Vec<u8>, days: i64) {
    // The proleptic Gregorian calendar in eras of 400 years that begin on 1 March of year 0.
    let days = days + EPOCH_DAYS + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    if year < 0 {
        out.push(b'-');
    }
    digits(out, year.abs(), 4);
    out.push(b'-');
    digits(out, month, 2);
    out.push(b'-');
    digits(out, day, 2);
}

fn digits(out: &mut Vec<u8>, value: i64, width: usize) {
    let mut buffer = itoa::Buffer::new();
    let text = buffer.format(value);
    out.extend(std::iter::repeat_n(b'0', width.saturating_sub(text.len())));
    out.extend_from_slice(text.as_bytes());
}

/// The binary form of an array: dimensions, null flag, element type, then length and lower bound
/// of each dimension, then the elements, each with its length.
fn text_array(out: &mut Vec<u8>, bytes: &[u8]) -> Option<()> {
    let int = |at: usize| Some(i32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let start = out.len();
    out.push(b'[');
    if int(0)? > 0 {
        let dimensions = usize::try_from(int(0)?).ok()?;
        let mut at = 12 + 8 * dimensions;
        while at < bytes.len() {
            if at > 12 + 8 * dimensions {
                out.push(b',');
            }
            let length = int(at)?;
            at += 4;
            match usize::try_from(length) {
                Err(_) => out.extend_from_slice(b"null"),
                Ok(length) => {
                    let Some(element) = bytes.get(at..at + length) else {
                        out.truncate(start);
                        return None;
                    };
                    string(out, element);
                    at += length;
                }
            }
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

        #[test]
        fn any_instant_reads_as_chrono_writes_it(microseconds in -60_000_000_000_000_000i64..250_000_000_000_000_000) {
            let epoch = chrono::DateTime::from_timestamp(946_684_800, 0).unwrap();
            let instant = epoch + chrono::Duration::microseconds(microseconds);
            let written = json(Kind::Timestamp, &microseconds.to_be_bytes());
            let read: chrono::DateTime<chrono::Utc> = written.as_str().unwrap().parse().unwrap();
            prop_assert_eq!(read, instant);
        }
    }
}
