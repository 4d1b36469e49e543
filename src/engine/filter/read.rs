//! Reads the argument `where` as a predicate.

use async_graphql_value::ConstValue;

use super::{ARGUMENT, Combinator, KEYS, MODE, TextMode, absent, related};
use crate::engine::catalog::{Catalog, ColumnId, Kind, Operand, Operator, Table};
use crate::engine::names::Named;
use crate::engine::plan::{Planned, Values};
use crate::engine::scalar;
use crate::engine::select::{Expr, Path, Predicate};
use crate::error::{Error, ValuePlace, Within};
use crate::sql::Value;

/// Reads the filter of a list; none where there is no condition on its rows.
///
/// # Errors
/// `BAD_USER_INPUT` for what is no filter of the table, and for variables without a value that
/// would make it wider.
pub fn read(
    catalog: &Catalog,
    table: &Table,
    arguments: &Values<'_>,
) -> Planned<Option<Predicate>> {
    let checked = match arguments.literal(ARGUMENT) {
        Some(literal) => absent::check((catalog, table), literal, arguments.variables()),
        None => Ok(()),
    };
    checked
        .and_then(|()| {
            let input = arguments.get(ARGUMENT);
            input.map(|input| parse(catalog, table, &input)).transpose()
        })
        .map_err(|error| arguments.at(ARGUMENT, error))
}

pub fn parse(catalog: &Catalog, table: &Table, input: &ConstValue) -> Planned<Predicate> {
    let ConstValue::Object(members) = input else {
        return Err(Error::input(
            ARGUMENT,
            "A filter is an object of fields and their operators.",
        )
        .hinting("An example is { email: { eq: \"a@b.c\" } }."));
    };
    let conditions = members
        .iter()
        .map(|(name, member)| parse_member(catalog, table, name, member).within(name));
    conditions.collect::<Planned<_>>().map(Predicate::All)
}

fn parse_member(
    catalog: &Catalog,
    table: &Table,
    name: &str,
    member: &ConstValue,
) -> Planned<Predicate> {
    if let Some(combinator) = Combinator::of(name) {
        let null = || null_combinator(combinator);
        let item = match member {
            ConstValue::Null => return Err(null()),
            ConstValue::List(items) => items.iter().position(|item| *item == ConstValue::Null),
            _ => None,
        };
        if let Some(index) = item {
            return Err(null().inside(index));
        }
    }
    Ok(match Combinator::of(name) {
        Some(Combinator::And) => Predicate::All(parse_list(catalog, table, member)?),
        Some(Combinator::Or) => Predicate::Any(parse_list(catalog, table, member)?),
        Some(Combinator::Not) => Predicate::Not(Box::new(parse(catalog, table, member)?)),
        None => match (table.column_by_field(name), table.relation_by_field(name)) {
            (Some(id), _) => parse_column(catalog, table, id, member)?,
            (None, Some(id)) => related::parse(catalog, table, id, member)?,
            (None, None) => {
                let message = format!("`{}` has no filter `{name}`.", table.type_name);
                return Err(Error::input(ARGUMENT, message));
            }
        },
    })
}

fn null_combinator(combinator: Combinator) -> Error {
    let name = combinator.name();
    let takes = match combinator {
        Combinator::And | Combinator::Or => "a list of filters",
        Combinator::Not => "a filter",
    };
    let message = format!(
        "`{name}` takes {takes}, not null; leave `{name}` out where there is no condition."
    );
    Error::input(name, message)
}

fn parse_list(catalog: &Catalog, table: &Table, input: &ConstValue) -> Planned<Vec<Predicate>> {
    match input {
        ConstValue::List(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| parse(catalog, table, item).within(index))
            .collect(),
        single => Ok(vec![parse(catalog, table, single)?]),
    }
}

fn parse_column(
    catalog: &Catalog,
    table: &Table,
    id: ColumnId,
    input: &ConstValue,
) -> Planned<Predicate> {
    let column = table.column(id);
    operators(
        catalog,
        (&column.field, column.kind),
        input,
        |operator, operand| match operand {
            Operated::Value { value, insensitive } => Ok(Predicate::Compare {
                left: Expr::Column(id),
                operator,
                value,
                insensitive,
            }),
            Operated::Path(operand) => parse_path(table, id, operand),
        },
    )
}

/// What an operator compares with.
pub enum Operated<'v> {
    Value { value: Value, insensitive: bool },
    Path(&'v ConstValue),
}

