//! Reads values of the API as parameters of a statement, by the type of the column.

use async_graphql_value::ConstValue;
use uuid::Uuid;

use super::{calendar, decimal};
use crate::engine::catalog::{Catalog, Kind};
use crate::error::{Error, Within};
use crate::sql::{Float, Value};

type Read<T> = Result<T, Error>;

/// The length of a UUID with its hyphens, the only form that RFC 9562 has.
const HYPHENATED: usize = 36;

/// Reads one value. `field` is the argument that an error names.
pub fn value(catalog: &Catalog, kind: Kind, input: &ConstValue, field: &str) -> Read<Value> {
    let wrong = |expected: &str| Error::input(field, format!("`{field}` takes {expected}."));
    Ok(match kind {
        Kind::Uuid => Value::Uuid(Some(uuid(input, field)?)),
        Kind::Text => Value::Text(text(input, field)?),
        Kind::TextArray => Value::Texts(list(input, |item| text(item, field))?),
        Kind::Int => match input {
            ConstValue::Number(number) => Value::Int(
                number
                    .as_i64()
                    .and_then(|number| i32::try_from(number).ok())
                    .ok_or_else(|| wrong("a whole number of 32 bits"))?,
            ),
            _ => return Err(wrong("a whole number")),
        },
        Kind::BigInt => Value::BigInt(
            match input {
                ConstValue::Number(number) => number.as_i64(),
                ConstValue::String(digits) if decimal::is_whole(digits) => digits.parse().ok(),
                _ => None,
            }
            .ok_or_else(|| wrong("a whole number of 64 bits, as a number or in quotes"))?,
        ),
        Kind::Decimal => Value::Text(decimal(input).ok_or_else(|| {
            wrong("a decimal number such as \"12.50\", with at most 131072 digits before the point and 16383 after it, or one of \"NaN\", \"Infinity\" and \"-Infinity\"")
        })?),
        Kind::Float => match input {
            ConstValue::Number(number) => {
                let number = number.as_str().parse().ok();
                // Beyond the range of floats Rust reads an infinity.
                let finite = number.filter(|number: &f64| number.is_finite());
                Value::Float(Float::new(finite.ok_or_else(|| wrong("a finite number"))?))
            }
            _ => return Err(wrong("a number")),
        },
        Kind::Boolean => match input {
            ConstValue::Boolean(value) => Value::Boolean(*value),
            _ => return Err(wrong("true or false")),
        },
        Kind::Timestamp => Value::Timestamp(
            calendar(input, calendar::read_timestamp)
                .ok_or_else(|| wrong(&expected_timestamp(input)))?,
        ),
        Kind::Date => Value::Date(
            calendar(input, calendar::read_date).ok_or_else(|| wrong(&expected_date(input)))?,
        ),
        Kind::Json => Value::Json(json(input, field)?),
        Kind::Inet => {
            let text = text(input, field)?;
            if !is_address(&text) {
                return Err(wrong(
                    "an IP address such as \"192.0.2.1\" or \"2001:db8::/32\"",
                ));
            }
            Value::Text(text)
        }
        Kind::Enum(index) => {
            let given = match input {
                ConstValue::Enum(name) => name.as_str(),
                ConstValue::String(name) => name,
                _ => "",
            };
            let values = &catalog.enums[index].values;
            let found = values.iter().find(|value| value.to_uppercase() == given);
            Value::Text(found.cloned().ok_or_else(|| {
                let names: Vec<String> = values.iter().map(|value| value.to_uppercase()).collect();
                wrong("a value of its enum")
                    .hinting(format!("It takes one of {}.", names.join(", ")))
            })?)
        }
        Kind::Vector => return Err(wrong("no value")),
    })
}

