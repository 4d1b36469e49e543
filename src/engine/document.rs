//! A parsed document, with what is known of it whoever sends it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_graphql::Positioned;
use async_graphql::parser::types::{
    Directive, ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet,
};
use async_graphql_value::Value as Literal;

use super::plan::{Inputs, Planned, choose};
use super::validate;
use crate::error::{Error, Location};
use crate::guard;

/// A document that keeps the limits; whether it is valid is not known.
#[derive(Debug)]
pub struct Document {
    text: Arc<str>,
    parsed: ExecutableDocument,
    /// Tells it apart from all other documents of this process.
    id: u64,
    /// Where it asks about the schema.
    asks_schema: Option<Location>,
    /// Of each operation, in the order of the parsed document.
    inputs: Vec<Inputs>,
    bytes: usize,
}

/// One operation of a document.
#[derive(Clone, Copy)]
pub struct Chosen<'a> {
    pub operation: &'a OperationDefinition,
    /// Its place among the operations.
    pub index: usize,
    pub inputs: &'a Inputs,
}

impl Document {
    /// A document with its text.
    pub fn new(text: Arc<str>, parsed: ExecutableDocument) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let operations = parsed.operations.iter();
        let inputs: Vec<Inputs> = operations
            .map(|(_, operation)| Inputs::of(&parsed, &operation.node))
            .collect();
        Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            asks_schema: validate::asks_schema(&parsed),
            bytes: bytes(&parsed) + inputs.iter().map(Inputs::bytes).sum::<usize>(),
            inputs,
            parsed,
            text,
        }
    }

    pub fn parsed(&self) -> &ExecutableDocument {
        &self.parsed
    }

    pub(super) fn id(&self) -> u64 {
        self.id
    }

    pub(super) fn asks_schema(&self) -> Option<Location> {
        self.asks_schema
    }

    /// About how many bytes it takes beside its text.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Moves the location of an error from a literal to the part of it that is meant.
    pub(super) fn locate(&self, error: &mut Error) {
        let places = error.take_places();
        if let ([literal], false) = (&mut error.locations[..], places.is_empty()) {
            *literal = guard::locate(&self.text, *literal, &places);
        }
    }

    /// Chooses the operation that runs.
    ///
    /// # Errors
    /// `BAD_REQUEST` when there is no operation of that name, or several and no name.
    pub(super) fn choose(&self, name: Option<&str>) -> Planned<Chosen<'_>> {
        let operation = choose(&self.parsed, name)?;
        let mut operations = self.parsed.operations.iter();
        let index = operations.position(|(_, one)| std::ptr::eq(&one.node, operation));
        let index = index.unwrap_or_default();
        Ok(Chosen {
            operation,
            index,
            inputs: &self.inputs[index],
        })
    }
}

/// About how many bytes a parsed document takes.
fn bytes(document: &ExecutableDocument) -> usize {
    let operations = document.operations.iter().map(|(_, operation)| {
        let operation = &operation.node;
        let variables = operation.variable_definitions.iter().map(|variable| {
            let default = variable.node.default_value.as_ref();
            let default = default.map_or(0, |value| value.node.to_string().len() * PER_BYTE);
            size_of_val(variable) + NAME * 2 + default
        });
        size_of::<Positioned<OperationDefinition>>()
            + variables.sum::<usize>()
            + directives(&operation.directives)
            + set(&operation.selection_set.node)
    });
    let fragments = document.fragments.values().map(|fragment| {
        size_of_val(fragment)
            + NAME * 2
            + directives(&fragment.node.directives)
            + set(&fragment.node.selection_set.node)
    });
    size_of::<Document>() + operations.sum::<usize>() + fragments.sum::<usize>()
}

/// What a name takes beside the place that holds it, for names of a usual length.
const NAME: usize = 48;
/// What a byte of a value's text takes at most once it is a value: `[1,1,…]`.
const PER_BYTE: usize = size_of::<Literal>();

fn set(set: &SelectionSet) -> usize {
    let inside = set.items.iter().map(|selection| match &selection.node {
        Selection::Field(field) => {
            let field: &Field = &field.node;
            let arguments = field.arguments.iter().map(|(name, value)| {
                size_of_val(name) + size_of_val(value) + NAME + literal_bytes(&value.node)
            });
            NAME * 2
                + arguments.sum::<usize>()
                + directives(&field.directives)
                + self::set(&field.selection_set.node)
        }
        Selection::InlineFragment(inline) => {
            NAME + directives(&inline.node.directives) + self::set(&inline.node.selection_set.node)
        }
        Selection::FragmentSpread(spread) => NAME + directives(&spread.node.directives),
    });
    // A vector that grew may have room for twice as many.
    set.items.len() * size_of::<Positioned<Selection>>() * 2 + inside.sum::<usize>()
}

fn directives(all: &[Positioned<Directive>]) -> usize {
    let inside = all.iter().map(|directive| {
        let arguments = directive.node.arguments.iter();
        NAME + arguments
            .map(|(name, value)| {
                size_of_val(name) + size_of_val(value) + NAME + literal_bytes(&value.node)
            })
            .sum::<usize>()
    });
    size_of_val(all) + inside.sum::<usize>()
}

/// About how many bytes a literal takes beside the place that holds it.
pub fn literal_bytes(literal: &Literal) -> usize {
    match literal {
        Literal::Null | Literal::Boolean(_) => 0,
        Literal::Variable(name) | Literal::Enum(name) => NAME + name.len(),
        Literal::Number(number) => NAME + number.as_str().len(),
        Literal::String(text) => text.capacity(),
        Literal::Binary(bytes) => bytes.len(),
        Literal::List(items) => {
            items.capacity() * size_of::<Literal>() + items.iter().map(literal_bytes).sum::<usize>()
        }
        Literal::Object(members) => {
            let inside = members.iter().map(|(name, member)| {
                // The name, its hash, and its place in the index.
                NAME + name.len() + 2 * (size_of::<Literal>() + 32) + literal_bytes(member)
            });
            inside.sum()
        }
    }
}
