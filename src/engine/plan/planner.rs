//! A plan while it is made: the statements of a compiled operation get the values of a request.

use std::collections::BTreeSet;

use super::output::{Output, OutputField};
use super::{ListIndex, Node, NodeIndex, Plan, PlanContext, Planned, Slice, Statement};
use crate::engine::catalog::TableId;
use crate::engine::select::{self, Page, Predicate, Select, scoped};
use crate::guard::Limit;

/// The most that an operation may cost whose statements are short.
const SHORT: u64 = 300;

/// Fills nodes, and charges what they cost, in the order of the selection.
pub struct Planner<'a> {
    pub context: &'a PlanContext<'a>,
    nodes: Vec<Option<Node>>,
    lists: Vec<Slice>,
    /// Statements so far.
    reserved: u64,
    /// The most that what is planned so far can cost.
    cost: u64,
    /// Conditions of all filters so far.
    conditions: u64,
    /// Bytes of the parameters of all statements so far.
    bytes: u64,
    /// Tables whose size is needed and not known.
    unsized_tables: BTreeSet<TableId>,
    /// Whether every statement so far finds its rows by key, or along an index.
    bounded: bool,
    /// Whether the values may change which plan of a statement is the best.
    varies: bool,
}

impl<'a> Planner<'a> {
    pub fn new(context: &'a PlanContext<'a>, lists: usize) -> Self {
        let mut nodes = Vec::new();
        nodes.resize_with(context.statements.len(), || None);
        Self {
            context,
            nodes,
            lists: vec![Slice::default(); lists],
            reserved: 0,
            cost: 0,
            conditions: 0,
            bytes: 0,
            unsized_tables: BTreeSet::new(),
            bounded: true,
            varies: false,
        }
    }

    pub fn finish(self) -> Plan {
        Plan {
            // All statements are reached, or an error has given the plan up.
            nodes: self.nodes.into_iter().flatten().collect(),
            lists: self.lists,
            cost: self.cost,
            bytes: self.bytes,
            unsized_tables: self.unsized_tables,
            short: self.bounded && self.cost <= SHORT,
            generic: !self.varies,
        }
    }

    /// Notes that a statement may look at any number of rows.
    pub fn unbounded(&mut self) {
        self.bounded = false;
    }

    /// Notes that the best plan of a statement depends on its values.
    pub fn varies(&mut self) {
        self.varies = true;
    }

    /// Charges one statement more.
    pub fn reserve(&mut self) -> Planned<()> {
        self.reserved += 1;
        self.context.limits.hold(Limit::Statements, self.reserved)?;
        self.charge(1)
    }

    fn statement(&self, index: NodeIndex) -> &'a Statement {
        &self.context.statements[index]
    }

    fn fill(&mut self, index: NodeIndex, select: Select, looks: u64) -> Planned<()> {
        let statement = self.statement(index);
        self.bytes = self.bytes.saturating_add(select.bytes() as u64);
        self.context.limits.hold(Limit::AnswerBytes, self.bytes)?;
        self.nodes[index] = Some(Node {
            parent: statement.parent,
            depth: statement.depth,
            select,
            weight: statement.weight,
            looks,
        });
        Ok(())
    }

    /// Fills a statement that reads so many rows at most. `looks` is what it costs beside them.
    pub fn fill_rows(
        &mut self,
        index: NodeIndex,
        (most_rows, looks): (u64, u64),
        filter: Vec<Predicate>,
        page: Page,
    ) -> Planned<()> {
        let statement = self.statement(index);
        // The first unit of the weight was charged when the rows were.
        self.charge(most_rows.saturating_mul(statement.weight - 1))?;
        let select = Select {
            from: scoped(statement.table, "t"),
            keys: statement.keys,
            output: select::Output::Columns(statement.columns.clone()),
            filter,
            page,
        };
        self.fill(index, select, looks)
    }

    /// Fills a statement that counts rows, up to a limit if there is one.
    pub fn fill_count(
        &mut self,
        index: NodeIndex,
        looks: u64,
        filter: Vec<Predicate>,
        limit: Option<u64>,
    ) -> Planned<()> {
        let statement = self.statement(index);
        let select = Select {
            from: scoped(statement.table, "t"),
            keys: statement.keys,
            output: limit.map_or(select::Output::Count, select::Output::CountUpTo),
            filter,
            page: Page::default(),
        };
        self.fill(index, select, looks)
    }

    /// Keeps which part of a list is asked for.
    pub fn slice(&mut self, list: ListIndex, slice: Slice) {
        self.lists[list] = slice;
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

    /// Plans the fields of an object. An error carries the path and place of its field.
    pub fn fields<T>(
        &mut self,
        fields: &'a [OutputField<T>],
        mut plan: impl FnMut(&mut Self, &'a T) -> Planned<()>,
    ) -> Planned<()> {
        for field in fields {
            if let Output::Part(part) = &field.output {
                plan(self, part).map_err(|mut error| {
                    error.path.insert(0, field.step());
                    error.at(field.location)
                })?;
            }
        }
        Ok(())
    }
}
