//! Values of SeaORM in PostgreSQL's binary form, both ways.

use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use sea_orm::entity::prelude::{Decimal, IpNetwork, PgVector};
use sea_orm::sea_query::{ArrayType, OptionEnum};
use sea_orm::{DbErr, Value};
use uuid::Uuid;

use super::bind::TEXT;
use crate::binary;

/// How the bytes of a column are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Boolean,
    SmallInt,
    Integer,
    BigInt,
    Float,
    Double,
    Text,
    Texts,
    Uuid,
    Date,
    /// Without a time zone.
    DateTime,
    Timestamp,
    Decimal,
    Json,
    Jsonb,
    Bytes,
    Inet,
    Vector,
}

/// The kind of a type that has the same number on every server.
pub(super) fn kind(type_id: u32) -> Option<Kind> {
    Some(match type_id {
        16 => Kind::Boolean,
        17 => Kind::Bytes,
        20 => Kind::BigInt,
        21 => Kind::SmallInt,
        23 => Kind::Integer,
        // char, name, text, bpchar, varchar, unknown
        18 | 19 | TEXT | 1042 | 1043 | 705 => Kind::Text,
        114 => Kind::Json,
        700 => Kind::Float,
        701 => Kind::Double,
        869 => Kind::Inet,
        1009 | 1015 => Kind::Texts,
        1082 => Kind::Date,
        1114 => Kind::DateTime,
        1184 => Kind::Timestamp,
        1700 => Kind::Decimal,
        2950 => Kind::Uuid,
        3802 => Kind::Jsonb,
        _ => return None,
    })
}

/// Reads a value; none if its bytes are not of its kind, or beyond what SeaORM's types hold.
pub(super) fn read(kind: Kind, bytes: Option<&[u8]>) -> Option<Value> {
    Some(match kind {
        Kind::Boolean => Value::Bool(each(bytes, |bytes| Some(bytes == [1]))?),
        Kind::SmallInt => Value::SmallInt(each(bytes, |it| fixed(it).map(i16::from_be_bytes))?),
        Kind::Integer => Value::Int(each(bytes, |it| fixed(it).map(i32::from_be_bytes))?),
        Kind::BigInt => Value::BigInt(each(bytes, |it| fixed(it).map(i64::from_be_bytes))?),
        Kind::Float => Value::Float(each(bytes, |it| fixed(it).map(f32::from_be_bytes))?),
        Kind::Double => Value::Double(each(bytes, |it| fixed(it).map(f64::from_be_bytes))?),
        Kind::Text => Value::String(each(bytes, text)?),
        Kind::Texts => Value::Array(ArrayType::String, each(bytes, texts)?.map(Box::new)),
        Kind::Uuid => Value::Uuid(each(bytes, |it| Uuid::from_slice(it).ok())?),
        Kind::Date => Value::ChronoDate(each(bytes, date)?),
        Kind::DateTime => Value::ChronoDateTime(each(bytes, date_time)?),
        Kind::Timestamp => {
            let read = |bytes: &[u8]| Some(date_time(bytes)?.and_utc().fixed_offset());
            Value::ChronoDateTimeWithTimeZone(each(bytes, read)?)
        }
        Kind::Decimal => Value::Decimal(each(bytes, |it| parsed::<Decimal>(it, binary::decimal))?),
        Kind::Json => Value::Json(each(bytes, |it| serde_json::from_slice(it).ok())?),
        // The version of the format stands before it.
        Kind::Jsonb => {
            let read = |bytes: &[u8]| serde_json::from_slice(bytes.get(1..)?).ok();
            Value::Json(each(bytes, read)?)
        }
        Kind::Bytes => Value::Bytes(bytes.map(<[u8]>::to_vec)),
        Kind::Inet => Value::IpNetwork(each(bytes, |it| parsed::<IpNetwork>(it, binary::inet))?),
        Kind::Vector => Value::Vector(each(bytes, vector)?),
    })
}

/// Reads what is not null.
fn each<T>(bytes: Option<&[u8]>, read: impl FnOnce(&[u8]) -> Option<T>) -> Option<Option<T>> {
    match bytes {
        Some(bytes) => read(bytes).map(Some),
        None => Some(None),
    }
}

fn fixed<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    bytes.try_into().ok()
}

fn text(bytes: &[u8]) -> Option<String> {
    String::from_utf8(bytes.to_vec()).ok()
}

/// A list of texts without nulls.
fn texts(bytes: &[u8]) -> Option<Vec<Value>> {
    let int = |at: usize| fixed(bytes.get(at..at + 4)?).map(i32::from_be_bytes);
    let dimensions = usize::try_from(int(0)?).ok()?;
    let mut at = 12 + 8 * dimensions;
    let mut found = Vec::new();
    while at < bytes.len() {
        let length = usize::try_from(int(at)?).ok()?;
        at += 4;
        let element = text(bytes.get(at..at + length)?)?;
        found.push(Value::String(Some(element)));
        at += length;
    }
    Some(found)
}

/// Where PostgreSQL begins to count days and microseconds.
fn epoch() -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(2000, 1, 1)
}

