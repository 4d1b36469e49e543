//! Compiles list fields: the fields that are selected, and the arguments as the document has them.

use std::sync::Arc;

use super::schema::{connection_name, edge_name};
use super::{
    COUNT, Connection, ConnectionField, ConnectionPart, EdgeField, EdgePart, ListOf, Order,
    PAGE_INFO, PageInfoField, Peeks,
};
use crate::engine::catalog::{Kind, Table};
use crate::engine::names::Named;
use crate::engine::plan::{Arguments, Compiler, Merged, NodeBuilder, NodeIndex, Planned, unknown};
use crate::engine::select::{Keys, Term};
use crate::engine::{filter, order};
use crate::error::Error;

/// Compiles a list; `compile_row` compiles what is asked of each of its rows.
pub fn compile<'a, R>(
    compiler: &mut Compiler<'a>,
    of: ListOf,
    merged: &Merged<'a>,
    compile_row: impl Fn(&mut Compiler<'a>, &mut NodeBuilder, &Merged<'a>) -> Planned<R>,
) -> Planned<Connection<R>> {
    let table = compiler.catalog.table(of.table);
    let arguments = Arguments::of(merged);
    let index = compiler.reserve_list();
    let settled = &compiler.source.settled.variables;
    let order = order::read(table, &arguments.with(settled));
    let order = compiler.noted(order.map(Order::from));
    let condition = if arguments.is_constant(filter::ARGUMENT) {
        let read = filter::read(compiler.catalog, table, &arguments.with(settled));
        Some(compiler.noted(read))
    } else {
        None
    };
    // A filter of literals is held as those and as a condition.
    compiler.holds(size_of::<Connection<R>>() + 3 * arguments.bytes());
    let type_name = connection_name(table);
    let selection = compiler.source.selection(merged, &type_name, &[]);
    let needs_rows = selection.values().any(|merged| {
        ConnectionField::of(&merged[0].node.name.node).is_some_and(ConnectionField::needs_rows)
    });
    let keys = of
        .key
        .map_or(Keys::None, |(_, column)| Keys::PageOf(column));
    let node = needs_rows.then(|| compiler.reserve_rows(of.table, of.parent(), keys));
    let mut list = List {
        table,
        of: &of,
        keys,
        order: order.as_ref().map_or(&[][..], |order| &order.forwards),
        compile_row,
        node,
        cursor: None,
        peeks: Peeks::default(),
    };
    let fields = compiler.fields(&type_name, &selection, |compiler, name, merged| {
        list.field(compiler, name, merged)
    })?;
    let (node, cursor, peeks) = (list.node, list.cursor, list.peeks);
    let node = node.map(|node| {
        let index = node.index;
        compiler.fill_rows(node);
        index
    });
    Ok(Connection {
        of,
        index,
        arguments,
        order,
        condition,
        node,
        peeks,
        cursor,
        fields,
    })
}

impl From<Vec<Term>> for Order {
    fn from(forwards: Vec<Term>) -> Self {
        Self {
            backwards: forwards.iter().map(|term| term.reversed()).collect(),
            forwards: forwards.into(),
        }
    }
}

/// Compiles the fields of one list.
struct List<'l, F> {
    table: &'l Table,
    of: &'l ListOf,
    keys: Keys,
    order: &'l [Term],
    compile_row: F,
    /// The statement of the rows, where some are asked for.
    node: Option<NodeBuilder>,
    cursor: Option<Arc<[(usize, Kind)]>>,
    peeks: Peeks,
}

impl<F> List<'_, F> {
    fn field<'a, R>(
        &mut self,
        compiler: &mut Compiler<'a>,
        name: &str,
        merged: &Merged<'a>,
    ) -> Planned<ConnectionPart<R>>
    where
        F: Fn(&mut Compiler<'a>, &mut NodeBuilder, &Merged<'a>) -> Planned<R>,
    {
        let field =
            ConnectionField::of(name).ok_or_else(|| unknown(&connection_name(self.table), name))?;
        Ok(match field {
            ConnectionField::Nodes => ConnectionPart::Nodes(self.row(compiler, merged)?),
            ConnectionField::Edges => {
                let edge = edge_name(self.table);
                ConnectionPart::Edges(compiler.object(
                    &edge,
                    merged,
                    |compiler, field, merged| {
                        Ok(match field {
                            EdgeField::Cursor => {
                                self.needs_cursor()?;
                                EdgePart::Cursor
                            }
                            EdgeField::Node => EdgePart::Node(self.row(compiler, merged)?),
                        })
                    },
                )?)
            }
            ConnectionField::PageInfo => {
                let page = compiler.object(PAGE_INFO, merged, |_, field, _| {
                    match field {
                        PageInfoField::HasNextPage => self.peeks.forwards = true,
                        PageInfoField::HasPreviousPage => self.peeks.backwards = true,
                        PageInfoField::StartCursor | PageInfoField::EndCursor => {
                            self.needs_cursor()?;
                        }
                    }
                    Ok(field)
                });
                ConnectionPart::PageInfo(page?)
            }
            ConnectionField::TotalCount => ConnectionPart::TotalCount(self.count(compiler)),
            ConnectionField::CountUpTo => {
                let arguments = Arguments::of(merged);
                compiler.holds(arguments.bytes());
                ConnectionPart::CountUpTo {
                    arguments,
                    fields: compiler.object(COUNT, merged, |_, field, _| Ok(field))?,
                    node: self.count(compiler),
                }
            }
        })
    }

    /// What is asked of each row.
    fn row<'a, R>(&mut self, compiler: &mut Compiler<'a>, merged: &Merged<'a>) -> Planned<R>
    where
        F: Fn(&mut Compiler<'a>, &mut NodeBuilder, &Merged<'a>) -> Planned<R>,
    {
        let node = self.node.as_mut().ok_or_else(without_rows)?;
        (self.compile_row)(compiler, node, merged)
    }

    fn needs_cursor(&mut self) -> Planned<()> {
        if self.cursor.is_none() {
            let node = self.node.as_mut().ok_or_else(without_rows)?;
            let columns = self.order.iter().map(|term| {
                let kind = self.table.column(term.column).kind;
                (node.position(term.column), kind)
            });
            self.cursor = Some(columns.collect());
        }
        Ok(())
    }

    /// Counts the whole list, whatever the page.
    fn count(&self, compiler: &mut Compiler<'_>) -> NodeIndex {
        compiler.count(self.of.table, self.of.parent(), self.keys)
    }
}

/// [`ConnectionField::needs_rows`] names every field that comes here.
fn without_rows() -> Error {
    Error::internal("a field of a connection needs rows that were not planned")
}
