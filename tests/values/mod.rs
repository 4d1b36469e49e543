//! Values that come out go in again: whatever the database can hold is answered, filters and
//! cursors take it, and nothing that a caller leaves out or sends is read as something else.

mod absent;
mod calendar;
mod decimals;
mod json;
mod long_texts;
mod related;
mod scalars;
mod texts;
mod views;
mod walks;

use serde_json::{Value, json};

use crate::harness::client::Client;
use crate::harness::seed::Side;

/// The values of a field in all rows of a list, in its order.
async fn column(client: &Client, list: &str, arguments: &str, field: &str) -> Vec<Value> {
    let query = format!("{{ {list}({arguments}, first: 500) {{ nodes {{ {field} }} }} }}");
    let answer = client.query(Side::A, &query, json!({})).await;
    assert_eq!(answer.get("errors"), None, "{query}: {answer}");
    nodes(&answer, list)
        .iter()
        .map(|node| node[field].clone())
        .collect()
}

/// The rows of a list in an answer.
fn nodes<'a>(answer: &'a Value, list: &str) -> &'a Vec<Value> {
    let nodes = answer["data"][list]["nodes"].as_array();
    nodes.unwrap_or_else(|| panic!("no rows of {list}: {answer}"))
}

/// The ids of rows in the order in which a walk with cursors meets them.
async fn walk(
    client: &Client,
    list: &str,
    order: &str,
    page: usize,
    backwards: bool,
) -> Vec<String> {
    let (size, cursor, more, end) = match backwards {
        false => ("first", "after", "hasNextPage", "endCursor"),
        true => ("last", "before", "hasPreviousPage", "startCursor"),
    };
    let query = format!(
        "query ($at: String) {{ {list}(orderBy: {order}, {size}: {page}, {cursor}: $at) {{ nodes {{ id }} pageInfo {{ more: {more} end: {end} }} }} }}"
    );
    let mut met: Vec<String> = Vec::new();
    let mut at = Value::Null;
    loop {
        let answer = client.query(Side::A, &query, json!({"at": at})).await;
        assert_eq!(answer.get("errors"), None, "{list} by {order}: {answer}");
        let mut ids: Vec<String> = nodes(&answer, list)
            .iter()
            .map(|node| node["id"].as_str().expect("an id").to_owned())
            .collect();
        if backwards {
            ids.reverse();
        }
        met.extend(ids);
        assert!(met.len() <= 500, "{list} by {order}: the walk does not end");
        let info = &answer["data"][list]["pageInfo"];
        if info["more"] != json!(true) {
            break;
        }
        at = info["end"].clone();
    }
    if backwards {
        met.reverse();
    }
    met
}

/// Walks a list in every direction, forwards and backwards, and expects each row once, in order.
async fn walk_all(client: &Client, list: &str, field: &str) {
    for direction in ["ASC", "DESC", "ASC_NULLS_FIRST", "DESC_NULLS_LAST"] {
        let order = format!("{{ {field}: {direction} }}");
        let all = column(client, list, &format!("orderBy: {order}"), "id").await;
        assert!(all.len() > 4, "{list} has rows");
        for (page, backwards) in [(1, false), (2, true), (3, false)] {
            let met = walk(client, list, &order, page, backwards).await;
            assert_eq!(
                met, all,
                "{list} by {order}, {page} at a time, backwards: {backwards}"
            );
        }
    }
}
