//! Collects the fields of a selection as the GraphQL specification says: fragments expanded,
//! `@skip` and `@include` applied, fields of one response key merged.

use async_graphql::Positioned;
use async_graphql::parser::types::{
    ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet,
};
use async_graphql_value::{ConstValue, Value as Literal};
use indexmap::IndexMap;

use super::Planned;
use super::literal::{Variables, resolve};
use crate::error::{Code, Error, Location};
use crate::guard::visit::{Condition, Looked, Next, Parent, Visitor, Walk};

/// An operation with its fragments and the values of its variables.
pub struct Document<'a> {
    pub operation: &'a OperationDefinition,
    /// Name of the type whose fields the operation selects.
    pub root_type: &'a str,
    document: &'a ExecutableDocument,
    pub variables: Variables,
}

/// The occurrences of one response key in a selection; the first one gives name and arguments.
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

impl<'a> Document<'a> {
    /// Fills in the defaults of an operation's variables.
    pub fn new(
        document: &'a ExecutableDocument,
        operation: &'a OperationDefinition,
        root_type: &'a str,
        provided: &async_graphql::Variables,
    ) -> Self {
        let mut variables = Variables::new();
        for definition in &operation.variable_definitions {
            let name = &definition.node.name.node;
            let value = provided.get(name).or_else(|| {
                definition
                    .node
                    .default_value
                    .as_ref()
                    .map(|value| &value.node)
            });
            if let Some(value) = value {
                variables.insert(name.clone(), value.clone());
            }
        }
        Self {
            operation,
            root_type,
            document,
            variables,
        }
    }

    /// The fields of a merged field's selection on an object type.
    ///
    /// # Errors
    /// `GRAPHQL_VALIDATION_FAILED` for two fields of one response key that cannot be merged.
    pub fn selection(
        &self,
        fields: &Merged<'a>,
        type_name: &str,
        interfaces: &[&str],
    ) -> Planned<Collected<'a>> {
        let sets = fields.iter().map(|field| &field.node.selection_set.node);
        self.collect(sets, type_name, interfaces)
    }

    /// The fields of the operation itself.
    ///
    /// # Errors
    /// As [`Self::selection`].
    pub fn root(&self) -> Planned<Collected<'a>> {
        let set = &self.operation.selection_set.node;
        self.collect(std::iter::once(set), self.root_type, &[])
    }

    /// The fields of selection sets on an object type.
    fn collect(
        &self,
        sets: impl Iterator<Item = &'a SelectionSet>,
        type_name: &str,
        interfaces: &[&str],
    ) -> Planned<Collected<'a>> {
        let mut collector = Collector {
            document: self,
            type_name,
            interfaces,
            collected: IndexMap::new(),
        };
        let mut walk = Walk::new(self.document);
        for set in sets {
            walk.set(&mut collector, set, None)?;
        }
        Ok(collector.collected)
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
                .map(|value| self.value(&value.node));
            !matches!(condition, Some(Some(ConstValue::Boolean(value))) if value != wanted)
        })
    }

    /// The value of a literal with its variables filled in; none when it is an absent variable.
    pub fn value(&self, literal: &Literal) -> Option<ConstValue> {
        resolve(literal, &self.variables)
    }
}

/// Collects the fields of selections on one object type.
struct Collector<'a, 'b> {
    document: &'b Document<'a>,
    type_name: &'b str,
    interfaces: &'b [&'b str],
    collected: Collected<'a>,
}

impl<'a> Visitor<'a> for Collector<'a, '_> {
    type Stop = Error;

    fn selection(&mut self, selection: &'a Selection) -> Planned<bool> {
        Ok(self.document.is_included(selection))
    }

    fn field(&mut self, field: &'a Positioned<Field>, _parent: Parent<'a>) -> Looked<'a, Error> {
        let key = field.node.response_key().node.as_str();
        let same = self.collected.entry(key).or_default();
        if let Some(first) = same.first() {
            can_merge(first, field)?;
        }
        same.push(field);
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

/// Fields of one response key must be the same field with the same arguments. Validation finds
/// only those that stand side by side; met here, the one would hide the other.
fn can_merge(first: &Positioned<Field>, other: &Positioned<Field>) -> Planned<()> {
    let (one, two) = (&first.node, &other.node);
    let same_arguments = one.arguments.len() == two.arguments.len()
        && one.arguments.iter().all(|(name, value)| {
            two.get_argument(&name.node)
                .is_some_and(|other| other.node == value.node)
        });
    if one.name.node == two.name.node && same_arguments {
        return Ok(());
    }
    let key = &one.response_key().node;
    let mut error = Error::new(
        Code::GraphqlValidationFailed,
        format!(
            "Two fields have the response key `{key}` but differ in name or arguments; give one of them another alias."
        ),
    );
    error.locations = vec![location(first), location(other)];
    Err(error)
}

/// Where a field stands in the document.
pub fn location(field: &Positioned<Field>) -> Location {
    field.pos.into()
}
