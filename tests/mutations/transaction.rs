//! An operation is one transaction, in the order of its fields, and may be tried without effect.

use axum::http::StatusCode;
use serde_json::{Value, json};
use tessera::engine::Limits;
use tessera::rate::{RateOptions, Rates};

use super::{World, document, id};
use crate::harness::client::{Client, token};
use crate::harness::run;
use crate::harness::seed::{ROWS, Side};

#[test]
fn root_fields_are_written_one_after_the_other() {
    run(async {
        let world = World::new().await;
        let count =
            "query { genres(where: { name: { eq: \"x\" } }) { totalCount nodes { description } } }";
        let query = format!(
            "mutation {{ __typename \
             a: createGenre(input: {{ genre: {{ name: \"x\" }} }}) {{ created changed {{ kind }} {count} }} \
             b: updateGenre(input: {{ by: {{ name: \"x\" }}, patch: {{ description: \"d\" }} }}) {{ genre {{ description }} changed {{ kind }} {count} }} \
             c: deleteGenre(input: {{ by: {{ name: \"x\" }} }}) {{ genre {{ description }} changed {{ kind }} {count} }} \
             d: upsertGenre(input: {{ genre: {{ name: \"x\", description: \"new\" }}, by: NAME }}) {{ created changed {{ kind }} {count} }} }}"
        );
        let (_, answer) = world.ask(&query, json!({})).await;
        let found = |rows: Value| json!({"genres": {"totalCount": rows.as_array().map(Vec::len), "nodes": rows}});
        assert_eq!(
            answer,
            json!({"data": {
                "__typename": "Mutation",
                "a": {"created": true, "changed": [{"kind": "CREATED"}], "query": found(json!([{"description": null}]))},
                "b": {"genre": {"description": "d"}, "changed": [{"kind": "UPDATED"}], "query": found(json!([{"description": "d"}]))},
                "c": {"genre": {"description": "d"}, "changed": [{"kind": "DELETED"}], "query": found(json!([]))},
                "d": {"created": true, "changed": [{"kind": "CREATED"}], "query": found(json!([{"description": "new"}]))},
            }})
        );
        let (_, answer) = world.ask("mutation { __typename }", json!({})).await;
        assert_eq!(answer, json!({"data": {"__typename": "Mutation"}}));
    });
}

/// The later field fails in the database, after the first one has written.
#[test]
fn a_failure_of_any_kind_writes_nothing() {
    run(async {
        let world = World::new().await;
        let before = world.rows(None).await;
        let first = "a: createGenre(input: { genre: { name: \"x\" } }) { created errors { code } }";
        for (second, told) in [
            (
                "b: deleteOrder(input: { by: { orderNumber: \"alpha order number 1\" } }) { errors { code } }",
                Some("REFERENCE_VIOLATION"),
            ),
            (
                "b: updateGenre(input: { by: { name: \"none\" }, patch: { description: \"d\" } }) { errors { code } }",
                Some("NOT_FOUND"),
            ),
            (
                "b: deleteGenres(input: { where: { name: { startsWith: \"\" } }, max: 1 }) { errors { code } }",
                Some("BAD_USER_INPUT"),
            ),
            (
                "b: createGenre(input: { genre: { name: \"x\" } }) { errors { code } }",
                Some("UNIQUE_VIOLATION"),
            ),
            (
                "b: updateGenre(input: { by: { name: \"x\" }, patch: { description: \"d\" } }) { query { genres(first: 501) { totalCount } } }",
                None,
            ),
        ] {
            let (_, answer) = world
                .ask(&format!("mutation {{ {first} {second} }}"), json!({}))
                .await;
            match told {
                Some(code) => {
                    assert_eq!(
                        answer["data"]["a"],
                        json!({"created": null, "errors": [{"code": "ROLLED_BACK"}]}),
                        "{answer}"
                    );
                    assert_eq!(
                        answer["data"]["b"]["errors"],
                        json!([{ "code": code }]),
                        "{answer}"
                    );
                }
                None => {
                    assert_eq!(
                        answer.get("data").cloned().unwrap_or_default(),
                        Value::Null,
                        "{answer}"
                    );
                    assert!(answer["errors"].is_array(), "{answer}");
                }
            }
            assert_eq!(world.rows(None).await, before, "{second}");
        }
    });
}

