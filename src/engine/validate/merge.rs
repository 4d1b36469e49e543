//! Fields of one response key must be one field: of the same name and arguments where they can
//! meet in one object, and of the same shape everywhere.
//!
//! async-graphql compares only fields that stand side by side. Here each selection is looked at
//! with its fragments expanded, which the guard has bounded, and each field is compared with the
//! first one of its key instead of with all of them.

use std::convert::Infallible;

use async_graphql::Positioned;
use async_graphql::parser::types::{BaseType, ExecutableDocument, Field, Type};
use indexmap::IndexMap;

use super::types::{Types, named};
use crate::error::{Code, Error};
use crate::guard::visit::{self, Looked, Next, Parent, Visitor, Walk};

/// A field with the type of the selection that it stands in, where that is known.
#[derive(Clone, Copy)]
struct Occurrence<'a> {
    parent: Option<&'a str>,
    field: &'a Positioned<Field>,
}

type Keyed<'a> = IndexMap<&'a str, Vec<Occurrence<'a>>>;

/// Looks for fields that cannot be merged in every operation.
///
/// # Errors
/// `GRAPHQL_VALIDATION_FAILED` for the first two of them.
pub fn check(types: &Types, document: &ExecutableDocument) -> Result<(), Error> {
    let rule = Rule { types, document };
    for operation in visit::operations(document) {
        let mut together = Together::default();
        let set = &operation.node.selection_set.node;
        let root = types.root(operation.node.ty);
        let Ok(()) = Walk::new(document).set(&mut together, set, root);
        rule.same_fields(&together.0)?;
    }
    Ok(())
}

/// Puts the fields of selections together, with their fragments expanded.
#[derive(Default)]
struct Together<'a>(Keyed<'a>);

impl<'a> Visitor<'a> for Together<'a> {
    type Stop = Infallible;

    fn field(&mut self, field: &'a Positioned<Field>, parent: Parent<'a>) -> Looked<'a> {
        let key = field.node.response_key().node.as_str();
        let occurrence = Occurrence { parent, field };
        self.0.entry(key).or_default().push(occurrence);
        Ok(Next::Past)
    }
}

struct Rule<'a> {
    types: &'a Types,
    document: &'a ExecutableDocument,
}

impl<'a> Rule<'a> {
    /// The selections below some fields, as one.
    fn below(&self, fields: &[Occurrence<'a>]) -> Keyed<'a> {
        let mut together = Together::default();
        let mut walk = Walk::new(self.document);
        for one in fields {
            let set = &one.field.node.selection_set.node;
            let parent = self.of(*one).map(|of| named(of).as_str());
            let Ok(()) = walk.set(&mut together, set, parent);
        }
        together.0
    }

    fn of(&self, one: Occurrence<'a>) -> Option<&'a Type> {
        let field = self.types.field(one.parent?, &one.field.node.name.node)?;
        Some(&field.of)
    }

    fn same_fields(&self, fields: &Keyed<'a>) -> Result<(), Error> {
        for (key, all) in fields {
            let first = all[0];
            if all.iter().all(|one| one.parent == first.parent) {
                self.same_field(key, all)?;
                continue;
            }
            self.same_shape(key, all)?;
            // Two objects of different types never meet; an interface meets all of them.
            let is_object = |parent: &Option<&str>| {
                parent.is_some_and(|parent| !self.types.is_interface(parent))
            };
            let mut objects: Vec<_> = all.iter().map(|one| one.parent).filter(is_object).collect();
            objects.sort_unstable();
            objects.dedup();
            if objects.is_empty() {
                self.same_field(key, all)?;
            }
            for object in objects {
                let meet = |one: &&Occurrence<'_>| one.parent == object || !is_object(&one.parent);
                let group: Vec<_> = all.iter().filter(meet).copied().collect();
                self.same_field(key, &group)?;
            }
        }
        Ok(())
    }

    fn same_field(&self, key: &str, all: &[Occurrence<'a>]) -> Result<(), Error> {
        let first = all[0].field;
        for other in &all[1..] {
            if first.node.name.node != other.field.node.name.node
                || !same_arguments(&first.node, &other.field.node)
            {
                return Err(conflict(
                    key,
                    first,
                    other.field,
                    "differ in name or arguments",
                ));
            }
        }
        self.same_fields(&self.below(all))
    }

    fn same_shapes(&self, fields: &Keyed<'a>) -> Result<(), Error> {
        fields
            .iter()
            .try_for_each(|(key, all)| self.same_shape(key, all))
    }

    fn same_shape(&self, key: &str, all: &[Occurrence<'a>]) -> Result<(), Error> {
        let first = all[0];
        for &other in &all[1..] {
            if let (Some(one), Some(two)) = (self.of(first), self.of(other))
                && !self.have_one_shape(one, two)
            {
                let mut how = format!("have the types `{one}` and `{two}`");
                let fields = [first.field, other.field];
                if fields
                    .iter()
                    .any(|field| field.node.name.node == "__typename")
                {
                    how.push_str(", one of which is the type of `__typename`");
                }
                return Err(conflict(key, first.field, other.field, &how));
            }
        }
        self.same_shapes(&self.below(all))
    }

    /// Whether values of two types look the same to a reader that knows nothing of the objects.
    fn have_one_shape(&self, one: &Type, two: &Type) -> bool {
        if one.nullable != two.nullable {
            return false;
        }
        match (&one.base, &two.base) {
            (BaseType::List(one), BaseType::List(two)) => self.have_one_shape(one, two),
            (BaseType::Named(one), BaseType::Named(two)) => {
                one == two || self.types.has_fields(one) && self.types.has_fields(two)
            }
            _ => false,
        }
    }
}

fn same_arguments(one: &Field, two: &Field) -> bool {
    one.arguments.len() == two.arguments.len()
        && one.arguments.iter().all(|(name, value)| {
            two.get_argument(&name.node)
                .is_some_and(|other| other.node == value.node)
        })
}

fn conflict(key: &str, one: &Positioned<Field>, two: &Positioned<Field>, how: &str) -> Error {
    let mut error = Error::new(
        Code::GraphqlValidationFailed,
        format!(
            "Two fields have the response key `{key}` but {how}; give one of them another alias."
        ),
    );
    error.locations = vec![one.pos.into(), two.pos.into()];
    error
}
