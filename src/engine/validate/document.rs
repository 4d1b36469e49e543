//! What the specification asks of a document and async-graphql does not look at: variables stand
//! where their type fits, `__typename` has no fields and no arguments, an enum value is no text.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{
    BaseType, Directive, ExecutableDocument, FragmentDefinition, OperationDefinition, Selection,
    SelectionSet, Type, VariableDefinition,
};
use async_graphql::{Name, Pos, Positioned};
use async_graphql_value::Value as Literal;

use super::types::{Kind, Slot, Types, named};
use crate::error::{Code, Error, Location};

/// Checks every operation of a document whose fields and arguments are known to exist.
pub fn check(types: &Types, document: &ExecutableDocument, root: &str) -> Vec<Error> {
    let mut errors = Vec::new();
    for (_, operation) in document.operations.iter() {
        let mut walk = Walk {
            types,
            fragments: &document.fragments,
            variables: variables(&operation.node),
            visited: HashSet::new(),
            errors: &mut errors,
        };
        for definition in &operation.node.variable_definitions {
            for directive in &definition.node.directives {
                let name = &directive.node.name.node;
                let message = format!("The directive `@{name}` says nothing about a variable.");
                walk.report(message, directive.pos);
            }
            if let Some(default) = &definition.node.default_value {
                let of = &definition.node.var_type.node;
                let value = default.node.clone().into_value();
                walk.value(&value, of, false, default.pos);
            }
        }
        walk.set(&operation.node.selection_set.node, Some(root));
    }
    errors
}

fn variables(operation: &OperationDefinition) -> HashMap<&Name, &VariableDefinition> {
    let definitions = operation.variable_definitions.iter();
    definitions
        .map(|definition| (&definition.node.name.node, &definition.node))
        .collect()
}

struct Walk<'a> {
    types: &'a Types,
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    variables: HashMap<&'a Name, &'a VariableDefinition>,
    /// Fragments of this operation that were walked.
    visited: HashSet<&'a Name>,
    errors: &'a mut Vec<Error>,
}

impl<'a> Walk<'a> {
    fn report(&mut self, message: String, pos: Pos) {
        let error = Error::new(Code::GraphqlValidationFailed, message);
        self.errors.push(error.at(Location {
            line: pos.line,
            column: pos.column,
        }));
    }

    /// Walks a selection; the parent's type is unknown inside the schema's own types.
    fn set(&mut self, set: &'a SelectionSet, parent: Option<&str>) {
        for selection in &set.items {
            self.directives(selection.node.directives());
            match &selection.node {
                Selection::Field(field) => {
                    let name = &field.node.name.node;
                    let inner = &field.node.selection_set.node;
                    if name == "__typename" && !inner.items.is_empty() {
                        let message = "`__typename` is a text and has no fields.".to_owned();
                        self.report(message, field.pos);
                    }
                    if name == "__typename" && !field.node.arguments.is_empty() {
                        let message = "`__typename` takes no arguments.".to_owned();
                        self.report(message, field.pos);
                    }
                    let types = self.types;
                    let known = parent.and_then(|parent| types.field(parent, name));
                    for (argument, value) in &field.node.arguments {
                        if let Some(slot) = known.and_then(|it| it.arguments.get(&argument.node)) {
                            self.slot(&value.node, slot, value.pos);
                        }
                    }
                    self.set(inner, known.map(|known| named(&known.of).as_str()));
                }
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref();
                    let on = on.map(|on| on.node.on.node.as_str()).or(parent);
                    self.set(&inline.node.selection_set.node, on);
                }
                Selection::FragmentSpread(spread) => {
                    let fragments = self.fragments;
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = fragments.get(name)
                        && self.visited.insert(name)
                    {
                        let on = &fragment.node.type_condition.node.on.node;
                        self.set(&fragment.node.selection_set.node, Some(on));
                    }
                }
            }
        }
    }

    fn directives(&mut self, directives: &'a [Positioned<Directive>]) {
        let condition = Type {
            base: BaseType::Named(Name::new("Boolean")),
            nullable: false,
        };
        for directive in directives {
            // The only directives that there are take one argument, `if`.
            for (_, value) in &directive.node.arguments {
                self.value(&value.node, &condition, false, value.pos);
            }
        }
    }

    fn slot(&mut self, value: &Literal, slot: &Slot, pos: Pos) {
        self.value(value, &slot.of, slot.has_default, pos);
    }

    fn value(&mut self, value: &Literal, of: &Type, has_default: bool, pos: Pos) {
        let types = self.types;
        match (value, &of.base) {
            (Literal::Variable(name), _) => self.variable(name, of, has_default, pos),
            (Literal::List(items), BaseType::List(inner)) => {
                for item in items {
                    self.value(item, inner, false, pos);
                }
            }
            (Literal::Null, _) => {}
            // A single value stands for a list of one.
            (single, BaseType::List(inner)) => self.value(single, inner, false, pos),
            (Literal::Object(members), BaseType::Named(name)) => {
                let Some(Kind::Input(input)) = types.get(name) else {
                    return;
                };
                for (field, member) in members {
                    let Some(slot) = input.fields.get(field) else {
                        continue;
                    };
                    if input.one_of
                        && let Literal::Variable(variable) = member
                        && self.may_be_null(variable)
                    {
                        // It could leave the object without its field, whatever its default.
                        let message = format!(
                            "The variable `${variable}` stands in `{name}`, which takes exactly one field; declare it with `!`."
                        );
                        self.report(message, pos);
                        continue;
                    }
                    self.slot(member, slot, pos);
                }
            }
            (Literal::String(text), BaseType::Named(name)) => {
                if let Some(Kind::Enum(names)) = types.get(name) {
                    let hint = match names.get(text.as_str()) {
                        Some(known) => format!("; write {known} without quotes"),
                        None => String::new(),
                    };
                    self.report(format!("`{name}` is an enum and takes no text{hint}."), pos);
                }
            }
            _ => {}
        }
    }

    fn may_be_null(&self, variable: &Name) -> bool {
        let definition = self.variables.get(variable);
        definition.is_some_and(|definition| definition.var_type.node.nullable)
    }

    fn variable(&mut self, name: &Name, of: &Type, has_default: bool, pos: Pos) {
        let Some(definition) = self.variables.get(name) else {
            return;
        };
        let declared = &definition.var_type.node;
        let defaults = definition
            .default_value
            .as_ref()
            .is_some_and(|value| value.node != async_graphql_value::ConstValue::Null);
        let fits = if !of.nullable && declared.nullable && (defaults || has_default) {
            fits_base(&declared.base, &of.base)
        } else {
            fits(declared, of)
        };
        if !fits {
            self.report(
                format!(
                    "The variable `${name}` of type `{declared}` stands where `{of}` is taken."
                ),
                pos,
            );
        }
    }
}

/// Whether every value of one type is a value of the other.
fn fits(declared: &Type, of: &Type) -> bool {
    (of.nullable || !declared.nullable) && fits_base(&declared.base, &of.base)
}

fn fits_base(declared: &BaseType, of: &BaseType) -> bool {
    match (declared, of) {
        (BaseType::Named(declared), BaseType::Named(of)) => declared == of,
        (BaseType::List(declared), BaseType::List(of)) => fits(declared, of),
        _ => false,
    }
}
