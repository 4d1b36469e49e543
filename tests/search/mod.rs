//! Searches against naive ones: words, embeddings, and both.

mod language;
mod near;
mod private;
mod words;

use serde_json::{Value, json};

use crate::harness::client::Client;
use crate::harness::seed::Side;

/// The ids and scores of all rows of a searched list, named with the type of its rows, read page by page from one end.
async fn walk(
    client: &Client,
    (list, row): (&str, &str),
    search: &Value,
    filter: &Value,
    backwards: bool,
) -> Vec<(String, f64)> {
    let (size, cursor, more, end) = match backwards {
        true => ("last", "before", "hasPreviousPage", "startCursor"),
        false => ("first", "after", "hasNextPage", "endCursor"),
    };
    let query = format!(
        "query ($search: HybridSearch, $where: {row}Filter, $cursor: String) {{
           {list}(search: $search, where: $where, {size}: 4, {cursor}: $cursor) {{
             totalCount edges {{ score node {{ id }} }} pageInfo {{ {more} {end} }}
           }}
         }}"
    );
    let mut met = Vec::new();
    let mut at = Value::Null;
    loop {
        let variables = json!({"search": search, "where": filter, "cursor": at});
        let answer = client.query(Side::A, &query, variables).await;
        assert!(answer.get("errors").is_none(), "{search}: {answer}");
        let page = &answer["data"][list];
        let edges = page["edges"].as_array().expect("edges").iter();
        let mut rows: Vec<(String, f64)> = edges
            .map(|edge| {
                let id = edge["node"]["id"].as_str().expect("an id").to_owned();
                (id, edge["score"].as_f64().expect("a score"))
            })
            .collect();
        if backwards {
            rows.reverse();
        }
        met.extend(rows);
        if page["pageInfo"][more] != json!(true) {
            assert_eq!(page["totalCount"], json!(met.len()), "{search}");
            break;
        }
        at = page["pageInfo"][end].clone();
    }
    if backwards {
        met.reverse();
    }
    met
}
