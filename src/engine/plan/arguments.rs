//! The arguments of a field: as the document has them, and with the values of variables.

use std::borrow::Cow;

use async_graphql::Name;
use async_graphql_value::{ConstValue, Value as Literal};

use super::Planned;
use super::collect::Merged;
use super::literal::{Variables, has_variable, resolve};
use crate::engine::document::literal_bytes;
use crate::engine::scalar;
use crate::error::{Error, Location};

/// The arguments of a field as literals.
#[derive(Debug)]
pub struct Arguments(Vec<Given>);

#[derive(Debug)]
struct Given {
    name: Name,
    value: Literal,
    /// Where the value stands in the document.
    location: Location,
}

impl Arguments {
    pub fn of(merged: &Merged<'_>) -> Self {
        let arguments = merged[0].node.arguments.iter();
        Self(
            arguments
                .map(|(name, value)| Given {
                    name: name.node.clone(),
                    value: value.node.clone(),
                    location: value.pos.into(),
                })
                .collect(),
        )
    }

    /// The arguments with the values of these variables filled in.
    pub fn with<'a>(&'a self, variables: &'a Variables) -> Values<'a> {
        Values {
            arguments: self,
            variables,
        }
    }

    /// Whether the value of an argument is the same in every request.
    pub fn is_constant(&self, name: &str) -> bool {
        !self.literal(name).is_some_and(has_variable)
    }

    /// About how many bytes it takes.
    pub fn bytes(&self) -> usize {
        let values = self.0.iter();
        values.map(|given| literal_bytes(&given.value)).sum()
    }

    fn literal(&self, name: &str) -> Option<&Literal> {
        self.given(name).map(|given| &given.value)
    }

    fn given(&self, name: &str) -> Option<&Given> {
        self.0.iter().find(|given| given.name == name)
    }
}

/// The arguments of one field; one that is absent or null reads as none.
pub struct Values<'a> {
    arguments: &'a Arguments,
    variables: &'a Variables,
}

impl<'a> Values<'a> {
    pub fn get(&self, name: &str) -> Option<Cow<'a, ConstValue>> {
        let value = resolve(self.literal(name)?, self.variables)?;
        (*value != ConstValue::Null).then_some(value)
    }

    /// The argument as the document has it.
    pub fn literal(&self, name: &str) -> Option<&'a Literal> {
        self.arguments.literal(name)
    }

    /// An error about the value of an argument, which stands where the value does.
    pub fn at(&self, name: &str, error: Error) -> Error {
        match self.arguments.given(name) {
            Some(given) => error.at(given.location),
            None => error,
        }
    }

    pub fn variables(&self) -> &'a Variables {
        self.variables
    }

    pub fn required(&self, name: &str) -> Planned<Cow<'a, ConstValue>> {
        self.get(name).ok_or_else(|| {
            let message = format!("`{name}` is required and must not be null.");
            self.at(name, Error::input(name, message))
        })
    }

    /// A whole number from 0 to `max`.
    pub fn count(&self, name: &str, max: u64) -> Planned<Option<u32>> {
        self.read_count(name, max)
            .map_err(|error| self.at(name, error))
    }

    fn read_count(&self, name: &str, max: u64) -> Planned<Option<u32>> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let number = match &*value {
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
            .map_err(|error| self.at(name, error))
    }
}
