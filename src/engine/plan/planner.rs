//! A plan while it is made.

use std::collections::BTreeSet;

use super::collect::{Collected, Merged, location};
use super::output::{Output, OutputField, json_key, json_text};
use super::{Node, NodeBuilder, NodeIndex, Parent, Plan, PlanContext, Planned};
use crate::engine::catalog::TableId;
use crate::engine::names::{Named, TYPE_NAME};
use crate::engine::select::{Keys, Page, Predicate, Select};
use crate::error::{Code, Error, Step};
use crate::guard::Limit;

/// Reserves and fills nodes, and charges what they cost.
pub struct Planner<'a> {
    pub context: &'a PlanContext<'a>,
    /// Children are planned before the statement of their parent is known.
    nodes: Vec<Option<Node>>,
    depths: Vec<usize>,
    /// Response keys down to the field that is planned now.
    path: Vec<Step>,
    /// The most that what is planned so far can cost.
    cost: u64,
    /// Conditions of all filters so far.
    conditions: u64,
    /// Bytes of the parameters of all statements so far.
    bytes: u64,
    /// Tables whose size is needed and not known.
    unsized_tables: BTreeSet<TableId>,
}

impl<'a> Planner<'a> {
    pub fn new(context: &'a PlanContext<'a>) -> Self {
        Self {
            context,
            nodes: Vec::new(),
            depths: Vec::new(),
            path: Vec::new(),
            cost: 0,
            conditions: 0,
            bytes: 0,
            unsized_tables: BTreeSet::new(),
        }
    }

    pub fn finish(self) -> Plan {
        // Every reserved node was filled: the only ways out of the functions that reserve one are
        // to fill it and an error that gives the plan up.
        Plan {
            nodes: self.nodes.into_iter().flatten().collect(),
            cost: self.cost,
            bytes: self.bytes,
            unsized_tables: self.unsized_tables,
        }
    }

    /// Keeps a place for a node, so that parents stand before their children.
    pub fn reserve(&mut self, parent: Option<Parent>) -> Planned<NodeIndex> {
        let statements = self.nodes.len() as u64 + 1;
        self.context.limits.hold(Limit::Statements, statements)?;
        self.charge(1)?;
        self.depths
            .push(parent.map_or(0, |parent| self.depths[parent.node] + 1));
        self.nodes.push(None);
        Ok(self.nodes.len() - 1)
    }

    pub fn fill(
        &mut self,
        index: NodeIndex,
        parent: Option<Parent>,
        select: Select,
        (weight, looks): (u64, u64),
    ) -> Planned<()> {
        self.bytes = self.bytes.saturating_add(select.bytes() as u64);
        self.context.limits.hold(Limit::AnswerBytes, self.bytes)?;
        self.nodes[index] = Some(Node {
            parent,
            depth: self.depths[index],
            select,
            weight,
            looks,
        });
        Ok(())
    }

    /// Reserves a node that reads this many rows of a table at most.
    pub fn reserve_rows(
        &mut self,
        table: TableId,
        parent: Option<Parent>,
        keys: Keys,
        most_rows: u64,
    ) -> Planned<NodeBuilder> {
        Ok(NodeBuilder {
            table,
            index: self.reserve(parent)?,
            parent,
            keys,
            columns: Vec::new(),
            most_rows,
            values: 0,
            looks: 0,
        })
    }

    /// Fills a node with the statement that was built for it.
    pub fn fill_rows(
        &mut self,
        node: &NodeBuilder,
        filter: Vec<Predicate>,
        page: Page,
    ) -> Planned<()> {
        let weight = node.weight();
        // The first unit of the weight was charged when the rows were.
        self.charge(node.most_rows.saturating_mul(weight - 1))?;
        let select = node.select(filter, page);
        self.fill(node.index, node.parent, select, (weight, node.looks))
    }

    /// Counts the conditions of a filter against the limit of an operation.
    pub fn count_conditions(&mut self, condition: Option<&Predicate>) -> Planned<()> {
        let more = condition.map_or(0, Predicate::count);
        self.conditions = self.conditions.saturating_add(more);
        self.context.limits.hold(Limit::Conditions, self.conditions)
    }

    /// About how many rows a table has. Where that is not known the plan is not finished: it says
    /// so, and is made once more.
    pub fn rows(&mut self, table: TableId) -> u64 {
        self.context.sizes.rows(table).unwrap_or_else(|| {
            self.unsized_tables.insert(table);
            0
        })
    }

    /// Counts rows that may be read against the limit of an operation.
    pub fn charge(&mut self, rows: u64) -> Planned<()> {
        self.cost = self.cost.saturating_add(rows);
        self.context.limits.hold(Limit::Cost, self.cost)
    }

    /// Plans the fields of a selection. An error carries the path and place of its field.
    pub fn fields<T>(
        &mut self,
        type_name: &str,
        selection: &Collected<'a>,
        mut plan: impl FnMut(&mut Self, &'a str, &Merged<'a>) -> Planned<T>,
    ) -> Planned<Vec<OutputField<T>>> {
        let mut fields = Vec::with_capacity(selection.len());
        for (key, merged) in selection {
            let name = merged[0].node.name.node.as_str();
            let output = if name == TYPE_NAME {
                Output::TypeName(json_text(type_name))
            } else {
                self.path.push(Step::Field((*key).to_owned()));
                let planned = plan(self, name, merged)
                    .map_err(|error| error.at(location(merged[0])).on_path(&self.path));
                self.path.pop();
                Output::Part(planned?)
            };
            fields.push(OutputField {
                key: json_key(key),
                output,
            });
        }
        Ok(fields)
    }

    /// Plans the fields of an object type whose fields are these names.
    pub fn object<F: Named, T>(
        &mut self,
        type_name: &str,
        merged: &Merged<'a>,
        mut plan: impl FnMut(&mut Self, F, &Merged<'a>) -> Planned<T>,
    ) -> Planned<Vec<OutputField<T>>> {
        let selection = self.context.document.selection(merged, type_name, &[]);
        self.fields(type_name, &selection, |planner, name, merged| {
            let field = F::of(name).ok_or_else(|| unknown(type_name, name))?;
            plan(planner, field, merged)
        })
    }
}

/// Validation lets no unknown field through; should it, this says so instead of guessing.
pub fn unknown(type_name: &str, field: &str) -> Error {
    Error::new(
        Code::GraphqlValidationFailed,
        format!("`{type_name}` has no field `{field}`."),
    )
}
