//! Compiles list fields: the fields that are selected, and the arguments as the document has them.

use std::sync::Arc;

use super::schema::{connection_name, edge_name};
use super::{
    COUNT, Connection, ConnectionField, ConnectionPart, EdgeField, EdgePart, Highlights, ListOf,
    Order, PAGE_INFO, PageInfoField, Peeks,
};
use crate::engine::aggregate::{self, Gathered};
use crate::engine::catalog::{Aggregate, Catalog, Kind, Table};
use crate::engine::names::Named;
use crate::engine::plan::{
    Arguments, Compiler, Merged, NodeBuilder, NodeIndex, Planned, Reads, VALUES_PER_WEIGHT, unknown,
};
use crate::engine::search::{FoundField, HIGHLIGHT, Leg, Mode, RANKS};
use crate::engine::select::{Expr, Term};
use crate::engine::{filter, group, order, search};
use crate::error::Error;

/// Compiles what is asked of each row of a list.
pub type CompileRow<'f, 'a, R> =
    &'f dyn Fn(&mut Compiler<'a>, &mut NodeBuilder, &Merged<'a>) -> Planned<R>;

/// Compiles a list; `compile_row` compiles what is asked of each of its rows.
pub fn compile<'a, R>(
    compiler: &mut Compiler<'a>,
    of: ListOf,
    merged: &Merged<'a>,
    compile_row: CompileRow<'_, 'a, R>,
) -> Planned<Connection<R>> {
    let table = compiler.catalog.table(of.table);
    let arguments = Arguments::of(merged);
    let index = compiler.reserve_list();
    let settled = &compiler.source.settled.variables;
    let given = arguments.with(settled);
    let search = given.literal(search::ARGUMENT).and_then(|literal| {
        compiler
            .source
            .inputs
            .search(compiler.source.settled, literal)
    });
    let ranked = search.filter(|_| given.get(order::ARGUMENT).is_none());
    let order = match ranked {
        Some(mode) => Ok(search::order(mode, table)),
        None => order::read(compiler.catalog, table, &given, &of.order),
    };
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
    let node = needs_rows.then(|| compiler.reserve_rows(of.table, of.parent, of.keys.clone()));
    let mut list = List {
        table,
        of: &of,
        search,
        order: order.as_ref().map_or(&[][..], |order| &order.forwards),
        compile_row,
        node,
        cursor: None,
        peeks: Peeks::default(),
        aggregates: None,
    };
    let fields = compiler.fields(&type_name, &selection, |compiler, name, merged| {
        list.field(compiler, name, merged)
    })?;
    let (node, cursor, peeks) = (list.node, list.cursor, list.peeks);
    let aggregates = list.aggregates.map(|(index, gathered)| {
        let weight = (gathered.values.len() as u64).div_ceil(VALUES_PER_WEIGHT);
        let reads = Reads::Aggregates(gathered.values.into());
        compiler.fill(
            index,
            (of.table, of.parent, of.keys.clone()),
            reads,
            weight.max(1),
        );
        index
    });
    let node = node.map(|node| {
        let index = node.index;
        compiler.fill_rows(node);
        index
    });
    Ok(Connection {
        of,
        index,
        arguments,
        search,
        ranked: ranked.is_some(),
        order,
        condition,
        node,
        aggregates,
        peeks,
        cursor,
        fields,
    })
}

impl From<Vec<Term>> for Order {
    fn from(forwards: Vec<Term>) -> Self {
        Self {
            backwards: forwards.iter().map(Term::reversed).collect(),
            forwards: forwards.into(),
        }
    }
}

/// Compiles the fields of one list.
struct List<'l, 'a, R> {
    table: &'l Table,
    of: &'l ListOf,
    /// How rows are found, where the list is searched.
    search: Option<Mode>,
    order: &'l [Term],
    compile_row: CompileRow<'l, 'a, R>,
    /// The statement of the rows, where some are asked for.
    node: Option<NodeBuilder>,
    cursor: Option<Arc<[(usize, Kind)]>>,
    peeks: Peeks,
    /// The statement of values about all rows, where some are asked for.
    aggregates: Option<(NodeIndex, Gathered)>,
}

