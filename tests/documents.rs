//! What a document and its variables may be, where the validation of async-graphql has holes: each
//! refusal has its code, and whatever is allowed is answered.

use serde_json::{Value, json};
use tessera::session::Role;

use crate::harness::client::{Client, token_of};
use crate::harness::database::seeded;
use crate::harness::run;
use crate::harness::seed::Side;

/// Asks and gives the code of the first error with its field, or the data.
async fn outcome(client: &Client, query: &str, variables: Value) -> Result<Value, (String, Value)> {
    let (_, answer) = client.ask(Side::A, query, variables).await;
    match answer.get("errors") {
        None => Ok(answer["data"].clone()),
        Some(errors) => {
            let extensions = &errors[0]["extensions"];
            let code = extensions["code"].as_str().expect("a code").to_owned();
            assert_ne!(errors[0]["message"], json!(""), "{answer}");
            Err((code, extensions["field"].clone()))
        }
    }
}

#[test]
fn variables_are_read_by_their_types() {
    let first = "query ($a: Int!) { customers(first: $a) { totalCount } }";
    let default = "query ($a: Int = 2) { customers(first: $a) { totalCount } }";
    let filter = "query ($a: CustomerFilter) { customers(where: $a) { totalCount } }";
    let order = "query ($a: [CustomerOrderBy!]) { customers(orderBy: $a) { totalCount } }";
    let skipped = "query ($a: Boolean!) { customers { totalCount @skip(if: $a) } }";
    let id = "query ($a: ID!) { customer(id: $a) { id } }";
    // A query, the value of `$a` (null for none where it is `absent`), and the field it is refused at.
    let absent = json!("absent");
    let cases = [
        (first, json!(1), None),
        (first, json!(1.0), None),
        (first, absent.clone(), Some("a")),
        (first, Value::Null, Some("a")),
        (first, json!("1"), Some("a")),
        (first, json!(1.5), Some("a")),
        (first, json!(true), Some("a")),
        (first, json!([1]), Some("a")),
        (first, json!({}), Some("a")),
        (first, json!(1_i64 << 31), Some("a")),
        (first, json!(1e300), Some("a")),
        (default, absent.clone(), None),
        (default, Value::Null, None),
        (default, json!("x"), Some("a")),
        (filter, absent.clone(), None),
        (filter, Value::Null, None),
        (filter, json!({}), None),
        (filter, json!([]), Some("a")),
        (filter, json!("x"), Some("a")),
        (filter, json!({"nope": {"eq": 1}}), Some("a.nope")),
        (filter, json!({"email": {"nope": 1}}), Some("a.email.nope")),
        (filter, json!({"email": "x"}), Some("a.email")),
        (filter, json!({"email": {"eq": 3}}), Some("a.email.eq")),
        (filter, json!({"email": {"in": "x"}}), None),
        (
            filter,
            json!({"email": {"in": ["x", null]}}),
            Some("a.email.in.1"),
        ),
        (
            filter,
            json!({"email": {"in": [["x"]]}}),
            Some("a.email.in.0"),
        ),
        (
            filter,
            json!({"email": {"eq": "x", "mode": "FOO"}}),
            Some("a.email.mode"),
        ),
        (
            filter,
            json!({"email": {"eq": "x", "mode": "INSENSITIVE"}}),
            None,
        ),
        (
            filter,
            json!({"status": {"eq": "NOPE"}}),
            Some("a.status.eq"),
        ),
        (
            filter,
            json!({"status": {"eq": "active"}}),
            Some("a.status.eq"),
        ),
        (filter, json!({"status": {"in": ["ACTIVE"]}}), None),
        (
            filter,
            json!({"vipStatus": {"eq": "true"}}),
            Some("a.vipStatus.eq"),
        ),
        (filter, json!({"or": {"email": {"eq": "x"}}}), None),
        (filter, json!({"or": [null]}), Some("a.or.0")),
        (
            filter,
            json!({"or": [{"not": {"email": {"eq": false}}}]}),
            Some("a.or.0.not.email.eq"),
        ),
        (order, json!([]), None),
        (order, json!({"email": "ASC"}), None),
        (order, json!([{"email": "ASC", "id": "ASC"}]), Some("a.0")),
        (order, json!([{"email": "ASC", "id": null}]), Some("a.0")),
        (order, json!([{"email": null}]), Some("a.0")),
        (order, json!([{}]), Some("a.0")),
        (order, json!([{"email": "UP"}]), Some("a.0.email")),
        (order, json!([[{"email": "ASC"}]]), Some("a.0")),
        (order, json!("email"), Some("a")),
        (skipped, json!(true), None),
        (skipped, absent.clone(), Some("a")),
        (skipped, Value::Null, Some("a")),
        (skipped, json!("yes"), Some("a")),
        (skipped, json!(0), Some("a")),
        (id, absent.clone(), Some("a")),
        (id, json!(true), Some("a")),
    ];
    run(async {
        let client = Client::new(seeded().await);
        for (query, value, refused_at) in cases {
            let variables = if value == absent {
                json!({})
            } else {
                json!({"a": value})
            };
            let outcome = outcome(&client, query, variables).await;
            match refused_at {
                None => assert!(outcome.is_ok(), "{query} with {value}: {outcome:?}"),
                Some(field) => {
                    let refused = Err(("BAD_USER_INPUT".to_owned(), json!(field)));
                    assert_eq!(outcome, refused, "{query} with {value}");
                }
            }
        }
    });
}

