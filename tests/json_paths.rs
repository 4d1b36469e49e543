//! Filters on a path that has an index find what the same filters find on a path without one.

use serde_json::{Value, json};

use crate::harness::client::Client;
use crate::harness::database::create;
use crate::harness::run;
use crate::harness::seed::{self, Side};

/// Values at the end of the path, each in an order of its own. SQL's null stands for no document.
const VALUES: [&str; 14] = [
    r#""Norway""#,
    r#""norway""#,
    r#""""#,
    "1",
    "1.0",
    "10",
    "-3e2",
    "true",
    "false",
    "null",
    "[]",
    r#"["Norway", 1]"#,
    "{}",
    r#"{"code": "NO"}"#,
];

/// A document for each value, one in which the path leads nowhere, and none.
fn fill() -> String {
    let mut script = seed::everything() + "set session_replication_role = replica;\n";
    let documents = VALUES.map(|value| format!(r#"'{{"country": {value}, "other": {value}}}'"#));
    let documents = documents
        .into_iter()
        .chain(["'[]'", "null"].map(str::to_owned));
    for (number, document) in documents.enumerate() {
        script += &format!(
            "insert into orders (workspace_id, id, order_number, total_amount, shipping_address) \
             values ('{}', '00000000-0000-4000-8000-{number:012}', 'path {number}', 1, {document});\n",
            Side::A.workspace()
        );
    }
    script + "set session_replication_role = origin;\n"
}

#[test]
fn an_index_finds_what_is_found_without_one() {
    run(async {
        let database = create(Some(fill)).await;
        let client = Client::new(&database);
        let query = "query ($country: OrderFilter, $other: OrderFilter) { \
             country: orders(first: 100, where: $country) { nodes { orderNumber } } \
             other: orders(first: 100, where: $other) { nodes { orderNumber } } }";
        let operands = VALUES.map(|value| serde_json::from_str::<Value>(value).expect("JSON"));
        let mut found = 0;
        for operand in &operands {
            for operator in ["eq", "ne", "lt", "lte", "gt", "gte", "contains", "isNull"] {
                // Nothing is less than null, or contains it.
                if operand.is_null() && !["eq", "ne", "isNull"].contains(&operator) {
                    continue;
                }
                let operand = match operator {
                    "isNull" => json!(operand.is_null()),
                    _ => operand.clone(),
                };
                let filter = |key: &str| json!({ "shippingAddress": { "path": { "keys": [key], operator: operand } } });
                let both = json!({ "country": filter("country"), "other": filter("other") });
                let answer = client.query(Side::A, query, both).await;
                assert_eq!(answer.get("errors"), None, "{operator} {operand}: {answer}");
                let (country, other) = (&answer["data"]["country"], &answer["data"]["other"]);
                assert_eq!(country, other, "{operator} {operand}");
                found += country["nodes"].as_array().map_or(0, Vec::len);
            }
        }
        assert!(found > 300, "only {found} rows were found");
    });
}

#[test]
fn a_value_that_an_index_has_no_room_for_is_refused() {
    run(async {
        let database = create(Some(seed::everything)).await;
        let update = |bytes: usize| {
            format!(
                "update orders set shipping_address = jsonb_build_object('country', repeat('x', {bytes}))"
            )
        };
        database.admin_script(&update(1900)).await;
        let refused = database.try_admin_script(&update(2100)).await;
        let error = refused.expect_err("too long").to_string();
        assert!(
            error.contains("ck_orders_shipping_address_country"),
            "{error}"
        );
    });
}
