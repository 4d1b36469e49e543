//! What a search must not tell: rows of other workspaces and other users.

use serde_json::{Value, json};

use crate::harness::client::{Client, token_of};
use crate::harness::database::create;
use crate::harness::run;
use crate::harness::seed::{self, Side};
use tessera::session::Role;

const SEARCH: &str = "query ($s: HybridSearch) { memoryChunks(search: $s) { totalCount edges { score ranks { text vector } node { id } } } }";

/// Two memories of each user of workspace A, one of which is nobody's.
fn memories() -> String {
    let mut script = seed::everything();
    let workspace = Side::A.workspace();
    for row in 0..seed::ROWS {
        let id = Side::A.id("memory_chunks", row);
        let user = match row {
            3 => "null".to_owned(),
            row => format!("'{}'", Side::A.id("users", row)),
        };
        script.push_str(&format!(
            "update memory_chunks set user_id = {user}, content = 'secret number {row}' where workspace_id = '{workspace}' and id = '{id}';\n"
        ));
    }
    script
}

async fn ask(client: &Client, token: &str, search: Value) -> Value {
    let answer = client.query_as(token, SEARCH, json!({"s": search})).await;
    assert!(answer.get("errors").is_none(), "{answer}");
    answer["data"]["memoryChunks"].clone()
}

#[test]
fn a_row_that_may_not_be_read_is_like_one_that_does_not_exist() {
    run(async {
        let database = create(Some(memories)).await;
        let client = Client::new(&database);
        let member = token_of(Side::A.id("users", 1), &[(Side::A, Role::Member)]);
        let nobody = "00000000-0000-7000-8000-000000000000";
        for mode in ["VECTOR", "HYBRID"] {
            let like = |id: String| json!({"like": id, "text": "secret", "mode": mode});
            let none = ask(&client, &member, like(nobody.to_owned())).await;
            for hidden in [
                Side::B.id("memory_chunks", 0),
                // Another user's.
                Side::A.id("memory_chunks", 0),
            ] {
                let found = ask(&client, &member, like(hidden.to_string())).await;
                assert_eq!(found, none, "{mode} {hidden}");
            }
            let own = like(Side::A.id("memory_chunks", 1).to_string());
            assert_ne!(ask(&client, &member, own).await, none, "{mode}");
        }
    });
}

#[test]
fn words_and_ranks_are_of_the_callers_rows_alone() {
    run(async {
        let database = create(Some(memories)).await;
        let client = Client::new(&database);
        let member = token_of(Side::A.id("users", 1), &[(Side::A, Role::Member)]);
        let found = ask(&client, &member, json!({"text": "secret number"})).await;
        assert_eq!(
            found["totalCount"],
            json!(2),
            "the own one and the shared one"
        );
        let hybrid = json!({"text": "secret", "vector": vec![0.5; 768]});
        let found = ask(&client, &member, hybrid).await;
        let ranks: Vec<&Value> = found["edges"]
            .as_array()
            .expect("edges")
            .iter()
            .map(|edge| &edge["ranks"])
            .collect();
        assert_eq!(ranks.len(), 2);
        for rank in [1, 2] {
            let has = |leg: &str| ranks.iter().any(|one| one[leg] == json!(rank));
            assert!(has("text") && has("vector"), "{ranks:?}");
        }
    });
}
