//! Walks over texts that are too long for a cursor: many begin alike, and rows are deleted
//! while the walk rests on them.

use std::fmt::Write;

use serde_json::{Value, json};

use super::{nodes, walk_all};
use crate::harness::client::Client;
use crate::harness::database::{Database, create};
use crate::harness::run;
use crate::harness::seed::{self, Side};

/// As SQL. Cursors hold 256 characters of a long text.
const TEXTS: [&str; 16] = [
    "null",
    "null",
    "''",
    "repeat('a', 255)",
    "repeat('a', 256)",
    "repeat('a', 1024)",
    "repeat('a', 1025)",
    "repeat('a', 1500)",
    "repeat('a', 1500)",
    "repeat('a', 1500) || 'b'",
    "repeat('a', 400000)",
    "repeat('a', 400000) || 'b'",
    "repeat('a', 257) || repeat('Z', 2000)",
    "repeat('ä', 1500) || E'\\U0001f600'",
    "repeat('ä', 1500) || 'a'",
    "repeat('\"\\', 5000)",
];

/// Customers with these addresses, each with an order, and a segment with the same description.
fn rows() -> String {
    let workspace = Side::A.workspace();
    let mut script = seed::accounts();
    for (row, text) in TEXTS.iter().enumerate() {
        let customer = Side::A.id("customers", row);
        let _ = write!(
            script,
            "insert into customers (workspace_id, id, email, address) values ('{workspace}', '{customer}', 'c{row}@example.com', {text});
             insert into orders (workspace_id, customer_id, total_amount, subtotal_amount) values ('{workspace}', '{customer}', 1, 1);
             insert into products (workspace_id, title, base_price) values ('{workspace}', coalesce(left({text}, 20000), ''), 1);\n"
        );
    }
    script
}

#[test]
fn walks_over_long_texts_meet_every_row() {
    run(async {
        let database = create(Some(rows)).await;
        let client = Client::new(&database);
        walk_all(&client, "customers", "address").await;
        // The order of a column that is never null is one comparison of rows.
        walk_all(&client, "products", "title").await;
        for order in ["ASC", "DESC_NULLS_LAST"] {
            for term in [
                format!("[{{ customer: {{ address: {order} }} }}, {{ totalAmount: DESC }}]"),
                format!("[{{ status: DESC }}, {{ customer: {{ address: {order} }} }}]"),
            ] {
                walk_orders(&client, &term).await;
            }
        }
    });
}

async fn walk_orders(client: &Client, order: &str) {
    let all = super::column(client, "orders", &format!("orderBy: {order}"), "id").await;
    assert_eq!(all.len(), TEXTS.len());
    for backwards in [false, true] {
        let met = super::walk(client, "orders", order, 2, backwards).await;
        assert_eq!(met, all, "{order}, backwards: {backwards}");
    }
}

#[test]
fn a_cursor_of_a_long_text_is_short() {
    run(async {
        let database = create(Some(rows)).await;
        let client = Client::new(&database);
        let query = "{ customers(orderBy: { address: ASC }, first: 100) { edges { cursor } } }";
        let answer = client.query(Side::A, query, json!({})).await;
        let edges = answer["data"]["customers"]["edges"].as_array();
        for edge in edges.expect("edges") {
            let cursor = edge["cursor"].as_str().expect("a cursor");
            assert!(cursor.len() < 2048, "{}", cursor.len());
        }
    });
}

