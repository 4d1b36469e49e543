//! Numbers in JSON keep all their digits, in answers, in documents and in variables.

use serde_json::{Value, json};

use super::nodes;
use crate::harness::client::Client;
use crate::harness::database::create;
use crate::harness::run;
use crate::harness::seed::{self, Side};

/// As PostgreSQL writes them, from the least to the greatest.
const NUMBERS: [&str; 11] = [
    "-12345678901234567890123.000000000000000000001",
    "-9223372036854775809",
    "-0.1",
    "0.0",
    "0.1",
    "0.1000000000000000055511151231257827",
    "9007199254740993",
    "18446744073709551616",
    "12345678901234567890122",
    "12345678901234567890123",
    "12345678901234568000000",
];

fn segments() -> String {
    let workspace = Side::A.workspace();
    let rows: Vec<String> = NUMBERS
        .iter()
        .map(|number| {
            format!("('{workspace}', '{number}', 'manual', '{{\"id\": {number}, \"deep\": [{{\"n\": {number}}}]}}')")
        })
        .collect();
    format!(
        "{}insert into customer_segments (workspace_id, name, type, criteria) select w::uuid, n, (enum_range(null::customer_segment_type))[1], c::jsonb from (values {}) v(w, n, t, c);",
        seed::accounts(),
        rows.join(", ")
    )
}

async fn names(client: &Client, query: &str, variables: Value) -> Vec<String> {
    let answer = client.query(Side::A, query, variables).await;
    assert_eq!(answer.get("errors"), None, "{query}: {answer}");
    nodes(&answer, "customerSegments")
        .iter()
        .map(|node| node["name"].as_str().expect("a name").to_owned())
        .collect()
}

#[test]
fn numbers_find_the_documents_that_hold_them_and_no_other() {
    run(async {
        let database = create(Some(segments)).await;
        let client = Client::new(&database);
        for (at, number) in NUMBERS.iter().enumerate() {
            let value: Value = serde_json::from_str(number).expect("a number");
            let equal = [*number].map(str::to_owned).to_vec();
            let greater: Vec<String> = NUMBERS[at + 1..]
                .iter()
                .map(|one| (*one).to_owned())
                .collect();
            for (operators, found) in [
                (format!("contains: {{ id: {number} }}"), &equal),
                (format!("contains: {{ deep: [{{ n: {number} }}] }}"), &equal),
                (
                    format!("eq: {{ id: {number}, deep: [{{ n: {number} }}] }}"),
                    &equal,
                ),
                (format!("path: {{ keys: [\"id\"], eq: {number} }}"), &equal),
                (
                    format!("path: {{ keys: [\"id\"], gt: {number} }}"),
                    &greater,
                ),
            ] {
                let query = format!(
                    "{{ customerSegments(where: {{ criteria: {{ {operators} }} }}) {{ nodes {{ name }} }} }}"
                );
                let mut names = names(&client, &query, json!({})).await;
                names.sort_by_key(|name| NUMBERS.iter().position(|one| one == name));
                assert_eq!(&names, found, "{operators}");
            }
            for (query, variables) in [
                (
                    "query ($v: JSON) { customerSegments(where: { criteria: { contains: { id: $v } } }) { nodes { name } } }",
                    json!({"v": value}),
                ),
                (
                    "query ($v: JSON) { customerSegments(where: { criteria: { contains: $v } }) { nodes { name } } }",
                    json!({"v": {"deep": [{"n": value}]}}),
                ),
                (
                    "query ($v: CustomerSegmentFilter) { customerSegments(where: $v) { nodes { name } } }",
                    json!({"v": {"criteria": {"path": {"keys": "id", "eq": value}}}}),
                ),
            ] {
                assert_eq!(names(&client, query, variables).await, equal, "{query}");
            }
            // A default is a third way in.
            let query = format!(
                "query ($v: JSON = {{ id: {number} }}) {{ customerSegments(where: {{ criteria: {{ contains: $v }} }}) {{ nodes {{ name }} }} }}"
            );
            assert_eq!(names(&client, &query, json!({})).await, equal, "{query}");
        }
        let (_, bytes) = client
            .ask_raw(
                Side::A,
                "{ customerSegments { nodes { criteria } } }",
                json!({}),
            )
            .await;
        let text = String::from_utf8(bytes).expect("UTF-8");
        for number in NUMBERS {
            assert!(
                text.contains(&format!("\"id\": {number},")),
                "{number}: {text}"
            );
        }
    });
}

#[test]
fn numbers_that_no_document_holds_are_refused() {
    run(async {
        let client = Client::new(crate::harness::database::seeded().await);
        for operators in [
            "contains: { id: 1e400000 }",
            "eq: [1e131072]",
            "path: { keys: [\"id\"], lt: 1e-16384 }",
        ] {
            let query = format!(
                "{{ customerSegments(where: {{ criteria: {{ {operators} }} }}) {{ totalCount }} }}"
            );
            let (_, answer) = client.ask(Side::A, &query, json!({})).await;
            assert_eq!(
                answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT",
                "{operators}: {answer}"
            );
        }
        // A member that looks like what the reader of JSON uses inside is none of a number.
        let filter = json!({"criteria": {"contains": {"$serde_json::private::Number": "1"}}});
        let query =
            "query ($w: CustomerSegmentFilter) { customerSegments(where: $w) { totalCount } }";
        let (status, answer) = client.ask(Side::A, query, json!({"w": filter})).await;
        assert_eq!(status, 400, "{answer}");
    });
}

/// Numbers as `Int` and `ID`, in documents and in variables.
#[test]
fn whole_numbers_are_read_as_graphql_says() {
    run(async {
        let client = Client::new(crate::harness::database::seeded().await);
        for (literal, good) in [
            ("2", true),
            ("-0", true),
            ("2.0", false),
            ("2e0", false),
            ("2147483648", false),
            ("12345678901234567890123", false),
            ("1e400000", false),
        ] {
            let query = format!(
                "{{ customers(where: {{ ordersCount: {{ gte: {literal} }} }}) {{ totalCount }} }}"
            );
            let (_, answer) = client.ask(Side::A, &query, json!({})).await;
            assert_eq!(answer.get("errors").is_none(), good, "{literal}: {answer}");
        }
        for (value, good) in [
            ("2", true),
            ("-0", true),
            ("-0.0", true),
            ("2.0", true),
            ("2e0", true),
            ("20e-1", true),
            ("2.5", false),
            ("2147483648", false),
            ("12345678901234567890123", false),
            ("1e400000", false),
        ] {
            let value: Value = serde_json::from_str(value).expect("a number");
            let query =
                "query ($n: Int) { customers(where: { ordersCount: { gte: $n } }) { totalCount } }";
            let (_, answer) = client.ask(Side::A, query, json!({"n": value})).await;
            assert_eq!(answer.get("errors").is_none(), good, "{value}: {answer}");
        }
    });
}
