//! Reads filters on the rows that a relation leads to, and on values about them.

use async_graphql_value::ConstValue;

use super::read::{Operated, operators, parse as parse_filter};
use super::{ARGUMENT, ForRows};
use crate::engine::aggregate::{self, AGGREGATE, COUNT};
use crate::engine::catalog::{Aggregate, Cardinality, Catalog, Kind, RelationId, Table};
use crate::engine::names::Named;
use crate::engine::plan::Planned;
use crate::engine::select::{Expr, Predicate, Quantifier};
use crate::error::{Error, ValuePlace, Within};

/// Reads the filter on what a relation leads to.
pub fn parse(
    catalog: &Catalog,
    table: &Table,
    id: RelationId,
    input: &ConstValue,
) -> Planned<Predicate> {
    let relation = table.relation(id);
    let field = &relation.field;
    let to = catalog.table(relation.to);
    let related = |quantifier, filter| {
        Ok(Predicate::Related {
            relation: id,
            quantifier,
            filter: Box::new(parse_filter(catalog, to, filter)?),
        })
    };
    let ConstValue::Object(members) = input else {
        return Err(match relation.cardinality {
            Cardinality::One => {
                let column = &table.column(relation.from_column).field;
                let message = format!(
                    "`{field}` takes a filter on the related {}, not null; to find rows without one use {{ {column}: {{ isNull: true }} }}.",
                    to.noun
                );
                Error::input(field, message)
            }
            Cardinality::Many => without_conditions(field),
        });
    };
    if relation.cardinality == Cardinality::One {
        return related(Quantifier::Some, input);
    }
    let mut conditions = Vec::with_capacity(members.len());
    for (name, member) in members {
        if *member == ConstValue::Null {
            let message = format!("`{field}.{name}` is null; leave it out, or give it a filter.");
            return Err(Error::input(field, message).inside(name));
        }
        if name == AGGREGATE {
            let value = |aggregate| Expr::Aggregate(id, aggregate);
            conditions.push(aggregates(catalog, to, member, value).within(name)?);
            continue;
        }
        let quantifier = match ForRows::of(name) {
            Some(ForRows::Some) => Quantifier::Some,
            Some(ForRows::None) => Quantifier::None,
            Some(ForRows::Every) => Quantifier::Every,
            None => return Err(without_conditions(field)),
        };
        conditions.push(related(quantifier, member).within(name)?);
    }
    if conditions.is_empty() {
        return Err(without_conditions(field));
    }
    Ok(Predicate::All(conditions))
}

fn without_conditions(field: &str) -> Error {
    let message = format!(
        "`{field}` takes at least one of `some`, `none`, `every` and `aggregate`, such as {{ some: {{ … }} }}."
    );
    Error::input(field, message)
}

/// Reads conditions on values about rows of a table; `value` says where each one is found.
pub fn aggregates(
    catalog: &Catalog,
    table: &Table,
    input: &ConstValue,
    value: impl Fn(Aggregate) -> Expr,
) -> Planned<Predicate> {
    let wrong = |field: &str| {
        let message = format!(
            "`{field}` takes conditions on values about rows, such as {{ count: {{ gt: 3 }} }}."
        );
        Error::input(field, message)
    };
    let conditions_of = |name: &str, kind: Kind, aggregate: Aggregate, input: &ConstValue| {
        // A number of things is an `Int` of the API.
        let kind = if aggregate.counts() { Kind::Int } else { kind };
        operators(
            catalog,
            (name, kind),
            input,
            |operator, operand| match operand {
                Operated::Value {
                    value: operand,
                    insensitive,
                } => Ok(Predicate::Compare {
                    left: value(aggregate),
                    operator,
                    value: operand,
                    insensitive,
                }),
                Operated::Path(_) => Err(wrong(name)),
            },
        )
    };
    let ConstValue::Object(members) = input else {
        return Err(wrong(ARGUMENT));
    };
    let mut conditions = Vec::new();
    for (field, member) in members {
        if field == COUNT {
            let count = Aggregate::Count;
            let condition = conditions_of(COUNT, count.kind(table), count, member);
            conditions.push(condition.within(field)?);
            continue;
        }
        let ConstValue::Object(functions) = member else {
            return Err(wrong(field).inside(field));
        };
        for (function, operators) in functions {
            let aggregate = aggregate::of(table, field, function).ok_or_else(|| {
                let name = ValuePlace::Name(function.clone());
                wrong(field).inside(name).inside(field)
            })?;
            let name = format!("{field}.{function}");
            let kind = aggregate.kind(table);
            let condition = conditions_of(&name, kind, aggregate, operators);
            conditions.push(condition.within(function).within(field)?);
        }
    }
    if conditions.is_empty() {
        return Err(wrong(AGGREGATE));
    }
    Ok(Predicate::All(conditions))
}
