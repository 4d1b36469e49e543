//! The playground's examples are valid queries of the schema.

use serde_json::{Value, json};
use tessera::http::playground::examples;

use crate::harness::client::Client;
use crate::harness::database::seeded;
use crate::harness::run;
use crate::harness::seed::Side;

#[test]
fn every_example_runs() {
    run(async {
        let client = Client::new(seeded().await);
        let examples = examples();
        assert!(examples.len() >= 5, "a handful of examples");
        for example in examples {
            let variables: Value = match example.variables.trim() {
                "" => json!({}),
                text => serde_json::from_str(text).expect("variables are JSON"),
            };
            let answer = client.query(Side::A, &example.query, variables).await;
            assert_eq!(answer.get("errors"), None, "{}: {answer}", example.title);
        }
    });
}
