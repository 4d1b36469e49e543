//! The part of a request's input that decides which statements an operation has: variables that
//! leave fields out or in, variables of orders, and the tables that global ids are of. All other
//! input only gives values to the statements.

use std::convert::Infallible;

use async_graphql::parser::types::{ExecutableDocument, Field, OperationDefinition, Selection};
use async_graphql::{Name, Positioned};
use async_graphql_value::Value as Literal;

use super::literal::{Variables, each_variable, resolve};
use crate::engine::catalog::{Catalog, NODE_ID, RootField, TableId};
use crate::engine::order;
use crate::engine::row::node_id;
use crate::engine::scalar;
use crate::guard::visit::{Looked, Next, Parent, Visitor, Walk};

/// What of the input of an operation decides.
#[derive(Debug, Default)]
pub struct Inputs {
    variables: Vec<Name>,
    /// The literals of global ids.
    ids: Vec<Literal>,
}

/// What it is in one request. Once the operation is valid, the variables are booleans and names of
/// the schema; of ids there are the tables alone. So nothing of the caller's data is here.
#[derive(Clone, Debug, Default)]
pub struct Settled {
    pub variables: Variables,
    /// The table of each id; none where it is no id.
    tables: Vec<Option<TableId>>,
}

/// The same as a key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SettledKey {
    variables: Vec<Option<String>>,
    tables: Vec<Option<TableId>>,
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
        let table = |literal| {
            let text = scalar::text(&*resolve(literal, variables)?, NODE_ID).ok()?;
            Some(node_id::read(catalog, &text)?.0)
        };
        let known = |name: &Name| Some((name.clone(), variables.get(name)?.clone()));
        Settled {
            variables: self.variables.iter().filter_map(known).collect(),
            tables: self.ids.iter().map(table).collect(),
        }
    }

    /// The key of what it is in one request.
    pub fn key(&self, settled: &Settled) -> SettledKey {
        let value = |name| settled.variables.get(name).map(ToString::to_string);
        SettledKey {
            variables: self.variables.iter().map(value).collect(),
            tables: settled.tables.clone(),
        }
    }

    /// The table of an id.
    pub fn table(&self, settled: &Settled, id: &Literal) -> Option<TableId> {
        let place = self.ids.iter().position(|one| one == id)?;
        settled.tables[place]
    }

    /// About how many bytes it takes.
    pub fn bytes(&self) -> usize {
        size_of_val(&self.variables[..]) + size_of_val(&self.ids[..])
    }
}

impl SettledKey {
    /// About how many bytes it takes.
    pub fn bytes(&self) -> usize {
        let variables = self.variables.iter().flatten().map(String::len);
        variables.sum::<usize>() + size_of_val(&self.variables[..]) + size_of_val(&self.tables[..])
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
        if let Some(literal) = field.node.get_argument(order::ARGUMENT) {
            self.decides(&literal.node);
        }
        if field.node.name.node == RootField::Node.name()
            && let Some(literal) = field.node.get_argument(NODE_ID)
            && !self.0.ids.contains(&literal.node)
        {
            self.0.ids.push(literal.node.clone());
        }
        Ok(Next::Inside(None))
    }
}
