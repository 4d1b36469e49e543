//! The request parameter `onError`: what becomes of the data where a field fails. The expected
//! answers follow the proposal for the specification, <https://github.com/graphql/graphql-spec/pull/1163>.

use serde_json::{Value, json};

use crate::harness::client::{Client, token};
use crate::harness::database::create;
use crate::harness::run;
use crate::harness::seed::{self, Side};

/// The seed without a row that a foreign key promises: the conversation of the second message.
fn uneven() -> String {
    format!(
        "{}\nset session_replication_role = replica;\ndelete from support_conversations where right(id::text, 1) = '1';\nset session_replication_role = origin;\n",
        seed::everything()
    )
}

const QUERY: &str = "{ a: supportMessages(last: 1) { nodes { m: content } } b: supportMessages { nodes { c: conversation { k: status } } } f: supportFeedbacks { nodes { message { conversation { __typename } } } } }";

async fn answer(client: &Client, on_error: Value) -> Value {
    let body = match on_error {
        Value::Null => json!({"query": QUERY}),
        on_error => json!({"query": QUERY, "onError": on_error}),
    };
    client.post_body(Some(&token(Side::A)), &body).await.1
}

fn paths(answer: &Value) -> Vec<&Value> {
    let errors = answer["errors"].as_array().into_iter().flatten();
    errors.map(|error| &error["path"]).collect()
}

#[test]
fn a_field_that_fails_is_treated_as_the_caller_wants() {
    run(async {
        let database = create(Some(uneven)).await;
        let client = Client::new(&database);
        let whole = answer(&client, Value::Null).await;
        assert_eq!(whole["data"], Value::Null, "{whole}");
        assert_eq!(answer(&client, json!("PROPAGATE")).await, whole);

        let null = answer(&client, json!("NULL")).await;
        let nodes = null["data"]["b"]["nodes"].as_array().expect("messages");
        let missing: Vec<bool> = nodes.iter().map(|node| node["c"].is_null()).collect();
        assert!(
            missing.contains(&true) && missing.contains(&false),
            "{null}"
        );
        let messages = null["data"]["f"]["nodes"].as_array().expect("feedbacks");
        let message = |node: &Value| node["message"].is_object() || node["message"].is_null();
        assert!(messages.iter().all(message), "{null}");
        // Each null that must not be one has its error, and they alone.
        for path in paths(&null) {
            let steps = path.as_array().expect("a path");
            let found = steps.iter().fold(&null["data"], |at, step| match step {
                Value::Number(index) => {
                    &at[usize::try_from(index.as_u64().expect("an index")).expect("small")]
                }
                name => &at[name.as_str().expect("a name")],
            });
            assert!(found.is_null(), "{path}: {null}");
        }
        let nulls = null["data"].to_string().matches("\"c\":null").count()
            + null["data"]
                .to_string()
                .matches("\"conversation\":null")
                .count();
        assert_eq!(paths(&null).len(), nulls, "{null}");

        let halted = answer(&client, json!("HALT")).await;
        assert_eq!(halted["data"], Value::Null);
        assert_eq!(paths(&halted).len(), 1, "{halted}");
        assert_eq!(paths(&halted)[0], paths(&null)[0]);
    });
}

#[test]
fn only_a_known_value_is_taken() {
    run(async {
        let database = create(Some(uneven)).await;
        let client = Client::new(&database);
        for wrong in [
            json!("null"),
            json!(""),
            json!(1),
            json!(["NULL"]),
            json!({}),
        ] {
            let answer = answer(&client, wrong.clone()).await;
            assert!(answer.get("data").is_none(), "{answer}");
            let message = answer["errors"][0]["message"].as_str().expect("a message");
            assert!(
                message.starts_with("`onError` must be"),
                "{wrong}: {message}"
            );
        }
        // Of an address as of a body; nothing says the same as no parameter.
        for (value, nothing) in [("NULL", false), ("", true)] {
            let parameters = [("query", QUERY), ("onError", value)];
            let (_, answer) = client.get(&token(Side::A), &parameters).await;
            assert_eq!(answer["data"].is_null(), nothing, "{answer}");
        }
    });
}
