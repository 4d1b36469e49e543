//! Plans list fields: page, order and filter from the arguments, and the parts that are asked for.

use async_graphql_value::ConstValue;

use super::arguments::Arguments;
use super::collect::Merged;
use super::cursor::{self, CursorShape, Position};
use super::row::{Planner, Row, json_key, json_text, unknown};
use super::scan::Read;
use super::{Connection, CountPart, EdgePart, NodeIndex, Output, PagePart, Parent, Part, Planned};
use super::{filter, order};
use crate::engine::catalog::{ColumnId, Table, TableId};
use crate::engine::select::{self, Keys, Page, Predicate, Select, Term, scoped};
use crate::error::Error;

/// What a list is of: a whole table, or the rows that point at each parent.
pub struct ListOf {
    pub table: TableId,
    /// Where the keys come from, and the column of the table that holds them.
    pub key: Option<(Parent, ColumnId)>,
    pub most_parents: u64,
    /// The table of the parents.
    pub above: Option<TableId>,
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
    ends_earlier: bool,
}

impl<'a> Planner<'a> {
    pub fn connection(&mut self, of: ListOf, merged: &Merged<'a>) -> Planned<Output> {
        let context = self.context;
        let table = context.catalog.table(of.table);
        let arguments = Arguments::new(context.document, merged[0]);
        let request = self.request(table, &arguments)?;
        let type_name = format!("{}Connection", table.type_name);
        let selection = context.document.selection(merged, &type_name, &[])?;

        let rows_wanted = selection.values().any(|merged| {
            matches!(
                merged[0].node.name.node.as_str(),
                "nodes" | "edges" | "pageInfo"
            )
        });
        let keys = match of.key {
            Some((_, column)) => Keys::PageOf(column),
            None => Keys::None,
        };
        let most = of.most_parents.saturating_mul(request.limit);
        let parent = of.key.map(|(parent, _)| parent);
        let mut row = if rows_wanted {
            self.charge(most)?;
            let node = self.reserve(parent.map(|parent| parent.node))?;
            Some(Row::new(of.table, node, keys, most))
        } else {
            None
        };

        let mut list = List {
            planner: self,
            table,
            of: &of,
            keys,
            request: &request,
            cursor: None,
            peeks: false,
        };
        let mut parts = Vec::with_capacity(selection.len());
        for (key, merged) in &selection {
            let part = list.part(key, merged, row.as_mut())?;
            parts.push((json_key(key), part));
        }
        let (cursor, peeks) = (list.cursor.take(), list.peeks);

        if let Some(row) = &mut row {
            if peeks {
                self.charge(of.most_parents)?;
            }
            let read = Read::Page {
                order: &request.order,
                offset: request.offset.unwrap_or(0),
                positioned: request.after.is_some() || request.before.is_some(),
            };
            row.looks = self.look(&of, request.condition.as_ref(), &read)?;
            let (filter, page) = request.read(request.limit + u64::from(peeks));
            self.fill_rows(row, parent, keys, filter, page)?;
        }
        Ok(Output::Connection(Connection {
            node: row.map(|row| row.node),
            limit: usize::try_from(request.limit).unwrap_or(usize::MAX),
            reversed: request.backwards,
            starts_later: request.starts_later,
            ends_earlier: request.ends_earlier,
            cursor: cursor.unwrap_or_default(),
            parts,
        }))
    }

    fn request(&mut self, table: &Table, arguments: &Arguments<'_>) -> Planned<Request> {
        let limits = self.context.limits;
        let first = arguments.count("first", limits.max_page)?;
        let last = arguments.count("last", limits.max_page)?;
        let offset = arguments.count("offset", u64::from(i32::MAX.unsigned_abs()))?;
        if first.is_some() && last.is_some() {
            return Err(Error::input(
                "last",
                "`first` and `last` cannot be given together.",
            ));
        }
        if offset.is_some() && last.is_some() {
            return Err(Error::input(
                "offset",
                "`offset` counts from the front; it cannot be given with `last`.",
            ));
        }
        let order = order::parse(table, arguments.order()?.as_ref())?;
        let position = |name: &str| {
            arguments
                .text(name)?
                .map(|text| cursor::parse(self.context, table, &order, name, &text))
                .transpose()
        };
        let (after, before) = (position("after")?, position("before")?);
        let condition = arguments
            .filter()?
            .map(|argument| filter::parse(self.context, table, &argument))
            .transpose()?;
        self.count_conditions(condition.as_ref())?;
        Ok(Request {
            condition,
            limit: last
                .or(first)
                .map_or(limits.default_page.min(limits.max_page), u64::from),
            backwards: last.is_some(),
            starts_later: after.is_some() || offset.is_some_and(|offset| offset > 0),
            ends_earlier: before.is_some(),
            order,
            after,
            before,
            offset: offset.map(u64::from),
        })
    }
}

