//! The shape of the Chinook document, as far as the import uses it.

use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use serde::de::{Error, IgnoredAny, Unexpected};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Document {
    pub genre: Vec<Genre>,
    pub artist: Vec<Artist>,
    pub album: Vec<Album>,
    pub track: Vec<Track>,
    pub employee: Vec<Employee>,
    pub customer: Vec<Customer>,
    pub invoice: Vec<Invoice>,
    pub invoice_line: Vec<InvoiceLine>,
    #[serde(default)]
    pub media_type: Vec<MediaType>,
    #[serde(default)]
    pub playlist: Vec<IgnoredAny>,
    #[serde(default)]
    pub playlist_track: Vec<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Genre {
    pub genre_id: i64,
    pub name: Text,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct MediaType {
    pub media_type_id: i64,
    pub name: Text,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Artist {
    pub artist_id: i64,
    pub name: Text,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Album {
    pub album_id: i64,
    pub title: Text,
    pub artist_id: i64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Track {
    pub track_id: i64,
    pub name: Text,
    pub album_id: Option<i64>,
    pub media_type_id: Option<i64>,
    pub genre_id: Option<i64>,
    #[serde(default)]
    pub composer: MaybeText,
    pub milliseconds: i64,
    pub bytes: Option<i64>,
    pub unit_price: Money,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Employee {
    pub employee_id: i64,
    pub first_name: Text,
    pub last_name: Text,
    #[serde(default)]
    pub title: MaybeText,
    pub reports_to: Option<i64>,
    #[serde(default)]
    pub state: MaybeText,
    #[serde(default)]
    pub phone: MaybeText,
    pub email: Text,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Customer {
    pub customer_id: i64,
    pub first_name: Text,
    pub last_name: Text,
    #[serde(default)]
    pub company: MaybeText,
    #[serde(default)]
    pub address: MaybeText,
    #[serde(default)]
    pub city: MaybeText,
    #[serde(default)]
    pub state: MaybeText,
    #[serde(default)]
    pub country: MaybeText,
    #[serde(default)]
    pub postal_code: MaybeText,
    #[serde(default)]
    pub phone: MaybeText,
    #[serde(default)]
    pub fax: MaybeText,
    pub email: Text,
    pub support_rep_id: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Invoice {
    pub invoice_id: i64,
    pub customer_id: i64,
    pub invoice_date: NaiveDateTime,
    #[serde(default)]
    pub billing_address: MaybeText,
    #[serde(default)]
    pub billing_city: MaybeText,
    #[serde(default)]
    pub billing_state: MaybeText,
    #[serde(default)]
    pub billing_country: MaybeText,
    #[serde(default)]
    pub billing_postal_code: MaybeText,
    pub total: Money,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct InvoiceLine {
    pub invoice_line_id: i64,
    pub invoice_id: i64,
    pub track_id: i64,
    pub unit_price: Money,
    pub quantity: i32,
}

/// Text that says something, and that PostgreSQL can store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text(pub String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.contains('\0') {
            return Err(D::Error::custom("text holds a NUL character"));
        }
        match text.trim() {
            "" => Err(D::Error::custom("text is empty, expected some")),
            trimmed if trimmed.chars().count() > 255 => {
                Err(D::Error::custom("text is longer than 255 characters"))
            }
            trimmed => Ok(Self(trimmed.to_owned())),
        }
    }
}

/// Text that may be null or empty; the document uses both to say nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct MaybeText(pub Option<String>);

impl MaybeText {
    pub(super) fn get(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl<'de> Deserialize<'de> for MaybeText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?.unwrap_or_default();
        if text.contains('\0') {
            return Err(D::Error::custom("text holds a NUL character"));
        }
        let trimmed = text.trim();
        if trimmed.chars().count() > 255 {
            return Err(D::Error::custom("text is longer than 255 characters"));
        }
        Ok(Self((!trimmed.is_empty()).then(|| trimmed.to_owned())))
    }
}

/// An amount of money, with the decimals that the document writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Money(pub Decimal);

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            // A number keeps the digits that the document has.
            Value::Number(number) => amount(&number.to_string()),
            other => {
                let found = match &other {
                    Value::Null => Unexpected::Unit,
                    Value::Bool(value) => Unexpected::Bool(*value),
                    Value::String(text) => Unexpected::Str(text),
                    Value::Array(_) => Unexpected::Seq,
                    _ => Unexpected::Map,
                };
                Err(Error::invalid_type(found, &"an amount such as 0.99"))
            }
        }
    }
}

fn amount<E: Error>(text: &str) -> Result<Money, E> {
    let wrong = || E::custom(format!("the amount {text} is not between 0 and 9999999999"));
    let value: Decimal = text.parse().map_err(|_| wrong())?;
    match value < Decimal::ZERO || value > Decimal::from(9_999_999_999_u64) {
        true => Err(wrong()),
        // The model keeps two.
        false if value.normalize().scale() > 2 => Err(E::custom(format!(
            "the amount {text} has more than two decimals"
        ))),
        false => Ok(Money(value)),
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::{MaybeText, Money, Text};

    #[test]
    fn amounts_keep_their_decimals() {
        for (json, expected) in [
            ("0.99", Decimal::new(99, 2)),
            ("13.86", Decimal::new(1386, 2)),
            ("5", Decimal::new(5, 0)),
            ("0.990", Decimal::new(99, 2)),
        ] {
            assert_eq!(serde_json::from_str::<Money>(json).unwrap().0, expected);
        }
        for json in ["-1", "1e20", "\"0.99\"", "null", "99999999999", "0.995"] {
            assert!(serde_json::from_str::<Money>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn empty_text_is_nothing_where_nothing_is_allowed() {
        for json in ["null", "\"\"", "\"  \""] {
            assert_eq!(serde_json::from_str::<MaybeText>(json).unwrap().get(), None);
            assert!(serde_json::from_str::<Text>(json).is_err());
        }
        assert_eq!(
            serde_json::from_str::<Text>("\" Köhler \"").unwrap().0,
            "Köhler"
        );
        assert!(serde_json::from_str::<Text>("\"a\\u0000\"").is_err());
        assert!(serde_json::from_str::<MaybeText>("\"a\\u0000\"").is_err());
    }
}
