//! The language of a workspace: a setting, which all its rows follow.

use serde_json::json;

use crate::harness::client::Client;
use crate::harness::database::{Database, create};
use crate::harness::run;
use crate::harness::seed::{self, Side};

async fn set(database: &Database, language: &str) -> Result<(), String> {
    let workspace = Side::A.workspace();
    let script = format!(
        "update workspaces set settings = '{{\"searchLanguage\": \"{language}\"}}' where id = '{workspace}'"
    );
    let set = database.try_admin_script(&script).await;
    set.map_err(|error| format!("{error:?}"))
}

async fn count(client: &Client, side: Side, text: &str) -> i64 {
    let query = "query ($t: String!) { reviews(search: { text: $t }) { totalCount } customers(search: { text: $t }) { totalCount } }";
    let answer = client.query(side, query, json!({"t": text})).await;
    let of = |list: &str| {
        answer["data"][list]["totalCount"]
            .as_i64()
            .expect("a count")
    };
    of("reviews") + of("customers")
}

#[test]
fn rows_are_searched_in_the_language_of_their_workspace() {
    run(async {
        let database = create(Some(seed::everything)).await;
        for side in Side::BOTH {
            let script = format!(
                "update reviews set review_text = 'Die Häuser sind schön' where workspace_id = '{}';",
                side.workspace()
            );
            database.admin_script(&script).await;
        }
        let client = Client::new(&database);
        let rows = seed::ROWS as i64;
        assert_eq!(count(&client, Side::A, "Haus ").await, 0, "in English");
        let before = database
            .admin("select max(updated_at)::text, (select count(*)::text from audit_logs) from customers")
            .await;
        set(&database, "german").await.expect("a language");
        assert_eq!(count(&client, Side::A, "Haus ").await, rows);
        assert_eq!(
            count(&client, Side::B, "Haus ").await,
            0,
            "of the other workspace"
        );
        // A row that comes later follows, too.
        let script = format!(
            "insert into reviews (workspace_id, customer_id, product_id, rating, review_text) values ('{}', '{}', '{}', 5, 'Ein Haus');",
            Side::A.workspace(),
            Side::A.id("customers", 0),
            Side::A.id("products", 0),
        );
        database.admin_script(&script).await;
        assert_eq!(count(&client, Side::A, "Häusern ").await, rows + 1);
        let after = database
            .admin("select max(updated_at)::text, (select count(*)::text from audit_logs) from customers")
            .await;
        for column in 0..2 {
            let of = |rows: &[crate::harness::admin::AdminRow]| rows[0].get::<String>(column);
            assert_eq!(
                of(&before),
                of(&after),
                "a change of the language is none of the rows"
            );
        }
    });
}

#[test]
fn an_unknown_language_is_refused() {
    run(async {
        let database = create(Some(seed::accounts)).await;
        let refused = set(&database, "klingon").await.expect_err("no language");
        assert!(refused.contains("searchLanguage"), "{refused}");
        let script = "insert into workspaces (slug, name, owner_id, settings) select 'other', 'Other', owner_id, '{\"searchLanguage\": \"klingon\"}' from workspaces limit 1";
        assert!(database.try_admin_script(script).await.is_err());
    });
}
