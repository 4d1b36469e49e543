//! Requests that are repeated with the key of one before.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};
use tessera::session::Role;

use super::{World, id, token};
use crate::harness::client;
use crate::harness::run;
use crate::harness::seed::Side;

/// What a request with the header is answered.
async fn with_header(
    world: &World,
    token: &str,
    (query, variables): (&str, Value),
    key: &str,
) -> (StatusCode, Value) {
    let request = Request::post("/graphql")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header("Idempotency-Key", key)
        .body(Body::from(
            json!({"query": query, "variables": variables}).to_string(),
        ))
        .expect("a request");
    let (status, body) = world.client.send(request).await;
    (status, serde_json::from_slice(&body).expect("JSON"))
}

const CREATE: &str = "mutation ($name: String!, $key: String!) { \
    p: createGenre(input: { genre: { name: $name } }) @idempotent(key: $key) { created genre { id name description } errors { code message path } } }";

fn owner() -> String {
    client::token(Side::A)
}

impl World {
    async fn keyed(&self, token: &str, name: &str, key: &str) -> Value {
        let variables = json!({"name": name, "key": key});
        let (_, answer) = self.client.ask_as(token, CREATE, variables).await;
        answer
    }

    async fn genres(&self, name: &str) -> String {
        self.text(&format!(
            "select count(*) from genres where name = '{name}'"
        ))
        .await
    }

    async fn keys(&self) -> String {
        self.text("select count(*) from app.idempotency_keys").await
    }
}

#[test]
fn a_repeat_gets_the_result_and_writes_nothing() {
    run(async {
        let world = World::new().await;
        let owner = owner();
        let first = world.keyed(&owner, "zydeco", "k1").await;
        assert_eq!(first.get("extensions"), None, "{first}");
        let payload = &first["data"]["p"];
        assert_eq!(payload["errors"], json!([]));
        let before = world.rows(None).await;
        let second = world.keyed(&owner, "zydeco", "k1").await;
        assert_eq!(second["data"], first["data"]);
        assert_eq!(
            second["extensions"],
            json!({"idempotency": {"replayed": true}})
        );
        assert_eq!(world.rows(None).await, before);

        // Its selection is read again: other fields, of the row as it is now.
        let update = json!({"by": {"name": "zydeco"}, "patch": {"description": "changed since"}});
        world.written("updateGenre", update, "created").await;
        let other = "mutation { createGenre(input: { genre: { name: \"zydeco\" } }) @idempotent(key: \"k1\") { \
            created genre { description version } changed { kind } query { genres(where: { name: { eq: \"zydeco\" } }) { totalCount } } errors { code } } }";
        let (_, answer) = world.ask(other, json!({})).await;
        let payload = &answer["data"]["createGenre"];
        assert_eq!(payload["genre"]["description"], "changed since", "{answer}");
        assert_eq!(payload["created"], true);
        assert_eq!(payload["changed"], json!([{"kind": "CREATED"}]));
        assert_eq!(payload["query"]["genres"]["totalCount"], 1);
        assert_eq!(answer["extensions"]["idempotency"]["replayed"], true);

        // Another input is refused, and so is another mutation.
        let refused = world.keyed(&owner, "zouk", "k1").await;
        let error = &refused["data"]["p"]["errors"][0];
        assert_eq!(error["code"], "BAD_USER_INPUT", "{refused}");
        assert!(
            super::text(&error["message"]).contains("another input"),
            "{refused}"
        );
        assert_eq!(refused["data"]["p"]["genre"], Value::Null);
        assert_eq!(world.genres("zouk").await, "0");
        let upsert = "mutation { p: upsertGenre(input: { genre: { name: \"zydeco\" }, by: NAME }) @idempotent(key: \"k1\") { errors { code } } }";
        let (_, answer) = world.ask(upsert, json!({})).await;
        assert_eq!(
            answer["data"]["p"]["errors"],
            json!([{"code": "BAD_USER_INPUT"}]),
            "{answer}"
        );

        // A row that is gone by then is none, and nothing is made again.
        world
            .written("deleteGenre", json!({"by": {"name": "zydeco"}}), "created")
            .await;
        let gone = world.keyed(&owner, "zydeco", "k1").await;
        assert_eq!(gone["data"]["p"]["genre"], Value::Null, "{gone}");
        assert_eq!(gone["data"]["p"]["errors"], json!([]));
        assert_eq!(world.genres("zydeco").await, "0");
    });
}