fn date(bytes: &[u8]) -> Option<NaiveDate> {
    let days = fixed(bytes).map(i32::from_be_bytes)?;
    epoch()?.checked_add_signed(TimeDelta::try_days(days.into())?)
}

fn date_time(bytes: &[u8]) -> Option<NaiveDateTime> {
    let microseconds = fixed(bytes).map(i64::from_be_bytes)?;
    let epoch = epoch()?.and_hms_opt(0, 0, 0)?;
    epoch.checked_add_signed(TimeDelta::microseconds(microseconds))
}

/// A value through its text.
fn parsed<T: FromStr>(bytes: &[u8], write: fn(&mut Vec<u8>, &[u8]) -> Option<()>) -> Option<T> {
    let mut out = Vec::new();
    write(&mut out, bytes)?;
    std::str::from_utf8(&out).ok()?.parse().ok()
}

fn vector(bytes: &[u8]) -> Option<PgVector> {
    let numbers = bytes.get(4..)?.chunks_exact(4);
    let numbers = numbers.map(|number| fixed(number).map(f32::from_be_bytes));
    Some(PgVector::from(numbers.collect::<Option<Vec<f32>>>()?))
}

/// The type of a parameter and its bytes, none for null.
///
/// # Errors
/// For types that no entity compares with.
pub(super) fn bound(value: &Value) -> Result<(u32, Option<Vec<u8>>), DbErr> {
    let microseconds = |time: &DateTime<Utc>| {
        let epoch = epoch().and_then(|date| date.and_hms_opt(0, 0, 0));
        let since = time.naive_utc() - epoch.unwrap_or_default();
        since.num_microseconds().unwrap_or(i64::MAX)
    };
    Ok(match value {
        Value::Bool(value) => (16, value.map(|value| vec![u8::from(value)])),
        Value::SmallInt(value) => (21, value.map(|value| value.to_be_bytes().to_vec())),
        Value::Int(value) => (23, value.map(|value| value.to_be_bytes().to_vec())),
        Value::BigInt(value) => (20, value.map(|value| value.to_be_bytes().to_vec())),
        // SeaORM's limits and offsets.
        Value::BigUnsigned(value) => {
            let value = value.map(|value| i64::try_from(value).unwrap_or(i64::MAX));
            (20, value.map(|value| value.to_be_bytes().to_vec()))
        }
        Value::Double(value) => (701, value.map(|value| value.to_be_bytes().to_vec())),
        Value::String(value) => (TEXT, value.as_ref().map(|text| text.as_bytes().to_vec())),
        // It is cast to its type in the statement.
        Value::Enum(OptionEnum::Some(value)) => (TEXT, Some(value.value.as_bytes().to_vec())),
        Value::Enum(OptionEnum::None(_)) => (TEXT, None),
        Value::Uuid(value) => (2950, value.map(|value| value.as_bytes().to_vec())),
        Value::Bytes(value) => (17, value.clone()),
        Value::Json(value) => {
            let json = value.as_ref().map(|json| json.to_string().into_bytes());
            (114, json)
        }
        Value::ChronoDate(value) => {
            let days = |date: NaiveDate| {
                let days = (date - epoch().unwrap_or_default()).num_days();
                i32::try_from(days).unwrap_or(i32::MAX)
            };
            (1082, value.map(|date| days(date).to_be_bytes().to_vec()))
        }
        Value::ChronoDateTimeUtc(value) => {
            let value = value.as_ref().map(microseconds);
            (1184, value.map(|value| value.to_be_bytes().to_vec()))
        }
        Value::ChronoDateTimeWithTimeZone(value) => {
            let value = value.map(|value| microseconds(&value.to_utc()));
            (1184, value.map(|value| value.to_be_bytes().to_vec()))
        }
        other => {
            return Err(DbErr::Type(format!(
                "{other:?} cannot be a parameter of an entity's statement"
            )));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_both_ways() {
        let time = "2024-02-29T23:59:59.123456Z"
            .parse::<DateTime<Utc>>()
            .unwrap();
        for value in [
            Value::Bool(Some(true)),
            Value::Int(Some(-7)),
            Value::BigInt(None),
            Value::Double(Some(0.5)),
            Value::String(Some("naïve".to_owned())),
            Value::Uuid(Some(Uuid::from_u128(7))),
            Value::Json(Some(Box::new(serde_json::json!({"a": [1, null]})))),
            Value::ChronoDate(NaiveDate::from_ymd_opt(1999, 12, 31)),
            Value::ChronoDateTimeWithTimeZone(Some(time.fixed_offset())),
        ] {
            let (type_id, bytes) = bound(&value).unwrap();
            let kind = kind(type_id).unwrap();
            assert_eq!(read(kind, bytes.as_deref()), Some(value));
        }
    }

    #[test]
    fn bytes_of_another_form_are_no_value() {
        for kind in [
            Kind::Integer,
            Kind::Uuid,
            Kind::Timestamp,
            Kind::Decimal,
            Kind::Inet,
        ] {
            assert_eq!(read(kind, Some(&[1, 2, 3])), None);
        }
        assert_eq!(read(Kind::Text, Some(&[0xff])), None);
    }
}
