//! Reads the argument `by`: what rows have in common in a group.

use std::sync::Arc;

use async_graphql_value::ConstValue;
use chrono_tz::Tz;

use crate::engine::catalog::{Cardinality, Catalog, Kind, Table};
use crate::engine::names::Named;
use crate::engine::plan::{Planned, Values, missing, only_member, without_value};
use crate::engine::scalar;
use crate::engine::select::{Bucket, Expr, GroupKey, Unit};
use crate::error::{Error, Within};

/// The argument that says what groups are by.
pub const BY: &str = "by";
/// The length of a bucket.
pub const BUCKET: &str = "bucket";
/// The time zone in which buckets begin.
pub const TIME_ZONE: &str = "timeZone";

/// Most keys of one group.
const MOST: usize = 10;

/// A key with the fields that lead to it, from the table of the rows.
pub struct Key {
    pub path: Vec<String>,
    pub key: GroupKey,
}

/// Reads the keys.
///
/// # Errors
/// `BAD_USER_INPUT` for what is no key, and for a variable without a value.
pub fn read(catalog: &Catalog, table: &Table, arguments: &Values<'_>) -> Planned<Vec<Key>> {
    keys(catalog, table, arguments).map_err(|error| arguments.at(BY, error))
}

fn keys(catalog: &Catalog, table: &Table, arguments: &Values<'_>) -> Planned<Vec<Key>> {
    if let Some(literal) = arguments.literal(BY)
        && let Some(variable) = missing(literal, arguments.variables())
    {
        let place = "`by`, where a key would be left out. Give it a value";
        return Err(without_value(BY, variable, place));
    }
    let by = arguments.required(BY)?;
    let items = match &*by {
        ConstValue::List(items) => &items[..],
        one => std::slice::from_ref(one),
    };
    if items.is_empty() || items.len() > MOST {
        let message = format!("`by` names 1 to {MOST} keys, such as [{{ status: true }}].");
        return Err(Error::input(BY, message));
    }
    let mut keys: Vec<Key> = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let mut path = Vec::new();
        let key = key(catalog, table, item, &mut path).within(index)?;
        if keys.iter().any(|known| known.path == path) {
            let message = format!("`by` names `{}` twice.", path.join("."));
            return Err(Error::input(BY, message).inside(index));
        }
        keys.push(Key { path, key });
    }
    Ok(keys)
}

fn key(
    catalog: &Catalog,
    table: &Table,
    item: &ConstValue,
    path: &mut Vec<String>,
) -> Planned<GroupKey> {
    let wrong = || {
        Error::input(BY, "Each element of `by` names exactly one field.")
            .hinting("Examples are { status: true } and { createdAt: { bucket: MONTH } }.")
    };
    let (field, member) = only_member(item).ok_or_else(wrong)?;
    path.push(field.to_owned());
    let column = table.column_by_field(field);
    if let Some(id) = column.filter(|&id| table.column(id).kind.is_orderable()) {
        let kind = table.column(id).kind;
        return Ok(GroupKey {
            of: Expr::Column(id),
            kind,
            bucket: match kind {
                Kind::Timestamp | Kind::Date => Some(bucket(field, kind, member).within(field)?),
                _ if *member == ConstValue::Boolean(true) => None,
                _ => {
                    let message =
                        format!("`{field}` is true where it is a key; leave it out otherwise.");
                    return Err(Error::input(field, message).inside(field));
                }
            },
        });
    }
    let one = table
        .relation_by_field(field)
        .filter(|&id| table.relation(id).cardinality == Cardinality::One);
    let id = one.ok_or_else(|| {
        let message = format!("`{}` cannot be grouped by `{field}`.", table.plural);
        Error::input(BY, message)
    })?;
    let inner = key(catalog, catalog.table(table.relation(id).to), member, path).within(field)?;
    Ok(GroupKey {
        of: Expr::Related(id, Arc::new(inner.of)),
        ..inner
    })
}

fn bucket(field: &str, kind: Kind, member: &ConstValue) -> Planned<Bucket> {
    let ConstValue::Object(members) = member else {
        let message = format!("`{field}` takes a bucket, such as {{ bucket: MONTH }}.");
        return Err(Error::input(field, message));
    };
    let unit = match members.get(BUCKET) {
        Some(ConstValue::Enum(name)) => Unit::of(name),
        Some(ConstValue::String(name)) => Unit::of(name),
        _ => None,
    };
    let unit = unit.ok_or_else(|| {
        let message = format!("`{field}` takes a bucket, such as {{ bucket: MONTH }}.");
        Error::input(field, message)
    })?;
    if kind == Kind::Date {
        if unit == Unit::Hour {
            let message = format!("`{field}` is a date; its shortest bucket is DAY.");
            return Err(Error::input(field, message).inside(BUCKET));
        }
        return Ok(Bucket { unit, zone: None });
    }
    let zone = match members.get(TIME_ZONE) {
        None | Some(ConstValue::Null) => "UTC",
        Some(name) => scalar::text(name, TIME_ZONE)
            .and_then(|name| zone(&name))
            .within(TIME_ZONE)?,
    };
    Ok(Bucket {
        unit,
        zone: Some(zone),
    })
}

/// The name of a time zone, as the IANA has it.
fn zone(name: &str) -> Planned<&'static str> {
    let zone: Result<Tz, _> = name.parse();
    zone.map(Tz::name).map_err(|_| {
        let shown: String = name.chars().take(50).collect();
        let message = format!(
            "`{TIME_ZONE}` is `{shown}`, which is no name of the IANA time zone database; names are like `Europe/Berlin` and `UTC`."
        );
        Error::input(TIME_ZONE, message)
    })
}
