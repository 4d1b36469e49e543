//! The limits of a request through the real router: each has an error that names it, nothing is
//! read before they are looked at, and the cost of an operation is told when asked for.

use std::sync::Mutex;

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};
use tessera::engine::Limits;

use crate::harness::client::{Client, token};
use crate::harness::database::{STATEMENTS, seeded};
use crate::harness::run;
use crate::harness::seed::Side;
use crate::queries::{cases, variables};

async fn client(limits: Limits) -> Client {
    Client::with_engine(seeded().await, crate::harness::client::engine(limits))
}

/// Asks for the cost too.
async fn with_cost(client: &Client, side: Side, query: &str, variables: &Value) -> Value {
    let body = json!({"query": query, "variables": variables});
    let request = Request::post("/graphql")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::AUTHORIZATION, format!("Bearer {}", token(side)))
        .header("X-GraphQL-Cost", "1")
        .body(Body::from(body.to_string()))
        .expect("a request");
    let (_, bytes) = client.send(request).await;
    serde_json::from_slice(&bytes).expect("JSON")
}

#[test]
fn each_limit_refuses_by_name_before_anything_is_read() {
    let small = Limits {
        max_query_bytes: 600,
        max_tokens: 100,
        max_nesting: 12,
        max_depth: 8,
        max_fields: 15,
        max_root_fields: 5,
        max_aliases: 4,
        max_directives: 6,
        max_directives_per_location: 2,
        max_list_depth: 2,
        max_schema_depth: 2,
        max_schema_values: 100,
        max_variable_bytes: 100,
        max_variable_values: 10,
        max_input_depth: 4,
        max_conditions: 3,
        max_cost: 50,
        max_statements: 4,
        max_page: 40,
        max_written_rows: 100,
        max_answer_bytes: 10_000,
        default_page: 5,
    };
    let of = "query ($a: CustomerFilter) { customers(where: $a) { totalCount } }";
    let none = json!({});
    let fields = |count: usize| "id ".repeat(count);
    // A query, its variables, and the limit with what was counted.
    let cases = [
        (format!("{{ __typename }}{}", " ".repeat(587)), none.clone(), "max_query_bytes", 601),
        (format!("{{ {} }}", "id ".repeat(100)), none.clone(), "max_tokens", 101),
        (format!("{}a{}", "{ a ".repeat(13), "}".repeat(13)), none.clone(), "max_nesting", 13),
        (format!("{}a{}", "{ a ".repeat(9), "}".repeat(9)), none.clone(), "max_depth", 9),
        (format!("{{ customers {{ nodes {{ {} }} }} }}", fields(14)), none.clone(), "max_fields", 16),
        (format!("{{ {} }}", "__typename ".repeat(6)), none.clone(), "max_root_fields", 6),
        ("{ customers { nodes { a: id b: id c: id d: id e: id } } }".to_owned(), none.clone(), "max_aliases", 5),
        (format!("{{ customers {{ nodes {{ {} }} }} }}", "id @skip(if: true) ".repeat(7)), none.clone(), "max_directives", 7),
        ("{ __typename @skip(if: true) @skip(if: true) @skip(if: true) }".to_owned(), none.clone(), "max_directives_per_location", 3),
        ("{ customers { nodes { orders { nodes { items { edges { cursor } } } } } } }".to_owned(), none.clone(), "max_list_depth", 3),
        ("{ __schema { types { fields { args { name } } } } }".to_owned(), none.clone(), "max_schema_depth", 3),
        ("{ __schema { types { name } } }".to_owned(), none.clone(), "max_schema_values", 101),
        (of.to_owned(), json!({"a": {"email": {"eq": "x".repeat(100)}}}), "max_variable_bytes", 108),
        (of.to_owned(), json!({"a": {"email": {"in": vec!["x"; 10]}}}), "max_variable_values", 11),
        (of.to_owned(), json!({"a": {"not": {"not": {"not": {"not": {}}}}}}), "max_input_depth", 5),
        ("{ customers(where: { not: { not: { not: { not: {} } } } }) { totalCount } }".to_owned(), none.clone(), "max_input_depth", 5),
        ("{ customers(where: { or: [{}, { email: { ne: \"x\" } }, { email: { eq: \"x\", ne: \"y\" } }] }) { totalCount } }".to_owned(), none.clone(), "max_conditions", 4),
        ("{ customers(first: 5) { nodes { orders(first: 10) { nodes { id } } } } }".to_owned(), none.clone(), "max_cost", 56),
        ("{ customers(first: 1) { totalCount nodes { a: orders { totalCount } b: orders { totalCount } c: orders { totalCount } } } }".to_owned(), none.clone(), "max_statements", 5),
    ];
    run(async {
        let client = client(small).await;
        for (query, variables, name, cost) in cases {
            let answer = STATEMENTS.scope(Mutex::default(), async {
                let (_, answer) = client.ask(Side::A, &query, variables).await;
                let sent = STATEMENTS.with(|sent| sent.lock().expect("no panic").clone());
                assert!(sent.is_empty(), "{name}: {sent:?}");
                answer
            });
            let answer = answer.await;
            assert_eq!(answer.get("data"), None, "{name}: {answer}");
            let error = &answer["errors"][0];
            let limit = serde_json::to_value(small_limit(&small, name)).expect("a number");
            let expected =
                json!({"code": "QUERY_TOO_EXPENSIVE", "name": name, "cost": cost, "limit": limit});
            assert_eq!(error["extensions"], expected, "{query}: {answer}");
            let message = error["message"].as_str().expect("a message");
            assert!(message.contains(&format!("`{name}`")), "{message}");
        }
        // What the page may hold is said with the argument that asks for more.
        let (_, answer) = client
            .ask(Side::A, "{ customers(first: 41) { nodes { id } } }", none)
            .await;
        assert_eq!(
            answer["errors"][0]["extensions"],
            json!({"code": "BAD_USER_INPUT", "field": "first", "limit": 40})
        );
    });
}

