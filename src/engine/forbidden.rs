//! Refuses what the whole schema has and the schema of the caller's role lacks, wherever a document
//! or its variables name it.
//!
//! The planner looks once more at the tables and columns of each statement (`plan/allowed.rs`), so
//! that what slipped through here would be refused there. A field that `@skip` or `@include` leaves
//! out of the answer is refused as well.

use std::convert::Infallible;

use async_graphql::parser::types::{
    BaseType, ExecutableDocument, Field, OperationDefinition, Selection, Type,
};
use async_graphql::{Name, Pos, Positioned, Variables};
use async_graphql_value::{ConstValue, Value as Literal};
use indexmap::IndexMap;

use super::catalog::forbidden;
use super::role_schemas::{Lacks, RoleSchemas};
use super::validate::{Kind, Types, named};
use crate::error::{Error, Step, ValuePlace, ValuePlaces};
use crate::guard::visit::{self, Condition, Looked, Next, Parent, Visitor, Walk};
use crate::session::Role;

/// Most errors of one document in a response.
const MOST_ERRORS: usize = 20;

/// Checks every operation and fragment of a document. `known` are the errors of
/// [`check_variables`], which come first.
///
/// # Errors
/// `FORBIDDEN` for each field, argument, input field and type that the role's schema lacks, with
/// its place and, for a field, its path.
pub fn check(
    schemas: &RoleSchemas,
    role: Role,
    document: &ExecutableDocument,
    known: Vec<Error>,
) -> Result<(), Vec<Error>> {
    let Some(mut names) = Names::new(schemas, role) else {
        return Ok(());
    };
    names.errors = known;
    // What a fragment names depends on its own type alone.
    let mut walk = Walk::new(document);
    for operation in visit::operations(document) {
        names.variables(&operation.node, None);
        let root = names.whole.root(operation.node.ty);
        let Ok(()) = walk.set(&mut names, &operation.node.selection_set.node, root);
    }
    for (name, _) in visit::fragments(document) {
        let Ok(()) = walk.fragment(&mut names, name, None);
    }
    names.finish()
}

/// Checks the variables of an operation.
///
/// # Errors
/// As [`check`].
pub fn check_variables(
    schemas: &RoleSchemas,
    role: Role,
    chosen: &OperationDefinition,
    variables: &Variables,
) -> Result<(), Vec<Error>> {
    let Some(mut names) = Names::new(schemas, role) else {
        return Ok(());
    };
    names.variables(chosen, Some(variables));
    names.finish()
}

struct Names<'a> {
    schemas: &'a RoleSchemas,
    role: Role,
    whole: &'a Types,
    /// What the role's schema lacks.
    lacks: &'a Lacks,
    /// Response keys down to the selection that is walked now.
    path: Vec<Step>,
    /// Places inside the value that is walked now.
    places: ValuePlaces,
    /// Whether that is the value of a variable, which has no place in the document.
    in_variable: bool,
    errors: Vec<Error>,
}

impl<'a> Names<'a> {
    /// None where the role's schema lacks nothing.
    fn new(schemas: &'a RoleSchemas, role: Role) -> Option<Self> {
        Some(Self {
            schemas,
            role,
            whole: &schemas.whole().types,
            lacks: schemas.lacks(role)?,
            path: Vec::new(),
            places: ValuePlaces::default(),
            in_variable: false,
            errors: Vec::new(),
        })
    }

    fn finish(self) -> Result<(), Vec<Error>> {
        match self.errors.is_empty() {
            true => Ok(()),
            false => Err(self.errors),
        }
    }

    /// Reports what the role's schema lacks; `lacks` tells whether that of another role does, too.
    fn report(&mut self, what: &str, lacks: impl Fn(&Lacks) -> bool, pos: Pos) {
        if self.errors.len() == MOST_ERRORS {
            return;
        }
        let least = self.schemas.least_with(lacks);
        let error = forbidden(what, least, self.role)
            .at(pos)
            .on_path(&self.path);
        let error = match self.in_variable {
            true => error,
            false => self.places.mark(error),
        };
        if !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }

