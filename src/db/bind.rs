//! Passes the parameters of a statement to the driver.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgHasArrayType, PgTypeInfo};
use sqlx::{Arguments, Encode, Postgres, Type};

use uuid::Uuid;

use crate::error::Error;
use crate::sql::Value;

/// The values of a statement, with the keys that it is run for, which are its second value.
pub(super) fn arguments(values: &[Value], keys: Option<&[Uuid]>) -> Result<PgArguments, Error> {
    let mut arguments = PgArguments::default();
    for (index, value) in values.iter().enumerate() {
        let added = match value {
            Value::Uuids(_) if index == 1 && keys.is_some() => arguments.add(keys),
            Value::Uuid(value) => arguments.add(value),
            Value::Uuids(values) => arguments.add(&values[..]),
            Value::Text(value) => arguments.add(value.as_str()),
            Value::Texts(values) => arguments.add(values),
            Value::Int(value) => arguments.add(value),
            Value::Ints(values) => arguments.add(values),
            Value::BigInt(value) => arguments.add(value),
            Value::BigInts(values) => arguments.add(values),
            Value::Boolean(value) => arguments.add(value),
            Value::Timestamp(value) => arguments.add(Timestamp(*value)),
            Value::Timestamps(values) => {
                let values: Vec<Timestamp> = values.iter().copied().map(Timestamp).collect();
                arguments.add(values)
            }
            Value::Date(value) => arguments.add(Date(*value)),
            Value::Dates(values) => {
                let values: Vec<Date> = values.iter().copied().map(Date).collect();
                arguments.add(values)
            }
            // Sent as text and cast in the statement: it was checked to be JSON already.
            Value::Json(value) => arguments.add(value.as_str()),
        };
        added.map_err(|error| Error::internal(format!("cannot bind a value: {error}")))?;
    }
    Ok(arguments)
}

/// A timestamp as PostgreSQL has it: the types of `chrono` end before its own does, and have no
/// infinite ones.
struct Timestamp(i64);

/// A date as PostgreSQL has it.
struct Date(i32);

/// Gives a type the binary form of its number and the name of a type of `chrono`.
macro_rules! calendar {
    ($ours:ty, $like:ty) => {
        impl Type<Postgres> for $ours {
            fn type_info() -> PgTypeInfo {
                <$like as Type<Postgres>>::type_info()
            }
        }

        impl PgHasArrayType for $ours {
            fn array_type_info() -> PgTypeInfo {
                <$like as PgHasArrayType>::array_type_info()
            }
        }

        impl Encode<'_, Postgres> for $ours {
            fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
                buffer.extend_from_slice(&self.0.to_be_bytes());
                Ok(IsNull::No)
            }
        }
    };
}

calendar!(Timestamp, DateTime<Utc>);
calendar!(Date, NaiveDate);
