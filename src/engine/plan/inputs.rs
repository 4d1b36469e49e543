//! The part of a request's input that decides which statements an operation has: variables that
//! leave fields out or in, variables of orders, and the tables that global ids are of. All other
//! input only gives values to the statements.

use std::collections::BTreeSet;
use std::convert::Infallible;

use async_graphql::parser::types::{ExecutableDocument, Field, OperationDefinition, Selection};
use async_graphql::{Name, Positioned};
use async_graphql_value::{ConstValue, Value as Literal};

use super::literal::{Variables, each_variable, resolve};
use crate::engine::catalog::{Catalog, NODE_ID, NODE_IDS, RootField, TableId};
use crate::engine::row::node_id;
use crate::engine::scalar;
use crate::engine::search::{self, Mode};
use crate::engine::{group, order};
use crate::guard::visit::{Looked, Next, Parent, Visitor, Walk};

/// What of the input of an operation decides.
#[derive(Debug, Default)]
pub struct Inputs {
    variables: Vec<Name>,
    /// The literals of global ids, and of lists of them.
    ids: Vec<Literal>,
    /// The literals of searches.
    searches: Vec<Literal>,
}

/// What it is in one request. Once the operation is valid, the variables are booleans and names of
/// the schema; of ids there are the tables alone. So nothing of the caller's data is here.
#[derive(Clone, Debug, Default)]
pub struct Settled {
    pub variables: Variables,
    /// The tables of each id or list of ids, each once; none where it is no id.
    tables: Vec<BTreeSet<Option<TableId>>>,
    /// How each search finds rows; none where nothing is sought.
    searches: Vec<Option<Mode>>,
}

/// The same as a key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SettledKey {
    variables: Vec<Option<String>>,
    tables: Vec<BTreeSet<Option<TableId>>>,
    searches: Vec<Option<Mode>>,
}

impl Inputs {
    pub fn of(document: &ExecutableDocument, operation: &OperationDefinition) -> Self {
        let mut finder = Finder(Self::default());
        let set = &operation.selection_set.node;
        let Ok(()) = Walk::new(document).set(&mut finder, set, None);
        finder.0
    }

    /// What it is with these variables; nothing where they cannot be read.
    pub fn settle(&self, catalog: &Catalog, variables: Option<&Variables>) -> Settled {
        let Some(variables) = variables else {
            return Settled::default();
        };
        let table = |value: &ConstValue| {
            let text = scalar::text(value, NODE_ID).ok()?;
            Some(node_id::read(catalog, &text)?.0)
        };
        let tables = |literal| match resolve(literal, variables).as_deref() {
            Some(ConstValue::List(ids)) => ids.iter().map(table).collect(),
            Some(id) => [table(id)].into(),
            None => BTreeSet::new(),
        };
        let mode = |literal| search::mode(resolve(literal, variables).as_deref()?);
        let known = |name: &Name| Some((name.clone(), variables.get(name)?.clone()));
        Settled {
            variables: self.variables.iter().filter_map(known).collect(),
            tables: self.ids.iter().map(tables).collect(),
            searches: self.searches.iter().map(mode).collect(),
        }
    }

    /// The key of what it is in one request.
    pub fn key(&self, settled: &Settled) -> SettledKey {
        let value = |name| settled.variables.get(name).map(ToString::to_string);
        SettledKey {
            variables: self.variables.iter().map(value).collect(),
            tables: settled.tables.clone(),
            searches: settled.searches.clone(),
        }
    }

    /// The tables of an id, or of a list of ids.
    pub fn tables<'s>(
        &self,
        settled: &'s Settled,
        ids: &Literal,
    ) -> impl Iterator<Item = TableId> + use<'s> {
        let place = self.ids.iter().position(|one| one == ids);
        let tables = place.and_then(|place| settled.tables.get(place));
        tables.into_iter().flatten().copied().flatten()
    }

    /// How a search finds rows; none where nothing is sought.
    pub fn search(&self, settled: &Settled, literal: &Literal) -> Option<Mode> {
        let place = self.searches.iter().position(|one| one == literal)?;
        settled.searches.get(place).copied().flatten()
    }

    /// About how many bytes it takes.
    pub fn bytes(&self) -> usize {
        size_of_val(&self.variables[..])
            + size_of_val(&self.ids[..])
            + size_of_val(&self.searches[..])
    }
}

impl SettledKey {
    /// About how many bytes it takes.
    pub fn bytes(&self) -> usize {
        let variables = self.variables.iter().flatten().map(String::len);
        let tables = self
            .tables
            .iter()
            .map(|tables| size_of_val(tables) + 16 * tables.len());
        variables.sum::<usize>()
            + size_of_val(&self.variables[..])
            + tables.sum::<usize>()
            + size_of_val(&self.searches[..])
    }
}

struct Finder(Inputs);

impl Finder {
    fn decides(&mut self, literal: &Literal) {
        each_variable(literal, &mut |name| {
            if !self.0.variables.contains(name) {
                self.0.variables.push(name.clone());
            }
        });
    }
}

impl<'a> Visitor<'a> for Finder {
    type Stop = Infallible;

    fn selection(&mut self, selection: &'a Selection) -> Result<bool, Infallible> {
        for directive in selection.directives() {
            for (_, value) in &directive.node.arguments {
                self.decides(&value.node);
            }
        }
        Ok(true)
    }

    fn field(&mut self, field: &'a Positioned<Field>, _parent: Parent<'a>) -> Looked<'a> {
        for argument in [order::ARGUMENT, group::BY, group::FILL] {
            if let Some(literal) = field.node.get_argument(argument) {
                self.decides(&literal.node);
            }
        }
        if let Some(literal) = field.node.get_argument(search::ARGUMENT)
            && !self.0.searches.contains(&literal.node)
        {
            self.0.searches.push(literal.node.clone());
        }
        let name = field.node.name.node.as_str();
        for (root, argument) in [(RootField::Node, NODE_ID), (RootField::Nodes, NODE_IDS)] {
            if name == root.name()
                && let Some(literal) = field.node.get_argument(argument)
                && !self.0.ids.contains(&literal.node)
            {
                self.0.ids.push(literal.node.clone());
            }
        }
        Ok(Next::Inside(None))
    }
}
