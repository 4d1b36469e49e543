//! The arguments of a field with their values.

use async_graphql::parser::types::Field;
use async_graphql_value::{ConstValue, Value as Literal};

use super::Planned;
use super::collect::{Document, Merged};
use super::literal::Variables;
use crate::engine::scalar;
use crate::error::Error;

/// The arguments of one field; one that is absent or null reads as none.
pub struct Arguments<'a> {
    document: &'a Document<'a>,
    field: &'a Field,
}

impl<'a> Arguments<'a> {
    pub fn new(document: &'a Document<'a>, merged: &Merged<'a>) -> Self {
        Self {
            document,
            field: &merged[0].node,
        }
    }

    pub fn get(&self, name: &str) -> Option<ConstValue> {
        let value = self.document.value(self.literal(name)?)?;
        (value != ConstValue::Null).then_some(value)
    }

    /// The argument as the document has it.
    pub fn literal(&self, name: &str) -> Option<&'a Literal> {
        self.field.get_argument(name).map(|value| &value.node)
    }

    pub fn variables(&self) -> &'a Variables {
        &self.document.variables
    }

    pub fn required(&self, name: &str) -> Planned<ConstValue> {
        self.get(name).ok_or_else(|| {
            Error::input(name, format!("`{name}` is required and must not be null."))
        })
    }

    /// A whole number from 0 to `max`.
    pub fn count(&self, name: &str, max: u64) -> Planned<Option<u32>> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let number = match &value {
            ConstValue::Number(number) => number.as_i64(),
            _ => None,
        };
        match number.map(u32::try_from) {
            Some(Ok(number)) if u64::from(number) <= max => Ok(Some(number)),
            Some(Ok(number)) => Err(Error::input(
                name,
                format!("`{name}` is {number}; the limit is {max}. Ask for less and page on with `after`."),
            )
            .with("limit", max)),
            _ => Err(Error::input(name, format!("`{name}` takes a whole number from 0 to {max}."))),
        }
    }

    pub fn text(&self, name: &str) -> Planned<Option<String>> {
        self.get(name)
            .map(|value| scalar::text(&value, name))
            .transpose()
    }
}
