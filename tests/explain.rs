//! The header `X-GraphQL-Explain`: what an operation sent to the database, and which index it lacks.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};
use tessera::http::HttpOptions;
use tessera::session::Role;

use crate::harness::client::{Client, token_of};
use crate::harness::database::seeded;
use crate::harness::run;
use crate::harness::seed::Side;

const QUERY: &str = r#"query ($word: String!) {
  customers(first: 2) { nodes { email list: orders(where: { fulfillmentStatus: { eq: $word } }) { nodes { orderNumber customer { id } } totalCount } } }
  other: orders(where: { fulfillmentStatus: { eq: $word } }) { nodes { id } }
}"#;

async fn ask(client: &Client, role: Role, wanted: &str) -> (StatusCode, Value) {
    let token = token_of(Side::A.user(), &[(Side::A, role)]);
    let variables = json!({"word": format!("{} fulfillment status 1", Side::A.mark())});
    let body = json!({"query": QUERY, "variables": variables});
    let request = Request::post("/graphql")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header("X-GraphQL-Explain", wanted)
        .body(Body::from(body.to_string()));
    let (status, answer) = client.send(request.expect("a request")).await;
    (status, serde_json::from_slice(&answer).expect("JSON"))
}

async fn client(development: bool) -> Client {
    let options = HttpOptions {
        introspection: development,
        open_introspection: development,
        ..HttpOptions::default()
    };
    Client::with_options(seeded().await, options)
}

#[test]
fn each_statement_is_told_with_the_fields_that_it_reads_for() {
    run(async {
        let client = client(true).await;
        let (_, plain) = ask(&client, Role::Viewer, "0").await;
        assert!(plain.get("extensions").is_none(), "{plain}");
        let (_, answer) = ask(&client, Role::Viewer, "1").await;
        assert_eq!(answer["data"], plain["data"]);
        let told = answer["extensions"]["explain"].as_array().expect("a list");
        let seen: Vec<Value> = told
            .iter()
            .map(|one| json!([one["paths"], one["table"], one["roundTrip"]]))
            .collect();
        assert_eq!(
            json!(seen),
            json!([
                [["customers"], "customers", 1],
                [["other"], "orders", 1],
                [["customers.nodes.list"], "orders", 2],
                [["customers.nodes.list.totalCount"], "orders", 2],
                [["customers.nodes.list.nodes.customer"], "customers", 3],
            ])
        );
        for one in told {
            assert!(one["milliseconds"].as_f64().expect("a time") >= 0.0);
            assert!(one.get("plan").is_none(), "{one}");
            let statement = one["statement"].as_str().expect("a statement");
            let parameters = one["parameters"].as_array().expect("parameters");
            assert!(statement.contains("\"workspace_id\" = $1"), "{statement}");
            assert!(!statement.contains(&format!("${}", parameters.len() + 1)));
            assert_eq!(parameters[0]["type"], "uuid");
            assert_eq!(parameters[0]["value"], json!(Side::A.workspace()));
        }
        let rows: Vec<u64> = told
            .iter()
            .map(|one| one["rows"].as_u64().expect("rows"))
            .collect();
        assert_eq!(rows[0], 2);
        // What was asked before is written once.
        let (_, again) = ask(&client, Role::Viewer, "1").await;
        let kept = again["extensions"]["explain"].as_array().expect("a list");
        assert!(
            kept.iter().all(|one| one["textWasKept"] == json!(true)),
            "{again}"
        );
    });
}

#[test]
fn an_index_that_is_missing_is_named() {
    run(async {
        let database = seeded().await;
        let client = client(true).await;
        let (_, answer) = ask(&client, Role::Viewer, "1").await;
        let told = answer["extensions"]["explain"].as_array().expect("a list");
        let index = &told[1]["index"];
        assert_eq!(index["fields"], json!(["fulfillmentStatus"]), "{answer}");
        let create = index["create"].as_str().expect("a statement");
        assert_eq!(
            create,
            "create index concurrently on public.\"orders\" (workspace_id, \"fulfillment_status\", \"id\")"
        );
        assert!(told[0].get("index").is_none(), "the key has an index");
        // What is proposed can be run.
        let script = create.replace(" concurrently", "");
        database
            .try_admin_script(&format!("begin; {script}; rollback"))
            .await
            .expect("a statement of PostgreSQL");
    });
}

#[test]
fn plans_are_told_on_demand() {
    run(async {
        let (_, answer) = ask(&client(true).await, Role::Viewer, "plan").await;
        let told = answer["extensions"]["explain"].as_array().expect("a list");
        assert_eq!(told.len(), 5, "{answer}");
        for one in told {
            let plan = one["plan"].as_array().expect("lines");
            let first = plan[0].as_str().expect("a line");
            assert!(first.contains("cost="), "{first}");
        }
    });
}

#[test]
fn in_production_admins_see_no_values_and_others_nothing() {
    run(async {
        let client = client(false).await;
        let (status, answer) = ask(&client, Role::Manager, "1").await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{answer}");
        assert!(answer.get("data").is_none() && answer.get("extensions").is_none());
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");
        for wanted in ["1", "plan"] {
            let (status, answer) = ask(&client, Role::Admin, wanted).await;
            assert_eq!(status, StatusCode::OK);
            let told = &answer["extensions"]["explain"];
            assert_eq!(told.as_array().expect("a list").len(), 5);
            let with_values = told.as_array().into_iter().flatten().any(|one| {
                let mut parameters = one["parameters"].as_array().into_iter().flatten();
                parameters.any(|one| one.get("value").is_some())
            });
            assert!(!with_values, "{told}");
        }
    });
}
