//! Scalars take the forms that their specifications have, and no other, as literals and in
//! variables.

use serde_json::{Value, json};

use crate::harness::client::Client;
use crate::harness::database::seeded;
use crate::harness::run;
use crate::harness::seed::Side;

/// A list, a field of its rows, the type, and texts that are values of it or are not.
type Case = (
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

const CASES: [Case; 6] = [
    (
        "customers",
        "dateJoined",
        "Date",
        &["2026-01-05", "+010000-01-01", "infinity"],
        &[
            "2026-1-5",
            " 2026-01-05",
            "2026-01-05 ",
            "2026-01-05\n",
            "20260105",
            "2026-01-05T00:00:00Z",
            "Infinity",
            "today",
        ],
    ),
    (
        "customers",
        "lastOrderDate",
        "DateTime",
        &[
            "2026-01-05T00:00:00Z",
            "2026-01-05t00:00:00.123456z",
            "2026-01-05T00:00:00+00:00",
            "2026-01-05T00:00:00-00:00",
            "2016-12-31T23:59:60Z",
        ],
        &[
            "2026-01-05",
            "2026-1-5T00:00:00Z",
            " 2026-01-05T00:00:00Z",
            "2026-01-05T00:00:00Z ",
            "2026-01-05 00:00:00Z",
            "2026-01-05T00:00:00",
            "2026-01-05T00:00:00.1234567Z",
            "2026-01-05T00:00:60Z",
            "2026-01-05T00:00:00+0000",
            "2026-01-05T00:00Z",
            "1767571200",
        ],
    ),
    (
        "orders",
        "totalAmount",
        "Decimal",
        &["12.50", "-12", ".5", "1e3", "NaN", "-Infinity"],
        &[
            "1_000", "1,000", " 1", "1 ", "+1", "0x10", "0b1", "1e", "", "inf", "nan", "$1",
        ],
    ),
    (
        "domainEvents",
        "sequenceNo",
        "BigInt",
        &["1", "-1", "9223372036854775807"],
        &[
            "+1",
            " 1",
            "1 ",
            "1.0",
            "1e3",
            "0x1",
            "1_000",
            "9223372036854775808",
            "",
        ],
    ),
    (
        "customers",
        "id",
        "ID",
        &[
            "0198c3f2-0000-7000-8000-000000000000",
            "0198C3F2-0000-7000-8000-00000000000A",
        ],
        &[
            "0198c3f2000070008000000000000000",
            "{0198c3f2-0000-7000-8000-000000000000}",
            "urn:uuid:0198c3f2-0000-7000-8000-000000000000",
            " 0198c3f2-0000-7000-8000-000000000000",
            "0198c3f2-0000-7000-8000-00000000000g",
            "1",
        ],
    ),
    (
        "auditLogs",
        "ipAddress",
        "Inet",
        &[
            "192.0.2.1",
            "192.0.2.0/24",
            "2001:db8::/32",
            "::ffff:192.0.2.1",
            "::/0",
        ],
        &[
            "192.0.2",
            "192.0.2.01",
            "192.0.2.0/024",
            "192.0.2.0/+24",
            "192.0.2.0/33",
            "2001:db8::/032",
            "2001:db8::/129",
            "[::1]",
            "fe80::1%eth0",
            " 192.0.2.1",
            "localhost",
        ],
    ),
];

#[test]
fn scalars_take_what_their_specifications_have() {
    run(async {
        let client = Client::new(seeded().await);
        for (list, field, of, good, bad) in CASES {
            let texts = good.iter().map(|text| (text, true));
            for (text, good) in texts.chain(bad.iter().map(|text| (text, false))) {
                let variable = format!(
                    "query ($v: {of}!) {{ {list}(where: {{ {field}: {{ in: [$v] }} }}) {{ totalCount }} }}"
                );
                let literal = format!(
                    "{{ {list}(where: {{ {field}: {{ eq: {} }} }}) {{ totalCount }} }}",
                    json!(text)
                );
                for (query, variables) in [(variable, json!({"v": text})), (literal, json!({}))] {
                    let (_, answer) = client.ask(Side::A, &query, variables).await;
                    if good {
                        assert_eq!(answer.get("errors"), None, "{of} {text:?}: {answer}");
                        continue;
                    }
                    let extensions = &answer["errors"][0]["extensions"];
                    assert_eq!(
                        extensions["code"], "BAD_USER_INPUT",
                        "{of} {text:?}: {answer}"
                    );
                }
            }
        }
    });
}

#[test]
fn times_say_what_they_lack() {
    run(async {
        let client = Client::new(seeded().await);
        for (field, text, told) in [
            (
                "lastOrderDate",
                "2026-01-05",
                "add a time, such as \"2026-01-05T00:00:00Z\"",
            ),
            (
                "lastOrderDate",
                "2026-01-05T10:00:00",
                "add the offset from UTC",
            ),
            ("lastOrderDate", "2026-01-05T10:00Z", "add seconds"),
            (
                "lastOrderDate",
                "2026-01-05 10:00:00Z",
                "write a `T` between date and time",
            ),
            (
                "lastOrderDate",
                "2026-01-05T10:00:00.1234567Z",
                "at most six digits",
            ),
            ("dateJoined", "2026-01-05T10:00:00Z", "leave the time out"),
        ] {
            let query = format!(
                "{{ customers(where: {{ {field}: {{ gt: \"{text}\" }} }}) {{ totalCount }} }}"
            );
            let (_, answer) = client.ask(Side::A, &query, json!({})).await;
            let message = answer["errors"][0]["message"].as_str().unwrap_or_default();
            assert!(message.contains(told), "{text}: {answer}");
        }
    });
}

#[test]
fn documents_and_floats_are_values_of_json() {
    run(async {
        let client = Client::new(seeded().await);
        for query in [
            "{ orders(where: { shippingAddress: { contains: { a: NAME } } }) { totalCount } }",
            "{ orders(where: { shippingAddress: { path: { keys: [\"a\"], eq: NAME } } }) { totalCount } }",
            "{ orders(where: { shippingAddress: { path: { keys: [\"a\"], gt: null } } }) { totalCount } }",
        ] {
            let (_, answer) = client.ask(Side::A, query, Value::Null).await;
            let extensions = &answer["errors"][0]["extensions"];
            assert_eq!(extensions["code"], "BAD_USER_INPUT", "{query}: {answer}");
        }
    });
}

#[test]
fn values_of_json_compare_with_their_own_type() {
    run(async {
        let database = crate::harness::database::create(Some(|| {
            let workspace = Side::A.workspace();
            let mut script = crate::harness::seed::accounts();
            for value in ["{}", r#"{"v": null}"#, r#"{"v": 10}"#, r#"{"v": 9}"#, r#"{"v": "10"}"#, r#"{"v": true}"#, r#"{"v": [1]}"#, r#"{"v": []}"#, r#"{"v": {}}"#] {
                script.push_str(&format!(
                    "insert into customer_segments (workspace_id, name, type, criteria) values ('{workspace}', '{value}', (enum_range(null::customer_segment_type))[1], '{value}');\n"
                ));
            }
            script
        }))
        .await;
        let client = Client::new(&database);
        for (operators, found) in [
            ("gt: 9", &[r#"{"v": 10}"#][..]),
            ("gte: 9", &[r#"{"v": 10}"#, r#"{"v": 9}"#]),
            ("lt: 100", &[r#"{"v": 10}"#, r#"{"v": 9}"#]),
            ("lte: \"9\"", &[r#"{"v": "10"}"#]),
            ("gte: false", &[r#"{"v": true}"#]),
            ("lt: [1, 2]", &[r#"{"v": [1]}"#, r#"{"v": []}"#]),
            ("eq: null", &[r#"{"v": null}"#, "{}"]),
            ("isNull: true", &[r#"{"v": null}"#, "{}"]),
            (
                "ne: null",
                &[
                    r#"{"v": "10"}"#,
                    r#"{"v": 10}"#,
                    r#"{"v": 9}"#,
                    r#"{"v": [1]}"#,
                    r#"{"v": []}"#,
                    r#"{"v": true}"#,
                    r#"{"v": {}}"#,
                ],
            ),
            (
                "ne: 9",
                &[
                    r#"{"v": "10"}"#,
                    r#"{"v": 10}"#,
                    r#"{"v": [1]}"#,
                    r#"{"v": []}"#,
                    r#"{"v": true}"#,
                    r#"{"v": {}}"#,
                ],
            ),
        ] {
            let query = format!(
                "{{ customerSegments(where: {{ criteria: {{ path: {{ keys: [\"v\"], {operators} }} }} }}) {{ nodes {{ name }} }} }}"
            );
            let answer = client.query(Side::A, &query, json!({})).await;
            assert_eq!(answer.get("errors"), None, "{operators}: {answer}");
            let mut names: Vec<&str> = super::nodes(&answer, "customerSegments")
                .iter()
                .map(|one| one["name"].as_str().expect("a name"))
                .collect();
            names.sort_unstable();
            let mut found = found.to_vec();
            found.sort_unstable();
            assert_eq!(names, found, "{operators}");
        }
    });
}
