//! Decimals that no float and no fixed width holds: every digit, not-a-number and the infinities.

use serde_json::{Value, json};

use super::{column, nodes, walk_all};
use crate::harness::client::Client;
use crate::harness::database::{create, seeded};
use crate::harness::run;
use crate::harness::seed::{self, Side};

/// From the least to the greatest, as PostgreSQL orders them.
fn decimals() -> Vec<String> {
    [
        "-Infinity",
        &format!("-{}.5", "9".repeat(131_072)),
        "-12345678901234567890123456789012345678.0000000001",
        "-0.1",
        "0",
        &format!("0.{}1", "0".repeat(16_382)),
        "0.1",
        "0.1000000000000000055511151231257827",
        "12345678901234567890123456789012345677",
        "12345678901234567890123456789012345678",
        "12345678901234567890123456789012345678.5",
        &format!("1{}", "0".repeat(131_071)),
        "Infinity",
        "NaN",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// Measurements of workspace A with each decimal, in a column without a fixed width.
fn measurements() -> String {
    let values: Vec<String> = decimals()
        .iter()
        .map(|decimal| {
            format!(
                "('{}', '{}', '{decimal}')",
                Side::A.workspace(),
                Side::A.id("kpis", 0)
            )
        })
        .collect();
    let views = migration::read_views();
    let view = views.iter().find(|view| view.name == "kpi_measurements");
    let query = &view.expect("the table has a view").query;
    format!(
        "{}drop view read.kpi_measurements;
         alter table kpi_measurements alter column value type numeric;
         create view read.kpi_measurements as {query};
         alter view read.kpi_measurements owner to model_owner;
         grant select on read.kpi_measurements to gateway;
         set session_replication_role = replica;
         delete from kpi_measurements;
         insert into kpi_measurements (workspace_id, kpi_id, value) values {};
         update customers set total_spent = 'NaN';
         set session_replication_role = origin;",
        seed::everything(),
        values.join(", ")
    )
}

const LIST: &str = "kpiMeasurements";

async fn counted(client: &Client, filter: &str) -> Value {
    let query = format!("{{ {LIST}(where: {{ value: {filter} }}) {{ totalCount }} }}");
    let answer = client.query(Side::A, &query, json!({})).await;
    answer["data"][LIST]["totalCount"].clone()
}

#[test]
fn every_decimal_goes_in_again() {
    run(async {
        let database = create(Some(measurements)).await;
        let client = Client::new(&database);
        let all = decimals();
        let answered = column(&client, LIST, "orderBy: { value: ASC }", "value").await;
        assert_eq!(
            answered,
            all.iter().map(|text| json!(text)).collect::<Vec<_>>()
        );
        let query = format!(
            "query ($w: KpiMeasurementFilter) {{ {LIST}(where: $w, orderBy: {{ value: ASC }}) {{ nodes {{ value }} }} }}"
        );
        for (at, decimal) in all.iter().enumerate() {
            for (operator, rows) in [
                ("eq", &all[at..=at]),
                ("lt", &all[..at]),
                ("gte", &all[at..]),
            ] {
                let filter = json!({"w": {"value": {operator: decimal}}});
                let answer = client.query(Side::A, &query, filter).await;
                let found: Vec<&str> = nodes(&answer, LIST)
                    .iter()
                    .map(|node| node["value"].as_str().expect("a text"))
                    .collect();
                assert!(found == rows, "{operator} {decimal:.40}");
            }
            let filter = json!({"w": {"value": {"in": [decimal]}}});
            let answer = client.query(Side::A, &query, filter).await;
            assert_eq!(nodes(&answer, LIST).len(), 1, "in {decimal:.40}");
            // As a number: in the document, which is no longer than a document may be, and as the
            // value of a variable.
            let Ok(number) = serde_json::from_str::<Value>(decimal) else {
                continue;
            };
            if decimal.len() < 20_000 {
                let count = counted(&client, &format!("{{ eq: {decimal} }}")).await;
                assert_eq!(count, 1, "{decimal:.40}");
            }
            let filter = json!({"w": {"value": {"eq": number}}});
            let answer = client.query(Side::A, &query, filter).await;
            assert_eq!(
                answer["data"][LIST]["nodes"],
                json!([{"value": decimal}]),
                "{decimal:.40}"
            );
        }
        walk_all(&client, LIST, "value").await;
        // Of a column of a fixed width, too.
        let spent = column(
            &client,
            "customers",
            "where: { totalSpent: { eq: \"NaN\" } }",
            "totalSpent",
        )
        .await;
        assert_eq!(spent, vec![json!("NaN"); seed::ROWS]);
    });
}

#[test]
fn exponents_are_read_and_never_written_out() {
    run(async {
        let database = create(Some(measurements)).await;
        let client = Client::new(&database);
        for (filter, count) in [
            ("{ eq: 1e131071 }", 1),
            ("{ eq: \"1E+131071\" }", 1),
            ("{ eq: \"1e-16383\" }", 1),
            ("{ eq: 1.0e-1 }", 1),
            ("{ in: [10e-2, 0e131072, \"0.000\"] }", 2),
            ("{ eq: -0 }", 1),
            ("{ eq: -0.0 }", 1),
            ("{ gt: 1e131071 }", 2),
        ] {
            assert_eq!(counted(&client, filter).await, count, "{filter}");
        }
    });
}

#[test]
fn what_numeric_does_not_hold_is_refused() {
    run(async {
        let client = Client::new(seeded().await);
        let long = "9".repeat(131_073);
        for value in [
            "1e131072",
            "1e400000",
            "\"1e400000\"",
            "1e-16384",
            "\"1e9999999999\"",
            "\"nan\"",
            "\"inf\"",
            "\"0x1\"",
            "\"1_000\"",
            "\" 1\"",
            "\"\"",
            "true",
            "[1, 1e400000]",
            &long,
        ] {
            let query = "query ($v: [Decimal!]) { orders(where: { totalAmount: { in: $v } }) { totalCount } }";
            let given: Value = serde_json::from_str(value).expect("JSON");
            let (_, answer) = client.ask(Side::A, query, json!({"v": given})).await;
            if value.len() < 100 {
                let literal = query
                    .replacen("($v: [Decimal!]) ", "", 1)
                    .replace("$v", value);
                let (_, answer) = client.ask(Side::A, &literal, json!({})).await;
                let code = &answer["errors"][0]["extensions"]["code"];
                assert_eq!(code, "BAD_USER_INPUT", "{value}: {answer}");
            }
            let error = &answer["errors"][0];
            assert_eq!(
                error["extensions"]["code"], "BAD_USER_INPUT",
                "{value:.40}: {answer}"
            );
            assert!(
                answer.to_string().len() < 1_000,
                "{value:.40} is not repeated"
            );
        }
    });
}
