//! Collects the fields of a selection as the GraphQL specification says: fragments expanded,
//! `@skip` and `@include` applied, fields of one response key merged.

use std::convert::Infallible;

use async_graphql::Positioned;
use async_graphql::parser::types::{
    ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet,
};
use async_graphql_value::ConstValue;
use indexmap::IndexMap;

use super::Planned;
use super::inputs::{Inputs, Settled};
use super::literal::resolve;
use crate::error::{Code, Error, Location};
use crate::guard::visit::{Condition, Looked, Next, Parent, Visitor, Walk};

/// An operation with its fragments, and the input that decides which fields it has.
pub struct Source<'a> {
    pub document: &'a ExecutableDocument,
    pub operation: &'a OperationDefinition,
    /// Name of the type whose fields the operation selects.
    pub root_type: &'a str,
    pub inputs: &'a Inputs,
    pub settled: &'a Settled,
}

/// The occurrences of one response key in a selection. Validation has found them to be the same
/// field with the same arguments.
pub type Merged<'a> = Vec<&'a Positioned<Field>>;

/// Fields by response key, in the order of the answer.
pub type Collected<'a> = IndexMap<&'a str, Merged<'a>>;

/// Chooses the operation that runs.
///
/// # Errors
/// `BAD_REQUEST` when the document has no operation of that name, or several and no name.
pub fn choose<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Planned<&'a OperationDefinition> {
    let mut operations = document.operations.iter();
    let operation = match name {
        Some(wanted) => operations
            .find(|(name, _)| name.is_some_and(|name| name == wanted))
            .ok_or_else(|| {
                Error::new(
                    Code::BadRequest,
                    format!("The document has no operation named `{wanted}`."),
                )
            })?,
        None => match (operations.next(), operations.next()) {
            (Some(only), None) => only,
            _ => {
                return Err(Error::new(
                    Code::BadRequest,
                    "The document has several operations; `operationName` must say which one runs.",
                ));
            }
        },
    };
    Ok(&operation.1.node)
}

impl<'a> Source<'a> {
    /// The fields of a merged field's selection on an object type.
    pub fn selection(
        &self,
        fields: &Merged<'a>,
        type_name: &str,
        interfaces: &[&str],
    ) -> Collected<'a> {
        let sets = fields.iter().map(|field| &field.node.selection_set.node);
        self.collect(sets, type_name, interfaces)
    }

    /// The fields of the operation itself.
    pub fn root(&self) -> Collected<'a> {
        let set = &self.operation.selection_set.node;
        self.collect(std::iter::once(set), self.root_type, &[])
    }

    /// The fields of selection sets on an object type.
    fn collect(
        &self,
        sets: impl Iterator<Item = &'a SelectionSet>,
        type_name: &str,
        interfaces: &[&str],
    ) -> Collected<'a> {
        let mut collector = Collector {
            source: self,
            type_name,
            interfaces,
            collected: IndexMap::new(),
        };
        let mut walk = Walk::new(self.document);
        for set in sets {
            let Ok(()) = walk.set(&mut collector, set, None);
        }
        collector.collected
    }

    fn is_included(&self, selection: &'a Selection) -> bool {
        selection.directives().iter().all(|directive| {
            let wanted = match directive.node.name.node.as_str() {
                "skip" => false,
                "include" => true,
                _ => return true,
            };
            let condition = directive
                .node
                .get_argument("if")
                .and_then(|value| resolve(&value.node, &self.settled.variables));
            !matches!(condition.as_deref(), Some(ConstValue::Boolean(value)) if *value != wanted)
        })
    }
}

/// Collects the fields of selections on one object type.
struct Collector<'a, 'b> {
    source: &'b Source<'a>,
    type_name: &'b str,
    interfaces: &'b [&'b str],
    collected: Collected<'a>,
}

impl<'a> Visitor<'a> for Collector<'a, '_> {
    type Stop = Infallible;

    fn selection(&mut self, selection: &'a Selection) -> Result<bool, Infallible> {
        Ok(self.source.is_included(selection))
    }

    fn field(&mut self, field: &'a Positioned<Field>, _parent: Parent<'a>) -> Looked<'a> {
        let key = field.node.response_key().node.as_str();
        self.collected.entry(key).or_default().push(field);
        Ok(Next::Past)
    }

    fn fragment(&mut self, on: Condition<'a>, _parent: Parent<'a>) -> Next<'a> {
        let applies = |on: &str| on == self.type_name || self.interfaces.contains(&on);
        match on.is_none_or(|on| applies(&on.node.on.node)) {
            true => Next::Inside(None),
            false => Next::Past,
        }
    }
}

/// Where a field is in the document.
pub fn location(field: &Positioned<Field>) -> Location {
    field.pos.into()
}