/// Reads the operators on a value of this name and type as conditions, all of which must hold.
pub fn operators<'v>(
    catalog: &Catalog,
    (field, kind): (&str, Kind),
    input: &'v ConstValue,
    condition: impl Fn(Operator, Operated<'v>) -> Planned<Predicate>,
) -> Planned<Predicate> {
    let ConstValue::Object(members) = input else {
        return Err(Error::input(
            field,
            format!(
                "`{field}` takes operators, such as {{ eq: … }}; to find rows where it is null use {{ isNull: true }}."
            ),
        ));
    };
    let insensitive = match members.get(MODE) {
        None | Some(ConstValue::Null) => false,
        Some(ConstValue::Enum(mode)) => is_insensitive(mode),
        Some(ConstValue::String(mode)) => is_insensitive(mode),
        Some(_) => {
            let wrong = Error::input(MODE, "`mode` is DEFAULT or INSENSITIVE.");
            return Err(wrong.inside(MODE));
        }
    };
    let conditions = members
        .iter()
        .filter(|(name, _)| *name != MODE)
        .map(|(name, operand)| {
            let operator = Operator::among(kind.operators(), name).ok_or_else(|| {
                Error::input(field, format!("`{field}` has no operator `{name}`."))
                    .inside(ValuePlace::Name(name.clone()))
            })?;
            let operand = match operator {
                Operator::Path => Ok(Operated::Path(operand)),
                _ => operand_value(catalog, (field, kind), operator, operand, insensitive)
                    .map(|value| Operated::Value { value, insensitive }),
            };
            operand
                .and_then(|operand| condition(operator, operand))
                .within(name)
        });
    let conditions: Vec<Predicate> = conditions.collect::<Planned<_>>()?;
    if conditions.is_empty() {
        return Err(Error::input(
            field,
            format!(
                "`{field}` needs at least one operator, such as {{ eq: … }}; leave the field out to match all rows."
            ),
        ));
    }
    Ok(Predicate::All(conditions))
}

fn is_insensitive(mode: &str) -> bool {
    TextMode::of(mode) == Some(TextMode::Insensitive)
}

fn operand_value(
    catalog: &Catalog,
    (field, kind): (&str, Kind),
    operator: Operator,
    operand: &ConstValue,
    insensitive: bool,
) -> Planned<Value> {
    if *operand == ConstValue::Null {
        return Err(null_operand(field, operator));
    }
    Ok(match operator.operand(kind) {
        Operand::Same => scalar::value(catalog, kind, operand, field)?,
        Operand::List => scalar::values(catalog, kind, operand, field)?,
        Operand::Boolean => scalar::value(catalog, Kind::Boolean, operand, field)?,
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

/// The error about an operator that nothing can be compared by.
fn null_operand(field: &str, operator: Operator) -> Error {
    let message = format!(
        "`{field}.{}` is null; to find rows where it is null use {{ isNull: true }}.",
        operator.name()
    );
    Error::input(field, message)
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

fn parse_path(table: &Table, id: ColumnId, input: &ConstValue) -> Planned<Predicate> {
    let field = &table.column(id).field;
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
    let keys = match members.get(KEYS) {
        Some(ConstValue::List(keys)) => {
            let keys = keys.iter().enumerate();
            keys.map(|(index, key)| scalar::text(key, field).within(index).within(KEYS))
                .collect::<Planned<Vec<_>>>()?
        }
        Some(key @ ConstValue::String(_)) => vec![scalar::text(key, field).within(KEYS)?],
        _ => return Err(wrong()),
    };
    let path = match table.json_path(id, &keys) {
        Some(indexed) => Path::Indexed(indexed),
        None => Path::Given(Value::Texts(keys)),
    };
    let mut conditions = Vec::new();
    for (name, operand) in members.iter().filter(|(name, _)| *name != KEYS) {
        let operator = Operator::among(Operator::AT_PATH, name)
            .ok_or_else(|| wrong().inside(ValuePlace::Name(name.clone())))?;
        let (operator, value) = match (operator, operand) {
            (Operator::IsNull, ConstValue::Boolean(value)) => (operator, Value::Boolean(*value)),
            (Operator::IsNull, _) => return Err(wrong().inside(name)),
            // A path that does not exist reads as null, which only `isNull` asks of both.
            (Operator::Eq | Operator::Ne, ConstValue::Null) => {
                let is_null = Value::Boolean(operator == Operator::Eq);
                (Operator::IsNull, is_null)
            }
            (_, ConstValue::Null) => {
                let path = format!("{field}.path");
                return Err(null_operand(&path, operator).inside(name));
            }
            _ => {
                let json = scalar::json(operand, field).within(name)?;
                (operator, Value::Json(json))
            }
        };
        conditions.push(Predicate::AtPath {
            column: id,
            path: path.clone(),
            operator,
            value,
        });
    }
    if conditions.is_empty() {
        return Err(wrong());
    }
    Ok(Predicate::All(conditions))
}