    fn variables(&mut self, operation: &'a OperationDefinition, given: Option<&Variables>) {
        for definition in &operation.variable_definitions {
            let variable = &definition.node;
            let (of, pos) = (&variable.var_type.node, definition.pos);
            if self.of_type(named(of), pos) {
                if let Some(default) = &variable.default_value {
                    self.value(&default.node, of, default.pos);
                }
                if let Some(value) = given.and_then(|given| given.get(&variable.name.node)) {
                    self.in_variable = true;
                    self.value(value, of, pos);
                    self.in_variable = false;
                }
            }
        }
    }

    /// Whether the role's schema has the type; reports it if not.
    fn of_type(&mut self, name: &Name, pos: Pos) -> bool {
        let hidden = self.lacks.a_type(name);
        if hidden {
            self.report(name, |lacks| lacks.a_type(name), pos);
        }
        !hidden
    }

    /// Looks at something inside a value.
    fn within(&mut self, place: impl Into<ValuePlace>, look: impl FnOnce(&mut Self)) {
        self.places.enter(place);
        look(self);
        self.places.leave();
    }

    /// Walks a value of a type that the role's schema has, down to the fields of input objects.
    fn value<V: Tree>(&mut self, value: &V, of: &Type, pos: Pos) {
        match &of.base {
            BaseType::List(inner) => match value.items() {
                Some(items) => {
                    for (index, item) in items.iter().enumerate() {
                        self.within(index, |names| names.value(item, inner, pos));
                    }
                }
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
                    if self.lacks.a_field(name, field) {
                        let lacks = |lacks: &Lacks| lacks.a_field(name, field);
                        let what = format!("{name}.{field}");
                        self.within(ValuePlace::Name(field.clone()), |names| {
                            names.report(&what, lacks, pos);
                        });
                    } else {
                        self.within(field, |names| names.value(member, &slot.of, pos));
                    }
                }
            }
        }
    }
}

impl<'a> Visitor<'a> for Names<'a> {
    type Stop = Infallible;

    /// What the whole schema does not know either is left to validation.
    fn field(&mut self, field: &'a Positioned<Field>, parent: Parent<'a>) -> Looked<'a> {
        let key = field.node.response_key().node.to_string();
        self.path.push(Step::Field(key));
        let name = &field.node.name.node;
        let whole = self.whole;
        let Some((parent, known)) = parent.and_then(|it| Some((it, whole.field(it, name)?))) else {
            return Ok(Next::Past);
        };
        if self.lacks.a_field(parent, name) {
            let lacks = |lacks: &Lacks| lacks.a_field(parent, name);
            self.report(&format!("{parent}.{name}"), lacks, field.pos);
            return Ok(Next::Past);
        }
        for (argument, value) in &field.node.arguments {
            if let Some(slot) = known.arguments.get(&argument.node) {
                self.value(&value.node, &slot.of, value.pos);
            }
        }
        Ok(Next::Inside(Some(named(&known.of))))
    }

    fn fragment(&mut self, on: Condition<'a>, parent: Parent<'a>) -> Next<'a> {
        match on.map(|on| (&on.node.on.node, on.pos)) {
            None => Next::Inside(parent),
            Some((on, pos)) if self.of_type(on, pos) => Next::Inside(Some(on)),
            Some(_) => Next::Past,
        }
    }

    fn leave(&mut self, selection: &'a Selection) {
        if let Selection::Field(_) = selection {
            self.path.pop();
        }
    }
}

/// A value of the document or of a variable. A variable inside one is looked at where it is
/// declared.
trait Tree: Sized {
    fn items(&self) -> Option<&[Self]>;
    fn members(&self) -> Option<&IndexMap<Name, Self>>;
}

macro_rules! tree {
    ($value:ident) => {
        impl Tree for $value {
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
    };
}
tree!(Literal);
tree!(ConstValue);