#[test]
fn a_dry_run_answers_and_writes_nothing() {
    run(async {
        let world = World::new().await;
        let logged = async || world.text("select count(*) from app.change_log").await;
        let (before, log) = (world.rows(None).await, logged().await);
        let query = "mutation @dryRun { \
            a: createGenre(input: { genre: { name: \"x\" } }) { created genre { name } changed { kind } errors { code } query { genres { totalCount } } } \
            b: deleteGenre(input: { by: { name: \"x\" } }) { genre { name } errors { code } } \
            c: updateCustomers(input: { where: { id: { isNull: false } }, patch: { firstName: \"all\" }, max: 100 }) { count results { customer { firstName } } } }";
        let (_, answer) = world.ask(query, json!({})).await;
        let results = vec![json!({"customer": {"firstName": "all"}}); ROWS];
        assert_eq!(
            answer,
            json!({"data": {
                "a": {"created": true, "genre": {"name": "x"}, "changed": [{"kind": "CREATED"}], "errors": [], "query": {"genres": {"totalCount": ROWS + 1}}},
                "b": {"genre": {"name": "x"}, "errors": []},
                "c": {"count": ROWS, "results": results},
            }})
        );
        // What would fail is told as it would be.
        let failing = "mutation @dryRun { a: createGenre(input: { genre: { name: \"alpha name 1\" } }) { errors { code path } } }";
        let (_, answer) = world.ask(failing, json!({})).await;
        assert_eq!(
            answer["data"]["a"]["errors"],
            json!([{"code": "UNIQUE_VIOLATION", "path": ["genre", "name"]}])
        );
        assert_eq!(world.rows(None).await, before);
        assert_eq!(logged().await, log);
        // The same document without the directive does write: the directive is part of what is kept.
        let (_, answer) = world.ask(&query.replace(" @dryRun", ""), json!({})).await;
        assert_eq!(answer["data"]["c"]["count"], ROWS, "{answer}");
        assert_ne!(world.rows(None).await, before);
        let (_, answer) = world
            .ask("query @dryRun { genres { totalCount } }", json!({}))
            .await;
        assert_eq!(
            answer["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED",
            "{answer}"
        );
    });
}

#[test]
fn a_mutation_is_posted() {
    run(async {
        let world = World::new().await;
        let before = world.rows(None).await;
        let query = "mutation { createGenre(input: { genre: { name: \"x\" } }) { created } }";
        let (status, answer) = world.client.get(&token(Side::A), &[("query", query)]).await;
        assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{answer}");
        assert_eq!(answer.get("data"), None);
        let both = format!(
            "query Q {{ genres {{ totalCount }} }} {}",
            query.replace("mutation", "mutation M")
        );
        let parameters = [("query", both.as_str()), ("operationName", "M")];
        let (status, _) = world.client.get(&token(Side::A), &parameters).await;
        assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
        let parameters = [("query", both.as_str()), ("operationName", "Q")];
        let (status, answer) = world.client.get(&token(Side::A), &parameters).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        // Without a token nothing is written either.
        let body = json!({ "query": query });
        let (status, answer) = world.client.post_body(None, &body).await;
        assert_ne!(
            answer["errors"][0]["extensions"]["code"],
            Value::Null,
            "{status} {answer}"
        );
        assert_eq!(world.rows(None).await, before);
    });
}

#[test]
fn the_schema_tells_of_the_directives() {
    run(async {
        let world = World::new().await;
        let query = "{ __schema { mutationType { name } directives { name locations isRepeatable args { name type { kind ofType { name } } } } } }";
        let (_, answer) = world.ask(query, json!({})).await;
        assert_eq!(
            answer["data"]["__schema"]["mutationType"]["name"],
            "Mutation"
        );
        let directives = answer["data"]["__schema"]["directives"]
            .as_array()
            .expect("a list");
        let named = |name: &str| {
            let mut found = directives.iter().filter(|one| one["name"] == name);
            let one = found.next().unwrap_or_else(|| panic!("@{name}: {answer}"));
            assert!(found.next().is_none(), "@{name} twice");
            one.clone()
        };
        assert_eq!(
            named("dryRun"),
            json!({"name": "dryRun", "locations": ["MUTATION"], "isRepeatable": false, "args": []})
        );
        assert_eq!(
            named("idempotent"),
            json!({
                "name": "idempotent",
                "locations": ["FIELD"],
                "isRepeatable": false,
                "args": [{"name": "key", "type": {"kind": "NON_NULL", "ofType": {"name": "String"}}}],
            })
        );
    });
}

#[test]
fn limits_and_costs_hold_before_anything_is_written() {
    run(async {
        let mut world = World::new().await;
        let limits = Limits {
            max_written_rows: 5,
            ..Limits::default()
        };
        world.client = Client::with_engine(&world.database, crate::harness::client::engine(limits));
        let before = world.rows(None).await;
        let genres = |n: usize| -> Value {
            let rows: Vec<Value> = (0..n).map(|n| json!({"name": format!("g{n}")})).collect();
            json!({"genres": rows})
        };
        let items =
            |n: usize| vec![json!({"quantity": 1, "unitPrice": "1", "totalAmount": "1"}); n];
        for (field, input) in [
            ("createGenres", genres(6)),
            (
                "createOrder",
                json!({"order": {"totalAmount": "1", "items": items(5)}}),
            ),
            (
                "updateOrder",
                json!({"by": {"id": id("orders", 0)}, "patch": {"items": {"create": items(5)}}}),
            ),
        ] {
            let (_, answer) = world
                .ask(
                    &document(field, "changed { kind }"),
                    json!({ "input": input }),
                )
                .await;
            let extensions = &answer["errors"][0]["extensions"];
            assert_eq!(
                extensions["code"], "QUERY_TOO_EXPENSIVE",
                "{field}: {answer}"
            );
            assert_eq!(extensions["name"], "max_written_rows");
            assert_eq!(extensions["limit"], 5);
            assert_eq!(answer.get("data"), None);
        }
        let input = json!({"where": {"name": {"eq": "x"}}, "max": 6});
        assert_eq!(
            world.problems("deleteGenres", input).await,
            ["BAD_USER_INPUT max"]
        );
        assert_eq!(world.rows(None).await, before);
        world.written("createGenres", genres(5), "count").await;

        // The cost is known before, and rises with the rows.
        let world = World::new().await;
        let cost = async |rows: usize| {
            let query = document("createGenres", "count");
            let variables = json!({"input": genres(rows)});
            let (_, answer) = world.ask_cost(&query, variables).await;
            let requested = answer["extensions"]["cost"]["requested"].as_u64();
            (requested.unwrap_or_else(|| panic!("{answer}")), answer)
        };
        let (one, _) = cost(1).await;
        let (many, answer) = cost(200).await;
        assert!(many >= one + 199, "{one} {many}");
        assert_eq!(
            answer["data"]["p"]["count"], 0,
            "its first row is there: {answer}"
        );
        let mut world = world;
        let limits = Limits {
            max_cost: 50,
            ..Limits::default()
        };
        world.client = Client::with_engine(&world.database, crate::harness::client::engine(limits));
        let before = world.rows(None).await;
        let (_, answer) = world
            .ask(
                &document("createGenres", "count"),
                json!({"input": genres(200)}),
            )
            .await;
        assert_eq!(
            answer["errors"][0]["extensions"]["name"], "max_cost",
            "{answer}"
        );
        assert_eq!(world.rows(None).await, before);
    });
}

#[test]
fn rate_limits_count_mutations() {
    run(async {
        let mut world = World::new().await;
        let engine = crate::harness::client::engine(Limits::default());
        let rate = |text: &str| Some(text.parse().expect("a rate"));
        let settings = RateOptions {
            user_requests: rate("1:2"),
            ..RateOptions::default()
        };
        world.client = Client::with(&world.database, engine, |gateway| {
            gateway.rates = Rates::new(&settings);
        });
        let create = |name: &str| json!({"input": {"genre": {"name": name}}});
        let query = document("createGenre", "created");
        for (name, status) in [("a", 200), ("b", 200), ("c", 429)] {
            let (told, answer) = world.ask(&query, create(name)).await;
            assert_eq!(told, status, "{answer}");
        }
        assert_eq!(
            world
                .text("select count(*) from genres where name in ('a', 'b', 'c')")
                .await,
            "2"
        );
    });
}
