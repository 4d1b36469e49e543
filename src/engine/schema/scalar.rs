//! Scalars beside those of the specification.

use std::collections::HashSet;

use async_graphql::dynamic::Scalar;

use super::type_name;
use crate::engine::catalog::Sight;

pub const BIG_INT: &str = "BigInt";
pub const DATE: &str = "Date";
pub const DATE_TIME: &str = "DateTime";
pub const DECIMAL: &str = "Decimal";
pub const INET: &str = "Inet";
pub const JSON: &str = "JSON";
pub const VECTOR: &str = "Vector";

/// The scalars that columns have.
pub fn all(sight: Sight<'_>) -> impl Iterator<Item = Scalar> {
    let used: HashSet<String> = sight
        .columns()
        .map(|column| type_name(sight.catalog, column.kind))
        .collect();
    known()
        .into_iter()
        .filter(move |scalar| used.contains(scalar.type_name()))
}

fn known() -> [Scalar; 7] {
    let scalar = |name: &str, description: &str, url: &str| {
        Scalar::new(name)
            .description(description)
            .specified_by_url(url)
    };
    [
        scalar(
            BIG_INT,
            "A whole number of 64 bits as text, so that no client rounds it. Numbers are read as well.",
            "https://www.postgresql.org/docs/current/datatype-numeric.html#DATATYPE-INT",
        ),
        scalar(
            DATE,
            "A day of the calendar, such as `2026-01-31`.",
            "https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
        ),
        scalar(
            DATE_TIME,
            "An instant in UTC to the microsecond, such as `2026-01-31T12:00:00.000001Z`. Any offset is read.",
            "https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
        ),
        scalar(
            DECIMAL,
            "An exact decimal number as text, such as `12.50`, so that no cent is lost. Numbers are read as well.",
            "https://www.postgresql.org/docs/current/datatype-numeric.html#DATATYPE-NUMERIC-DECIMAL",
        ),
        scalar(
            INET,
            "An IP address, with the length of its network where it is one: `192.0.2.1`, `2001:db8::/32`.",
            "https://www.postgresql.org/docs/current/datatype-net-types.html#DATATYPE-INET",
        ),
        scalar(
            JSON,
            "A JSON value of any shape.",
            "https://www.rfc-editor.org/rfc/rfc8259",
        ),
        scalar(
            VECTOR,
            "An embedding: a list of numbers.",
            "https://www.postgresql.org/docs/current/datatype-numeric.html#DATATYPE-FLOAT",
        ),
    ]
}