#[test]
fn every_command_is_repeated_without_effect() {
    run(async {
        let world = World::new().await;
        for (number, (field, input, selection)) in [
            ("createGenres", json!({"genres": [{"name": "a1"}, {"name": "a2"}]}), "count results { index genre { name } }"),
            ("createGenres", json!({"genres": [{"name": "a1"}, {"name": "a3"}], "errorPolicy": "SKIP_FAILED"}), "count results { index genre { name } }"),
            ("updateGenre", json!({"by": {"name": "a1"}, "change": {"popularityScore": {"increment": 1}}, "patch": {"description": "x"}}), "created genre { description }"),
            ("updateGenres", json!({"where": {"name": {"startsWith": "a"}, "popularityScore": {"isNull": true}}, "patch": {"popularityScore": 5}, "max": 50}), "count results { genre { popularityScore } }"),
            ("upsertGenre", json!({"genre": {"name": "a4"}, "by": "NAME"}), "created genre { name }"),
            ("deleteGenre", json!({"by": {"name": "a4"}}), "created errors { code }"),
            ("deleteGenres", json!({"where": {"name": {"in": ["a1", "a2"]}}, "max": 2}), "count"),
        ]
        .into_iter()
        .enumerate()
        {
            let query = super::document(field, selection);
            let call = || (query.as_str(), json!({"input": input}));
            let key = format!("key {number}");
            let (_, first) = with_header(&world, &owner(), call(), &key).await;
            assert_eq!(first["data"]["p"]["errors"], json!([]), "{field}: {first}");
            let before = world.rows(None).await;
            let (_, second) = with_header(&world, &owner(), call(), &key).await;
            assert_eq!(second["data"], first["data"], "{field}");
            assert_eq!(second["extensions"]["idempotency"]["replayed"], true, "{field}");
            assert_eq!(world.rows(None).await, before, "{field}");
        }
    });
}

#[test]
fn the_same_input_is_the_same_however_it_is_written() {
    run(async {
        let world = World::new().await;
        let literal = "mutation { createGenre(input: { genre: { popularityScore: 3, name: \"zydeco\" } }) @idempotent(key: \"k\") { created errors { code } } }";
        let variable = "mutation ($g: GenreInput!) { createGenre(input: { genre: $g }) @idempotent(key: \"k\") { created errors { code } } }";
        let (_, first) = world.ask(literal, json!({})).await;
        assert_eq!(
            first["data"]["createGenre"],
            json!({"created": true, "errors": []}),
            "{first}"
        );
        let given = json!({"g": {"name": "zydeco", "popularityScore": 3}});
        let (_, second) = world.ask(variable, given.clone()).await;
        assert_eq!(
            second["extensions"]["idempotency"]["replayed"], true,
            "{second}"
        );
        // The header and the directive are one.
        let header = "mutation ($g: GenreInput!) { createGenre(input: { genre: $g }) { created errors { code } } }";
        let (_, third) = with_header(&world, &owner(), (header, given), "k").await;
        assert_eq!(
            third["extensions"]["idempotency"]["replayed"], true,
            "{third}"
        );
        assert_eq!(world.genres("zydeco").await, "1");
    });
}

#[test]
fn a_failure_frees_the_key_and_a_dry_run_takes_none() {
    run(async {
        let world = World::new().await;
        let owner = owner();
        let failed = world.keyed(&owner, "alpha name 1", "k").await;
        assert_eq!(
            failed["data"]["p"]["errors"][0]["code"], "UNIQUE_VIOLATION",
            "{failed}"
        );
        assert_eq!(world.keys().await, "0");
        let other = world.keyed(&owner, "zydeco", "k").await;
        assert_eq!(other["data"]["p"]["created"], true, "{other}");

        // Another field that fails takes the key back, too.
        let two = "mutation { a: createGenre(input: { genre: { name: \"x\" } }) @idempotent(key: \"k2\") { errors { code } } \
            b: createGenre(input: { genre: { name: \"zydeco\" } }) { errors { code } } }";
        let (_, answer) = world.ask(two, json!({})).await;
        assert_eq!(
            answer["data"]["a"]["errors"],
            json!([{"code": "ROLLED_BACK"}]),
            "{answer}"
        );
        assert_eq!(world.keys().await, "1");
        let dry = "mutation @dryRun { a: createGenre(input: { genre: { name: \"x\" } }) @idempotent(key: \"k2\") { created errors { code } } }";
        let (_, answer) = world.ask(dry, json!({})).await;
        assert_eq!(
            answer["data"]["a"],
            json!({"created": true, "errors": []}),
            "{answer}"
        );
        assert_eq!(world.keys().await, "1");
        assert_eq!(world.genres("x").await, "0");
    });
}

#[test]
fn a_key_belongs_to_a_user_in_a_workspace() {
    run(async {
        let world = World::new().await;
        let member = token(id("users", 1), Role::Member);
        for (token, name) in [
            (owner(), "one"),
            (member, "two"),
            (client::token(Side::B), "one"),
        ] {
            let answer = world.keyed(&token, name, "shared").await;
            assert_eq!(answer["data"]["p"]["created"], true, "{answer}");
            assert_eq!(answer.get("extensions"), None, "{answer}");
            let again = world.keyed(&token, name, "shared").await;
            assert_eq!(again["data"], answer["data"]);
            assert_eq!(again["extensions"]["idempotency"]["replayed"], true);
        }
        assert_eq!(world.keys().await, "3");
        assert_eq!(world.genres("one").await, "2");
    });
}