#[test]
fn documents_that_break_the_specification_are_refused() {
    let cases = [
        "{ __typename { x } }",
        "{ __typename(x: 1) }",
        "{ customers { nodes { __typename { x } } } }",
        "query ($a: Boolean) { customers { totalCount @skip(if: $a) } }",
        "query ($a: String) { customers(first: $a) { totalCount } }",
        "query ($a: [Int]) { customers(first: $a) { totalCount } }",
        "query ($a: Int) { customers(where: { email: { eq: $a } }) { totalCount } }",
        "query ($a: String) { customers(where: { email: { in: $a } }) { totalCount } }",
        "query ($a: String) { customers(where: { email: { in: [$a] } }) { totalCount } }",
        "query ($a: [String]) { customers(where: { email: { in: $a } }) { totalCount } }",
        "query ($a: OrderFilter) { customers(where: $a) { totalCount } }",
        "query ($a: SortDirection) { customers(orderBy: { email: $a }) { totalCount } }",
        "query ($a: ID) { customer(id: $a) { id } }",
        "query ($a: Int) { customers { countUpTo(limit: $a) { value } } }",
        "query ($a: String) { customers { nodes { ...F } } } fragment F on Customer { orders(first: $a) { totalCount } }",
        "query ($a: Int @skip(if: true)) { customers(first: $a) { totalCount } }",
        "{ customers(where: { status: { eq: \"ACTIVE\" } }) { totalCount } }",
        "{ customers(orderBy: [{ email: \"ASC\" }]) { totalCount } }",
        "{ customers(where: { email: { eq: \"a\", eq: \"b\" } }) { totalCount } }",
        "{ customers { nodes { x: id ... on Node { x: nodeId } } } }",
        "{ customers { nodes { x: id ... on Customer { x: email } } } }",
        "{ customers(first: 1) { totalCount } ...F } fragment F on Query { customers(first: 2) { totalCount } }",
        "{ customers { nodes { orders(first: 1) { totalCount } } } customers { nodes { orders { totalCount } } } }",
        "{ customers { x: totalCount } customers { x: pageInfo { hasNextPage } } }",
        "{ customers { edges { x: cursor } edges { x: node { id } } } }",
        "{ viewer { workspaces(first: 1) { totalCount } } ... { viewer { workspaces { totalCount } } } }",
        "mutation { x }",
        "subscription { x }",
        "{ node(nodeId: \"x\") { ... on Customer { a: id } ... on Order { a: currency b: totalAmount } ... on Product { b: id } } }",
        "{ node(nodeId: \"x\") { ... on Customer { a: orders { nodes { id } } } ... on Order { a: orderNumber } } }",
        "query ($a: String) { customers(where: { email: { eq: $a, nope: 1 } }) { totalCount } }",
        "query ($a: String) { customers(where: { email: { eq: $a }, vipStatus: { eq: 1 } }) { totalCount } }",
        "query ($a: SortDirection! = ASC) { customers(orderBy: [{ email: $a, id: ASC }]) { totalCount } }",
        "query ($a: [Nope] = [1]) { customers(first: $a) { totalCount } }",
        "query ($a: Customer) { customers(first: $a) { totalCount } }",
        "query ($a: Int = 2147483648) { customers(first: $a) { totalCount } }",
        "query ($a: CustomerFilter = { nope: 1 }) { customers(where: $a) { totalCount } }",
        "{ customers(first: 2147483648) { totalCount } }",
        "{ customers(first: 1.0) { totalCount } }",
    ];
    run(async {
        let client = Client::new(seeded().await);
        for query in cases {
            let (_, answer) = client.ask(Side::A, query, json!({})).await;
            assert_eq!(answer.get("data"), None, "{query}: {answer}");
            let codes: Vec<_> = answer["errors"]
                .as_array()
                .expect("errors")
                .iter()
                .map(|error| error["extensions"]["code"].clone())
                .collect();
            assert!(
                codes.iter().all(|code| code == "GRAPHQL_VALIDATION_FAILED"),
                "{query}: {answer}"
            );
        }
    });
}

