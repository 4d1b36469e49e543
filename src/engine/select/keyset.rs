//! Writes the predicate of the rows that come after a position.

use super::Term;
use super::render::Renderer;
use super::shape::Leaf;

impl Renderer<'_> {
    pub(super) fn after(&mut self, order: &[Term], position: &[Option<Leaf>]) -> String {
        let columns: Vec<String> = order.iter().map(|term| self.value(&term.by)).collect();
        let values: Vec<Option<String>> = order
            .iter()
            .zip(position)
            .map(|(term, value)| {
                let kind = term.by.kind(self.catalog, self.table);
                value.map(|value| self.parameters.of(value, kind))
            })
            .collect();
        let (catalog, table) = (self.catalog, self.table);
        let nullable = |term: &Term| term.by.is_nullable(catalog, table);
        let descending = order.iter().all(|term| term.descending);
        let ascending = order.iter().all(|term| !term.descending);
        let plain: Option<Vec<String>> = values.iter().cloned().collect();
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
            let later = later(
                term,
                &columns[index],
                values[index].as_deref(),
                nullable(term),
            );
            let Some(later) = later else {
                continue;
            };
            let mut parts: Vec<String> = (0..index)
                .map(|before| match &values[before] {
                    Some(value) => format!("{} = {value}", columns[before]),
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
}

/// The predicate "this column comes later than the value"; none when nothing does.
fn later(term: &Term, column: &str, value: Option<&str>, nullable: bool) -> Option<String> {
    match value {
        None if term.nulls_first => Some(format!("{column} is not null")),
        None => None,
        Some(value) => {
            let sign = if term.descending { "<" } else { ">" };
            if nullable && !term.nulls_first {
                Some(format!("({column} {sign} {value} or {column} is null)"))
            } else {
                Some(format!("{column} {sign} {value}"))
            }
        }
    }
}
