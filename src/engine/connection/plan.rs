//! Plans list fields: page, order and filter from the arguments, and the fields that are selected.

use async_graphql_value::ConstValue;

use super::cursor::{self, CursorShape, Position};
use super::scan::{Read, look};
use super::schema::{connection_name, edge_name};
use super::{
    COUNT, Connection, ConnectionField, ConnectionPart, CountArgument, EdgeField, EdgePart,
    ListArgument, ListOf, PAGE_INFO, PageInfoField,
};
use crate::engine::catalog::Table;
use crate::engine::names::Named;
use crate::engine::plan::{Arguments, Merged, NodeBuilder, NodeIndex, Planned, Planner, unknown};
use crate::engine::select::{self, Keys, Page, Predicate, Select, Term, scoped};
use crate::engine::{filter, order};
use crate::error::Error;

/// Plans a list; `plan_row` plans what is asked of each of its rows.
pub fn plan<'a, R>(
    planner: &mut Planner<'a>,
    of: &ListOf,
    merged: &Merged<'a>,
    plan_row: impl Fn(&mut Planner<'a>, &mut NodeBuilder, &Merged<'a>) -> Planned<R>,
) -> Planned<Connection<R>> {
    let context = planner.context;
    let table = context.catalog.table(of.table);
    let arguments = Arguments::new(context.document, merged);
    let request = Request::read(planner, table, &arguments)?;
    let type_name = connection_name(table);
    let selection = context.document.selection(merged, &type_name, &[]);

    let needs_rows = selection.values().any(|merged| {
        ConnectionField::of(&merged[0].node.name.node).is_some_and(ConnectionField::needs_rows)
    });
    let keys = of
        .key
        .map_or(Keys::None, |(_, column)| Keys::PageOf(column));
    let most = of.most_parents.saturating_mul(request.limit);
    let node = if needs_rows {
        planner.charge(most)?;
        Some(planner.reserve_rows(of.table, of.parent(), keys, most)?)
    } else {
        None
    };

    let mut list = List {
        table,
        of,
        keys,
        request: &request,
        plan_row,
        node,
        cursor: None,
        peeks: false,
    };
    let fields = planner.fields(&type_name, &selection, |planner, name, merged| {
        list.field(planner, name, merged)
    })?;
    let (node, cursor, peeks) = (list.node, list.cursor, list.peeks);

    let node = match node {
        Some(mut node) => {
            if peeks {
                planner.charge(of.most_parents)?;
            }
            let read = Read::Page {
                order: &request.order,
                offset: request.offset.unwrap_or(0),
                positioned: request.after.is_some() || request.before.is_some(),
            };
            node.looks = look(planner, of, request.condition.as_ref(), &read)?;
            let (filter, page) = request.page(request.limit + u64::from(peeks));
            planner.fill_rows(&node, filter, page)?;
            Some(node.index)
        }
        None => None,
    };
    Ok(Connection {
        node,
        limit: usize::try_from(request.limit).unwrap_or(usize::MAX),
        reversed: request.backwards,
        starts_later: request.starts_later,
        ends_earlier: request.before.is_some(),
        cursor: cursor.unwrap_or_default(),
        fields,
    })
}

/// The arguments of a list, read and checked.
struct Request {
    condition: Option<Predicate>,
    order: Vec<Term>,
    after: Option<Position>,
    before: Option<Position>,
    offset: Option<u64>,
    limit: u64,
    backwards: bool,
    starts_later: bool,
}

impl Request {
    fn read(planner: &mut Planner<'_>, table: &Table, arguments: &Arguments<'_>) -> Planned<Self> {
        let context = planner.context;
        let limits = context.limits;
        let count = |argument: ListArgument, max| arguments.count(argument.name(), max);
        let first = count(ListArgument::First, limits.max_page)?;
        let last = count(ListArgument::Last, limits.max_page)?;
        let offset = count(ListArgument::Offset, u64::from(i32::MAX.unsigned_abs()))?;
        if first.is_some() && last.is_some() {
            return Err(Error::input(
                ListArgument::Last.name(),
                "`first` and `last` cannot be given together.",
            ));
        }
        if offset.is_some() && last.is_some() {
            return Err(Error::input(
                ListArgument::Offset.name(),
                "`offset` counts from the front; it cannot be given with `last`.",
            ));
        }
        let order = order::read(table, arguments)?;
        let position = |argument: ListArgument| {
            let name = argument.name();
            let text = arguments.text(name)?;
            text.map(|text| cursor::parse(context, table, &order, name, &text))
                .transpose()
        };
        let after = position(ListArgument::After)?;
        let before = position(ListArgument::Before)?;
        let condition = filter::read(context.catalog, table, arguments)?;
        planner.count_conditions(condition.as_ref())?;
        Ok(Self {
            condition,
            limit: last
                .or(first)
                .map_or(limits.default_page.min(limits.max_page), u64::from),
            backwards: last.is_some(),
            starts_later: after.is_some() || offset.is_some_and(|offset| offset > 0),
            order,
            after,
            before,
            offset: offset.map(u64::from),
        })
    }

