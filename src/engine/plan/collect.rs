//! Collects the fields of a selection as the GraphQL specification says: fragments expanded,
//! `@skip` and `@include` applied, fields of one response key merged.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{
    ExecutableDocument, Field, FragmentDefinition, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Name, Positioned, Variables};
use async_graphql_value::{ConstValue, Value as Literal};
use indexmap::IndexMap;

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

impl<'a> Document<'a> {
    /// Chooses the operation and fills in the defaults of its variables.
    ///
    /// # Errors
    /// `BAD_REQUEST` when the document has no operation of that name, or several and no name.
    pub fn new(
        document: &'a ExecutableDocument,
        operation_name: Option<&str>,
        provided: &Variables,
    ) -> Result<Self, Error> {
        let mut operations = document.operations.iter();
        let operation = match operation_name {
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
        let operation = &operation.1.node;
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
        Ok(Self {
            operation,
            fragments: &document.fragments,
            variables,
        })
    }

    /// The fields of a merged field's selection on an object type.
    pub fn selection(
        &self,
        fields: &Merged<'a>,
        type_name: &str,
        interfaces: &[&str],
    ) -> IndexMap<&'a str, Merged<'a>> {
        let mut collected = IndexMap::new();
        let mut visited = HashSet::new();
        for field in fields {
            self.collect(
                &field.node.selection_set.node,
                type_name,
                interfaces,
                &mut visited,
                &mut collected,
            );
        }
        collected
    }

    fn collect(
        &self,
        set: &'a SelectionSet,
        type_name: &str,
        interfaces: &[&str],
        visited: &mut HashSet<&'a str>,
        collected: &mut IndexMap<&'a str, Merged<'a>>,
    ) {
        let applies = |on: &str| on == type_name || interfaces.contains(&on);
        for selection in &set.items {
            if !self.is_included(&selection.node) {
                continue;
            }
            match &selection.node {
                Selection::Field(field) => {
                    collected
                        .entry(field.node.response_key().node.as_str())
                        .or_default()
                        .push(field);
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
                        );
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
                        );
                    }
                }
            }
        }
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
pub fn collect_root<'a>(document: &Document<'a>, type_name: &str) -> IndexMap<&'a str, Merged<'a>> {
    let mut collected = IndexMap::new();
    let set = &document.operation.selection_set.node;
    document.collect(set, type_name, &[], &mut HashSet::new(), &mut collected);
    collected
}

/// Where a field stands in the document.
pub fn location(field: &Positioned<Field>) -> Location {
    Location {
        line: field.pos.line,
        column: field.pos.column,
    }
}
