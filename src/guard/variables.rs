//! Weighs the variables of a request before they are read by their types.

use async_graphql::Variables;
use async_graphql_value::ConstValue;

use super::limits::{Limit, Limits};
use crate::error::Error;

/// Checks number, length and nesting of all values.
///
/// # Errors
/// `QUERY_TOO_EXPENSIVE` with the limit.
pub fn weigh_variables(variables: &Variables, limits: &Limits) -> Result<(), Error> {
    let mut scale = Scale {
        limits,
        values: 0,
        bytes: 0,
    };
    for (name, value) in variables.iter() {
        scale.text(name)?;
        scale.value(value, 0)?;
    }
    Ok(())
}

struct Scale<'a> {
    limits: &'a Limits,
    values: u64,
    bytes: u64,
}

impl Scale<'_> {
    fn value(&mut self, value: &ConstValue, above: u64) -> Result<(), Error> {
        self.values += 1;
        self.limits.hold(Limit::VariableValues, self.values)?;
        match value {
            ConstValue::String(text) => self.text(text),
            ConstValue::Enum(name) => self.text(name),
            ConstValue::Number(number) => self.text(number.as_str()),
            ConstValue::List(items) => {
                self.limits.hold(Limit::InputDepth, above + 1)?;
                items
                    .iter()
                    .try_for_each(|item| self.value(item, above + 1))
            }
            ConstValue::Object(members) => {
                self.limits.hold(Limit::InputDepth, above + 1)?;
                members.iter().try_for_each(|(name, member)| {
                    self.text(name)?;
                    self.value(member, above + 1)
                })
            }
            _ => Ok(()),
        }
    }

    fn text(&mut self, text: &str) -> Result<(), Error> {
        self.bytes += text.len() as u64;
        self.limits.hold(Limit::VariableBytes, self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn refused(value: Value) -> Option<(String, u64, u64)> {
        let limits = Limits {
            max_variable_bytes: 100,
            max_variable_values: 10,
            max_input_depth: 4,
            ..Limits::default()
        };
        let members = json!({ "a": value }).to_string();
        let members = crate::json::parse(members.as_bytes()).unwrap();
        let variables = Variables::from_value(members);
        let error = weigh_variables(&variables, &limits).err()?;
        let number = |name: &str| error.details[name].as_u64().unwrap();
        let name = error.details["name"].as_str().unwrap().to_owned();
        Some((name, number("cost"), number("limit")))
    }

    #[test]
    fn values_bytes_and_nesting_have_limits() {
        let name = |name: &str, cost, limit| Some((name.to_owned(), cost, limit));
        assert_eq!(refused(json!(vec![1; 9])), None);
        assert_eq!(
            refused(json!(vec![1; 10])),
            name("max_variable_values", 11, 10)
        );
        assert_eq!(refused(json!("x".repeat(99))), None);
        let digits: Value = serde_json::from_str(&"9".repeat(100)).unwrap();
        assert_eq!(refused(digits), name("max_variable_bytes", 101, 100));
        let long = refused(json!({"b": "x".repeat(99)}));
        assert_eq!(long, name("max_variable_bytes", 101, 100));
        assert_eq!(refused(json!({"b": [{"c": [1]}]})), None);
        assert_eq!(
            refused(json!({"b": [{"c": [[]]}]})),
            name("max_input_depth", 5, 4)
        );
    }
}