#[test]
fn the_header_is_for_one_root_field() {
    run(async {
        let world = World::new().await;
        let before = world.rows(None).await;
        let two = "mutation { a: createGenre(input: { genre: { name: \"x\" } }) { created } b: createGenre(input: { genre: { name: \"y\" } }) { created } }";
        let (_, answer) = with_header(&world, &owner(), (two, json!({})), "k").await;
        assert_eq!(
            answer["errors"][0]["extensions"]["code"], "BAD_REQUEST",
            "{answer}"
        );
        assert_eq!(answer.get("data"), None);
        assert_eq!(world.rows(None).await, before);
        // Beside the name of the type it is still one field.
        let one =
            "mutation { __typename a: createGenre(input: { genre: { name: \"x\" } }) { created } }";
        let (_, answer) = with_header(&world, &owner(), (one, json!({})), "k").await;
        assert_eq!(
            answer["data"],
            json!({"__typename": "Mutation", "a": {"created": true}}),
            "{answer}"
        );
        // A query has no use for it.
        let (_, answer) = with_header(
            &world,
            &owner(),
            ("{ genres { totalCount } }", json!({})),
            "k",
        )
        .await;
        assert!(answer.get("errors").is_none(), "{answer}");
        // Each field may have a key of its own, and the same key is for one input.
        let keyed = |a: &str, b: &str| {
            format!(
                "mutation {{ a: createGenre(input: {{ genre: {{ name: \"p{a}\" }} }}) @idempotent(key: \"{a}\") {{ created errors {{ code }} }} \
                 b: createGenre(input: {{ genre: {{ name: \"q{b}\" }} }}) @idempotent(key: \"{b}\") {{ created errors {{ code }} }} }}"
            )
        };
        let (_, answer) = world.ask(&keyed("1", "2"), json!({})).await;
        assert_eq!(
            answer["data"]["b"],
            json!({"created": true, "errors": []}),
            "{answer}"
        );
        let (_, again) = world.ask(&keyed("1", "2"), json!({})).await;
        assert_eq!(again["data"], answer["data"]);
        assert_eq!(again["extensions"]["idempotency"]["replayed"], true);
        let (_, answer) = world.ask(&keyed("3", "3"), json!({})).await;
        assert_eq!(
            answer["data"]["a"]["errors"],
            json!([{"code": "ROLLED_BACK"}]),
            "{answer}"
        );
        assert_eq!(
            answer["data"]["b"]["errors"],
            json!([{"code": "BAD_USER_INPUT"}]),
            "{answer}"
        );
        assert_eq!(world.genres("p3").await, "0");
    });
}

#[test]
fn bad_keys_are_refused() {
    run(async {
        let world = World::new().await;
        for key in [String::new(), "x".repeat(256), "nul\0".to_owned()] {
            let answer = world.keyed(&owner(), "zydeco", &key).await;
            assert_eq!(
                answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT",
                "{answer}"
            );
            assert_eq!(answer.get("data"), None, "{answer}");
        }
        for query in [
            "mutation { createGenre(input: { genre: { name: \"x\" } }) @idempotent { created } }",
            "mutation { createGenre(input: { genre: { name: \"x\" } }) @idempotent(key: null) { created } }",
            "mutation { createGenre(input: { genre: { name: \"x\" } }) @idempotent(key: 1) { created } }",
            "mutation ($k: String) { createGenre(input: { genre: { name: \"x\" } }) @idempotent(key: $k) { created } }",
            "mutation { createGenre(input: { genre: { name: \"x\" } }) @idempotent(key: \"a\") @idempotent(key: \"b\") { created } }",
            "mutation @idempotent(key: \"a\") { createGenre(input: { genre: { name: \"x\" } }) { created } }",
        ] {
            let (_, answer) = world.ask(query, json!({})).await;
            assert_eq!(
                answer["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED",
                "{query}: {answer}"
            );
            assert_eq!(answer.get("data"), None, "{answer}");
        }
        assert_eq!(world.genres("zydeco").await, "0");
        assert_eq!(world.genres("x").await, "0");
        // 255 characters, not bytes.
        let longest = "ü".repeat(255);
        for replayed in [false, true] {
            let answer = world.keyed(&owner(), "zydeco", &longest).await;
            assert_eq!(answer["data"]["p"]["created"], true, "{answer}");
            assert_eq!(answer.get("extensions").is_some(), replayed);
        }
    });
}

#[test]
fn a_key_is_kept_for_a_day() {
    run(async {
        let world = World::new().await;
        world.keyed(&owner(), "zydeco", "k").await;
        let aged = async |age: &str| {
            world
                .database
                .admin_script(&format!(
                    "update app.idempotency_keys set created_at = now() - interval '{age}'"
                ))
                .await;
        };
        aged("23 hours 59 minutes").await;
        let again = world.keyed(&owner(), "zydeco", "k").await;
        assert_eq!(
            again["extensions"]["idempotency"]["replayed"], true,
            "{again}"
        );
        aged("1 day 1 second").await;
        // It may be used for something else then.
        let other = world.keyed(&owner(), "zouk", "k").await;
        assert_eq!(other["data"]["p"]["created"], true, "{other}");
        let again = world.keyed(&owner(), "zouk", "k").await;
        assert_eq!(
            again["extensions"]["idempotency"]["replayed"], true,
            "{again}"
        );
        assert_eq!(world.keys().await, "1");
    });
}
