//! Declares groups.

use async_graphql::dynamic::{Enum, Field, InputObject, InputValue, Object, TypeRef};

use super::by::{BUCKET, TIME_ZONE};
use super::{Fill, GroupArgument, GroupsField, KEY, ROWS, is_taken};
use crate::engine::aggregate;
use crate::engine::catalog::{Cardinality, Kind, Relation, RoleCatalog, Table};
use crate::engine::connection::{PAGE_INFO, list_field};
use crate::engine::declare::{self, field};
use crate::engine::names::Named;
use crate::engine::scalar::type_name;
use crate::engine::select::{MOST_BUCKETS, Unit};
use crate::engine::{filter, order};

const BUCKET_UNIT: &str = "BucketUnit";
const DATE_TIME_BUCKET: &str = "DateTimeBucket";
const DATE_BUCKET: &str = "DateBucket";
const GROUP_FILL: &str = "GroupFill";

/// Name of a page of groups of a table's rows.
pub fn connection_name(table: &Table) -> String {
    format!("{}GroupConnection", table.type_name)
}

/// Name of a group of a table's rows.
pub fn group_name(table: &Table) -> String {
    format!("{}Group", table.type_name)
}

/// Name of the keys of groups of a table's rows.
pub fn key_name(table: &Table) -> String {
    format!("{}GroupKey", table.type_name)
}

fn by_name(table: &Table) -> String {
    format!("{}GroupBy", table.type_name)
}

fn order_name(table: &Table) -> String {
    format!("{}GroupOrderBy", table.type_name)
}

/// The field of a list that answers its groups.
pub fn groups_field(name: &str, table: &Table) -> Field {
    let description = format!(
        "The {} of the whole list in groups of equal keys, whatever the page.",
        table.nouns
    );
    let groups = field(name, TypeRef::named_nn(connection_name(table)), description);
    GroupArgument::ALL.iter().fold(groups, |groups, &argument| {
        let (of, description) = match argument {
            GroupArgument::By => (
                TypeRef::named_nn_list_nn(by_name(table)),
                "What the rows of a group have in common; 1 to 10 keys.".to_owned(),
            ),
            GroupArgument::Having => (
                TypeRef::named(filter::aggregate_filter_name(table)),
                "Which groups the list contains; all by default.".to_owned(),
            ),
            GroupArgument::OrderBy => (
                TypeRef::named_nn_list(order_name(table)),
                "The order of the groups, most significant term first; by default that of `by`, ascending.".to_owned(),
            ),
            GroupArgument::Fill => (
                TypeRef::named(GROUP_FILL),
                "Adds groups without rows.".to_owned(),
            ),
            GroupArgument::First => (
                TypeRef::named(TypeRef::INT),
                "Returns the first n groups; 25 by default, 500 at most.".to_owned(),
            ),
            GroupArgument::After => (
                TypeRef::named(TypeRef::STRING),
                "Returns groups after this cursor.".to_owned(),
            ),
        };
        groups.argument(InputValue::new(argument.name(), of).description(description))
    })
}

/// A page of groups.
pub fn group_connection(table: &Table) -> Object {
    let description = format!("A page of groups of {}.", table.nouns);
    declare::object(connection_name(table), description, |field| match field {
        GroupsField::Nodes => (
            TypeRef::named_nn_list_nn(group_name(table)),
            "The groups on this page.",
        ),
        GroupsField::PageInfo => (
            TypeRef::named_nn(PAGE_INFO),
            "Information about this page, to get the next one.",
        ),
        GroupsField::TotalCount => (
            TypeRef::named_nn(TypeRef::INT),
            "The number of groups in the whole list. They are counted only if this field is selected.",
        ),
    })
}

/// A group.
pub fn group(role: RoleCatalog<'_>, table: &Table) -> Object {
    let rows = &table.nouns;
    let object = Object::new(group_name(table))
        .description(format!(
            "Several {rows} with equal keys, and values about them; the fields are those of `{}`.",
            aggregate::aggregate_name(table)
        ))
        .field(field(
            KEY,
            TypeRef::named_nn(key_name(table)),
            "What the rows have in common.",
        ))
        .field(list_field(ROWS, table, format!("The {rows} of the group.")));
    aggregate::fields(role, table, object, |column| {
        (!is_taken(&column.field)).then_some("")
    })
}

