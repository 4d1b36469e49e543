//! Refuses what a role does not see, wherever a document or its variables name it.
//!
//! What is forbidden is not written down twice: it is what the whole schema has and the role's
//! schema has not. Validation then knows the role's schema alone, so that what slipped through
//! here would be unknown there. What the directives leave out of the answer counts as asked for.

use std::collections::HashSet;

use async_graphql::parser::types::{
    BaseType, ExecutableDocument, FragmentDefinition, OperationDefinition, Selection, SelectionSet,
    Type,
};
use async_graphql::{Name, Pos, Positioned, Variables};
use async_graphql_value::{ConstValue, Value as Literal};
use indexmap::IndexMap;

use super::schema::QUERY;
use super::validate::{Kind, Types, named};
use super::views::{View, Views};
use crate::error::{Code, Error, Location, Step};
use crate::session::Role;

/// Most errors of one document that are told.
const MOST_ERRORS: usize = 20;

/// The error about something that the role does not see.
pub fn forbidden(what: &str, least: Role, role: Role) -> Error {
    let message = format!(
        "`{what}` is for the role {least} and those above it; yours in this workspace is {role}. Leave it out, or have an admin raise the role."
    );
    Error::new(Code::Forbidden, message)
        .with("field", what)
        .with("role", least.name())
}

/// Checks every operation and fragment of a document, and the variables of the chosen operation;
/// gives the view of the role.
///
/// # Errors
/// `FORBIDDEN` for each field, argument, input field and type that the role does not see, with its
/// place and, for a field, its path.
pub fn check<'a>(
    views: &'a Views,
    role: Role,
    document: &ExecutableDocument,
    chosen: &OperationDefinition,
    variables: &Variables,
) -> Result<&'a View, Vec<Error>> {
    let view = views.of(role).map_err(|error| vec![error])?;
    if std::ptr::eq(view, views.whole()) {
        return Ok(view);
    }
    let mut walk = Walk {
        views,
        role,
        whole: &views.whole().types,
        own: &view.types,
        document,
        visited: HashSet::new(),
        path: Vec::new(),
        errors: Vec::new(),
    };
    // The maps of the document have no order; its errors have that of the text.
    let mut operations: Vec<_> = document.operations.iter().map(|(_, it)| it).collect();
    operations.sort_by_key(|operation| operation.pos);
    for operation in operations {
        let given = std::ptr::eq(&operation.node, chosen).then_some(variables);
        walk.operation(&operation.node, given);
    }
    let mut fragments: Vec<_> = document.fragments.iter().collect();
    fragments.sort_by_key(|(_, fragment)| fragment.pos);
    for (name, fragment) in fragments {
        walk.fragment(name, fragment);
    }
    if walk.errors.is_empty() {
        return Ok(view);
    }
    Err(walk.errors)
}

struct Walk<'a> {
    views: &'a Views,
    role: Role,
    whole: &'a Types,
    /// What the role sees.
    own: &'a Types,
    document: &'a ExecutableDocument,
    /// Fragments that were walked. Their meaning depends on their own type alone.
    visited: HashSet<&'a Name>,
    /// Response keys down to the selection that is walked now.
    path: Vec<Step>,
    errors: Vec<Error>,
}

impl<'a> Walk<'a> {
    /// Reports what the views show that satisfy the test.
    fn report(&mut self, what: &str, shows: impl Fn(&Types) -> bool, pos: Pos) {
        if self.errors.len() == MOST_ERRORS {
            return;
        }
        let error = match self.views.least(|view| shows(&view.types)) {
            Ok(least) => forbidden(what, least, self.role),
            Err(error) => error,
        };
        let location = Location {
            line: pos.line,
            column: pos.column,
        };
        let error = error.at(location).on_path(&self.path);
        if !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }

