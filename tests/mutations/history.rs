//! The history of a row: what the audit log says of it.

use axum::http::StatusCode;
use serde_json::{Value, json};
use tessera::session::Role;

use super::{World, id, token};
use crate::harness::run;
use crate::harness::seed::Side;

const HISTORY: &str = "query ($id: ID!) { genre(id: $id) { name history { totalCount \
    nodes { action resourceType resourceId oldValue(path: \"popularity_score\") newValue(path: \"popularity_score\") user { id } metadata(path: \"operation\") } \
    updates: groups(by: { action: true }, orderBy: { count: DESC }) { nodes { key { action } count rows(first: 1) { nodes { action } } } } \
    counted: countUpTo(limit: 2) { value precision } } } }";

#[test]
fn admins_read_the_changes_of_a_row_the_latest_first() {
    run(async {
        let world = World::new().await;
        let genre = json!({"genre": {"name": "zydeco", "popularityScore": 1}});
        let read = "genre { id history { totalCount nodes { action } } }";
        let created = world.written("createGenre", genre, read).await;
        // What a mutation returns has its own entry.
        let own = json!({"totalCount": 1, "nodes": [{"action": "insert"}]});
        assert_eq!(created["genre"]["history"], own);
        let row = &created["genre"]["id"];
        for score in [2, 3] {
            let input = json!({"by": {"id": row}, "patch": {"popularityScore": score}});
            world.written("updateGenre", input, "genre { id }").await;
        }
        let other = json!({"by": {"id": id("genres", 0)}, "patch": {"popularityScore": 9}});
        world.written("updateGenre", other, "genre { id }").await;

        let (_, answer) = world.ask(HISTORY, json!({"id": row})).await;
        let entry = |action: &str, old: Value, new: Value| {
            json!({
                "action": action, "resourceType": "genres", "resourceId": row,
                "oldValue": old, "newValue": new,
                "user": {"id": Side::A.user()}, "metadata": null,
            })
        };
        assert_eq!(
            answer["data"]["genre"]["history"],
            json!({
                "totalCount": 3,
                "nodes": [
                    entry("update", json!(2), json!(3)),
                    entry("update", json!(1), json!(2)),
                    entry("insert", Value::Null, json!(1)),
                ],
                "updates": {"nodes": [
                    {"key": {"action": "update"}, "count": 2, "rows": {"nodes": [{"action": "update"}]}},
                    {"key": {"action": "insert"}, "count": 1, "rows": {"nodes": [{"action": "insert"}]}},
                ]},
                "counted": {"value": 2, "precision": "AT_LEAST"},
            }),
            "{answer}"
        );

        // Of several parents each has its own entries, whatever stands in the log beside ids.
        let strange = format!(
            "insert into audit_logs (workspace_id, action, resource_type, resource_id) \
             values ('{}', 'note', 'genres', 'no id at all')",
            Side::A.workspace()
        );
        world.database.admin_of_gateway(&strange).await;
        let list = "{ genres(first: 50) { nodes { id history(first: 1) { totalCount nodes { action } aggregate { createdAt { max } } \
            groups(by: { action: true }) { nodes { rows { totalCount } } } } } } }";
        let (status, answer) = world.ask(list, json!({})).await;
        assert_eq!(
            (status, answer.get("errors")),
            (StatusCode::OK, None),
            "{answer}"
        );
        let nodes = answer["data"]["genres"]["nodes"].as_array().expect("rows");
        for node in nodes {
            let expected = match &node["id"] {
                one if one == row => 3,
                one if *one == json!(id("genres", 0)) => 1,
                _ => 0,
            };
            assert_eq!(node["history"]["totalCount"], expected, "{node}");
        }
    });
}

#[test]
fn who_may_not_read_the_log_has_no_history() {
    run(async {
        let world = World::new().await;
        let theirs = json!({"id": id("genres", 0)});
        let (_, answer) = world.client.ask(Side::B, HISTORY, theirs.clone()).await;
        assert_eq!(answer["data"], json!({"genre": null}));
        for (role, may) in [(Role::Admin, true), (Role::Manager, false)] {
            let caller = token(Side::A.user(), role);
            let (_, answer) = world.client.ask_as(&caller, HISTORY, theirs.clone()).await;
            let code = &answer["errors"][0]["extensions"]["code"];
            assert_eq!(
                *code,
                json!((!may).then_some("FORBIDDEN")),
                "{role:?}: {answer}"
            );
        }
        for other in [
            "{ genres(where: { history: { some: {} } }) { totalCount } }",
            "{ genres(orderBy: { history: { aggregate: { count: DESC } } }) { totalCount } }",
        ] {
            let (_, answer) = world.ask(other, json!({})).await;
            let code = &answer["errors"][0]["extensions"]["code"];
            assert_eq!(*code, "GRAPHQL_VALIDATION_FAILED", "{answer}");
        }
    });
}
