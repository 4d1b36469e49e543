//! Writes the predicate of the rows that come after a position.

use std::mem;

use super::render::Renderer;
use super::shape::Leaf;
use super::{Expr, Term};
use crate::engine::catalog::{Aggregate, Kind};
use crate::sql::Value;

/// A value of a position, which is that of a row in an order. `V` stands for values.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Mark<V = Value> {
    Null,
    Whole(V),
    /// A text that is too long for a cursor: its beginning, and the SHA-256 of all of it in
    /// hexadecimal digits.
    Cut {
        start: V,
        digest: V,
    },
}

impl<V> Mark<V> {
    /// The position with something else for each value.
    pub fn map<'m, W>(&'m self, mut with: impl FnMut(&'m V) -> W) -> Mark<W> {
        match self {
            Self::Null => Mark::Null,
            Self::Whole(value) => Mark::Whole(with(value)),
            Self::Cut { start, digest } => Mark::Cut {
                start: with(start),
                digest: with(digest),
            },
        }
    }

    pub fn values(&self) -> impl Iterator<Item = &V> {
        let (one, other) = match self {
            Self::Null => (None, None),
            Self::Whole(value) => (Some(value), None),
            Self::Cut { start, digest } => (Some(start), Some(digest)),
        };
        one.into_iter().chain(other)
    }
}

/// The text of a value that is not null.
struct Written {
    value: String,
    cut: Option<Cut>,
}

/// The texts of what is known of a value that was cut.
struct Cut {
    /// The whole value, read from its row; null where no row has it any more.
    whole: String,
    start: String,
}

impl Renderer<'_> {
    pub(super) fn after(&mut self, order: &[Term], position: &[Mark<Leaf>]) -> String {
        let columns: Vec<String> = order.iter().map(|term| self.value(&term.by)).collect();
        let values: Vec<Option<Written>> = order
            .iter()
            .zip(position)
            .map(|(term, mark)| self.written(term, mark, (order, position)))
            .collect();
        let (catalog, table) = (self.catalog, self.table);
        let nullable = |term: &Term| term.by.is_nullable(catalog, table);
        let descending = order.iter().all(|term| term.descending);
        let ascending = order.iter().all(|term| !term.descending);
        let plain: Option<Vec<&str>> = values
            .iter()
            .map(|value| {
                let value = value.as_ref()?;
                let exact = ascending || value.cut.is_none();
                exact.then_some(value.value.as_str())
            })
            .collect();
        if let Some(plain) = plain
            && (ascending || descending)
            && !order.iter().any(nullable)
        {
            // One comparison of rows, which an index answers in a single range.
            let sign = if ascending { ">" } else { "<" };
            return format!("({}) {sign} ({})", columns.join(", "), plain.join(", "));
        }
        let mut alternatives = Vec::new();
        for (index, term) in order.iter().enumerate() {
            let value = values[index].as_ref();
            let Some(later) = later(term, &columns[index], value, nullable(term)) else {
                continue;
            };
            let mut parts: Vec<String> = (0..index)
                .map(|before| match &values[before] {
                    Some(written) => format!("{} = {}", columns[before], written.value),
                    None => format!("{} is null", columns[before]),
                })
                .collect();
            parts.push(later);
            alternatives.push(format!("({})", parts.join(" and ")));
        }
        match alternatives.is_empty() {
            true => "false".to_owned(),
            false => format!("({})", alternatives.join(" or ")),
        }
    }

    fn written(
        &mut self,
        term: &Term,
        mark: &Mark<Leaf>,
        at: (&[Term], &[Mark<Leaf>]),
    ) -> Option<Written> {
        match mark {
            Mark::Null => None,
            Mark::Whole(value) => {
                let kind = term.by.kind(self.catalog, self.table);
                Some(Written {
                    value: self.parameters.of(*value, kind),
                    cut: None,
                })
            }
            Mark::Cut { start, digest } => {
                let start = self.parameters.of(*start, Kind::Text);
                let digest = self.parameters.of(*digest, Kind::Text);
                let whole = self.whole(&term.by, (&start, &digest), at);
                Some(Written {
                    value: format!("coalesce({whole}, {start})"),
                    cut: Some(Cut { whole, start }),
                })
            }
        }
    }

    /// Reads a text that was cut from its row. The digest tells whether the row still has it; by it
    /// alone the text is found where the order is of groups, each of which has its key and its
    /// extremes from some row.
    fn whole(
        &mut self,
        by: &Expr,
        (start, digest): (&str, &str),
        (order, position): (&[Term], &[Mark<Leaf>]),
    ) -> String {
        let key = match (by, self.groups.clone()) {
            (Expr::Key(place, _), Some(groups)) => {
                groups.keys.get(*place).map(|key| key.of.clone())
            }
            (Expr::Total(Aggregate::Of(_, column)), _) => Some(Expr::Column(*column)),
            _ => None,
        };
        let by = key.as_ref().unwrap_or(by);
        let joins = mem::take(&mut self.joins);
        let by_row = mem::replace(&mut self.by_row, true);
        let alias = self.new_alias();
        let frame = self.enter(self.catalog.table(self.from.table()), alias);
        let (from, mut conditions) = self.mention(self.from);
        for (term, mark) in order.iter().zip(position) {
            if let (Some(column), Mark::Whole(value)) = (term.by.own(), mark)
                && self.table.key.contains(&column)
            {
                let kind = self.table.column(column).kind;
                let own = self.column(column);
                conditions.push(format!("{own} = {}", self.parameters.of(*value, kind)));
            }
        }
        let value = self.value(by);
        conditions.push(format!("starts_with({value}, {start})"));
        conditions.push(format!(
            "encode(sha256(convert_to({value}, 'UTF8')), 'hex') = {digest}"
        ));
        let inner = self.take_joins();
        self.leave(frame);
        self.by_row = by_row;
        self.joins = joins;
        format!(
            "(select {value} from {from}{inner} where {} limit 1)",
            conditions.join(" and ")
        )
    }
}

/// The predicate "this column comes later than the value"; none when nothing does.
fn later(term: &Term, column: &str, value: Option<&Written>, nullable: bool) -> Option<String> {
    let Some(Written { value, cut }) = value else {
        return term.nulls_first.then(|| format!("{column} is not null"));
    };
    let sign = if term.descending { "<" } else { ">" };
    let mut later = vec![format!("{column} {sign} {value}")];
    if let Some(Cut { whole, start }) = cut.as_ref().filter(|_| term.descending) {
        // Where only the beginning is known, any text with it may be one that was not met yet.
        later.push(format!(
            "({whole} is null and starts_with({column}, {start}))"
        ));
    }
    if nullable && !term.nulls_first {
        later.push(format!("{column} is null"));
    }
    Some(match &later[..] {
        [only] => only.clone(),
        several => format!("({})", several.join(" or ")),
    })
}