fn small_limit(limits: &Limits, name: &str) -> u64 {
    let limit = tessera::guard::Limit::ALL
        .iter()
        .find(|limit| limit.name() == name);
    limits.of(*limit.expect("a limit of that name"))
}

#[test]
fn nothing_costs_more_than_it_was_thought_to() {
    run(async {
        let client = client(Limits::default()).await;
        let mut told = 0;
        for path in cases() {
            let query = std::fs::read_to_string(&path).expect("a query");
            for side in [Side::A, Side::B] {
                let variables = variables(&client, &query, side).await;
                let answer = with_cost(&client, side, &query, &variables).await;
                let cost = &answer["extensions"]["cost"];
                let number = |name: &str| cost[name].as_u64().expect("a number");
                assert!(
                    number("actual") <= number("requested"),
                    "{}: {cost}",
                    path.display()
                );
                assert!(
                    number("rows") + number("statements") <= number("actual"),
                    "{}: {cost}",
                    path.display()
                );
                assert_eq!(number("limit"), Limits::default().max_cost);
                told += number("rows");
            }
        }
        assert!(told > 100, "the queries read {told} rows");
    });
}

#[test]
fn the_cost_is_told_when_asked_for_and_is_the_budget() {
    let query = "{ customers(first: 3) { totalCount nodes { id orders(first: 2) { nodes { id customer { id } } } } } }";
    // The count is one row; 3 customers; 2 orders of each; a customer of each order; 4 statements.
    let requested = 1 + 3 + 6 + 6 + 4;
    run(async {
        let generous = client(Limits::default()).await;
        let answer = with_cost(&generous, Side::A, query, &json!({})).await;
        let cost = &answer["extensions"]["cost"];
        assert_eq!(cost["requested"], json!(requested), "{answer}");
        assert_eq!(cost["statements"], json!(4), "{answer}");
        let (_, silent) = generous.ask(Side::A, query, json!({})).await;
        assert_eq!(silent.get("extensions"), None, "{silent}");
        assert_eq!(silent["data"], answer["data"]);

        for (max_cost, fits) in [(requested, true), (requested - 1, false)] {
            let limits = Limits {
                max_cost,
                ..Limits::default()
            };
            let answer = with_cost(&client(limits).await, Side::A, query, &json!({})).await;
            assert_eq!(answer.get("data").is_some(), fits, "{answer}");
        }
        // Vectors and rows with many values weigh more than a row of an id.
        let cost = async |fields: &str| {
            let query = format!("{{ customers(first: 10) {{ nodes {{ {fields} }} }} }}");
            let answer = with_cost(&generous, Side::A, &query, &json!({})).await;
            answer["extensions"]["cost"]["requested"]
                .as_u64()
                .expect("a number")
        };
        assert_eq!(cost("id email").await, 11);
        let wide: String = (0..41).map(|index| format!("a{index}: email ")).collect();
        assert_eq!(cost(&wide).await, 31);
    });
}

/// The question that tools send when they want the whole schema.
const WHOLE_SCHEMA: &str = "query ($all: Boolean) { __schema { description queryType { name } mutationType { name } subscriptionType { name }
  types { ...T } directives { name description isRepeatable locations args(includeDeprecated: $all) { ...I } } } }
fragment T on __Type { kind name description specifiedByURL isOneOf
  fields(includeDeprecated: $all) { name description args(includeDeprecated: $all) { ...I } type { ...R } isDeprecated deprecationReason }
  inputFields(includeDeprecated: $all) { ...I } interfaces { ...R }
  enumValues(includeDeprecated: $all) { name description isDeprecated deprecationReason } possibleTypes { ...R } }
fragment I on __InputValue { name description type { ...R } defaultValue isDeprecated deprecationReason }
fragment R on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }";

#[test]
fn the_whole_schema_may_be_asked_for_and_no_more() {
    run(async {
        let client = client(Limits::default()).await;
        for variables in [json!({}), json!({"all": null}), json!({"all": true})] {
            let (_, answer) = client.ask(Side::A, WHOLE_SCHEMA, variables).await;
            assert_eq!(answer.get("errors"), None);
            assert!(
                answer["data"]["__schema"]["types"]
                    .as_array()
                    .is_some_and(|types| types.len() > 300)
            );
        }
        let code = async |query: &str| {
            let (_, answer) = client.ask(Side::A, query, json!({})).await;
            answer["errors"][0]["extensions"]["name"].clone()
        };
        let circle =
            "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }";
        assert_eq!(code(circle).await, "max_schema_depth");
        // Wide instead of deep: each of these is allowed once.
        let wide: String = (0..60)
            .map(|index| {
                format!(
                    "a{index}: types {{ fields {{ args {{ name }} }} inputFields {{ name }} }} "
                )
            })
            .collect();
        assert_eq!(
            code(&format!("{{ __schema {{ {wide} }} }}")).await,
            "max_schema_values"
        );
    });
}
