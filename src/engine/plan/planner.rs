//! A plan while it is made: the statements of a compiled operation get the values of a request.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::allowed;
use super::output::{self, OutputField};
use super::{ListIndex, Node, NodeIndex, Plan, PlanContext, Planned, Reads, Slice, Statement};
use crate::engine::catalog::TableId;
use crate::engine::select::{Output, Page, Predicate, Select, Walk, scoped};
use crate::error::Error;
use crate::guard::Limit;
use crate::sql::Value;

/// The most that an operation may cost whose statements are short.
const SHORT: u64 = 300;

/// Fills nodes, and charges what they cost, in the order of the selection.
pub struct Planner<'a> {
    pub context: &'a PlanContext<'a>,
    nodes: Vec<Option<Node>>,
    lists: Vec<Slice>,
    /// The paths into JSON documents of statements that are not filled yet, in the order of their
    /// columns.
    paths: Vec<(NodeIndex, Value)>,
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
    /// Whether a statement so far finds embeddings by an approximate index.
    approximate: bool,
}

impl<'a> Planner<'a> {
    pub fn new(context: &'a PlanContext<'a>, lists: usize) -> Self {
        let mut nodes = Vec::new();
        nodes.resize_with(context.statements.len(), || None);
        Self {
            context,
            nodes,
            paths: Vec::new(),
            lists: vec![Slice::default(); lists],
            reserved: 0,
            cost: 0,
            conditions: 0,
            bytes: 0,
            unsized_tables: BTreeSet::new(),
            bounded: true,
            varies: false,
            approximate: false,
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
            approximate: self.approximate,
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

    /// Notes that a statement finds embeddings by an approximate index.
    pub fn approximates(&mut self) {
        self.approximate = true;
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
        allowed::check(self.context.catalog, self.context.session.role, &select)?;
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
        let output = match &statement.reads {
            Reads::Rows(columns) => Output::Columns(Arc::clone(columns)),
            Reads::Aggregates(aggregates) => Output::Aggregates(Arc::clone(aggregates)),
            Reads::CountUpTo | Reads::Groups { .. } | Reads::Walk => {
                return Err(Error::internal("a statement that reads no rows"));
            }
        };
        self.fill_with(index, looks, output, (filter, page))
    }

    /// Fills a statement that counts rows up to a limit.
    pub fn fill_count(
        &mut self,
        index: NodeIndex,
        looks: u64,
        filter: Vec<Predicate>,
        limit: u64,
    ) -> Planned<()> {
        self.fill_with(
            index,
            looks,
            Output::CountUpTo(limit),
            (filter, Page::default()),
        )
    }

    /// Fills a statement that reads so many groups at most, or counts them.
    pub fn fill_groups(
        &mut self,
        index: NodeIndex,
        (most_groups, looks): (u64, u64),
        (filter, having, page): (Vec<Predicate>, Vec<Predicate>, Page),
    ) -> Planned<()> {
        let statement = self.statement(index);
        self.charge(most_groups.saturating_mul(statement.weight - 1))?;
        let Reads::Groups { groups, counted } = &statement.reads else {
            return Err(Error::internal("a statement that reads no groups"));
        };
        let output = Output::Groups {
            groups: Arc::clone(groups),
            having,
            counted: *counted,
        };
        self.fill_with(index, looks, output, (filter, page))
    }

    /// Fills a statement that walks over a graph.
    pub fn fill_walk(&mut self, index: NodeIndex, looks: u64, walk: Walk) -> Planned<()> {
        let output = Output::Walk(Box::new(walk));
        self.fill_with(index, looks, output, (Vec::new(), Page::default()))
    }

    fn fill_with(
        &mut self,
        index: NodeIndex,
        looks: u64,
        output: Output,
        (filter, page): (Vec<Predicate>, Page),
    ) -> Planned<()> {
        let statement = self.statement(index);
        let paths = self.paths.extract_if(.., |(of, _)| *of == index);
        let select = Select {
            from: scoped(statement.table),
            keys: statement.keys.clone(),
            output,
            paths: paths.map(|(_, path)| path).collect(),
            filter,
            page,
        };
        self.fill(index, select, looks)
    }

    /// Adds the path of the next part of a JSON document that a statement reads.
    pub fn path(&mut self, index: NodeIndex, path: Vec<String>) {
        self.paths.push((index, Value::Texts(path)));
    }

    /// Keeps the ids of the rows of a list, in their order.
    pub fn ids(&mut self, list: ListIndex, ids: Vec<(usize, Vec<u8>)>) {
        self.lists[list].ids = ids;
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
            if let output::Output::Part(part) = &field.output {
                plan(self, part).map_err(|mut error| {
                    error.path.insert(0, field.step());
                    error.at(field.location)
                })?;
            }
        }
        Ok(())
    }
}
