//! Declares the scalars beside those of the specification, the enums of the model, and the type of
//! each column.

use std::collections::HashSet;

use async_graphql::dynamic::{Enum, EnumItem, Scalar, TypeRef};

use super::enum_values;
use crate::engine::aggregate::Functions;
use crate::engine::catalog::{Catalog, Kind, RoleCatalog};

const BIG_INT: &str = "BigInt";
const DATE: &str = "Date";
const DATE_TIME: &str = "DateTime";
const DECIMAL: &str = "Decimal";
const INET: &str = "Inet";
pub const JSON: &str = "JSON";
const VECTOR: &str = "Vector";

/// The scalars that columns have.
pub fn scalars(role: RoleCatalog<'_>) -> impl Iterator<Item = Scalar> {
    let used: HashSet<String> = role
        .columns()
        .map(|column| column.kind)
        .chain(Functions::RESULTS)
        .map(|kind| type_name(role.catalog, kind))
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
            "A 64-bit integer as a string, so that no client rounds it. As input, numbers are accepted too.",
            "https://www.postgresql.org/docs/current/datatype-numeric.html#DATATYPE-INT",
        ),
        scalar(
            DATE,
            "A calendar date, such as `2026-01-31`: RFC 3339 for the years 0000 to 9999. Other years have a sign and at least six digits, such as `+010000-01-01` or `-000043-03-15`, where year 0000 is 1 BC. `infinity` is later than every day, `-infinity` earlier.",
            "https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
        ),
        scalar(
            DATE_TIME,
            "An instant in UTC to the microsecond, such as `2026-01-31T12:00:00.000001Z`: RFC 3339 for the years 0000 to 9999. Other years have a sign and at least six digits, such as `+010000-01-01T00:00:00Z` or `-000043-03-15T00:00:00Z`, where year 0000 is 1 BC. `infinity` is later than every instant, `-infinity` earlier. As input, any UTC offset is accepted, and at most six digits of a fraction of a second.",
            "https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
        ),
        scalar(
            DECIMAL,
            "An exact decimal number as a string, such as `12.50`, with up to 131072 digits before the point and 16383 after it. As input, numbers are accepted too, with all their digits. `NaN`, which is greater than every number and equal to itself, `Infinity` and `-Infinity` can occur.",
            "https://www.postgresql.org/docs/current/datatype-numeric.html#DATATYPE-NUMERIC-DECIMAL",
        ),
        scalar(
            INET,
            "An IP address or, with a prefix length, a network: `192.0.2.1`, `2001:db8::/32`.",
            "https://www.postgresql.org/docs/current/datatype-net-types.html#DATATYPE-INET",
        ),
        scalar(
            JSON,
            "A JSON value of any shape. Its numbers keep all their digits, up to 131072 before the point and 16383 after it; a client that reads them as floats rounds them.",
            "https://www.rfc-editor.org/rfc/rfc8259",
        ),
        scalar(
            VECTOR,
            "An embedding: a list of numbers.",
            "https://www.postgresql.org/docs/current/datatype-numeric.html#DATATYPE-FLOAT",
        ),
    ]
}

/// The enums that columns have, and the one of the roles.
pub fn enumerations(role: RoleCatalog<'_>) -> impl Iterator<Item = Enum> {
    let catalog = role.catalog;
    let mut used: HashSet<usize> = [catalog.viewer.roles].into();
    used.extend(role.columns().filter_map(|column| match column.kind {
        Kind::Enum(index) => Some(index),
        _ => None,
    }));
    let enums = catalog.enums.iter().enumerate();
    enums
        .filter(move |(index, _)| used.contains(index))
        .map(|(_, one)| {
            let of = Enum::new(&one.type_name).description(&one.comment);
            let values = one.values.iter();
            values.fold(of, |of, value| of.item(item(&one.type_name, value)))
        })
}

fn item(type_name: &str, value: &str) -> EnumItem {
    let name = value.to_uppercase();
    match enum_values::description(type_name, &name) {
        Some(description) => EnumItem::new(name).description(description),
        None => EnumItem::new(name),
    }
}

/// The GraphQL type of a column's values.
pub fn type_name(catalog: &Catalog, kind: Kind) -> String {
    match kind {
        Kind::Uuid => TypeRef::ID,
        Kind::Text => TypeRef::STRING,
        Kind::Int => TypeRef::INT,
        Kind::Boolean => TypeRef::BOOLEAN,
        Kind::Float => TypeRef::FLOAT,
        Kind::BigInt => BIG_INT,
        Kind::Decimal => DECIMAL,
        Kind::Timestamp => DATE_TIME,
        Kind::Date => DATE,
        Kind::Json => JSON,
        Kind::Inet => INET,
        Kind::Vector => VECTOR,
        // Lists are wrapped where the type is used.
        Kind::TextArray => TypeRef::STRING,
        Kind::Enum(index) => return catalog.enums[index].type_name.clone(),
    }
    .to_owned()
}

/// The type of a column's values, as a list where the column holds one.
pub fn value_type(catalog: &Catalog, kind: Kind, nullable: bool) -> TypeRef {
    let name = type_name(catalog, kind);
    match (kind == Kind::TextArray, nullable) {
        (true, true) => TypeRef::named_nn_list(name),
        (true, false) => TypeRef::named_nn_list_nn(name),
        (false, true) => TypeRef::named(name),
        (false, false) => TypeRef::named_nn(name),
    }
}
