//! Writes what a statement needs of other tables: rows that a row leads to, and values about them.
//!
//! A condition on related rows is `exists`, of which PostgreSQL makes a semi-join or an anti-join
//! and begins at either end. A value of a related row, or about several, is a join that all its
//! mentions share.

use std::mem;

use super::predicate::{Predicate, Quantifier};
use super::render::{Alias, Renderer};
use super::shape::Leaf;
use super::{Expr, Scoped, scoped};
use crate::engine::catalog::{Aggregate, ColumnId, Function, Kind, RelationId, Table};

/// A join to the rows that a relation leads to.
pub(super) struct Join {
    /// Which rows it begins at.
    from: Alias,
    /// None for what is joined once.
    relation: Option<RelationId>,
    /// The name of what is joined.
    alias: Alias,
    kind: JoinKind,
}

enum JoinKind {
    /// The one row, with the condition that finds it.
    Row { table: String, on: String },
    /// Values about all rows.
    Aggregates {
        to: Scoped,
        key: ColumnId,
        /// The text of the value that the key has to have.
        own: String,
        values: Vec<Aggregate>,
    },
}

impl Join {
    /// The fused rankings of a search.
    pub(super) fn fused(from: Alias, alias: Alias, table: String, on: String) -> Self {
        Self {
            from,
            relation: None,
            alias,
            kind: JoinKind::Row { table, on },
        }
    }
}

/// The rows that conditions are about now.
pub(super) struct Frame<'a> {
    table: &'a Table,
    alias: Alias,
}

