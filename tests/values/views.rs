//! The views are as old as their last refresh: a row that they point at may be gone since.

use serde_json::json;

use super::nodes;
use crate::harness::client::Client;
use crate::harness::database::create;
use crate::harness::run;
use crate::harness::seed::{self, Side};

/// Each view with its pointer, the field that follows it, and the table at its end.
const POINTERS: [(&str, &str, &str, &str); 4] = [
    (
        "customerLifetimeValues",
        "customerId",
        "customer",
        "customers",
    ),
    (
        "productPerformanceSummaries",
        "productId",
        "product",
        "products",
    ),
    ("agentPerformances", "agentId", "agent", "agents"),
    ("monthlyUsages", "userId", "user", "users"),
];

#[test]
fn a_deleted_row_is_null_and_the_rest_is_answered() {
    run(async {
        let database = create(Some(seed::everything)).await;
        let client = Client::new(&database);
        for (view, column, field, table) in POINTERS {
            let query = format!("{{ {view} {{ nodes {{ nodeId {column} {field} {{ id }} }} }} }}");
            let answer = client.query(Side::A, &query, json!({})).await;
            let before = nodes(&answer, view).clone();
            let gone = Side::A.id(table, 1).to_string();
            assert!(before.len() > 1, "{view}: {answer}");
            assert!(
                before.iter().any(|row| row[column] == json!(gone)),
                "{view}: {answer}"
            );
            assert!(
                before.iter().all(|row| row[field]["id"] == row[column]),
                "{view}: {answer}"
            );
            // Only the row itself goes: what a deletion takes along is another matter.
            database
                .admin_script(&format!(
                    "set session_replication_role = replica; delete from {table} where id = '{gone}'; set session_replication_role = origin;"
                ))
                .await;
            let answer = client.query(Side::A, &query, json!({})).await;
            assert_eq!(answer.get("errors"), None, "{view}: {answer}");
            let after = nodes(&answer, view);
            assert_eq!(after.len(), before.len(), "{view}: {answer}");
            for (row, before) in after.iter().zip(&before) {
                let is_gone = row[column] == json!(gone);
                assert_eq!(row[field].is_null(), is_gone, "{view}: {answer}");
                assert_eq!(row["nodeId"], before["nodeId"], "{view}: {answer}");
            }
        }
    });
}
