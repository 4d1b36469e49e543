//! A variable without a value never makes a filter wider than the document has it.

use serde_json::{Value, json};

use super::nodes;
use crate::harness::client::Client;
use crate::harness::database::seeded;
use crate::harness::run;
use crate::harness::seed::{ROWS, Side};

const DECLARED: &str = "query ($e: String, $m: TextMode, $n: Boolean, $j: JSON, $email: StringOperators, $metadata: JSONOperators, $path: JSONPathFilter, $where: CustomerInteractionFilter, $list: [CustomerInteractionFilter!], $texts: [String!])";

async fn ask(client: &Client, filter: &str, variables: Value) -> Value {
    // All variables are used, so that the document is valid whatever the filter is.
    let used = "u: customerInteractions(where: { content: $email, metadata: $metadata, and: $list, not: { channel: { isNull: $n } } }, first: 0) @include(if: false) { totalCount }
        v: customerInteractions(where: $where, first: 0) @include(if: false) { totalCount }
        w: customerInteractions(where: { metadata: { path: $path, contains: $j }, content: { eq: $e, in: $texts, mode: $m } }, first: 0) @include(if: false) { totalCount }";
    let query =
        format!("{DECLARED} {{ customerInteractions({filter}) {{ nodes {{ id }} }} {used} }}");
    client.ask(Side::A, &query, variables).await.1
}

#[test]
fn a_missing_operand_is_an_error_that_names_its_variable() {
    run(async {
        let client = Client::new(seeded().await);
        for (filter, field, variable) in [
            ("content: { eq: $e }", "content", "e"),
            ("content: { eq: $e, ne: \"x\" }", "content", "e"),
            ("content: { eq: \"x\", mode: $m }", "content", "m"),
            ("content: { in: $texts }", "content", "texts"),
            ("content: { isNull: $n }", "content", "n"),
            ("and: [{ content: { eq: $e } }]", "content", "e"),
            ("or: { content: { eq: $e } }", "content", "e"),
            (
                "or: [{ channel: { isNull: true } }, { and: [{ not: { content: { like: $e } } }] }]",
                "content",
                "e",
            ),
            ("metadata: { contains: $j }", "metadata", "j"),
            ("metadata: { contains: { v: $j } }", "metadata", "j"),
            ("metadata: { eq: [1, [{ v: $j }]] }", "metadata", "j"),
            ("metadata: { contains: [$j] }", "metadata", "j"),
            ("metadata: { path: $path }", "metadata", "path"),
            (
                "metadata: { path: { keys: [\"a\"], eq: $j } }",
                "metadata",
                "j",
            ),
            (
                "metadata: { path: { keys: [\"a\"], eq: 1, contains: { b: $j } } }",
                "metadata",
                "j",
            ),
            ("not: { content: $email }", "not", "email"),
            (
                "or: [{ content: { eq: \"x\" } }, { content: $email }]",
                "or",
                "email",
            ),
            (
                "or: [{ and: [{ content: $email }, { metadata: $metadata }] }]",
                "or",
                "email",
            ),
            ("not: { not: { or: $list } }", "not", "list"),
        ] {
            let answer = ask(&client, &format!("where: {{ {filter} }}"), json!({})).await;
            let error = &answer["errors"][0];
            assert_eq!(
                error["extensions"]["code"], "BAD_USER_INPUT",
                "{filter}: {answer}"
            );
            assert_eq!(error["extensions"]["field"], field, "{filter}: {answer}");
            assert_eq!(
                error["extensions"]["variable"], variable,
                "{filter}: {answer}"
            );
            let message = error["message"].as_str().expect("a message");
            assert!(
                message.contains(&format!("`${variable}`")),
                "{filter}: {message}"
            );
            assert!(
                message.contains("whole"),
                "{filter} says what to do: {message}"
            );
            assert_eq!(answer.get("data"), None, "{filter}: {answer}");
        }
    });
}

#[test]
fn a_whole_field_or_filter_may_be_absent() {
    run(async {
        let client = Client::new(seeded().await);
        let none = json!({"content": {"eq": "nothing"}});
        for (filter, given, without, with) in [
            ("where: $where", json!({"where": none}), ROWS, 0),
            (
                "where: { content: $email }",
                json!({"email": {"eq": "nothing"}}),
                ROWS,
                0,
            ),
            (
                "where: { metadata: $metadata }",
                json!({"metadata": {"hasKey": "nothing"}}),
                ROWS,
                0,
            ),
            ("where: { and: $list }", json!({"list": [none]}), ROWS, 0),
            ("where: { or: $list }", json!({"list": [none]}), ROWS, 0),
            ("where: { or: $list }", json!({"list": []}), ROWS, 0),
            (
                "where: { and: [{ content: $email }] }",
                json!({"email": {"eq": "nothing"}}),
                ROWS,
                0,
            ),
            (
                "where: { not: { content: $email, channel: { isNull: false } } }",
                json!({"email": {"eq": "nothing"}}),
                0,
                ROWS,
            ),
            (
                "where: { or: [{ content: $email, channel: { isNull: true } }] }",
                json!({"email": {"eq": "nothing"}}),
                0,
                0,
            ),
            ("where: { not: $where }", json!({"where": none}), ROWS, ROWS),
        ] {
            for (variables, count) in [(json!({}), without), (given, with)] {
                let answer = ask(&client, filter, variables).await;
                assert_eq!(answer.get("errors"), None, "{filter}: {answer}");
                assert_eq!(
                    nodes(&answer, "customerInteractions").len(),
                    count,
                    "{filter}: {answer}"
                );
            }
        }
    });
}