impl<'a> Renderer<'a> {
    /// Turns to the rows of another table.
    pub(super) fn enter(&mut self, table: &'a Table, alias: Alias) -> Frame<'a> {
        Frame {
            table: mem::replace(&mut self.table, table),
            alias: mem::replace(&mut self.alias, alias),
        }
    }

    pub(super) fn leave(&mut self, frame: Frame<'a>) {
        self.table = frame.table;
        self.alias = frame.alias;
    }

    pub(super) fn new_alias(&mut self) -> Alias {
        self.aliases += 1;
        Alias(self.aliases)
    }

    /// A value of the row, or of rows that it leads to.
    pub(super) fn value(&mut self, value: &Expr) -> String {
        match value {
            Expr::Column(column) => self.column(*column),
            Expr::Part(column, place) => {
                let document = self.column(*column);
                let path = self.parameters.of(Leaf::Texts(*place), Kind::TextArray);
                format!("({document} #> {path})")
            }
            Expr::Related(relation, value) => self.of_related(*relation, |to| to.value(value)),
            Expr::Score(mode) => self.score(*mode),
            Expr::Distance => self.distance(),
            Expr::Rank(leg) => self.rank(*leg),
            Expr::Snippet(column) => self.snippet(*column),
            Expr::Aggregate(relation, aggregate) => self.aggregate(*relation, *aggregate),
            Expr::Key(place, _) => format!("g.k{place}"),
            Expr::Total(aggregate) => self.total(*aggregate),
        }
    }

    /// A value of the row that a to-one relation leads to.
    pub(super) fn of_related(
        &mut self,
        relation: RelationId,
        value: impl FnOnce(&mut Self) -> String,
    ) -> String {
        let to = self.catalog.table(self.table.relation(relation).to);
        let alias = self.row(relation);
        let frame = self.enter(to, alias);
        let value = value(self);
        self.leave(frame);
        value
    }

    /// The name of the row that a to-one relation leads to.
    fn row(&mut self, id: RelationId) -> Alias {
        let from = self.alias;
        let known = self.joins.iter().find(|join| {
            let row = matches!(join.kind, JoinKind::Row { .. });
            row && join.from == from && join.relation == Some(id)
        });
        if let Some(known) = known {
            return known.alias;
        }
        let relation = self.table.relation(id);
        let own = self.column(relation.from_column);
        let alias = self.new_alias();
        let frame = self.enter(self.catalog.table(relation.to), alias);
        let (table, mut conditions) = self.mention(scoped(relation.to));
        conditions.push(format!("{} = {own}", self.column(relation.to_column)));
        self.leave(frame);
        self.joins.push(Join {
            from,
            relation: Some(id),
            alias,
            kind: JoinKind::Row {
                table,
                on: conditions.join(" and "),
            },
        });
        alias
    }

    /// A value about the rows that a to-many relation leads to.
    pub(super) fn aggregate(&mut self, id: RelationId, aggregate: Aggregate) -> String {
        let from = self.alias;
        let known = self.joins.iter().position(|join| {
            let aggregates = matches!(join.kind, JoinKind::Aggregates { .. });
            aggregates && join.from == from && join.relation == Some(id)
        });
        let known = known.unwrap_or_else(|| {
            let relation = self.table.relation(id);
            let own = self.column(relation.from_column);
            let alias = self.new_alias();
            self.joins.push(Join {
                from,
                relation: Some(id),
                alias,
                kind: JoinKind::Aggregates {
                    to: scoped(relation.to),
                    key: relation.to_column,
                    own,
                    values: Vec::new(),
                },
            });
            self.joins.len() - 1
        });
        let Join { alias, kind, .. } = &mut self.joins[known];
        let JoinKind::Aggregates { values, .. } = kind else {
            // It was looked for among those, or made as one.
            return String::new();
        };
        let place = values.iter().position(|one| *one == aggregate);
        let place = place.unwrap_or_else(|| {
            values.push(aggregate);
            values.len() - 1
        });
        match aggregate.counts() {
            true => format!("coalesce({alias}.c{place}, 0)"),
            false => format!("{alias}.c{place}"),
        }
    }

    /// The joins that were asked for since the last time, as they stand behind a table.
    pub(super) fn take_joins(&mut self) -> String {
        let mut text = String::new();
        for Join { alias, kind, .. } in mem::take(&mut self.joins) {
            let join = match kind {
                JoinKind::Row { table, on } => format!("\nleft join {table} on {on}"),
                JoinKind::Aggregates {
                    to,
                    key,
                    own,
                    values,
                } => self.join_aggregates((to, key), &values, alias, &own),
            };
            text.push_str(&join);
        }
        text
    }

    /// Where the rows belong to keys, only what belongs to those rows is looked at; otherwise
    /// everything is, once.
    fn join_aggregates(
        &mut self,
        (to, key): (Scoped, ColumnId),
        values: &[Aggregate],
        alias: Alias,
        own: &str,
    ) -> String {
        let inner = self.new_alias();
        let frame = self.enter(self.catalog.table(to.table()), inner);
        let (from, mut conditions) = self.mention(to);
        let key = self.column(key);
        let values = values.iter().enumerate();
        let list: Vec<String> = values
            .map(|(place, &value)| format!("{} as c{place}", self.computed(value)))
            .collect();
        let list = list.join(", ");
        let text = if self.by_row {
            conditions.push(format!("{key} = {own}"));
            let conditions = conditions.join(" and ");
            format!(
                "\nleft join lateral (select {list} from {from} where {conditions}) {alias} on true"
            )
        } else {
            // Every table is scoped, as a rule by its workspace.
            let conditions = match conditions.is_empty() {
                true => String::new(),
                false => format!(" where {}", conditions.join(" and ")),
            };
            format!(
                "\nleft join (select {key} as key, {list} from {from}{conditions} group by {key}) {alias} on {alias}.key = {own}"
            )
        };
        self.leave(frame);
        text
    }

    /// An aggregate as an expression over rows.
    pub(super) fn computed(&mut self, aggregate: Aggregate) -> String {
        match aggregate {
            Aggregate::Count => "count(*)".to_owned(),
            Aggregate::Of(function, column) => {
                let column = self.column(column);
                match function {
                    Function::Sum => format!("sum({column})"),
                    // A mean has sixteen digits behind its point, which are zeros as a rule.
                    Function::Avg => format!("trim_scale(avg({column}))"),
                    Function::Min => format!("min({column})"),
                    Function::Max => format!("max({column})"),
                    Function::CountDistinct => format!("count(distinct {column})"),
                }
            }
        }
    }

    /// What holds for the rows that a relation leads to.
    pub(super) fn related(
        &mut self,
        id: RelationId,
        quantifier: Quantifier,
        filter: &Predicate<Leaf>,
    ) -> String {
        let relation = self.table.relation(id);
        let own = self.column(relation.from_column);
        let joins = mem::take(&mut self.joins);
        let alias = self.new_alias();
        let frame = self.enter(self.catalog.table(relation.to), alias);
        let (from, mut conditions) = self.mention(scoped(relation.to));
        conditions.push(format!("{} = {own}", self.column(relation.to_column)));
        let filter = match quantifier {
            Quantifier::Every => self.not(filter),
            Quantifier::Some | Quantifier::None => self.predicate(filter),
        };
        if filter != "true" {
            conditions.push(filter);
        }
        let inner = self.take_joins();
        self.leave(frame);
        self.joins = joins;
        let not = match quantifier {
            Quantifier::Some => "",
            Quantifier::None | Quantifier::Every => "not ",
        };
        let conditions = conditions.join(" and ");
        format!("{not}exists (select from {from}{inner} where {conditions})")
    }
}
