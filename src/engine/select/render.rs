//! Writes a [`Select`] as SQL; the only place of the engine where statements are written.

use std::fmt::{self, Write};
use std::sync::Arc;

use super::groups::group_id;
use super::joins::Join;
use super::parameters::{Parameters, Slot};
use super::search::Searching;
use super::shape::{Leaf, Shape};
use super::{Expr, Groups, Keys, Output, Page, Scoped, Select, Term};
use crate::engine::catalog::{Aggregate, Catalog, ColumnId, Table};
use crate::sql::{quoted, relation};

/// The text of a statement, and what its parameters are.
pub(super) fn render(catalog: &Catalog, shape: &Shape) -> (String, Vec<Slot>) {
    let select = &shape.select;
    let mut renderer = Renderer {
        catalog,
        table: catalog.table(select.from.table()),
        from: select.from,
        groups: match &select.output {
            Output::Groups { groups, .. } => Some(Arc::clone(groups)),
            _ => None,
        },
        alias: Alias(0),
        aliases: 0,
        joins: Vec::new(),
        by_row: select.keys.is_some(),
        totals: Vec::new(),
        searching: Searching::of(select),
        ranks: false,
        parameters: Parameters::new(catalog),
    };
    let text = renderer.select(shape);
    let text = match renderer.reading_words() {
        Some(with) => with + &text,
        None => text,
    };
    (text, renderer.parameters.into_slots())
}

/// The name of a table in a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Alias(pub usize);

impl fmt::Display for Alias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("t"),
            number => write!(f, "t{number}"),
        }
    }
}

/// Writes a statement.
pub(super) struct Renderer<'a> {
    pub(super) catalog: &'a Catalog,
    /// The table whose rows expressions and conditions are about.
    pub(super) table: &'a Table,
    /// The table that the statement is of.
    pub(super) from: Scoped,
    /// The groups that the statement is of.
    pub(super) groups: Option<Arc<Groups>>,
    pub(super) alias: Alias,
    /// How many names there are beside the first.
    pub(super) aliases: usize,
    /// What the rows have to be joined with.
    pub(super) joins: Vec<Join>,
    /// Whether values about related rows are looked up for each row.
    pub(super) by_row: bool,
    /// The values about groups of rows.
    pub(super) totals: Vec<Aggregate>,
    /// The search by which rows are found.
    pub(super) searching: Option<Searching>,
    /// Whether a ranking of a hybrid search is written.
    pub(super) ranks: bool,
    pub(super) parameters: Parameters<'a>,
}

