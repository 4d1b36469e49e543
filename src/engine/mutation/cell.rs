//! Values of the input as PostgreSQL takes them, checked against the type of their column.

use std::fmt::Write;
use std::sync::Arc;

use async_graphql_value::ConstValue;
use uuid::Uuid;

use super::problem::Problem;
use crate::engine::catalog::{Catalog, Column, Constraint, Kind};
use crate::engine::scalar;
use crate::sql::{Item, Value, list_literal};

/// Reads a value of a column; null is none.
pub fn read(
    catalog: &Catalog,
    column: &Column,
    input: &ConstValue,
    path: &[String],
) -> Result<Item, Problem> {
    let field = &column.field;
    if *input == ConstValue::Null {
        return match (column.nullable, &column.write.default) {
            (true, _) => Ok(None),
            (false, Some(_)) => Err(Problem::invalid(
                path,
                format!("`{field}` must not be null; leave it out instead."),
            )),
            (false, None) => Err(Problem::invalid(
                path,
                format!("`{field}` must not be null."),
            )),
        };
    }
    let constraint = &column.write.constraint;
    if column.kind == Kind::Vector {
        return vector(field, constraint, input, path).map(Some);
    }
    let value = scalar::value(catalog, column.kind, input, field)
        .map_err(|error| Problem::of_value(path, error))?;
    check(field, column.kind, constraint, &value, path)?;
    Ok(Some(binary(&value)))
}

/// An id as a value.
pub fn uuid(id: Uuid) -> Arc<[u8]> {
    Arc::from(&id.as_bytes()[..])
}

/// A value in PostgreSQL's binary form, or as text where it has none of its own.
pub fn binary(value: &Value) -> Arc<[u8]> {
    match value {
        Value::Uuid(Some(id)) => Arc::from(&id.as_bytes()[..]),
        Value::Text(text) | Value::Json(text) => Arc::from(text.as_bytes()),
        Value::Texts(texts) => Arc::from(list_literal(texts).as_bytes()),
        Value::Int(number) | Value::Date(number) => Arc::from(number.to_be_bytes()),
        Value::BigInt(number) | Value::Timestamp(number) => Arc::from(number.to_be_bytes()),
        Value::Boolean(boolean) => Arc::from([u8::from(*boolean)]),
        // No column is read as anything else.
        _ => Arc::from([]),
    }
}

/// Checks what is added to a number: it must not have more digits after the point than the column,
/// which would lose them.
pub fn check_increment(column: &Column, value: &Value, path: &[String]) -> Result<(), Problem> {
    check(
        &column.field,
        column.kind,
        &column.write.constraint,
        value,
        path,
    )
}

fn check(
    field: &str,
    kind: Kind,
    constraint: &Constraint,
    value: &Value,
    path: &[String],
) -> Result<(), Problem> {
    if let (Some(most), Value::Text(text)) = (constraint.max_length, value)
        && text.chars().count() > most as usize
    {
        let message = format!("`{field}` may have {most} characters at most.");
        return Err(Problem::invalid(path, message));
    }
    if let (Kind::Decimal, Some((precision, scale)), Value::Text(text)) =
        (kind, constraint.precision, value)
    {
        let number = Number::of(text);
        if number.is_none_or(|number| number.after > scale || number.before > precision - scale) {
            let before = precision - scale;
            let message = format!(
                "`{field}` takes a number with {before} digits before the point and {scale} after it at most."
            );
            return Err(Problem::invalid(path, message));
        }
    }
    Ok(())
}

/// How many digits a decimal number has.
struct Number {
    before: u32,
    after: u32,
}

impl Number {
    /// None for what is no finite number.
    fn of(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches(['+', '-']);
        let (digits, exponent) = match text.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, exponent.parse::<i64>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all = format!("{whole}{fraction}");
        if all.is_empty() || !all.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        // The place of the point, counted from the first digit that is not 0.
        let leading = all.len() - all.trim_start_matches('0').len();
        let significant = all.trim_matches('0').len();
        if significant == 0 {
            return Some(Self {
                before: 0,
                after: 0,
            });
        }
        let length = |digits: usize| i64::try_from(digits).unwrap_or(i64::MAX);
        let point = length(whole.len()) + exponent - length(leading);
        let count = |digits: i64| u32::try_from(digits.max(0)).unwrap_or(u32::MAX);
        Some(Self {
            before: count(point),
            after: count(length(significant) - point),
        })
    }
}

fn vector(
    field: &str,
    constraint: &Constraint,
    input: &ConstValue,
    path: &[String],
) -> Result<Arc<[u8]>, Problem> {
    let wrong = || {
        let many = constraint.dimensions.unwrap_or(0);
        Problem::invalid(
            path,
            format!("`{field}` takes a list of {many} finite numbers."),
        )
    };
    let ConstValue::List(items) = input else {
        return Err(wrong());
    };
    if constraint
        .dimensions
        .is_some_and(|many| items.len() != many as usize)
    {
        return Err(wrong());
    }
    let mut text = String::from("[");
    for (index, item) in items.iter().enumerate() {
        let ConstValue::Number(number) = item else {
            return Err(wrong());
        };
        let number: f32 = number.as_str().parse().map_err(|_| wrong())?;
        if !number.is_finite() {
            return Err(wrong());
        }
        let separator = if index > 0 { "," } else { "" };
        let _ = write!(text, "{separator}{number}");
    }
    text.push(']');
    Ok(Arc::from(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_counted_wherever_the_point_is() {
        let digits = |text| Number::of(text).map(|number| (number.before, number.after));
        assert_eq!(digits("12.50"), Some((2, 1)));
        assert_eq!(digits("-0012.5"), Some((2, 1)));
        assert_eq!(digits("0.001"), Some((0, 3)));
        assert_eq!(digits("1e3"), Some((4, 0)));
        assert_eq!(digits("1.5e-3"), Some((0, 4)));
        assert_eq!(digits("1200"), Some((4, 0)));
        assert_eq!(digits("0.0"), Some((0, 0)));
        assert_eq!(digits("NaN"), None);
        assert_eq!(digits("1e999999999999"), Some((u32::MAX, 0)));
    }
}
