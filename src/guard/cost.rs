//! Weighs a document: fields and levels with its fragments expanded.
//!
//! Everything here takes time linear in the document: a fragment is weighed once, however often
//! it is spread.

use std::collections::HashMap;

use async_graphql::Name;
use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

use crate::error::{Code, Error};

/// Most fields of an operation with its fragments expanded.
const MAX_FIELDS: u64 = 5_000;
/// Most selections inside each other, fragments included.
const MAX_DEPTH: u64 = 30;

/// What a selection comes to with its fragments expanded.
#[derive(Clone, Copy, Default)]
struct Weight {
    fields: u64,
    depth: u64,
}

/// Checks every operation of a document.
///
/// # Errors
/// `QUERY_TOO_EXPENSIVE` with the limit, or `GRAPHQL_VALIDATION_FAILED` for a fragment that
/// spreads itself.
pub fn check(document: &ExecutableDocument) -> Result<(), Error> {
    let mut scale = Scale {
        document,
        weighed: HashMap::new(),
    };
    for name in document.fragments.keys() {
        scale.fragment(name)?;
    }
    for (_, operation) in document.operations.iter() {
        let weight = scale.set(&operation.node.selection_set.node, 0)?;
        exceeds("fields", weight.fields, MAX_FIELDS)?;
        exceeds("levels", weight.depth, MAX_DEPTH)?;
    }
    Ok(())
}

fn exceeds(what: &str, cost: u64, limit: u64) -> Result<(), Error> {
    if cost <= limit {
        return Ok(());
    }
    Err(Error::new(
        Code::QueryTooExpensive,
        format!("The query has {cost} {what} with its fragments expanded; the limit is {limit}."),
    )
    .with("cost", cost)
    .with("limit", limit))
}

struct Scale<'a> {
    document: &'a ExecutableDocument,
    /// None while a fragment is being weighed: meeting it then is a cycle.
    weighed: HashMap<&'a Name, Option<Weight>>,
}

impl<'a> Scale<'a> {
    fn fragment(&mut self, name: &'a Name) -> Result<Weight, Error> {
        match self.weighed.get(name) {
            Some(Some(weight)) => return Ok(*weight),
            Some(None) => {
                return Err(Error::new(
                    Code::GraphqlValidationFailed,
                    format!("The fragment `{name}` spreads itself."),
                ));
            }
            None => {}
        }
        let Some(fragment) = self.document.fragments.get(name) else {
            // Validation says better what is wrong with a fragment that is not there.
            return Ok(Weight::default());
        };
        self.weighed.insert(name, None);
        let depth = self
            .weighed
            .values()
            .filter(|weight| weight.is_none())
            .count() as u64;
        exceeds("levels", depth, MAX_DEPTH)?;
        let weight = self.set(&fragment.node.selection_set.node, 0)?;
        self.weighed.insert(name, Some(weight));
        Ok(weight)
    }

    fn set(&mut self, set: &'a SelectionSet, above: u64) -> Result<Weight, Error> {
        exceeds("levels", above, MAX_DEPTH)?;
        let mut total = Weight::default();
        for selection in &set.items {
            let (own, inner) = match &selection.node {
                Selection::Field(field) => {
                    (1, self.set(&field.node.selection_set.node, above + 1)?)
                }
                Selection::InlineFragment(inline) => {
                    (0, self.set(&inline.node.selection_set.node, above + 1)?)
                }
                Selection::FragmentSpread(spread) => {
                    (0, self.fragment(&spread.node.fragment_name.node)?)
                }
            };
            total.fields = total
                .fields
                .saturating_add(inner.fields)
                .saturating_add(own);
            total.depth = total.depth.max(inner.depth + 1);
        }
        Ok(total)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use async_graphql::parser::parse_query;

    use super::*;

    fn code(query: &str) -> Option<Code> {
        check(&parse_query(query).unwrap())
            .err()
            .map(|error| error.code)
    }

    #[test]
    fn fragments_that_double_are_refused_at_once() {
        let mut query = "{ ...F0 }".to_owned();
        for index in 0..29 {
            let _ = write!(
                query,
                " fragment F{index} on Query {{ ...F{next} ...F{next} }}",
                next = index + 1
            );
        }
        query.push_str(" fragment F29 on Query { a b }");
        assert_eq!(code(&query), Some(Code::QueryTooExpensive));
    }

    #[test]
    fn cycles_are_refused() {
        assert_eq!(
            code("{ ...A } fragment A on Query { ...B } fragment B on Query { x ...A }"),
            Some(Code::GraphqlValidationFailed)
        );
    }

    #[test]
    fn an_ordinary_query_passes() {
        assert_eq!(
            code("{ a { b { ...C } } } fragment C on T { d { e } }"),
            None
        );
    }
}
