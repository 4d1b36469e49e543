//! Collects the fields of a selection as the GraphQL specification says: fragments expanded,
//! `@skip` and `@include` applied, fields of one response key merged.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{
    ExecutableDocument, Field, FragmentDefinition, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Name, Positioned, Variables};
use async_graphql_value::{ConstValue, Value as Literal};
use indexmap::IndexMap;

use super::Planned;
use super::literal::resolve;
use crate::error::{Code, Error, Location};

/// An operation with its fragments and the values of its variables.
pub struct Document<'a> {
    pub operation: &'a OperationDefinition,
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    pub variables: HashMap<Name, ConstValue>,
}

/// The occurrences of one response key in a selection; the first one gives name and arguments.
pub type Merged<'a> = Vec<&'a Positioned<Field>>;

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
        provided: &Variables,
    ) -> Self {
        let mut variables = HashMap::new();
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
            fragments: &document.fragments,
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
    ) -> Planned<IndexMap<&'a str, Merged<'a>>> {
        let mut collected = IndexMap::new();
        let mut visited = HashSet::new();
        for field in fields {
            self.collect(
                &field.node.selection_set.node,
                type_name,
                interfaces,
                &mut visited,
                &mut collected,
            )?;
        }
        Ok(collected)
    }

    fn collect(
        &self,
        set: &'a SelectionSet,
        type_name: &str,
        interfaces: &[&str],
        visited: &mut HashSet<&'a str>,
        collected: &mut IndexMap<&'a str, Merged<'a>>,
    ) -> Planned<()> {
        let applies = |on: &str| on == type_name || interfaces.contains(&on);
        for selection in &set.items {
            if !self.is_included(&selection.node) {
                continue;
            }
            match &selection.node {
                Selection::Field(field) => {
                    let key = field.node.response_key().node.as_str();
                    let same: &mut Merged<'a> = collected.entry(key).or_default();
                    if let Some(first) = same.first() {
                        can_merge(first, field)?;
                    }
                    same.push(field);
                }
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref();
                    if on.is_none_or(|on| applies(&on.node.on.node)) {
                        self.collect(
                            &inline.node.selection_set.node,
                            type_name,
                            interfaces,
                            visited,
                            collected,
                        )?;
                    }
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    let Some(fragment) = self.fragments.get(name) else {
                        continue;
                    };
                    if visited.insert(name) && applies(&fragment.node.type_condition.node.on.node) {
                        self.collect(
                            &fragment.node.selection_set.node,
                            type_name,
                            interfaces,
                            visited,
                            collected,
                        )?;
                    }
                }
            }
        }
        Ok(())
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

/// The root fields of the operation by response key.
///
/// # Errors
/// As [`Document::selection`].
pub fn collect_root<'a>(
    document: &Document<'a>,
    type_name: &str,
) -> Planned<IndexMap<&'a str, Merged<'a>>> {
    let mut collected = IndexMap::new();
    let set = &document.operation.selection_set.node;
    document.collect(set, type_name, &[], &mut HashSet::new(), &mut collected)?;
    Ok(collected)
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
            "Two fields are both answered as `{key}` but differ in name or arguments; give one of them another alias."
        ),
    );
    error.locations = vec![location(first), location(other)];
    Err(error)
}

/// Where a field stands in the document.
pub fn location(field: &Positioned<Field>) -> Location {
    Location {
        line: field.pos.line,
        column: field.pos.column,
    }
}