impl<'a, R> List<'_, 'a, R> {
    fn field(
        &mut self,
        compiler: &mut Compiler<'a>,
        name: &str,
        merged: &Merged<'a>,
    ) -> Planned<ConnectionPart<R>> {
        let field =
            ConnectionField::of(name).ok_or_else(|| unknown(&connection_name(self.table), name))?;
        Ok(match field {
            ConnectionField::Nodes => ConnectionPart::Nodes(self.row(compiler, merged)?),
            ConnectionField::Edges => {
                let edge = edge_name(self.table);
                let selection = compiler.source.selection(merged, &edge, &[]);
                ConnectionPart::Edges(compiler.fields(
                    &edge,
                    &selection,
                    |compiler, name, merged| self.edge(compiler, (&edge, name), merged),
                )?)
            }
            ConnectionField::PageInfo => {
                let page = compiler.object(PAGE_INFO, merged, |compiler, field, _| {
                    match field {
                        PageInfoField::HasNextPage => self.peeks.forwards = true,
                        PageInfoField::HasPreviousPage => self.peeks.backwards = true,
                        PageInfoField::StartCursor | PageInfoField::EndCursor => {
                            self.needs_cursor(compiler.catalog)?;
                        }
                    }
                    Ok(field)
                });
                ConnectionPart::PageInfo(page?)
            }
            ConnectionField::TotalCount => {
                let gathered = self.gathered(compiler);
                ConnectionPart::TotalCount(gathered.position(Aggregate::Count))
            }
            ConnectionField::Aggregate => {
                let table = self.table;
                let gathered = self.gathered(compiler);
                ConnectionPart::Aggregate(aggregate::compile(compiler, gathered, table, merged)?)
            }
            ConnectionField::Groups => {
                let grouped = group::compile(compiler, self.of, merged, self.compile_row)?;
                ConnectionPart::Groups(Box::new(grouped))
            }
            ConnectionField::CountUpTo => {
                let arguments = Arguments::of(merged);
                compiler.holds(arguments.bytes());
                ConnectionPart::CountUpTo {
                    arguments,
                    fields: compiler.object(COUNT, merged, |_, field, _| Ok(field))?,
                    node: self.count_up_to(compiler),
                }
            }
        })
    }

    fn edge(
        &mut self,
        compiler: &mut Compiler<'a>,
        (edge, name): (&str, &str),
        merged: &Merged<'a>,
    ) -> Planned<EdgePart<R>> {
        match EdgeField::of(name) {
            Some(EdgeField::Cursor) => {
                self.needs_cursor(compiler.catalog)?;
                return Ok(EdgePart::Cursor);
            }
            Some(EdgeField::Node) => return Ok(EdgePart::Node(self.row(compiler, merged)?)),
            None => {}
        }
        let searchable = self.table.search.as_ref();
        let (Some(field), Some(searchable)) = (FoundField::of(name), searchable) else {
            return Err(unknown(edge, name));
        };
        let (search, table) = (self.search, self.table);
        let node = self.node.as_mut().ok_or_else(without_rows)?;
        Ok(match field {
            FoundField::Score => {
                EdgePart::Score(search.map(|mode| node.position_of(&Expr::Score(mode))))
            }
            FoundField::Ranks => {
                let fields = compiler.object(RANKS, merged, |_, leg: Leg, _| Ok(leg))?;
                let hybrid = search.filter(|mode| *mode == Mode::Hybrid);
                EdgePart::Ranks(hybrid.map(|_| {
                    let fields = fields.into_iter();
                    fields
                        .map(|field| field.map(|leg| node.position_of(&Expr::Rank(leg))))
                        .collect()
                }))
            }
            FoundField::Highlights => {
                let fields = compiler.object(HIGHLIGHT, merged, |_, field, _| Ok(field))?;
                let texts = match search.is_some_and(Mode::has_text) {
                    true => &searchable.texts[..],
                    false => &[],
                };
                let snippets = texts.iter().filter_map(|text| {
                    let column = table.column(text.column);
                    (column.kind == Kind::Text).then(|| {
                        // The whole text is read to mark its words.
                        node.values += VALUES_PER_WEIGHT;
                        let snippet = node.position_of(&Expr::Snippet(text.column));
                        (column.field.clone(), snippet)
                    })
                });
                EdgePart::Highlights(Highlights {
                    snippets: snippets.collect(),
                    fields,
                })
            }
        })
    }

    /// What is asked of each row.
    fn row(&mut self, compiler: &mut Compiler<'a>, merged: &Merged<'a>) -> Planned<R> {
        let node = self.node.as_mut().ok_or_else(without_rows)?;
        (self.compile_row)(compiler, node, merged)
    }

    /// What is computed over the whole list, whatever the page.
    fn gathered(&mut self, compiler: &mut Compiler<'_>) -> &mut Gathered {
        let parent = self.of.parent;
        let (_, gathered) = self
            .aggregates
            .get_or_insert_with(|| (compiler.reserve(parent), Gathered::default()));
        gathered
    }

    fn needs_cursor(&mut self, catalog: &Catalog) -> Planned<()> {
        if self.cursor.is_none() {
            let node = self.node.as_mut().ok_or_else(without_rows)?;
            let columns = self.order.iter().map(|term| {
                let kind = term.by.kind(catalog, self.table);
                (node.position_of(&term.by), kind)
            });
            self.cursor = Some(columns.collect());
        }
        Ok(())
    }

    /// Counts the whole list up to a limit, whatever the page.
    fn count_up_to(&self, compiler: &mut Compiler<'_>) -> NodeIndex {
        let ListOf {
            table,
            parent,
            ref keys,
            ..
        } = *self.of;
        let index = compiler.reserve(parent);
        compiler.fill(index, (table, parent, keys.clone()), Reads::CountUpTo, 1);
        index
    }
}

/// [`ConnectionField::needs_rows`] names every field that comes here.
fn without_rows() -> Error {
    Error::internal("a field of a connection needs rows that were not planned")
}