    fn operation(&mut self, operation: &'a OperationDefinition, given: Option<&Variables>) {
        for definition in &operation.variable_definitions {
            let variable = &definition.node;
            let (of, pos) = (&variable.var_type.node, definition.pos);
            if self.of_type(named(of), pos) {
                if let Some(default) = &variable.default_value {
                    self.value(&default.node, of, default.pos);
                }
                if let Some(value) = given.and_then(|given| given.get(&variable.name.node)) {
                    self.value(value, of, pos);
                }
            }
        }
        self.set(&operation.selection_set.node, QUERY);
    }

    fn fragment(&mut self, name: &'a Name, fragment: &'a Positioned<FragmentDefinition>) {
        if self.visited.insert(name) {
            let on = &fragment.node.type_condition;
            if self.of_type(&on.node.on.node, on.pos) {
                self.set(&fragment.node.selection_set.node, &on.node.on.node);
            }
        }
    }

    /// Whether the role sees the type; reports it if not.
    fn of_type(&mut self, name: &Name, pos: Pos) -> bool {
        let hidden = self.whole.get(name).is_some() && self.own.get(name).is_none();
        if hidden {
            self.report(name, |types| types.get(name).is_some(), pos);
        }
        !hidden
    }

    /// Walks a selection on a type that the role sees. What the whole schema does not know either
    /// is left to validation.
    fn set(&mut self, set: &'a SelectionSet, parent: &str) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let key = field.node.response_key().node.to_string();
                    self.path.push(Step::Field(key));
                    self.field(field, parent);
                    self.path.pop();
                }
                Selection::InlineFragment(inline) => {
                    let set = &inline.node.selection_set.node;
                    match &inline.node.type_condition {
                        None => self.set(set, parent),
                        Some(on) if self.of_type(&on.node.on.node, on.pos) => {
                            self.set(set, &on.node.on.node);
                        }
                        Some(_) => {}
                    }
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if let Some((name, fragment)) = self.document.fragments.get_key_value(name) {
                        self.fragment(name, fragment);
                    }
                }
            }
        }
    }

    fn field(&mut self, field: &'a Positioned<async_graphql::parser::types::Field>, parent: &str) {
        let name = &field.node.name.node;
        let whole = self.whole;
        let Some(known) = whole.field(parent, name) else {
            return;
        };
        if self.own.field(parent, name).is_none() {
            let shows = |types: &Types| types.field(parent, name).is_some();
            return self.report(&format!("{parent}.{name}"), shows, field.pos);
        }
        for (argument, value) in &field.node.arguments {
            if let Some(slot) = known.arguments.get(&argument.node) {
                self.value(&value.node, &slot.of, value.pos);
            }
        }
        self.set(&field.node.selection_set.node, named(&known.of));
    }

    /// Walks a value of a type that the role sees, down to the fields of input objects.
    fn value<V: Tree>(&mut self, value: &V, of: &Type, pos: Pos) {
        match &of.base {
            BaseType::List(inner) => match value.items() {
                Some(items) => items.iter().for_each(|item| self.value(item, inner, pos)),
                // A single value stands for a list of one.
                None => self.value(value, inner, pos),
            },
            BaseType::Named(name) => {
                let whole = self.whole;
                let Some(Kind::Input(input)) = whole.get(name) else {
                    return;
                };
                for (field, member) in value.members().into_iter().flatten() {
                    let Some(slot) = input.fields.get(field) else {
                        continue;
                    };
                    let shows = |types: &Types| match types.get(name) {
                        Some(Kind::Input(input)) => input.fields.contains_key(field),
                        _ => false,
                    };
                    if shows(self.own) {
                        self.value(member, &slot.of, pos);
                    } else {
                        self.report(&format!("{name}.{field}"), shows, pos);
                    }
                }
            }
        }
    }
}

/// A value of the document or of a variable. A variable inside one is looked at where it is
/// declared.
trait Tree: Sized {
    fn items(&self) -> Option<&[Self]>;
    fn members(&self) -> Option<&IndexMap<Name, Self>>;
}

impl Tree for Literal {
    fn items(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    fn members(&self) -> Option<&IndexMap<Name, Self>> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }
}

impl Tree for ConstValue {
    fn items(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    fn members(&self) -> Option<&IndexMap<Name, Self>> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }
}