/// The relations that keys can be found by.
fn ones<'a>(
    role: RoleCatalog<'a>,
    table: &'a Table,
) -> impl Iterator<Item = (&'a Relation, &'a Table)> {
    let relations = role.joins(table);
    relations
        .filter(|relation| relation.cardinality == Cardinality::One)
        .map(move |relation| (relation, role.catalog.table(relation.to)))
}

/// The keys of a group.
pub fn group_key(role: RoleCatalog<'_>, table: &Table) -> Object {
    let object = Object::new(key_name(table)).description(format!(
        "The key of a group of {}: the values that its rows share. The fields are those of `{}`, and only those that `by` names can be selected.",
        table.nouns, table.type_name
    ));
    let columns = role.fields(table);
    let object = columns
        .filter(|(_, column)| column.kind.is_orderable())
        .fold(object, |object, (_, column)| {
            let of = TypeRef::named(type_name(role.catalog, column.kind));
            object.field(field(&column.field, of, ""))
        });
    ones(role, table).fold(object, |object, (relation, to)| {
        let of = TypeRef::named_nn(key_name(to));
        object.field(field(&relation.field, of, ""))
    })
}

/// A key of groups.
pub fn group_by(role: RoleCatalog<'_>, table: &Table) -> InputObject {
    let description = format!(
        "One part of the key of a group of {}: exactly one field.",
        table.nouns
    );
    let input = order::one_term(by_name(table), description);
    let columns = role.fields(table);
    let input = columns
        .filter(|(_, column)| column.kind.is_orderable())
        .fold(input, |input, (_, column)| {
            let of = match column.kind {
                Kind::Timestamp => DATE_TIME_BUCKET,
                Kind::Date => DATE_BUCKET,
                _ => TypeRef::BOOLEAN,
            };
            input.field(InputValue::new(&column.field, TypeRef::named(of)))
        });
    ones(role, table).fold(input, |input, (relation, to)| {
        input.field(InputValue::new(
            &relation.field,
            TypeRef::named(by_name(to)),
        ))
    })
}

/// The order of groups.
pub fn group_order(role: RoleCatalog<'_>, table: &Table) -> InputObject {
    let description = format!(
        "One term of the order of groups of {}: a key or a value about them, and its direction.",
        table.nouns
    );
    let key = InputValue::new(KEY, TypeRef::named(order::order_name(table)))
        .description("A key that `by` names.");
    let input = order::one_term(order_name(table), description).field(key);
    order::aggregate_fields(role, table, input, |column| !is_taken(column))
}

pub fn date_time_bucket() -> InputObject {
    bucket(DATE_TIME_BUCKET, "The period that an instant falls into.").field(
        InputValue::new(TIME_ZONE, TypeRef::named(TypeRef::STRING)).description(
            "The name of the time zone in which periods begin, as in the IANA database, such as `Europe/Berlin`; `UTC` by default.",
        ),
    )
}

pub fn date_bucket() -> InputObject {
    bucket(DATE_BUCKET, "The period that a date falls into.")
}

fn bucket(name: &str, description: &str) -> InputObject {
    InputObject::new(name).description(description).field(
        InputValue::new(BUCKET, TypeRef::named_nn(BUCKET_UNIT))
            .description("The length of the period. The key of the group is its beginning."),
    )
}

pub fn bucket_unit() -> Enum {
    declare::enumeration(BUCKET_UNIT, "The length of a period.", |unit| match unit {
        Unit::Hour => {
            "An hour. Where clocks are set back, the hour that comes twice is two periods."
        }
        Unit::Day => "A day of the time zone, which can have 23 or 25 hours.",
        Unit::Week => "A week of ISO 8601, which begins on Monday.",
        Unit::Month => "A month of the calendar.",
        Unit::Quarter => "Three months, from January, April, July or October.",
        Unit::Year => "A year of the calendar.",
    })
}

pub fn fill() -> Enum {
    let description = format!(
        "Which groups without rows are added. `by` must have exactly one key with a bucket, and from the first to the last bucket there must be {MOST_BUCKETS} at most."
    );
    declare::enumeration(GROUP_FILL, &description, |one| match one {
        Fill::Zero => {
            "For all other keys, the buckets that have no rows between the first and the last of the list: their counts and sums are 0, and their other values null."
        }
    })
}
