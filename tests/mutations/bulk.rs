//! Rows that a filter finds are changed and deleted, as many as were expected at most.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{World, node_id};
use crate::harness::run;

#[test]
fn many_rows_are_changed_and_deleted_by_a_filter() {
    run(async {
        let world = World::new().await;
        let ids: Vec<Uuid> = (0..5).map(|_| Uuid::now_v7()).collect();
        let rows: Vec<Value> = ids
            .iter()
            .enumerate()
            .map(|(n, id)| json!({"id": id, "name": format!("many {n}"), "popularityScore": n}))
            .collect();
        world
            .written("createGenres", json!({"genres": rows}), "count")
            .await;
        let matching = json!({"name": {"startsWith": "many "}, "popularityScore": {"gte": 2}});
        let update = |max: i64| {
            json!({
                "where": matching,
                "patch": {"description": "d"},
                "change": {"popularityScore": {"increment": 10}},
                "max": max,
            })
        };
        let selection = "count results { index genre { id description popularityScore } errors { code } } changed { nodeId kind }";
        assert_eq!(
            world.problems("updateGenres", update(2)).await,
            ["BAD_USER_INPUT max"]
        );
        let payload = world.written("updateGenres", update(3), selection).await;
        let results: Vec<Value> = (0..3)
            .map(|n| json!({"index": n, "genre": {"id": ids[n + 2], "description": "d", "popularityScore": n + 12}, "errors": []}))
            .collect();
        let changed: Vec<Value> = (0..3)
            .map(|n| json!({"nodeId": node_id("genres", ids[n + 2]), "kind": "UPDATED"}))
            .collect();
        assert_eq!(payload["results"], json!(results));
        assert_eq!(payload["count"], 3);
        assert_eq!(payload["changed"], json!(changed));
        let delete = |max: i64| json!({"where": {"name": {"startsWith": "many "}}, "max": max});
        assert_eq!(
            world.problems("deleteGenres", delete(4)).await,
            ["BAD_USER_INPUT max"]
        );
        let payload = world
            .written("deleteGenres", delete(5), "count results { genre { name } } query { genres(where: { name: { startsWith: \"many \" } }) { totalCount } }")
            .await;
        assert_eq!(payload["count"], 5);
        assert_eq!(payload["results"][4]["genre"]["name"], "many 4");
        assert_eq!(payload["query"]["genres"]["totalCount"], 0);
        // Nothing matches any more.
        let payload = world
            .written(
                "deleteGenres",
                delete(5),
                "count results { index } changed { kind }",
            )
            .await;
        assert_eq!(payload, json!({"count": 0, "results": [], "changed": []}));
        let payload = world.written("updateGenres", update(5), "count").await;
        assert_eq!(payload["count"], 0);

        // Rows that go by cascade count: the genre of an album does not, its product's do.
        let product = json!({"product": {"title": "P", "basePrice": "1.00", "variants": [{"price": "1.00", "sku": "p1"}, {"price": "1.00", "sku": "p2"}]}});
        world.written("createProduct", product, "created").await;
        let delete = |max: i64| json!({"where": {"title": {"eq": "P"}}, "max": max});
        let before = world.rows(None).await;
        assert_eq!(
            world.problems("deleteProducts", delete(2)).await,
            ["BAD_USER_INPUT max"]
        );
        assert_eq!(world.rows(None).await, before);
        let payload = world.written("deleteProducts", delete(3), "count").await;
        assert_eq!(payload["count"], 1);
    });
}

/// A table is never written whole by mistake.
#[test]
fn a_filter_that_always_holds_is_refused() {
    run(async {
        let world = World::new().await;
        let before = world.rows(None).await;
        for filter in [
            json!({}),
            json!({"and": []}),
            json!({"and": [{}]}),
            json!({"not": {"or": []}}),
            json!({"or": [{}, {"name": {"eq": "x"}}]}),
            json!({"not": {"name": {"in": []}}}),
            json!({"name": {"notIn": []}}),
            json!({"albums": {"every": {}}}),
            json!({"albums": {"none": {"artist": {"in": []}}}}),
        ] {
            for (field, patch) in [("updateGenres", true), ("deleteGenres", false)] {
                let mut input = json!({"where": filter, "max": 100});
                if patch {
                    input["patch"] = json!({"description": "x"});
                }
                assert_eq!(
                    world.problems(field, input).await,
                    ["BAD_USER_INPUT where"],
                    "{filter}"
                );
            }
        }
        // A missing variable must never widen a filter.
        for (variables, filter) in [
            ("$n: String", "{ name: { eq: $n } }"),
            ("$w: GenreFilter", "{ and: [$w] }"),
            ("$n: StringOperators", "{ name: $n }"),
        ] {
            let query = format!(
                "mutation ({variables}) {{ p: deleteGenres(input: {{ where: {filter}, max: 100 }}) {{ count errors {{ code path }} }} }}"
            );
            let (_, answer) = world.ask(&query, json!({})).await;
            let told = match answer.get("errors") {
                Some(errors) => errors[0]["extensions"]["code"].clone(),
                None => answer["data"]["p"]["errors"][0]["code"].clone(),
            };
            assert!(
                told == "BAD_USER_INPUT" || told == "GRAPHQL_VALIDATION_FAILED",
                "{filter}: {answer}"
            );
        }
        for max in [0, -1, 10_001] {
            let input = json!({"where": {"name": {"eq": "x"}}, "max": max});
            assert_eq!(
                world.problems("deleteGenres", input).await,
                ["BAD_USER_INPUT max"]
            );
        }
        assert_eq!(world.rows(None).await, before);
    });
}
