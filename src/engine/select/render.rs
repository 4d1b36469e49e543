//! Writes a [`Select`] as SQL; the only place of the engine where statements are written.

use std::fmt::Write;

use super::parameters::{Parameters, Slot};
use super::shape::{Leaf, Shape};
use super::{Expr, Keys, Output, Page, Scoped, Select, Term};
use crate::engine::catalog::{Catalog, ColumnId, Table};
use crate::sql::{quoted, relation};

/// The text of a statement, and what its parameters are.
pub(super) fn render(catalog: &Catalog, shape: &Shape) -> (String, Vec<Slot>) {
    let select = &shape.select;
    let mut renderer = Renderer {
        table: catalog.table(select.from.table()),
        alias: select.from.alias(),
        parameters: Parameters::new(catalog),
    };
    let text = renderer.select(shape);
    (text, renderer.parameters.into_slots())
}

/// Writes one table's part of a statement.
pub(super) struct Renderer<'a> {
    pub(super) table: &'a Table,
    pub(super) alias: &'static str,
    pub(super) parameters: Parameters<'a>,
}

impl Renderer<'_> {
    fn select(&mut self, shape: &Shape) -> String {
        let select = &shape.select;
        if select.keys != Keys::None {
            self.parameters.reserve_keys();
        }
        match (&select.output, select.keys) {
            (Output::Columns(columns), Keys::None) => {
                let list = self.list(columns);
                self.body(select, &list, None, &select.page)
            }
            (Output::Columns(columns), Keys::Among(key)) => {
                let list = self.keyed(key, columns);
                let among = self.among(key);
                self.body(select, &list, Some(among), &select.page)
            }
            (Output::Columns(columns), Keys::PageOf(key)) => match shape.scanned {
                false => self.lateral_pages(select, columns, key),
                true => self.scanned_pages(select, columns, key),
            },
            (Output::Count, Keys::None) => self.body(select, "count(*)", None, &Page::default()),
            (Output::Count, Keys::Among(key) | Keys::PageOf(key)) => {
                let column = self.column(key);
                let list = format!("{column}, count(*)");
                let among = self.among(key);
                let body = self.body(select, &list, Some(among), &Page::default());
                format!("{body}\ngroup by {column}")
            }
            (Output::CountUpTo(limit), keys) => self.count_up_to(select, *limit, keys),
        }
    }

    fn lateral_pages(
        &mut self,
        select: &Select<Leaf, Slot>,
        columns: &[Expr],
        key: ColumnId,
    ) -> String {
        let (mut list, mut outer) = (String::new(), String::new());
        for (index, &column) in columns.iter().enumerate() {
            let separator = if index > 0 { ", " } else { "" };
            let read = self.read(column);
            let _ = write!(list, "{separator}{read} as c{index}");
            let _ = write!(outer, ", p.c{index}");
        }
        let own = format!("{} = k.key", self.column(key));
        let inner = self.body(select, &list, Some(own), &select.page);
        format!(
            "select k.position{outer}\nfrom unnest($2::uuid[]) with ordinality k(key, position)\ncross join lateral (\n{inner}\n) p"
        )
    }

    fn scanned_pages(
        &mut self,
        select: &Select<Leaf, Slot>,
        columns: &[Expr],
        key: ColumnId,
    ) -> String {
        let most = self.parameters.number(Slot::Scanned);
        let list = self.keyed(key, columns);
        let among = self.among(key);
        let mut order = vec![Term {
            column: key,
            descending: false,
            nulls_first: false,
        }];
        order.extend(&*select.page.order);
        let page = Page {
            order: order.into(),
            ..Page::default()
        };
        let body = self.body(select, &list, Some(among), &page);
        format!("{body}\nlimit {most}")
    }

    fn count_up_to(&mut self, select: &Select<Leaf, Slot>, limit: u64, keys: Keys) -> String {
        let page = Page {
            limit: Some(limit),
            ..Page::default()
        };
        match keys {
            Keys::None => {
                let inner = self.body(select, "1", None, &page);
                format!("select count(*) from (\n{inner}\n) c")
            }
            Keys::Among(key) | Keys::PageOf(key) => {
                let own = format!("{} = k.key", self.column(key));
                let inner = self.body(select, "1", Some(own), &page);
                format!(
                    "select k.key, c.count\nfrom unnest($2::uuid[]) k(key)\ncross join lateral (\nselect count(*) from (\n{inner}\n) r\n) c"
                )
            }
        }
    }

    /// `select … from … where … order by … limit … offset …`.
    fn body(
        &mut self,
        select: &Select<Leaf, Slot>,
        list: &str,
        keys: Option<String>,
        page: &Page<Slot>,
    ) -> String {
        let (from, mut predicates) = self.mention(select.from);
        // Keys and the workspace are what an index begins with, so a reader finds them together.
        predicates.splice(self.after_workspace()..self.after_workspace(), keys);
        for predicate in &select.filter {
            let predicate = self.predicate(predicate);
            if predicate != "true" {
                predicates.push(predicate);
            }
        }
        let mut text = format!("select {list}\nfrom {from}");
        if !predicates.is_empty() {
            let _ = write!(text, "\nwhere {}", predicates.join("\n  and "));
        }
        if !page.order.is_empty() {
            let terms: Vec<String> = page.order.iter().map(|term| self.term(term)).collect();
            let _ = write!(text, "\norder by {}", terms.join(", "));
        }
        if let Some(limit) = page.limit {
            let _ = write!(text, "\nlimit {limit}");
        }
        if let Some(offset) = page.offset {
            let _ = write!(text, "\noffset {}", self.parameters.number(offset));
        }
        text
    }

    fn after_workspace(&self) -> usize {
        usize::from(self.table.has_workspace)
    }

    /// A table with its alias, and what always holds for its rows.
    fn mention(&mut self, scoped: Scoped) -> (String, Vec<String>) {
        let alias = scoped.alias();
        let mut predicates = Vec::new();
        if self.table.has_workspace {
            predicates.push(format!("{alias}.\"workspace_id\" = $1"));
        }
        if let Some(rule) = self.table.rule {
            predicates.push(rule.sql(alias, &mut self.parameters));
        }
        (
            format!("{} {alias}", relation(&self.table.name)),
            predicates,
        )
    }

    fn among(&mut self, key: ColumnId) -> String {
        format!("{} = any($2)", self.column(key))
    }

    fn keyed(&mut self, key: ColumnId, columns: &[Expr]) -> String {
        let key = self.column(key);
        match columns {
            [] => key,
            columns => format!("{key}, {}", self.list(columns)),
        }
    }

    /// A list of nothing is written as a constant, since the rows themselves still count.
    fn list(&mut self, columns: &[Expr]) -> String {
        match columns {
            [] => "1".to_owned(),
            columns => {
                let list: Vec<String> = columns.iter().map(|&one| self.read(one)).collect();
                list.join(", ")
            }
        }
    }

    /// The column as the caller may see it.
    pub(super) fn column(&mut self, id: ColumnId) -> String {
        let column = self.table.column(id);
        let name = format!("{}.{}", self.alias, quoted(&column.name));
        match column.guard {
            Some(guard) => {
                let guard = guard.sql(self.alias, &mut self.parameters);
                format!("case when {guard} then {name} end")
            }
            None => name,
        }
    }

    /// The value in the binary form that the writer takes.
    fn read(&mut self, expression: Expr) -> String {
        let Expr::Column(id) = expression;
        self.column(id)
    }

    fn term(&mut self, term: &Term) -> String {
        let nullable = self.table.column(term.column).nullable;
        let mut text = self.column(term.column);
        text.push_str(if term.descending { " desc" } else { " asc" });
        // Nulls are the greatest by default; saying so again would only hide that to a reader.
        if nullable && term.nulls_first != term.descending {
            text.push_str(if term.nulls_first {
                " nulls first"
            } else {
                " nulls last"
            });
        }
        text
    }
}