impl Renderer<'_> {
    fn select(&mut self, shape: &Shape) -> String {
        let select = &shape.select;
        if select.keys.is_some() {
            self.parameters.reserve_keys();
        }
        match (&select.output, &select.keys) {
            (Output::Columns(columns), Keys::None) => {
                let list = self.list(columns);
                self.body(select, &list, None, &select.page)
            }
            (Output::Columns(columns), Keys::Among(key)) => {
                let key = self.parent_key(*key);
                let list = self.keyed(&key.id(), columns);
                self.body(select, &list, Some(key.is_among()), &select.page)
            }
            (Output::Columns(columns), Keys::PageOf(key)) => match shape.scanned {
                false => self.lateral_pages(select, columns, *key),
                true => self.scanned_pages(select, columns, *key),
            },
            (Output::Columns(columns), Keys::InGroups(..)) => self.group_pages(select, columns),
            (Output::Aggregates(aggregates), Keys::None) => {
                let list = self.aggregate_list(aggregates);
                self.body(select, &list, None, &Page::default())
            }
            (Output::Aggregates(aggregates), keys) => {
                let key = self.key(keys);
                let list = format!("{key}, {}", self.aggregate_list(aggregates));
                let among = self.among(keys, &key);
                let body = self.body(select, &list, Some(among), &Page::default());
                format!("{body}\ngroup by {key}")
            }
            (Output::Walk(walk), _) => self.walk(walk),
            (Output::CountUpTo(limit), keys) => self.count_up_to(select, *limit, keys),
            (
                Output::Groups {
                    groups,
                    having,
                    counted,
                },
                _,
            ) => match counted {
                false => self.groups(select, groups, having),
                true => self.count_groups(select, groups, having),
            },
        }
    }

    /// The text of what the keys are compared with.
    pub(super) fn key(&mut self, keys: &Keys) -> String {
        match keys {
            Keys::InGroups(keys, of) => {
                let parent = match of.column() {
                    // Ids are texts here, whatever the column is.
                    Some(key) => Some(self.column(key)),
                    None => of.is_some().then(|| self.key(of)),
                };
                let keys = keys.iter().map(|key| {
                    let value = self.group_key(key);
                    key.in_id(value)
                });
                let keys: Vec<String> = parent.into_iter().chain(keys).collect();
                group_id(&keys)
            }
            keys => keys
                .column()
                .map(|key| self.parent_key(key).id())
                .unwrap_or_default(),
        }
    }

    /// The condition that a row belongs to one of the keys; `key` is the text of [`Self::key`].
    pub(super) fn among(&mut self, keys: &Keys, key: &str) -> String {
        match keys.column() {
            Some(column) => self.parent_key(column).is_among(),
            None => format!("{key} = any($2)"),
        }
    }

    /// Where `@skip` leaves nothing to compute, the rows are counted.
    fn aggregate_list(&mut self, aggregates: &[Aggregate]) -> String {
        if aggregates.is_empty() {
            return self.computed(Aggregate::Count);
        }
        let list: Vec<String> = aggregates.iter().map(|&one| self.computed(one)).collect();
        list.join(", ")
    }

    fn lateral_pages(
        &mut self,
        select: &Select<Leaf, Slot>,
        columns: &[Expr],
        key: ColumnId,
    ) -> String {
        let (mut list, mut outer) = (String::new(), String::new());
        for (index, column) in columns.iter().enumerate() {
            let separator = if index > 0 { ", " } else { "" };
            let read = self.value(column);
            let _ = write!(list, "{separator}{read} as c{index}");
            let _ = write!(outer, ", p.c{index}");
        }
        let own = self.parent_key(key).is_one();
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
        let own = self.parent_key(key);
        let list = self.keyed(&own.id(), columns);
        let among = own.is_among();
        let mut order = vec![Term {
            by: Expr::Column(key),
            descending: false,
            nulls_first: false,
        }];
        order.extend(select.page.order.iter().cloned());
        let page = Page {
            order: order.into(),
            ..Page::default()
        };
        let body = self.body(select, &list, Some(among), &page);
        format!("{body}\nlimit {most}")
    }

    fn count_up_to(&mut self, select: &Select<Leaf, Slot>, limit: u64, keys: &Keys) -> String {
        let page = Page {
            limit: Some(limit),
            ..Page::default()
        };
        match keys {
            Keys::None => {
                let inner = self.body(select, "1", None, &page);
                format!("select count(*) from (\n{inner}\n) c")
            }
            // The rows of all groups are looked at once.
            Keys::InGroups(..) => {
                let key = self.key(keys);
                let list = format!("{key}, least(count(*), {limit})");
                let among = self.among(keys, &key);
                let body = self.body(select, &list, Some(among), &Page::default());
                format!("{body}\ngroup by {key}")
            }
            keys => {
                let own = keys.column().map(|key| self.parent_key(key).is_one());
                let own = own.unwrap_or_default();
                let inner = self.body(select, "1", Some(own), &page);
                format!(
                    "select k.key, c.count\nfrom unnest($2::uuid[]) k(key)\ncross join lateral (\nselect count(*) from (\n{inner}\n) r\n) c"
                )
            }
        }
    }

    /// The pages of groups are numbered in one scan: no index finds the rows of a group.
    fn group_pages(&mut self, select: &Select<Leaf, Slot>, columns: &[Expr]) -> String {
        let key = self.key(&select.keys);
        let (mut list, mut outer) = (format!("{key} as key"), "key".to_owned());
        for (index, column) in columns.iter().enumerate() {
            let _ = write!(list, ", {} as c{index}", self.value(column));
            let _ = write!(outer, ", c{index}");
        }
        let terms = select.page.order.iter();
        let terms: Vec<String> = terms.map(|term| self.term(term)).collect();
        let _ = write!(
            list,
            ", row_number() over (partition by {key} order by {}) as n",
            terms.join(", ")
        );
        let among = self.among(&select.keys, &key);
        let inner = self.body(select, &list, Some(among), &Page::default());
        let limit = select.page.limit.unwrap_or(i64::MAX.unsigned_abs());
        let page = match select.page.offset {
            Some(offset) => {
                let offset = self.parameters.number(offset);
                format!("n > {offset} and n <= {offset} + {limit}")
            }
            None => format!("n <= {limit}"),
        };
        format!("select {outer}\nfrom (\n{inner}\n) p\nwhere {page}\norder by key, n")
    }

    /// `select … from … where … order by … limit … offset …`.
    pub(super) fn body(
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
        let terms: Vec<String> = page.order.iter().map(|term| self.term(term)).collect();
        let joins = self.take_joins();
        let mut text = format!("select {list}\nfrom {from}{joins}");
        if !predicates.is_empty() {
            let _ = write!(text, "\nwhere {}", predicates.join("\n  and "));
        }
        if !terms.is_empty() {
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
    pub(super) fn mention(&mut self, scoped: Scoped) -> (String, Vec<String>) {
        let alias = self.alias.to_string();
        let table = self.catalog.table(scoped.table());
        let mut predicates = Vec::new();
        if table.has_workspace {
            predicates.push(format!("{alias}.\"workspace_id\" = $1"));
        }
        if let Some(rule) = table.rule {
            predicates.push(rule.sql(&alias, &mut self.parameters));
        }
        (format!("{} {alias}", relation(&table.name)), predicates)
    }

    fn keyed(&mut self, key: &str, columns: &[Expr]) -> String {
        match columns {
            [] => key.to_owned(),
            columns => format!("{key}, {}", self.list(columns)),
        }
    }

    /// A list of nothing is written as a constant, since the rows themselves still count.
    fn list(&mut self, columns: &[Expr]) -> String {
        match columns {
            [] => "1".to_owned(),
            columns => {
                let list: Vec<String> = columns.iter().map(|one| self.value(one)).collect();
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
                let guard = guard.sql(&self.alias.to_string(), &mut self.parameters);
                format!("case when {guard} then {name} end")
            }
            None => name,
        }
    }

    pub(super) fn term(&mut self, term: &Term) -> String {
        let nullable = term.by.is_nullable(self.catalog, self.table);
        let mut text = self.value(&term.by);
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
