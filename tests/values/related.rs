//! Filters over relations, groups and paths that cannot be read: each error says what to write
//! instead, and nothing of the document runs.

use serde_json::{Value, json};

use crate::harness::client::Client;
use crate::harness::database::seeded;
use crate::harness::run;
use crate::harness::seed::Side;

#[test]
fn what_cannot_be_read_is_an_error_that_helps() {
    let orders = |arguments: &str| {
        let declared = [
            ("$v", "Boolean"),
            ("$n", "Int"),
            ("$s", "String"),
            ("$f", "CustomerFilter"),
        ];
        let used = declared
            .iter()
            .filter(|(name, _)| arguments.contains(name))
            .map(|(name, of)| format!("({name}: {of})"));
        format!("query {} {{ orders{arguments} }}", used.collect::<String>())
    };
    let list = |arguments: &str| orders(&format!("({arguments}) {{ totalCount }}"));
    let groups = |arguments: &str| orders(&format!(" {{ groups({arguments}) {{ totalCount }} }}"));
    // A query, its variables, the field that the error is about, and a part of the message.
    let cases: Vec<(String, Value, &str, &str)> = vec![
        (
            list("where: { customer: null }"),
            json!({}),
            "customer",
            "{ customerId: { isNull: true } }",
        ),
        (
            list("where: { items: {} }"),
            json!({}),
            "items",
            "`some`, `none`, `every` and `aggregate`",
        ),
        (
            list("where: { items: { some: null } }"),
            json!({}),
            "items",
            "`items.some` is null",
        ),
        (
            list("where: { items: { aggregate: {} } }"),
            json!({}),
            "aggregate",
            "such as { count: { gt: 3 } }",
        ),
        (
            list("where: { items: { aggregate: { count: {} } } }"),
            json!({}),
            "count",
            "at least one operator",
        ),
        (
            list("where: { items: { aggregate: { quantity: { sum: { gt: null } } } } }"),
            json!({}),
            "quantity.sum",
            "is null",
        ),
        (
            list("where: { items: { aggregate: { count: { gt: $n } } } }"),
            json!({}),
            "aggregate",
            "`$n` has no value",
        ),
        (
            list("where: { customer: { email: { eq: $s } } }"),
            json!({}),
            "email",
            "`$s` has no value",
        ),
        (
            list("where: { customer: { orders: { some: { customer: $f } } } }"),
            json!({}),
            "some",
            "`$f` has no value",
        ),
        (list("orderBy: [{ customer: {} }]"), json!({}), "", ""),
        (
            list("orderBy: [{ items: { aggregate: { quantity: { sum: UP } } } }]"),
            json!({}),
            "",
            "",
        ),
        (groups("by: []"), json!({}), "by", "1 to 10 keys"),
        (
            groups("by: [{ status: false }]"),
            json!({}),
            "status",
            "leave it out otherwise",
        ),
        (
            groups("by: [{ status: $v }]"),
            json!({}),
            "",
            "declare it with `!`",
        ),
        (
            groups("by: [{ status: true }, { status: true }]"),
            json!({}),
            "by",
            "`status` twice",
        ),
        (
            groups("by: [{ orderDate: { bucket: DAY, timeZone: \"\" } }]"),
            json!({}),
            "timeZone",
            "IANA",
        ),
        (
            groups("by: [{ orderDate: { bucket: DAY, timeZone: \"'; drop table orders; --\" } }]"),
            json!({}),
            "timeZone",
            "IANA",
        ),
        (
            groups("by: [{ status: true }], fill: ZERO"),
            json!({}),
            "fill",
            "exactly one key",
        ),
        (
            groups(
                "by: [{ orderDate: { bucket: DAY } }, { createdAt: { bucket: DAY } }], fill: ZERO",
            ),
            json!({}),
            "fill",
            "exactly one key",
        ),
        (
            groups("by: [{ status: true }], orderBy: [{ key: { channel: ASC } }]"),
            json!({}),
            "orderBy",
            "the keys that `by` names",
        ),
        (
            groups("by: [{ status: true }], having: { count: { gt: $n } }"),
            json!({}),
            "having",
            "`$n` has no value",
        ),
        (
            groups("by: [{ status: true }], first: 501"),
            json!({}),
            "first",
            "the limit is 500",
        ),
        (
            groups("by: [{ status: true }], after: \"x\""),
            json!({}),
            "after",
            "not a cursor",
        ),
    ];
    run(async {
        let client = Client::new(seeded().await);
        for (query, variables, field, part) in cases {
            let answer = client.query(Side::A, &query, variables).await;
            assert!(answer.get("data").is_none(), "{query}: {answer}");
            let error = &answer["errors"][0];
            let message = error["message"].as_str().expect("a message");
            assert!(message.contains(part), "{query}: {message}");
            if !field.is_empty() {
                assert_eq!(
                    error["extensions"]["code"], "BAD_USER_INPUT",
                    "{query}: {answer}"
                );
                assert_eq!(error["extensions"]["field"], field, "{query}: {answer}");
                assert!(error["path"].is_array(), "{query}: {answer}");
            }
        }
    });
}

#[test]
fn a_cursor_of_groups_belongs_to_their_keys_and_order() {
    run(async {
        let client = Client::new(seeded().await);
        let query = "query ($by: [OrderGroupBy!]!, $order: [OrderGroupOrderBy!], $after: String) { orders { groups(by: $by, orderBy: $order, first: 1, after: $after) { nodes { count } pageInfo { endCursor } } } }";
        let day = |zone: &str| json!([{"orderDate": {"bucket": "DAY", "timeZone": zone}}]);
        let order = json!([{"count": "DESC"}]);
        let first = client
            .query(Side::A, query, json!({"by": day("UTC"), "order": order}))
            .await;
        let cursor = &first["data"]["orders"]["groups"]["pageInfo"]["endCursor"];
        assert!(cursor.is_string(), "{first}");
        let again = json!({"by": day("UTC"), "order": order, "after": cursor});
        let next = client.query(Side::A, query, again.clone()).await;
        assert!(next.get("errors").is_none(), "{next}");
        for other in [
            json!({"by": day("Asia/Tokyo"), "order": order, "after": cursor}),
            json!({"by": day("UTC"), "after": cursor}),
            json!({"by": [{"orderDate": {"bucket": "WEEK"}}], "order": order, "after": cursor}),
        ] {
            let answer = client.query(Side::A, query, other.clone()).await;
            assert_eq!(
                answer["errors"][0]["extensions"]["field"], "after",
                "{other}: {answer}"
            );
        }
        let foreign = client.query(Side::B, query, again).await;
        assert_eq!(
            foreign["errors"][0]["extensions"]["field"], "after",
            "{foreign}"
        );
    });
}
