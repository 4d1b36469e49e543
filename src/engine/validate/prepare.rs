//! Writes a document in words that async-graphql reads as the specification means them.

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, Field, InlineFragment, Selection, SelectionSet,
};
use async_graphql::{Name, Positioned, Value as ConstValue, Variables};
use async_graphql_value::Value as Literal;

use crate::engine::mutation;

/// The argument of fields of the schema that may be null and then reads as false.
const INCLUDE_DEPRECATED: &str = "includeDeprecated";

/// Changes the document and the values of its variables where async-graphql would misread them.
pub fn prepare(document: &mut ExecutableDocument, variables: &mut Variables) {
    mutation::strip(document);
    match &mut document.operations {
        DocumentOperations::Single(operation) => {
            in_set(&mut operation.node.selection_set.node, variables);
        }
        DocumentOperations::Multiple(operations) => {
            for operation in operations.values_mut() {
                in_set(&mut operation.node.selection_set.node, variables);
            }
        }
    }
    for fragment in document.fragments.values_mut() {
        in_set(&mut fragment.node.selection_set.node, variables);
    }
}

fn in_set(set: &mut SelectionSet, variables: &mut Variables) {
    for selection in &mut set.items {
        match &mut selection.node {
            Selection::FragmentSpread(_) => {}
            Selection::InlineFragment(inline) => {
                in_set(&mut inline.node.selection_set.node, variables);
            }
            Selection::Field(field)
                if field.node.name.node == "__typename" && !field.node.directives.is_empty() =>
            {
                selection.node = wrapped(field);
            }
            Selection::Field(field) => {
                include_deprecated(&mut field.node, variables);
                in_set(&mut field.node.selection_set.node, variables);
            }
        }
    }
}

/// Moves the directives of `__typename` to an inline fragment around it, which means the same:
/// async-graphql passes over them and then misses the variables that they use.
fn wrapped(field: &mut Positioned<Field>) -> Selection {
    let pos = field.pos;
    let directives = std::mem::take(&mut field.node.directives);
    let field = Selection::Field(field.clone());
    let inner = SelectionSet {
        items: vec![Positioned::new(field, pos)],
    };
    let inline = InlineFragment {
        type_condition: None,
        directives,
        selection_set: Positioned::new(inner, pos),
    };
    Selection::InlineFragment(Positioned::new(inline, pos))
}

/// async-graphql refuses null here, and a variable without a value.
fn include_deprecated(field: &mut Field, variables: &mut Variables) {
    for (name, value) in &mut field.arguments {
        if name.node != INCLUDE_DEPRECATED {
            continue;
        }
        match &value.node {
            Literal::Null => value.node = Literal::Boolean(false),
            Literal::Variable(name) if is_absent(variables, name) => {
                // Nothing else can take this variable: all directives ask for one that is not null.
                variables.insert(name.clone(), ConstValue::Boolean(false));
            }
            _ => {}
        }
    }
}

/// Whether a variable is null or has no value. The default of one has been filled in before.
fn is_absent(variables: &Variables, name: &Name) -> bool {
    variables
        .get(name)
        .is_none_or(|value| *value == ConstValue::Null)
}
