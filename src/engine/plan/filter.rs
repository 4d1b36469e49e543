//! Reads the argument `where` as a predicate.

use async_graphql_value::ConstValue;

use super::{Context, Planned, scalar};
use crate::engine::catalog::{Column, ColumnId, Kind, Operand, Operator, Table};
use crate::engine::select::Predicate;
use crate::error::Error;
use crate::sql::Value;

/// Reads a filter object of the table.
pub fn parse(context: &Context<'_>, table: &Table, input: &ConstValue) -> Planned<Predicate> {
    let ConstValue::Object(members) = input else {
        return Err(Error::input(
            "where",
            "A filter is an object of fields and their operators.",
        )
        .hinting("An example is { email: { eq: \"a@b.c\" } }."));
    };
    let mut conditions = Vec::with_capacity(members.len());
    for (name, member) in members {
        conditions.push(match name.as_str() {
            "and" => Predicate::All(parse_list(context, table, member)?),
            "or" => Predicate::Any(parse_list(context, table, member)?),
            "not" => Predicate::Not(Box::new(parse(context, table, member)?)),
            field => {
                let id = table.column_by_field(field).ok_or_else(|| {
                    Error::input(
                        "where",
                        format!("`{}` has no filter `{field}`.", table.type_name),
                    )
                })?;
                parse_column(context, id, table.column(id), member)?
            }
        });
    }
    Ok(Predicate::All(conditions))
}

fn parse_list(context: &Context<'_>, table: &Table, input: &ConstValue) -> Planned<Vec<Predicate>> {
    match input {
        ConstValue::List(items) => items
            .iter()
            .map(|item| parse(context, table, item))
            .collect(),
        single => Ok(vec![parse(context, table, single)?]),
    }
}

fn parse_column(
    context: &Context<'_>,
    id: ColumnId,
    column: &Column,
    input: &ConstValue,
) -> Planned<Predicate> {
    let field = &column.field;
    let ConstValue::Object(members) = input else {
        return Err(Error::input(
            field,
            format!(
                "`{field}` takes operators, such as {{ eq: … }}; to find rows where it is null use {{ isNull: true }}."
            ),
        ));
    };
    let insensitive = match members.get("mode") {
        None | Some(ConstValue::Null) => false,
        Some(ConstValue::Enum(mode)) => mode == "INSENSITIVE",
        Some(ConstValue::String(mode)) => mode == "INSENSITIVE",
        Some(_) => return Err(Error::input("mode", "`mode` is DEFAULT or INSENSITIVE.")),
    };
    let conditions = members
        .iter()
        .filter(|(name, _)| *name != "mode")
        .map(|(name, operand)| {
            let operator = column
                .kind
                .operators()
                .iter()
                .find(|operator| operator.name() == name);
            let operator = *operator.ok_or_else(|| {
                Error::input(field, format!("`{field}` has no operator `{name}`."))
            })?;
            if operator == Operator::Path {
                return parse_path(id, column, operand);
            }
            let value = operand_value(context, column, operator, operand, insensitive)?;
            Ok(Predicate::Compare {
                column: id,
                operator,
                value,
                insensitive,
            })
        });
    let conditions: Vec<Predicate> = conditions.collect::<Planned<_>>()?;
    if conditions.is_empty() {
        return Err(Error::input(
            field,
            format!(
                "`{field}` has no operator, such as {{ eq: … }}; leave the field out to find all rows."
            ),
        ));
    }
    Ok(Predicate::All(conditions))
}

fn operand_value(
    context: &Context<'_>,
    column: &Column,
    operator: Operator,
    operand: &ConstValue,
    insensitive: bool,
) -> Planned<Value> {
    let field = &column.field;
    if *operand == ConstValue::Null {
        return Err(Error::input(
            field,
            format!(
                "`{field}.{}` is null; to find rows where it is null use {{ isNull: true }}.",
                operator.name()
            ),
        ));
    }
    Ok(match operator.operand(column.kind) {
        Operand::Same => scalar::value(context.catalog, column.kind, operand, field)?,
        Operand::List => scalar::values(context.catalog, column.kind, operand, field)?,
        Operand::Boolean => scalar::value(context.catalog, Kind::Boolean, operand, field)?,
        Operand::Text => {
            let text = scalar::text(operand, field)?;
            Value::Text(match operator {
                // The beginning itself is a range.
                Operator::StartsWith if !insensitive => text,
                Operator::StartsWith => format!("{}%", escaped(&text)),
                Operator::EndsWith => format!("%{}", escaped(&text)),
                Operator::Contains => format!("%{}%", escaped(&text)),
                Operator::Like | Operator::Ilike if ends_in_escape(&text) => {
                    return Err(Error::input(
                        field,
                        format!("The pattern of `{field}` ends in a backslash; write it twice."),
                    ));
                }
                _ => text,
            })
        }
        Operand::Path => return Err(Error::input(field, "`path` takes an object.")),
    })
}

/// Takes the meaning of a pattern from every character of a text.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_")
}

fn ends_in_escape(pattern: &str) -> bool {
    pattern
        .chars()
        .rev()
        .take_while(|&character| character == '\\')
        .count()
        % 2
        == 1
}

/// Operators inside a JSON document.
pub const PATH_OPERATORS: [Operator; 8] = [
    Operator::Eq,
    Operator::Ne,
    Operator::Lt,
    Operator::Lte,
    Operator::Gt,
    Operator::Gte,
    Operator::Contains,
    Operator::IsNull,
];

fn parse_path(id: ColumnId, column: &Column, input: &ConstValue) -> Planned<Predicate> {
    let field = &column.field;
    let wrong = || {
        Error::input(
            field,
            format!(
                "`{field}.path` takes {{ keys: [\"a\", \"b\"], eq: … }}; a key may be a position in a list."
            ),
        )
    };
    let ConstValue::Object(members) = input else {
        return Err(wrong());
    };
    let keys = match members.get("keys") {
        Some(ConstValue::List(keys)) => keys
            .iter()
            .map(|key| scalar::text(key, field))
            .collect::<Planned<Vec<_>>>()?,
        Some(key @ ConstValue::String(_)) => vec![scalar::text(key, field)?],
        _ => return Err(wrong()),
    };
    let mut conditions = Vec::new();
    for (name, operand) in members.iter().filter(|(name, _)| *name != "keys") {
        let operator = PATH_OPERATORS
            .into_iter()
            .find(|operator| operator.name() == name);
        let operator = operator.ok_or_else(wrong)?;
        let value = match operator {
            Operator::IsNull => match operand {
                ConstValue::Boolean(value) => Value::Boolean(*value),
                _ => return Err(wrong()),
            },
            _ => Value::Json(scalar::json(operand, field)?),
        };
        conditions.push(Predicate::AtPath {
            column: id,
            keys: keys.clone(),
            operator,
            value,
        });
    }
    if conditions.is_empty() {
        return Err(wrong());
    }
    Ok(Predicate::All(conditions))
}