    /// What the statement of the page reads. `after` and `before` are positions in the order as
    /// the caller reads it; from the back the rows are read in reverse.
    fn page(&self, limit: u64) -> (Vec<Predicate>, Page) {
        let reversed: Vec<Term> = self.order.iter().map(|term| term.reversed()).collect();
        let after = |order: &Vec<Term>, position: &Position| Predicate::After {
            order: order.clone(),
            position: position.clone(),
        };
        let bounds = [(&self.order, &self.after), (&reversed, &self.before)];
        let bounds = bounds
            .into_iter()
            .filter_map(|(order, position)| Some(after(order, position.as_ref()?)));
        let filter = self.condition.iter().cloned().chain(bounds).collect();
        let page = Page {
            order: if self.backwards {
                reversed
            } else {
                self.order.clone()
            },
            limit: Some(limit),
            offset: self.offset,
        };
        (filter, page)
    }
}

/// Plans the fields of one list.
struct List<'l, F> {
    table: &'l Table,
    of: &'l ListOf,
    keys: Keys,
    request: &'l Request,
    plan_row: F,
    /// The statement of the rows, where some are asked for.
    node: Option<NodeBuilder>,
    cursor: Option<CursorShape>,
    /// Whether one row more is fetched to know whether there are more.
    peeks: bool,
}

impl<F> List<'_, F> {
    fn field<'a, R>(
        &mut self,
        planner: &mut Planner<'a>,
        name: &str,
        merged: &Merged<'a>,
    ) -> Planned<ConnectionPart<R>>
    where
        F: Fn(&mut Planner<'a>, &mut NodeBuilder, &Merged<'a>) -> Planned<R>,
    {
        let field =
            ConnectionField::of(name).ok_or_else(|| unknown(&connection_name(self.table), name))?;
        Ok(match field {
            ConnectionField::Nodes => ConnectionPart::Nodes(self.row(planner, merged)?),
            ConnectionField::Edges => {
                let edge = edge_name(self.table);
                ConnectionPart::Edges(planner.object(&edge, merged, |planner, field, merged| {
                    Ok(match field {
                        EdgeField::Cursor => {
                            self.needs_cursor(planner)?;
                            EdgePart::Cursor
                        }
                        EdgeField::Node => EdgePart::Node(self.row(planner, merged)?),
                    })
                })?)
            }
            ConnectionField::PageInfo => {
                let page = planner.object(PAGE_INFO, merged, |planner, field, _| {
                    match field {
                        PageInfoField::HasNextPage => self.peeks |= !self.request.backwards,
                        PageInfoField::HasPreviousPage => self.peeks |= self.request.backwards,
                        PageInfoField::StartCursor | PageInfoField::EndCursor => {
                            self.needs_cursor(planner)?;
                        }
                    }
                    Ok(field)
                });
                ConnectionPart::PageInfo(page?)
            }
            ConnectionField::TotalCount => ConnectionPart::TotalCount(self.count(planner, None)?),
            ConnectionField::CountUpTo => {
                let limit = count_limit(&Arguments::new(planner.context.document, merged))?;
                ConnectionPart::CountUpTo {
                    fields: planner.object(COUNT, merged, |_, field, _| Ok(field))?,
                    node: self.count(planner, Some(limit.unsigned_abs()))?,
                    limit,
                }
            }
        })
    }

    /// What is asked of each row.
    fn row<'a, R>(&mut self, planner: &mut Planner<'a>, merged: &Merged<'a>) -> Planned<R>
    where
        F: Fn(&mut Planner<'a>, &mut NodeBuilder, &Merged<'a>) -> Planned<R>,
    {
        let node = self.node.as_mut().ok_or_else(without_rows)?;
        (self.plan_row)(planner, node, merged)
    }

    fn needs_cursor(&mut self, planner: &Planner<'_>) -> Planned<()> {
        if self.cursor.is_none() {
            let node = self.node.as_mut().ok_or_else(without_rows)?;
            let order: &[Term] = &self.request.order;
            let columns = order.iter().map(|term| {
                let kind = self.table.column(term.column).kind;
                (node.position(term.column), kind)
            });
            self.cursor = Some(CursorShape {
                columns: columns.collect(),
                signature: cursor::signature(planner.context, self.table, order),
            });
        }
        Ok(())
    }

    /// Counts the whole list, whatever the page.
    fn count(&self, planner: &mut Planner<'_>, limit: Option<u64>) -> Planned<NodeIndex> {
        let parent = self.of.parent();
        let select = Select {
            from: scoped(self.of.table, "t"),
            keys: self.keys,
            output: limit.map_or(select::Output::Count, select::Output::CountUpTo),
            filter: self.request.condition.iter().cloned().collect(),
            page: Page::default(),
        };
        let node = planner.reserve(parent)?;
        planner.charge(self.of.most_parents)?;
        let condition = self.request.condition.as_ref();
        let looks = look(planner, self.of, condition, &Read::Count(limit))?;
        planner.fill(node, parent, select, (1, looks))?;
        Ok(node)
    }
}

fn count_limit(arguments: &Arguments<'_>) -> Planned<i64> {
    let name = CountArgument::Limit.name();
    match arguments.required(name)? {
        ConstValue::Number(number) => number
            .as_i64()
            .filter(|limit| (1..=i64::from(i32::MAX) - 1).contains(limit)),
        _ => None,
    }
    .ok_or_else(|| Error::input(name, format!("`{name}` takes a whole number above 0.")))
}

/// [`ConnectionField::needs_rows`] names every field that comes here.
fn without_rows() -> Error {
    Error::internal("a field of a connection needs rows that were not planned")
}