/// Reads a list of values as one array parameter.
pub fn values(catalog: &Catalog, kind: Kind, input: &ConstValue, field: &str) -> Read<Value> {
    // The types of the elements are equal, so the first variant decides for all.
    macro_rules! array {
        ($one:ident, $many:ident) => {
            Value::$many(list(input, |item| {
                match value(catalog, kind, item, field)? {
                    Value::$one(value) => Ok(value),
                    _ => Err(Error::input(
                        field,
                        format!("`{field}` takes a list of one type."),
                    )),
                }
            })?)
        };
    }
    Ok(match kind {
        Kind::Uuid => Value::Uuids(list(input, |item| uuid(item, field))?.into()),
        Kind::Text | Kind::Decimal | Kind::Inet | Kind::Enum(_) => array!(Text, Texts),
        Kind::Int => array!(Int, Ints),
        Kind::BigInt => array!(BigInt, BigInts),
        Kind::Timestamp => array!(Timestamp, Timestamps),
        Kind::Date => array!(Date, Dates),
        Kind::TextArray | Kind::Boolean | Kind::Float | Kind::Json | Kind::Vector => {
            return Err(Error::input(field, format!("`{field}` takes no list.")));
        }
    })
}

/// The specification lets a single value stand for a list of one.
fn list<T>(input: &ConstValue, read: impl Fn(&ConstValue) -> Read<T>) -> Read<Vec<T>> {
    match input {
        ConstValue::List(items) => {
            let items = items.iter().enumerate();
            items
                .map(|(index, item)| read(item).within(index))
                .collect()
        }
        single => Ok(vec![read(single)?]),
    }
}

pub fn text(input: &ConstValue, field: &str) -> Read<String> {
    match input {
        // PostgreSQL cannot store the character NUL, so no text can be compared with it.
        ConstValue::String(text) if text.contains('\0') => Err(Error::input(
            field,
            format!("`{field}` contains the character U+0000, which PostgreSQL cannot store."),
        )),
        ConstValue::String(text) => Ok(text.clone()),
        _ => Err(Error::input(field, format!("`{field}` takes a string."))),
    }
}

fn uuid(input: &ConstValue, field: &str) -> Read<Uuid> {
    match input {
        // Rust reads further forms: without hyphens, in braces, as a URN.
        ConstValue::String(text) if text.len() == HYPHENATED => Uuid::try_parse(text).ok(),
        _ => None,
    }
    .ok_or_else(|| {
        Error::input(
            field,
            format!(
                "`{field}` takes an id: a UUID such as \"0198c3f2-0000-7000-8000-000000000000\"."
            ),
        )
    })
}

/// The text of a number: PostgreSQL reads it, so that no digit is lost on the way.
fn decimal(input: &ConstValue) -> Option<String> {
    match input {
        ConstValue::String(text) => decimal::is_numeric(text).then(|| text.clone()),
        ConstValue::Number(number) => {
            decimal::is_finite(number.as_str()).then(|| number.to_string())
        }
        _ => None,
    }
}

fn calendar<T>(input: &ConstValue, read: fn(&str) -> Option<T>) -> Option<T> {
    match input {
        ConstValue::String(text) => read(text),
        _ => None,
    }
}

/// What a timestamp is, with what this value lacks of one where that is plain.
fn expected_timestamp(input: &ConstValue) -> String {
    let mut expected = "a date and time such as \"2026-01-31T12:00:00Z\"".to_owned();
    let ConstValue::String(text) = input else {
        return expected;
    };
    let fraction = text.split_once('.').map_or("", |(_, fraction)| fraction);
    let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
    expected.push_str(&if let Some(advice) = no_such_day(text) {
        advice
    } else if calendar::read_date(text).is_some() {
        format!("; add a time, such as \"{text}T00:00:00Z\"")
    } else if let Some(advice) = mended(text) {
        advice
    } else if digits > 6 {
        ", with at most six digits of a fraction of a second".to_owned()
    } else {
        ", from \"-004713-11-24T00:00:00Z\" to the end of \"+294276-12-31\", or \"infinity\" or \"-infinity\"".to_owned()
    });
    expected
}

/// Says of a text that begins in the form of a date that the calendar has no such day.
fn no_such_day(text: &str) -> Option<String> {
    let day = text.get(..10)?;
    let fits = day
        .bytes()
        .zip(b"dddd-dd-dd")
        .all(|(byte, form)| match form {
            b'd' => byte.is_ascii_digit(),
            form => byte == *form,
        });
    (fits && calendar::read_date(day).is_none()).then(|| format!("; there is no day {day}"))
}

