//! Weighs a document: fields, aliases, levels and lists with its fragments expanded.
//!
//! It takes time linear in the document: a fragment is weighed once, however often it is spread,
//! and its weight is added wherever it is.

use std::collections::HashMap;

use async_graphql::parser::types::{
    Directive, ExecutableDocument, Field, OperationDefinition, Selection,
};
use async_graphql::{Name, Positioned};

use super::limits::{Limit, Limits};
use super::visit::{self, Visitor, Walk};
use crate::error::{Code, Error};

/// The two fields of a connection that hold its rows.
pub const NODES: &str = "nodes";
pub const EDGES: &str = "edges";

/// What a selection comes to with its fragments expanded.
#[derive(Clone, Copy, Default)]
struct Weight {
    fields: u64,
    /// Of them, those that stand in the selection itself and not below a field of it.
    own_fields: u64,
    aliases: u64,
    depth: u64,
    /// Lists of rows inside each other.
    lists: u64,
    /// Lists inside each other, should this be part of a question about the schema.
    open_schema_lists: u64,
    /// Lists inside each other in questions about the schema.
    schema_lists: u64,
}

impl Weight {
    fn add(&mut self, other: Self) {
        self.fields = self.fields.saturating_add(other.fields);
        self.own_fields = self.own_fields.saturating_add(other.own_fields);
        self.aliases = self.aliases.saturating_add(other.aliases);
        self.depth = self.depth.max(other.depth);
        self.lists = self.lists.max(other.lists);
        self.open_schema_lists = self.open_schema_lists.max(other.open_schema_lists);
        self.schema_lists = self.schema_lists.max(other.schema_lists);
    }

    /// Makes the weight of a field of that of its selection.
    fn field(&mut self, field: &Field) {
        self.fields = self.fields.saturating_add(1);
        self.own_fields = 1;
        let aliases = u64::from(field.alias.is_some());
        self.aliases = self.aliases.saturating_add(aliases);
        match field.name.node.as_str() {
            NODES | EDGES => self.lists += 1,
            "types" | "fields" | "args" | "inputFields" | "enumValues" | "possibleTypes"
            | "interfaces" | "directives" => self.open_schema_lists += 1,
            "__schema" | "__type" => {
                self.schema_lists = self.schema_lists.max(self.open_schema_lists);
            }
            _ => {}
        }
    }
}

/// Checks every operation and fragment of a document.
///
/// # Errors
/// `QUERY_TOO_EXPENSIVE` with the limit, or `GRAPHQL_VALIDATION_FAILED` for a fragment that
/// spreads itself.
pub fn weigh(document: &ExecutableDocument, limits: &Limits) -> Result<(), Error> {
    let mut scale = Scale::new(limits);
    let mut walk = Walk::new(document);
    for operation in visit::operations(document) {
        scale.operation(&mut walk, operation)?;
    }
    for (name, fragment) in visit::fragments(document) {
        scale.directives(&fragment.node.directives)?;
        // Nothing need spread a fragment, but validation looks at all of them.
        if !scale.weighed.contains_key(name) {
            scale.weighed.insert(name, None);
            scale.open = vec![Weight::default()];
            walk.fragment(&mut scale, name, None)?;
        }
    }
    Ok(())
}

struct Scale<'a> {
    limits: &'a Limits,
    /// None while a fragment is being weighed: meeting it then is a cycle.
    weighed: HashMap<&'a Name, Option<Weight>>,
    /// The weights so far of the selections that the walk is inside of. The first one is that of
    /// an operation or of a fragment that no operation spreads.
    open: Vec<Weight>,
    directives: u64,
    /// Selections that were looked at; tests see by it that each is looked at once.
    visits: u64,
}

impl<'a> Scale<'a> {
    fn new(limits: &'a Limits) -> Self {
        Self {
            limits,
            weighed: HashMap::new(),
            open: Vec::new(),
            directives: 0,
            visits: 0,
        }
    }

    fn operation(
        &mut self,
        walk: &mut Walk<'a>,
        operation: &'a Positioned<OperationDefinition>,
    ) -> Result<(), Error> {
        let definition = &operation.node;
        for variable in &definition.variable_definitions {
            self.directives(&variable.node.directives)?;
        }
        self.directives(&definition.directives)?;
        self.open = vec![Weight::default()];
        walk.set(self, &definition.selection_set.node, None)?;
        let weight = self.open.pop().unwrap_or_default();
        for (limit, cost) in [
            (Limit::Depth, weight.depth),
            (Limit::RootFields, weight.own_fields),
            (Limit::Fields, weight.fields),
            (Limit::Aliases, weight.aliases),
            (Limit::ListDepth, weight.lists),
            (Limit::SchemaDepth, weight.schema_lists),
        ] {
            let held = self.limits.hold(limit, cost);
            held.map_err(|error| error.at(operation.pos))?;
        }
        Ok(())
    }

    fn directives(&mut self, directives: &[Positioned<Directive>]) -> Result<(), Error> {
        let Some(first) = directives.first() else {
            return Ok(());
        };
        let here = directives.len() as u64;
        self.directives += here;
        let held = self.limits.hold(Limit::DirectivesPerLocation, here);
        held.and_then(|()| self.limits.hold(Limit::Directives, self.directives))
            .map_err(|error| error.at(first.pos))
    }
}

impl<'a> Visitor<'a> for Scale<'a> {
    type Stop = Error;

    fn selection(&mut self, selection: &'a Selection) -> Result<bool, Error> {
        self.visits += 1;
        self.directives(selection.directives())?;
        // The walk is as deep in functions as in selections, so this bounds its stack too.
        self.limits.hold(Limit::Depth, self.open.len() as u64)?;
        if let Selection::FragmentSpread(spread) = selection {
            let name = &spread.node.fragment_name.node;
            match self.weighed.get(name) {
                None => {
                    self.weighed.insert(name, None);
                }
                Some(Some(_)) => {}
                Some(None) => {
                    let message = format!("The fragment `{name}` spreads itself.");
                    return Err(Error::new(Code::GraphqlValidationFailed, message));
                }
            }
        }
        self.open.push(Weight::default());
        Ok(true)
    }

    fn leave(&mut self, selection: &'a Selection) {
        let mut weight = self.open.pop().unwrap_or_default();
        match selection {
            Selection::Field(field) => weight.field(&field.node),
            Selection::InlineFragment(_) => {}
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                // The walk was in the fragment now or before.
                weight = *self.weighed.entry(name).or_default().get_or_insert(weight);
            }
        }
        weight.depth += 1;
        if let Some(outer) = self.open.last_mut() {
            outer.add(weight);
        }
    }
}

#[cfg(test)]
#[path = "weigh_tests.rs"]
mod tests;
