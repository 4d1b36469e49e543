//! Operands that no column can hold are either answered or refused as the caller's mistake.

use serde_json::{Value, json};
use tessera::app;

use crate::harness::client::Client;
use crate::harness::database::seeded;
use crate::harness::run;
use crate::harness::seed::Side;

#[test]
fn operands_beyond_every_range_are_no_error_of_the_gateway() {
    let decimals = [
        "1e400",
        "-1e-400",
        "NaN",
        "Infinity",
        "1e9999999999",
        "0x1",
        " 1",
        "1_000",
        "",
        "9".repeat(200).leak(),
    ];
    let instants = [
        "200000-01-01T00:00:00Z",
        "+200000-01-01T00:00:00Z",
        "-4800-01-01T00:00:00Z",
        "infinity",
        "now",
        "2026-02-30T00:00:00Z",
        "2026-01-01",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:00:00",
        "",
    ];
    let dates = [
        "+200000-01-01",
        "+262142-12-31",
        "-4712-01-01",
        "-4800-01-01",
        "-262143-01-01",
        "0000-01-01",
        "infinity",
        "2026-02-30",
        "today",
        "",
    ];
    let addresses = [
        "192.0.2.1/",
        "192.0.2.1/33",
        "192.0.2.1/+8",
        "192.0.2.1/08",
        "192.0.2.1/-1",
        "192.0.2.01",
        "192.0.2",
        "10/8",
        "::1%lo",
        "1::/129",
        "::/+0",
        "",
    ];
    let patterns = ["\\", "a\\", "\\\\\\", "%\\", "\\%\\"];
    let documents = [json!({"a": "\u{0}"}), json!("\u{0}"), json!({"\u{0}": 1})];
    run(async {
        let client = Client::new(seeded().await);
        let mut asked: Vec<(&str, &str, Value)> = Vec::new();
        for text in decimals {
            asked.push(("orders", "totalAmount", json!({"gt": text})));
            asked.push(("orders", "totalAmount", json!({"in": [text]})));
        }
        for text in instants {
            asked.push(("orders", "createdAt", json!({"gt": text})));
            asked.push(("orders", "createdAt", json!({"in": [text]})));
        }
        for text in dates {
            asked.push(("monthlyUsages", "month", json!({"gt": text})));
            asked.push(("monthlyUsages", "month", json!({"in": [text]})));
        }
        for text in addresses {
            asked.push(("auditLogs", "ipAddress", json!({"eq": text})));
            asked.push(("auditLogs", "ipAddress", json!({"notIn": [text]})));
        }
        for text in patterns {
            for operator in ["like", "ilike", "startsWith", "endsWith", "contains", "eq"] {
                asked.push(("customers", "email", json!({operator: text})));
            }
        }
        for text in ["\u{0}", "a\u{0}b"] {
            asked.push(("customers", "email", json!({"eq": text})));
            asked.push(("customers", "email", json!({"in": [text]})));
            asked.push((
                "customers",
                "email",
                json!({"contains": text, "mode": "INSENSITIVE"}),
            ));
            asked.push(("customerInteractions", "metadata", json!({"hasKey": text})));
            asked.push((
                "customerInteractions",
                "metadata",
                json!({"path": {"keys": [text], "eq": 1}}),
            ));
        }
        for document in documents {
            asked.push((
                "customerInteractions",
                "metadata",
                json!({"contains": document}),
            ));
            asked.push((
                "customerInteractions",
                "metadata",
                json!({"path": {"keys": ["a"], "eq": document}}),
            ));
        }
        let long: Vec<String> = (0..20_000)
            .map(|number| format!("{number}@example.com"))
            .collect();
        asked.push(("customers", "email", json!({"in": long})));
        asked.push((
            "customers",
            "email",
            json!({"notIn": long, "mode": "INSENSITIVE"}),
        ));
        asked.push(("customers", "email", json!({"like": "%a".repeat(5_000)})));
        asked.push(("customers", "email", json!({"eq": "x".repeat(500_000)})));
        let catalog = app::catalog().expect("the model fits together");
        for (plural, field, operators) in asked {
            let table = catalog.tables.iter().find(|table| table.plural == plural);
            let of = &table.unwrap_or_else(|| panic!("no {plural}")).type_name;
            let query =
                format!("query ($w: {of}Filter) {{ {plural}(where: $w) {{ totalCount }} }}");
            let (_, answer) = client
                .ask(Side::A, &query, json!({"w": {field: operators}}))
                .await;
            let code = &answer["errors"][0]["extensions"]["code"];
            let message = answer["errors"][0]["message"].as_str().unwrap_or_default();
            assert!(
                !message.contains("has no field"),
                "{plural} {field}: {answer}"
            );
            assert!(
                code.is_null() || code == "BAD_USER_INPUT",
                "{plural} {field} {:.200}: {answer}",
                operators.to_string()
            );
        }
    });
}