#[test]
fn documents_that_the_specification_allows_are_answered() {
    let cases = [
        (
            "query ($a: Boolean!) { a: __typename @skip(if: $a) b: __typename }",
            json!({"b": "Query"}),
        ),
        (
            "query ($a: Boolean!) { ...F } fragment F on Query { a: __typename @include(if: $a) }",
            json!({"a": "Query"}),
        ),
        (
            "query ($a: Boolean! = false) { __schema @skip(if: $a) { __typename @include(if: $a) } }",
            json!({}),
        ),
        (
            "query ($a: Boolean = true) { a: __typename @skip(if: $a) }",
            json!({}),
        ),
        (
            "{ customers(first: 0) { nodes { id } } customers(first: 0) { totalCount @skip(if: true) } }",
            json!({"customers": {"nodes": []}}),
        ),
        (
            r#"{ customers(where: { email: { eq: "\ud83d\ude00\u{1F600}" } }) { totalCount } }"#,
            json!({"customers": {"totalCount": 0}}),
        ),
        (
            "{ customers(first: -0) { nodes { id } } }",
            json!({"customers": {"nodes": []}}),
        ),
        (
            "query ($b: Boolean) { __type(name: \"PageInfo\") { fields(includeDeprecated: $b) { name } } }",
            json!({"__type": {"fields": [
                {"name": "hasNextPage"}, {"name": "hasPreviousPage"},
                {"name": "startCursor"}, {"name": "endCursor"},
            ]}}),
        ),
        (
            "{ __type(name: \"OrderStatus\") { fields(includeDeprecated: null) { name } } }",
            json!({"__type": {"fields": null}}),
        ),
        ("query ($a: Boolean) { a: __typename } ", Value::Null),
    ];
    run(async {
        let client = Client::new(seeded().await);
        for (query, expected) in cases {
            let outcome = outcome(&client, query, json!({"a": true})).await;
            match expected {
                Value::Null => assert!(outcome.is_err(), "{query}: an unused variable is refused"),
                expected => assert_eq!(outcome, Ok(expected), "{query}"),
            }
        }
    });
}

#[test]
fn brackets_without_end_are_refused_and_the_server_lives() {
    run(async {
        let client = Client::new(seeded().await);
        for levels in [51, 5_000] {
            let filter = format!("{}{{}}{}", "{ not: ".repeat(levels), "}".repeat(levels));
            let query = format!("{{ customers(where: {filter}) {{ totalCount }} }}");
            let refused = Err(("QUERY_TOO_EXPENSIVE".to_owned(), Value::Null));
            assert_eq!(outcome(&client, &query, json!({})).await, refused);
        }
        let query = "{ a".repeat(100_000);
        let refused = Err(("QUERY_TOO_EXPENSIVE".to_owned(), Value::Null));
        assert_eq!(outcome(&client, &query, json!({})).await, refused);
        // As deep as can be asked, in the document and in variables.
        let deep = |levels| format!("{}{{}}{}", "{ not: ".repeat(levels), "}".repeat(levels));
        let query = format!("{{ customers(where: {}) {{ totalCount }} }}", deep(49));
        assert!(outcome(&client, &query, json!({})).await.is_ok());
        let nested = (0..49).fold(json!({}), |inner, _| json!({"not": inner}));
        let query = "query ($a: CustomerFilter) { customers(where: $a) { totalCount } }";
        assert!(outcome(&client, query, json!({"a": nested})).await.is_ok());
    });
}

/// The validator gathers some errors in hash tables.
#[test]
fn errors_stand_in_the_order_of_the_document() {
    run(async {
        let client = Client::new(seeded().await);
        let terms: Vec<String> = (1..10)
            .map(|number| format!("{{ id: $v{number} }}"))
            .collect();
        let query = format!(
            "query Q {{ orders(orderBy: [{}]) {{ totalCount }} }}",
            terms.join(", ")
        );
        let (_, answer) = client.ask(Side::A, &query, json!({})).await;
        let errors = answer["errors"].as_array().expect("errors");
        let columns: Vec<_> = errors
            .iter()
            .map(|error| error["locations"][1]["column"].as_u64().expect("a column"))
            .collect();
        assert_eq!(columns.len(), 9, "{answer}");
        assert!(columns.is_sorted(), "{columns:?}");

        // What a role does not see is looked for in fragments that stand in a hash table, too.
        let fragments: Vec<String> = (1..10)
            .map(|number| format!("fragment F{number} on Transaction {{ id }}"))
            .collect();
        let query = format!("{{ viewer {{ role }} }} {}", fragments.join(" "));
        let viewer = token_of(Side::A.user(), &[(Side::A, Role::Viewer)]);
        let (_, answer) = client.ask_as(&viewer, &query, json!({})).await;
        let errors = answer["errors"].as_array().expect("errors");
        let columns: Vec<_> = errors
            .iter()
            .map(|error| error["locations"][0]["column"].as_u64().expect("a column"))
            .collect();
        assert_eq!(columns.len(), 9, "{answer}");
        assert!(columns.is_sorted(), "{columns:?}");
    });
}
