//! Weighs a document: fields, aliases, levels and lists with its fragments expanded.
//!
//! It takes time linear in the document: a fragment is weighed once, however often it is spread,
//! and its weight is added wherever it is.

use std::collections::HashMap;

use async_graphql::parser::types::{
    Directive, ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Name, Positioned};

use super::limits::{Limit, Limits};
use super::token::location;
use crate::error::{Code, Error};

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
}

/// Checks every operation and fragment of a document.
///
/// # Errors
/// `QUERY_TOO_EXPENSIVE` with the limit, or `GRAPHQL_VALIDATION_FAILED` for a fragment that
/// spreads itself.
pub fn weigh(document: &ExecutableDocument, limits: &Limits) -> Result<(), Error> {
    let mut scale = Scale::new(document, limits);
    // The maps of the document have no order, and of two errors the first one is to be told.
    let mut operations: Vec<_> = document.operations.iter().map(|(_, it)| it).collect();
    operations.sort_by_key(|operation| operation.pos);
    for operation in operations {
        scale.operation(operation)?;
    }
    let mut fragments: Vec<_> = document.fragments.iter().collect();
    fragments.sort_by_key(|(_, fragment)| fragment.pos);
    for (name, _) in fragments {
        scale.fragment(name, 0)?;
    }
    Ok(())
}

struct Scale<'a> {
    document: &'a ExecutableDocument,
    limits: &'a Limits,
    /// None while a fragment is being weighed: meeting it then is a cycle.
    weighed: HashMap<&'a Name, Option<Weight>>,
    directives: u64,
    /// Selections that were looked at; tests see by it that each is looked at once.
    visits: u64,
}

impl<'a> Scale<'a> {
    fn new(document: &'a ExecutableDocument, limits: &'a Limits) -> Self {
        Self {
            document,
            limits,
            weighed: HashMap::new(),
            directives: 0,
            visits: 0,
        }
    }

    fn operation(&mut self, operation: &'a Positioned<OperationDefinition>) -> Result<(), Error> {
        let definition = &operation.node;
        for variable in &definition.variable_definitions {
            self.directives(&variable.node.directives)?;
        }
        self.directives(&definition.directives)?;
        let weight = self.set(&definition.selection_set.node, 0)?;
        for (limit, cost) in [
            (Limit::Depth, weight.depth),
            (Limit::RootFields, weight.own_fields),
            (Limit::Fields, weight.fields),
            (Limit::Aliases, weight.aliases),
            (Limit::ListDepth, weight.lists),
            (Limit::SchemaDepth, weight.schema_lists),
        ] {
            let held = self.limits.hold(limit, cost);
            held.map_err(|error| error.at(location(operation.pos)))?;
        }
        Ok(())
    }

    fn fragment(&mut self, name: &'a Name, above: u64) -> Result<Weight, Error> {
        match self.weighed.get(name) {
            Some(Some(weight)) => return Ok(*weight),
            Some(None) => {
                return Err(Error::new(
                    Code::GraphqlValidationFailed,
                    format!("The fragment `{name}` spreads itself."),
                ));
            }
            None => {}
        }
        let Some(fragment) = self.document.fragments.get(name) else {
            // Validation says better what is wrong with a fragment that is not there.
            return Ok(Weight::default());
        };
        self.weighed.insert(name, None);
        self.directives(&fragment.node.directives)?;
        let weight = self.set(&fragment.node.selection_set.node, above)?;
        self.weighed.insert(name, Some(weight));
        Ok(weight)
    }

    /// Weighs a selection; `above` is how deep this function is inside itself.
    fn set(&mut self, set: &'a SelectionSet, above: u64) -> Result<Weight, Error> {
        self.limits.hold(Limit::Depth, above)?;
        let mut total = Weight::default();
        for selection in &set.items {
            self.visits += 1;
            self.directives(selection.node.directives())?;
            let mut weight = match &selection.node {
                Selection::Field(field) => self.field(&field.node, above)?,
                Selection::InlineFragment(inline) => {
                    self.set(&inline.node.selection_set.node, above + 1)?
                }
                Selection::FragmentSpread(spread) => {
                    self.fragment(&spread.node.fragment_name.node, above + 1)?
                }
            };
            weight.depth += 1;
            total.add(weight);
        }
        Ok(total)
    }

    fn field(&mut self, field: &'a Field, above: u64) -> Result<Weight, Error> {
        let mut weight = self.set(&field.selection_set.node, above + 1)?;
        weight.fields = weight.fields.saturating_add(1);
        weight.own_fields = 1;
        let aliases = u64::from(field.alias.is_some());
        weight.aliases = weight.aliases.saturating_add(aliases);
        match field.name.node.as_str() {
            // Lists of rows are connections, and these two fields hold their rows.
            "nodes" | "edges" => weight.lists += 1,
            "types" | "fields" | "args" | "inputFields" | "enumValues" | "possibleTypes"
            | "interfaces" | "directives" => weight.open_schema_lists += 1,
            "__schema" | "__type" => {
                weight.schema_lists = weight.schema_lists.max(weight.open_schema_lists);
            }
            _ => {}
        }
        Ok(weight)
    }

    fn directives(&mut self, directives: &[Positioned<Directive>]) -> Result<(), Error> {
        let Some(first) = directives.first() else {
            return Ok(());
        };
        let here = directives.len() as u64;
        self.directives += here;
        let held = self.limits.hold(Limit::DirectivesPerLocation, here);
        held.and_then(|()| self.limits.hold(Limit::Directives, self.directives))
            .map_err(|error| error.at(location(first.pos)))
    }
}

#[cfg(test)]
#[path = "weigh_tests.rs"]
mod tests;