#[test]
fn groups_by_long_texts_are_walked() {
    run(async {
        let database = create(Some(rows)).await;
        let client = Client::new(&database);
        for (by, order, key) in [
            ("{ address: true }", "{ key: { address: ASC } }", "address"),
            ("{ address: true }", "{ key: { address: DESC } }", "address"),
            ("{ email: true }", "{ address: { max: DESC } }", "email"),
        ] {
            let page = |first: usize| {
                format!(
                    "query ($at: String) {{ customers {{ groups(by: [{by}], orderBy: [{order}], first: {first}, after: $at) {{ nodes {{ key {{ {key} }} }} pageInfo {{ hasNextPage endCursor }} }} }} }}"
                )
            };
            let keys = |answer: &Value| -> Vec<Value> {
                assert_eq!(answer.get("errors"), None, "{answer:.500}");
                let nodes = answer["data"]["customers"]["groups"]["nodes"].as_array();
                nodes
                    .expect("nodes")
                    .iter()
                    .map(|one| one["key"][key].clone())
                    .collect()
            };
            let whole = client.query(Side::A, &page(100), json!({})).await;
            let mut met = Vec::new();
            let mut at = Value::Null;
            loop {
                let answer = client.query(Side::A, &page(1), json!({"at": at})).await;
                met.extend(keys(&answer));
                assert!(met.len() <= TEXTS.len(), "{order}: the walk does not end");
                let info = &answer["data"]["customers"]["groups"]["pageInfo"];
                if info["hasNextPage"] != json!(true) {
                    break;
                }
                at = info["endCursor"].clone();
            }
            assert!(met == keys(&whole), "{order}");
        }
    });
}

/// What happens to the row that a walk rests on.
const CHANGES: [&str; 1] =
    ["delete from orders where customer_id = '{id}'; delete from customers where id = '{id}'"];

#[test]
fn no_row_is_passed_over_when_the_last_one_changes() {
    run(async {
        for change in CHANGES {
            for order in ["ASC", "DESC", "ASC_NULLS_FIRST", "DESC_NULLS_LAST"] {
                for backwards in [false, true] {
                    let database = create(Some(rows)).await;
                    changing_walk(&database, order, backwards, change).await;
                }
            }
        }
    });
}

async fn changing_walk(database: &Database, order: &str, backwards: bool, change: &str) {
    let client = Client::new(database);
    let (size, cursor, more, end) = match backwards {
        false => ("first", "after", "hasNextPage", "endCursor"),
        true => ("last", "before", "hasPreviousPage", "startCursor"),
    };
    let query = format!(
        "query ($at: String) {{ customers(orderBy: {{ address: {order} }}, {size}: 1, {cursor}: $at) {{ nodes {{ id }} pageInfo {{ more: {more} end: {end} }} }} }}"
    );
    let mut met: Vec<String> = Vec::new();
    let mut at = Value::Null;
    for _ in 0..4 * TEXTS.len() {
        let answer = client.query(Side::A, &query, json!({"at": at})).await;
        for node in nodes(&answer, "customers") {
            met.push(node["id"].as_str().expect("an id").to_owned());
        }
        let info = &answer["data"]["customers"]["pageInfo"];
        if info["more"] != json!(true) {
            break;
        }
        at = info["end"].clone();
        // Every third row stays as it is.
        if let Some(id) = met.last().filter(|_| !met.len().is_multiple_of(3)) {
            database.admin_script(&change.replace("{id}", id)).await;
        }
    }
    for row in 0..TEXTS.len() {
        let id = Side::A.id("customers", row).to_string();
        assert!(
            met.contains(&id),
            "row {row}, {order}, backwards: {backwards}, {change}"
        );
    }
}

#[test]
fn a_cursor_with_another_digest_is_read_as_its_beginning() {
    run(async {
        use base64::Engine as _;
        use base64::engine::general_purpose::URL_SAFE_NO_PAD;
        let database = create(Some(rows)).await;
        let client = Client::new(&database);
        let query = "query ($at: String) { customers(orderBy: { address: ASC }, first: 1, after: $at) { pageInfo { endCursor } nodes { id } } }";
        let first = client
            .query(Side::A, &query.replace("first: 1", "first: 7"), json!({}))
            .await;
        let cursor = first["data"]["customers"]["pageInfo"]["endCursor"].as_str();
        let bytes = URL_SAFE_NO_PAD
            .decode(cursor.expect("a cursor"))
            .expect("base64");
        let mut parts: Value = serde_json::from_slice(&bytes).expect("JSON");
        assert!(parts[1]["sha256"].is_string(), "{parts}");
        for (digest, good) in [(json!("0"), true), (json!(1), false), (Value::Null, false)] {
            parts[1]["sha256"] = digest;
            let at = URL_SAFE_NO_PAD.encode(parts.to_string());
            let (_, answer) = client.ask(Side::A, query, json!({"at": at})).await;
            assert_eq!(
                answer.get("errors").is_none(),
                good,
                "{parts}: {answer:.300}"
            );
        }
    });
}
