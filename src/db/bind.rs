//! Hands the values of a statement to the driver.

use sqlx::Arguments;
use sqlx::postgres::PgArguments;

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
            Value::Decimal(value) => arguments.add(value),
            Value::Decimals(values) => arguments.add(values),
            Value::Boolean(value) => arguments.add(value),
            Value::Timestamp(value) => arguments.add(value),
            Value::Timestamps(values) => arguments.add(values),
            Value::Date(value) => arguments.add(value),
            Value::Dates(values) => arguments.add(values),
            // Sent as text and cast in the statement: it was checked to be JSON already.
            Value::Json(value) => arguments.add(value.as_str()),
        };
        added.map_err(|error| Error::internal(format!("cannot bind a value: {error}")))?;
    }
    Ok(arguments)
}