#[test]
fn operators_without_one_are_refused_and_filters_without_conditions_hold() {
    run(async {
        let client = Client::new(seeded().await);
        let declared = "query ($w: CustomerInteractionFilter) { customerInteractions(where: $w) { nodes { id } } }";
        for (literal, filter) in [
            ("content: {}", json!({"content": {}})),
            (
                "content: { mode: INSENSITIVE }",
                json!({"content": {"mode": "INSENSITIVE"}}),
            ),
            ("content: null", json!({"content": null})),
            ("content: { eq: null }", json!({"content": {"eq": null}})),
            ("and: [{ content: {} }]", json!({"and": [{"content": {}}]})),
            ("or: [{ metadata: {} }]", json!({"or": [{"metadata": {}}]})),
            ("not: { content: {} }", json!({"not": {"content": {}}})),
            (
                "metadata: { path: { keys: [\"a\"] } }",
                json!({"metadata": {"path": {"keys": ["a"]}}}),
            ),
            (
                "metadata: { path: null }",
                json!({"metadata": {"path": null}}),
            ),
            ("metadata: { eq: null }", json!({"metadata": {"eq": null}})),
            ("and: null", json!({"and": null})),
            ("not: null", json!({"not": null})),
        ] {
            let query =
                format!("{{ customerInteractions(where: {{ {literal} }}) {{ nodes {{ id }} }} }}");
            for (query, variables) in [
                (query.as_str(), json!({})),
                (declared, json!({"w": filter})),
            ] {
                let (_, answer) = client.ask(Side::A, query, variables).await;
                let code = &answer["errors"][0]["extensions"]["code"];
                assert_eq!(code, "BAD_USER_INPUT", "{literal}: {answer}");
            }
        }
        for (filter, count) in [
            (json!({}), ROWS),
            (json!(null), ROWS),
            (json!({"and": []}), ROWS),
            (json!({"and": [{}]}), ROWS),
            (json!({"or": [{}]}), ROWS),
            (json!({"or": []}), 0),
            (json!({"not": {}}), 0),
            (json!({"not": {"not": {}}}), ROWS),
            (json!({"not": {"or": []}}), ROWS),
            (json!({"content": {"in": []}}), 0),
            (json!({"not": {"content": {"in": []}}}), ROWS),
        ] {
            let answer = client.query(Side::A, declared, json!({"w": filter})).await;
            assert_eq!(
                nodes(&answer, "customerInteractions").len(),
                count,
                "{filter}"
            );
        }
    });
}

#[test]
fn an_order_is_never_another_one() {
    run(async {
        let client = Client::new(seeded().await);
        for (declared, order) in [
            ("$d: SortDirection", "{ createdAt: $d }"),
            ("$d: SortDirection", "[{ id: ASC }, { createdAt: $d }]"),
            ("$d: SortDirection! = DESC", "[{ createdAt: $d, id: ASC }]"),
            ("$d: SortDirection!", "{ createdAt: $d }"),
            ("$d: CustomerOrderBy", "[$d]"),
        ] {
            let query = format!(
                "query ({declared}) {{ customers(orderBy: {order}) {{ nodes {{ id }} }} }}"
            );
            let (_, answer) = client.ask(Side::A, &query, json!({})).await;
            assert!(
                answer["errors"][0]["message"].is_string(),
                "{declared} {order}: {answer}"
            );
            assert_eq!(answer.get("data"), None, "{declared} {order}: {answer}");
        }
        let query = "query ($o: [CustomerOrderBy!]) { customers(orderBy: $o) { nodes { id } } }";
        let answer = client.query(Side::A, query, json!({})).await;
        assert_eq!(nodes(&answer, "customers").len(), ROWS);
    });
}

#[test]
fn lists_hold_no_null() {
    run(async {
        let client = Client::new(seeded().await);
        for query in [
            "{ customers(where: { tags: { contains: [null] } }) { totalCount } }",
            "{ customers(where: { email: { in: [\"a\", null] } }) { totalCount } }",
            "query ($v: String) { customers(where: { email: { in: [\"a\", $v] } }) { totalCount } }",
            "query ($v: String = \"a\") { customers(where: { email: { notIn: [$v] } }) { totalCount } }",
        ] {
            for variables in [json!({}), json!({"v": null})] {
                let (_, answer) = client.ask(Side::A, query, variables.clone()).await;
                // A default is a value.
                if query.contains("= \"a\"") && variables == json!({}) {
                    assert_eq!(answer.get("errors"), None, "{query}: {answer}");
                    continue;
                }
                assert_eq!(answer.get("data"), None, "{query} {variables}: {answer}");
                let code = answer["errors"][0]["extensions"]["code"].as_str();
                assert!(
                    matches!(code, Some("BAD_USER_INPUT" | "GRAPHQL_VALIDATION_FAILED")),
                    "{query}: {answer}"
                );
            }
        }
        let query =
            "query ($v: [String!]) { customers(where: { tags: { overlaps: $v } }) { totalCount } }";
        let (_, answer) = client.ask(Side::A, query, json!({"v": ["a", null]})).await;
        assert_eq!(
            answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT",
            "{answer}"
        );
    });
}
