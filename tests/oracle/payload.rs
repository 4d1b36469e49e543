//! Queries inside the payload of a mutation, which see what it has written.

use serde_json::json;

use super::cases::{self, Case, SIDE};
use crate::harness::client::Client;

/// Rows are created, changed and deleted.
const WRITES: &str = r#"
  w1: createOrder(input: {order: {
    orderNumber: "oracle 1", totalAmount: "12.50", customer: {connect: {id: "CUSTOMER"}},
    items: [{quantity: 2, unitPrice: "6.25", totalAmount: "12.50", variant: {connect: {id: "VARIANT"}}}]
  }}) { errors { message } }
  w2: updateCustomer(input: {by: {id: "CUSTOMER"}, patch: {firstName: "Oracle", company: null}}) { errors { message } }
  w3: createGenres(input: {genres: [{name: "oracle a"}, {name: "oracle b", popularityScore: 3}]}) { errors { message } }
  w4: deleteGenre(input: {by: {name: "oracle a"}}) { errors { message } }
"#;

/// The cases with what the payload of a mutation answers. The first one stands in the operation that
/// writes, the others in operations that change nothing, so that all see the same rows.
pub async fn answered(client: &Client, cases: Vec<Case>) -> Vec<serde_json::Value> {
    let customer = SIDE.id("customers", 0).to_string();
    let writes = WRITES
        .replace("CUSTOMER", &customer)
        .replace("VARIANT", &SIDE.id("product_variants", 0).to_string());
    let mut writes = Some(writes);
    let mut answers = Vec::new();
    for case in cases {
        let Some((head, selection)) = parts(&case) else {
            continue;
        };
        let first = writes.take();
        let query = format!(
            "mutation {head} {{ {} p: updateCustomer(input: {{by: {{id: \"{customer}\"}}, patch: {{}}}}) {{ query {selection} }} }}",
            first.as_deref().unwrap_or_default()
        );
        let original = case.query.clone();
        let probe = Case { query, ..case };
        let answer = cases::ask(client, &probe, &probe.variables).await;
        let data = answer.split_once("\"p\":{\"query\":");
        let data = data.and_then(|(_, data)| data.strip_suffix("}}}"));
        assert!(
            first.is_none() || !answer.contains("\"message\""),
            "{answer}"
        );
        // The paths of errors are others.
        let Some(data) = data.filter(|_| answer.starts_with("{\"data\":")) else {
            continue;
        };
        answers.push(json!({
            "name": format!("in a payload: {}", probe.name),
            "outcome": probe.outcome,
            "query": original,
            "variables": probe.variables,
            "operationName": probe.operation,
            "answer": format!("{{\"data\":{data}}}"),
        }));
    }
    answers
}

/// What stands before the selection of the only operation, and the selection.
fn parts(case: &Case) -> Option<(&str, &str)> {
    let query = case.query.trim();
    let start = query.find('{')?;
    let (head, selection) = query.split_at(start);
    // Payloads do not answer what the schema is, and mutations have one operation.
    let others = ["__schema", "__type(", "fragment ", "# ", "subscription"].iter();
    let mut passed = others.filter(|word| query.contains(**word));
    let mut depth = 0;
    let end = selection.find(|character| {
        depth += match character {
            '{' => 1,
            '}' => -1,
            _ => 0,
        };
        depth == 0
    })?;
    let is_whole = passed.next().is_none() && end + 1 == selection.len() && case.takes.is_empty();
    is_whole.then(|| (head.trim().trim_start_matches("query").trim(), selection))
}