/// What to change in a timestamp of another form, if that is all that is wrong with it.
fn mended(text: &str) -> Option<String> {
    let mut steps = Vec::new();
    let mut mended = text.replacen(' ', "T", 1);
    if mended != text {
        steps.push("write a `T` between date and time");
    }
    // The hour and the minute take five characters, with the colon between them.
    if let Some(end) = mended.find(['T', 't']).map(|at| at + 6)
        && let Some(rest) = mended.get(end..)
        && !rest.starts_with(':')
    {
        mended.insert_str(end, ":00");
        steps.push("add seconds");
    }
    if calendar::read_timestamp(&mended).is_none() {
        mended.push('Z');
        steps.push("add the offset from UTC");
    }
    calendar::read_timestamp(&mended)?;
    Some(format!("; {}, such as \"{mended}\"", steps.join(", ")))
}

/// What a date is.
fn expected_date(input: &ConstValue) -> String {
    let advice = match input {
        ConstValue::String(text) if calendar::read_timestamp(text).is_some() => {
            Some("; leave the time out".to_owned())
        }
        ConstValue::String(text) => no_such_day(text),
        _ => None,
    };
    let advice = advice.unwrap_or_else(|| {
        ", from \"-004713-11-24\" to \"+5874897-12-31\", or \"infinity\" or \"-infinity\""
            .to_owned()
    });
    format!("a date such as \"2026-01-31\"{advice}")
}

pub fn json(input: &ConstValue, field: &str) -> Read<String> {
    check_json(input)
        .map_err(|wrong| Error::input(field, format!("`{field}` contains {wrong}.")))?;
    serde_json::to_string(input)
        .map_err(|_| Error::input(field, format!("`{field}` takes a JSON value.")))
}

/// What PostgreSQL's documents cannot hold although JSON can.
fn check_json(input: &ConstValue) -> Result<(), &'static str> {
    let text = |text: &str| match text.contains('\0') {
        true => Err("the character U+0000, which PostgreSQL cannot store"),
        false => Ok(()),
    };
    match input {
        ConstValue::String(value) => text(value),
        ConstValue::Enum(_) => Err("a name without quotes, which is no JSON value"),
        ConstValue::Number(number) if !decimal::is_finite(number.as_str()) => Err(
            "a number with more than 131072 digits before the point or 16383 after it, which PostgreSQL cannot store",
        ),
        ConstValue::List(items) => items.iter().try_for_each(check_json),
        ConstValue::Object(members) => members.iter().try_for_each(|(name, member)| {
            text(name)?;
            check_json(member)
        }),
        _ => Ok(()),
    }
}

fn is_address(text: &str) -> bool {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => {
            // Rust reads a sign or zeros before a number, PostgreSQL does not.
            let digits = bits.bytes().all(|byte| byte.is_ascii_digit());
            let plain = digits && (bits == "0" || !bits.starts_with('0'));
            (address, bits.parse::<u8>().ok().filter(|_| plain))
        }
        None => (text, Some(0)),
    };
    match (address.parse(), bits) {
        (Ok(std::net::IpAddr::V4(_)), Some(bits)) => bits <= 32,
        (Ok(std::net::IpAddr::V6(_)), Some(bits)) => bits <= 128,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_of_another_form_is_told_what_to_change() {
        for (text, advice) in [
            (
                "2026-01-05T10:00Z",
                "; add seconds, such as \"2026-01-05T10:00:00Z\"",
            ),
            (
                "2026-01-05T10:00+01:00",
                "; add seconds, such as \"2026-01-05T10:00:00+01:00\"",
            ),
            (
                "2026-01-05 10:00:00Z",
                "; write a `T` between date and time, such as \"2026-01-05T10:00:00Z\"",
            ),
            (
                "2026-01-05T10:00:00",
                "; add the offset from UTC, such as \"2026-01-05T10:00:00Z\"",
            ),
            (
                "2026-01-05 10:00",
                "; write a `T` between date and time, add seconds, add the offset from UTC, such as \"2026-01-05T10:00:00Z\"",
            ),
        ] {
            assert_eq!(mended(text).as_deref(), Some(advice), "{text}");
        }
        for text in [
            "",
            "T",
            "é",
            "2026-01-05Té10:0",
            "2026-02-30T10:00Z",
            "now",
            "10:00",
        ] {
            assert_eq!(mended(text), None, "{text}");
        }
    }
}
