//! Plans the fields of a row: columns, and what is reached from it.

use std::collections::BTreeSet;

use super::collect::{Merged, location};
use super::connection::ListOf;
use super::{Context, Node, NodeIndex, Output, OutputField, Parent, Plan, Planned};
use crate::engine::catalog::{Cardinality, ColumnId, Kind, Relation, Table, TableId};
use crate::engine::select::{self, Expr, Keys, Page, Predicate, Select, scoped};
use crate::error::{Code, Error, Step};
use crate::guard::Limit;

/// The interface that every table's type implements.
pub const NODE_INTERFACE: &str = "Node";

/// A plan while it is made.
pub struct Planner<'a> {
    pub context: &'a Context<'a>,
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

/// The row that fields are planned over: its columns are gathered as fields ask for them.
pub struct Row {
    pub table: TableId,
    pub node: NodeIndex,
    columns: Vec<ColumnId>,
    /// Number of columns in front that carry the key.
    offset: usize,
    /// Most rows of this kind that the answer can hold.
    pub most: u64,
    /// Values that each row gives to the answer; a column counts under each of its aliases.
    values: u64,
    /// What the statement costs beside its rows.
    pub looks: u64,
}

/// Values that a row of weight 1 may give to the answer.
const VALUES_OF_A_ROW: u64 = 20;

impl Row {
    pub fn new(table: TableId, node: NodeIndex, keys: Keys, most: u64) -> Self {
        let offset = usize::from(keys != Keys::None);
        Self {
            table,
            node,
            columns: Vec::new(),
            offset,
            most,
            values: 0,
            looks: 0,
        }
    }

    /// What one row costs: wide rows count for several.
    fn weight(&self) -> u64 {
        self.values.div_ceil(VALUES_OF_A_ROW).max(1)
    }

    /// The position of a column among the row's values.
    pub fn index(&mut self, column: ColumnId) -> usize {
        let known = self.columns.iter().position(|&one| one == column);
        self.offset
            + known.unwrap_or_else(|| {
                self.columns.push(column);
                self.columns.len() - 1
            })
    }
}

impl<'a> Planner<'a> {
    pub fn new(context: &'a Context<'a>) -> Self {
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

    pub fn finish(self, fields: Vec<OutputField>) -> Plan {
        // Every reserved node was filled: the only ways out of the functions that reserve one are
        // to fill it and an error that gives the plan up.
        Plan {
            nodes: self.nodes.into_iter().flatten().collect(),
            fields,
            cost: self.cost,
            bytes: self.bytes,
            unsized_tables: self.unsized_tables,
        }
    }

    /// Keeps a place for a node, so that parents stand before their children.
    pub fn reserve(&mut self, parent: Option<NodeIndex>) -> Planned<NodeIndex> {
        let statements = self.nodes.len() as u64 + 1;
        self.context.limits.hold(Limit::Statements, statements)?;
        self.charge(1)?;
        self.depths
            .push(parent.map_or(0, |parent| self.depths[parent] + 1));
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

    /// Plans one response key, so that an error carries its path and place.
    pub fn field<T>(
        &mut self,
        key: &str,
        merged: &Merged<'a>,
        plan: impl FnOnce(&mut Self, &Merged<'a>) -> Planned<T>,
    ) -> Planned<T> {
        self.path.push(Step::Field(key.to_owned()));
        let planned =
            plan(self, merged).map_err(|error| error.at(location(merged[0])).on_path(&self.path));
        self.path.pop();
        planned
    }

    /// Plans the fields that a selection asks of a row.
    pub fn row_fields(&mut self, row: &mut Row, merged: &Merged<'a>) -> Planned<Vec<OutputField>> {
        let context = self.context;
        let table = context.catalog.table(row.table);
        let selection = context
            .document
            .selection(merged, &table.type_name, &[NODE_INTERFACE])?;
        selection
            .iter()
            .map(|(key, merged)| {
                let output = self.field(key, merged, |planner, merged| {
                    planner.row_field(row, table, merged)
                })?;
                Ok(OutputField {
                    key: json_key(key),
                    output,
                })
            })
            .collect()
    }

    fn row_field(
        &mut self,
        row: &mut Row,
        table: &'a Table,
        merged: &Merged<'a>,
    ) -> Planned<Output> {
        let name = merged[0].node.name.node.as_str();
        if name == "__typename" {
            return Ok(Output::Literal(json_text(&table.type_name)));
        }
        if name == "nodeId" {
            row.values += 1;
            let columns = table
                .key
                .iter()
                .map(|&key| (row.index(key), table.column(key).kind));
            return Ok(Output::NodeId {
                table: table.name.clone(),
                columns: columns.collect(),
            });
        }
        if let Some(column) = table.column_by_field(name) {
            row.values += match table.column(column).kind {
                // A vector has hundreds of numbers.
                Kind::Vector => VALUES_OF_A_ROW * 4,
                _ => 1,
            };
            return Ok(Output::Column {
                index: row.index(column),
                kind: table.column(column).kind,
            });
        }
        let relation = table
            .relation(name)
            .ok_or_else(|| unknown(&table.type_name, name))?;
        let parent = Parent {
            node: row.node,
            column: row.index(relation.from_column),
        };
        match relation.cardinality {
            Cardinality::One => self.one(relation, parent, row.most, merged),
            Cardinality::Many => {
                let of = ListOf {
                    table: relation.to,
                    key: Some((parent, relation.to_column)),
                    most_parents: row.most,
                    above: Some(row.table),
                };
                self.connection(of, merged)
            }
        }
    }

    fn one(
        &mut self,
        relation: &Relation,
        parent: Parent,
        most: u64,
        merged: &Merged<'a>,
    ) -> Planned<Output> {
        let node = self.reserve(Some(parent.node))?;
        self.charge(most)?;
        let keys = Keys::Among(relation.to_column);
        let mut row = Row::new(relation.to, node, keys, most);
        let fields = self.row_fields(&mut row, merged)?;
        self.fill_rows(&row, Some(parent), keys, Vec::new(), Page::default())?;
        Ok(Output::One {
            node,
            fields,
            non_null: !relation.nullable,
            locations: merged.iter().map(|field| location(field)).collect(),
        })
    }

    /// Fills the node of a row with the statement that reads the gathered columns.
    pub fn fill_rows(
        &mut self,
        row: &Row,
        parent: Option<Parent>,
        keys: Keys,
        filter: Vec<Predicate>,
        page: Page,
    ) -> Planned<()> {
        let weight = row.weight();
        // The first unit of the weight was charged when the rows were.
        self.charge(row.most.saturating_mul(weight - 1))?;
        let columns = row.columns.iter().copied().map(Expr::Column);
        let select = Select {
            from: scoped(row.table, "t"),
            keys,
            output: select::Output::Columns(columns.collect()),
            filter,
            page,
        };
        self.fill(row.node, parent, select, (weight, row.looks))
    }
}

/// Validation lets no unknown field through; should it, this says so instead of guessing.
pub fn unknown(type_name: &str, field: &str) -> Error {
    Error::new(
        Code::GraphqlValidationFailed,
        format!("`{type_name}` has no field `{field}`."),
    )
}

/// A text as JSON.
pub fn json_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A response key as the writer takes it. GraphQL names need no escapes.
pub fn json_key(key: &str) -> String {
    format!("\"{key}\":")
}