impl Request {
    /// What the statement of the page reads. `after` and `before` are positions in the order as
    /// the caller reads it; from the back the rows are read in reverse.
    fn read(&self, limit: u64) -> (Vec<Predicate>, Page) {
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

/// Plans the parts of one list.
struct List<'p, 'a> {
    planner: &'p mut Planner<'a>,
    table: &'a Table,
    of: &'p ListOf,
    keys: Keys,
    request: &'p Request,
    cursor: Option<CursorShape>,
    /// Whether one row more is fetched to know whether there are more.
    peeks: bool,
}

impl<'a> List<'_, 'a> {
    fn part(&mut self, key: &str, merged: &Merged<'a>, row: Option<&mut Row>) -> Planned<Part> {
        let name = merged[0].node.name.node.as_str();
        let type_name = &self.table.type_name;
        Ok(match (name, row) {
            ("__typename", _) => Part::Literal(json_text(&format!("{type_name}Connection"))),
            ("nodes", Some(row)) => {
                Part::Nodes(self.planner.field(key, merged, |planner, merged| {
                    planner.row_fields(row, merged)
                })?)
            }
            ("edges", Some(row)) => Part::Edges(self.edges(key, merged, row)?),
            ("pageInfo", Some(row)) => Part::PageInfo(self.page_info(merged, row)?),
            ("totalCount", _) => Part::TotalCount(self.count(None)?),
            ("countUpTo", _) => self.count_up_to(key, merged)?,
            _ => return Err(unknown(&format!("{type_name}Connection"), name)),
        })
    }

    fn edges(
        &mut self,
        key: &str,
        merged: &Merged<'a>,
        row: &mut Row,
    ) -> Planned<Vec<(String, EdgePart)>> {
        let type_name = format!("{}Edge", self.table.type_name);
        let selection = self
            .planner
            .context
            .document
            .selection(merged, &type_name, &[])?;
        let mut parts = Vec::with_capacity(selection.len());
        for (edge_key, merged) in &selection {
            let part = match merged[0].node.name.node.as_str() {
                "__typename" => EdgePart::Literal(json_text(&type_name)),
                "cursor" => {
                    self.needs_cursor(row);
                    EdgePart::Cursor
                }
                "node" => EdgePart::Node(self.planner.field(key, merged, |planner, merged| {
                    planner.field(edge_key, merged, |planner, merged| {
                        planner.row_fields(row, merged)
                    })
                })?),
                other => return Err(unknown(&type_name, other)),
            };
            parts.push((json_key(edge_key), part));
        }
        Ok(parts)
    }

    fn page_info(
        &mut self,
        merged: &Merged<'a>,
        row: &mut Row,
    ) -> Planned<Vec<(String, PagePart)>> {
        let selection = self
            .planner
            .context
            .document
            .selection(merged, "PageInfo", &[])?;
        let mut parts = Vec::with_capacity(selection.len());
        for (key, merged) in &selection {
            let part = match merged[0].node.name.node.as_str() {
                "__typename" => PagePart::Literal(json_text("PageInfo")),
                "hasNextPage" => {
                    self.peeks |= !self.request.backwards;
                    PagePart::HasNext
                }
                "hasPreviousPage" => {
                    self.peeks |= self.request.backwards;
                    PagePart::HasPrevious
                }
                "startCursor" => {
                    self.needs_cursor(row);
                    PagePart::StartCursor
                }
                "endCursor" => {
                    self.needs_cursor(row);
                    PagePart::EndCursor
                }
                other => return Err(unknown("PageInfo", other)),
            };
            parts.push((json_key(key), part));
        }
        Ok(parts)
    }

    fn needs_cursor(&mut self, row: &mut Row) {
        if self.cursor.is_none() {
            let order: &[Term] = &self.request.order;
            let columns = order
                .iter()
                .map(|term| (row.index(term.column), self.table.column(term.column).kind));
            self.cursor = Some(CursorShape {
                columns: columns.collect(),
                signature: cursor::signature(self.planner.context, self.table, order),
            });
        }
    }

    fn count_up_to(&mut self, key: &str, merged: &Merged<'a>) -> Planned<Part> {
        let limit = self.planner.field(key, merged, |planner, merged| {
            match Arguments::new(planner.context.document, merged[0]).required("limit")? {
                ConstValue::Number(number) => number
                    .as_i64()
                    .filter(|limit| (1..=i64::from(i32::MAX) - 1).contains(limit)),
                _ => None,
            }
            .ok_or_else(|| Error::input("limit", "`limit` takes a whole number above 0."))
        })?;
        let selection = self
            .planner
            .context
            .document
            .selection(merged, "Count", &[])?;
        let mut parts = Vec::with_capacity(selection.len());
        for (key, merged) in &selection {
            let part = match merged[0].node.name.node.as_str() {
                "__typename" => CountPart::Literal(json_text("Count")),
                "value" => CountPart::Value,
                "precision" => CountPart::Precision,
                other => return Err(unknown("Count", other)),
            };
            parts.push((json_key(key), part));
        }
        Ok(Part::CountUpTo {
            node: self.count(Some(limit))?,
            limit,
            parts,
        })
    }

    /// Counts the whole list, whatever the page.
    fn count(&mut self, limit: Option<i64>) -> Planned<NodeIndex> {
        let parent = self.of.key.map(|(parent, _)| parent);
        let select = Select {
            from: scoped(self.of.table, "t"),
            keys: self.keys,
            output: match limit {
                None => select::Output::Count,
                Some(limit) => select::Output::CountUpTo(limit.unsigned_abs()),
            },
            filter: self.request.condition.iter().cloned().collect(),
            page: Page::default(),
        };
        let node = self.planner.reserve(parent.map(|parent| parent.node))?;
        self.planner.charge(self.of.most_parents)?;
        let read = Read::Count(limit.map(i64::unsigned_abs));
        let condition = self.request.condition.as_ref();
        let looks = self.planner.look(self.of, condition, &read)?;
        self.planner.fill(node, parent, select, (1, looks))?;
        Ok(node)
    }
}
