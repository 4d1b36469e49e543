//! One walk over the selections of a document, for everything that looks at documents.
//!
//! The walk knows the order of the text, the fragments, and which of them it has been in: it goes
//! into each once. A visitor says what a field is, and whether the walk goes inside.

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;

use async_graphql::parser::types::{
    ExecutableDocument, Field, FragmentDefinition, OperationDefinition, Selection, SelectionSet,
    TypeCondition,
};
use async_graphql::{Name, Positioned};

/// Where a walk goes.
pub enum Next<'a> {
    /// To the selections inside, which stand on this type.
    Inside(Parent<'a>),
    /// To the next selection.
    Past,
}

/// The type that a selection stands on, where it is known.
pub type Parent<'a> = Option<&'a str>;

/// What a visitor says of a field.
pub type Looked<'a, Stop = Infallible> = Result<Next<'a>, Stop>;

/// The type condition of a fragment; an inline one may have none.
pub type Condition<'a> = Option<&'a Positioned<TypeCondition>>;

/// Looks at selections.
pub trait Visitor<'a> {
    /// Why a walk ends early; `Infallible` where it never does.
    type Stop;

    /// Every selection, before anything else is said of it. False leaves it out.
    ///
    /// # Errors
    /// When the walk is to end here.
    fn selection(&mut self, _selection: &'a Selection) -> Result<bool, Self::Stop> {
        Ok(true)
    }

    /// A field. What is inside one stands on no known type, unless it is said here.
    ///
    /// # Errors
    /// When the walk is to end here.
    fn field(
        &mut self,
        _field: &'a Positioned<Field>,
        _parent: Parent<'a>,
    ) -> Looked<'a, Self::Stop> {
        Ok(Next::Inside(None))
    }

    /// An inline fragment, or the fragment of a spread that the walk has not been in, with the
    /// type that it is on.
    fn fragment(&mut self, on: Condition<'a>, parent: Parent<'a>) -> Next<'a> {
        Next::Inside(on.map(|on| on.node.on.node.as_str()).or(parent))
    }

    /// A selection that was not left out, after what is inside it.
    fn leave(&mut self, _selection: &'a Selection) {}
}

/// A walk over parts of one document.
pub struct Walk<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    visited: HashSet<&'a Name>,
}

impl<'a> Walk<'a> {
    pub fn new(document: &'a ExecutableDocument) -> Self {
        Self {
            fragments: &document.fragments,
            visited: HashSet::new(),
        }
    }

    /// Walks over a selection set. It descends as deep as the document and has no bound of its
    /// own: that of the guard, which walks first, holds for all others.
    ///
    /// # Errors
    /// What the visitor stops with.
    pub fn set<V: Visitor<'a>>(
        &mut self,
        visitor: &mut V,
        set: &'a SelectionSet,
        parent: Parent<'a>,
    ) -> Result<(), V::Stop> {
        for selection in &set.items {
            if !visitor.selection(&selection.node)? {
                continue;
            }
            match &selection.node {
                Selection::Field(field) => {
                    if let Next::Inside(of) = visitor.field(field, parent)? {
                        self.set(visitor, &field.node.selection_set.node, of)?;
                    }
                }
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref();
                    if let Next::Inside(of) = visitor.fragment(on, parent) {
                        self.set(visitor, &inline.node.selection_set.node, of)?;
                    }
                }
                Selection::FragmentSpread(spread) => {
                    self.fragment(visitor, &spread.node.fragment_name.node, parent)?;
                }
            }
            visitor.leave(&selection.node);
        }
        Ok(())
    }

    /// Walks over a fragment, unless this walk has been in it or there is none of the name.
    ///
    /// # Errors
    /// As [`Self::set`].
    pub fn fragment<V: Visitor<'a>>(
        &mut self,
        visitor: &mut V,
        name: &'a Name,
        parent: Parent<'a>,
    ) -> Result<(), V::Stop> {
        if let Some(fragment) = self.fragments.get(name)
            && self.visited.insert(name)
            && let Next::Inside(of) = visitor.fragment(Some(&fragment.node.type_condition), parent)
        {
            self.set(visitor, &fragment.node.selection_set.node, of)?;
        }
        Ok(())
    }
}

/// The operations in the order of the text, which the map that holds them has not.
pub fn operations(document: &ExecutableDocument) -> Vec<&Positioned<OperationDefinition>> {
    let mut operations: Vec<_> = document.operations.iter().map(|(_, it)| it).collect();
    operations.sort_by_key(|operation| operation.pos);
    operations
}

/// The fragments by name in the order of the text.
pub fn fragments(document: &ExecutableDocument) -> Vec<(&Name, &Positioned<FragmentDefinition>)> {
    let mut fragments: Vec<_> = document.fragments.iter().collect();
    fragments.sort_by_key(|(_, fragment)| fragment.pos);
    fragments
}
