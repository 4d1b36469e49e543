//! Registered documents: what stands in the manifest runs, and nothing else.

use axum::http::StatusCode;
use serde_json::{Value, json};
use tessera::documents::{Documents, Hash, Trusted};
use tessera::engine::Limits;

use crate::harness::client::{Client, token};
use crate::harness::database::seeded;
use crate::harness::run;
use crate::harness::seed::Side;

const LIST: &str = "query List($n: Int!) { customers(first: $n) { nodes { id } } }";
const TYPE: &str = "query Type($name: String!) { __type(name: $name) { name } }";

fn manifest() -> String {
    json!({"list": LIST, "4f1c": TYPE}).to_string()
}

async fn client(manifest: &str) -> Client {
    let engine = crate::harness::client::engine(Limits::default());
    let trusted = Trusted::parse(manifest, &engine).await.expect("a manifest");
    Client::with(seeded().await, engine, |gateway| {
        gateway.documents = Documents::trusted(trusted);
        gateway.options.introspection = false;
        gateway.options.open_introspection = false;
    })
}

#[test]
fn registered_documents_run_by_any_of_their_names() {
    run(async {
        let expected = Client::new(seeded().await)
            .query(Side::A, LIST, json!({"n": 2}))
            .await;
        let apollo = json!({
            "format": "apollo-persisted-query-manifest",
            "version": 1,
            "operations": [{"id": "list", "name": "List", "type": "query", "body": LIST}],
        });
        let token = token(Side::A);
        let hash = Hash::of(LIST).to_string();
        let persisted = |id: &str| json!({"persistedQuery": {"version": 1, "sha256Hash": id}});
        for manifest in [manifest(), apollo.to_string()] {
            let client = client(&manifest).await;
            for mut body in [
                json!({"documentId": "list"}),
                json!({"documentId": format!("sha256:{hash}")}),
                json!({"documentId": hash}),
                json!({"extensions": persisted(&hash)}),
                json!({"extensions": persisted("list")}),
                json!({"query": LIST}),
                json!({"query": LIST, "extensions": persisted(&hash)}),
            ] {
                body["variables"] = json!({"n": 2});
                let (status, answer) = client.post_body(Some(&token), &body).await;
                assert_eq!((status, &answer), (StatusCode::OK, &expected), "{body}");
            }
            let parameters = [("documentId", "list"), ("variables", r#"{"n":2}"#)];
            let (status, answer) = client.get(&token, &parameters).await;
            assert_eq!((status, answer), (StatusCode::OK, expected.clone()));
        }
    });
}

#[test]
fn nothing_else_runs() {
    run(async {
        let client = client(&manifest()).await;
        let token = token(Side::A);
        let other = "{ customers { totalCount } }";
        let persisted = |text: &str| {
            let hash = Hash::of(text).to_string();
            json!({"persistedQuery": {"version": 1, "sha256Hash": hash}})
        };
        for body in [
            json!({"query": other}),
            json!({"query": format!("{LIST} ")}),
            json!({"query": LIST.replace("id", "id email"), "variables": {"n": 1}}),
            json!({"query": "{ __typename }"}),
            json!({"query": "{ broken"}),
            json!({"documentId": "List"}),
            json!({"documentId": format!("sha256:{}", Hash::of(other))}),
            json!({"extensions": persisted(other)}),
            json!({"query": other, "extensions": persisted(other)}),
            json!({"query": other, "extensions": persisted(LIST)}),
            // Again: nothing was registered meanwhile.
            json!({"extensions": persisted(other)}),
        ] {
            let (status, answer) = client.post_body(Some(&token), &body).await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{body}: {answer}");
            assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");
            assert!(answer.get("data").is_none());
        }
        let (status, _) = client.post_body(None, &json!({"documentId": "list"})).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
    });
}

#[test]
fn a_registered_document_may_ask_about_the_schema() {
    run(async {
        let client = client(&manifest()).await;
        let body = json!({"documentId": "4f1c", "variables": {"name": "Customer"}});
        let (status, answer) = client.post_body(Some(&token(Side::A)), &body).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        assert_eq!(answer, json!({"data": {"__type": {"name": "Customer"}}}));
    });
}

#[test]
fn a_document_that_cannot_run_is_told_at_the_start() {
    run(async {
        let engine = crate::harness::client::engine(Limits::default());
        let cases: [(Value, &[&str]); 7] = [
            (
                json!({"good": LIST, "bad": "{\n  customers {\n    nodes { emai }\n  }\n}"}),
                &["`bad`", "line 3", "emai", "`email`"],
            ),
            (json!({"bad": "{\n customers {"}), &["`bad`", "line 2"]),
            (
                json!({"bad": "query A { __typename } query B { nothing }"}),
                &["`bad`", "nothing"],
            ),
            (
                json!({"bad": "query ($n: String) { customers(first: $n) { totalCount } }"}),
                &["`bad`", "line 1", "$n"],
            ),
            (json!({"bad": "mutation { x }"}), &["`bad`"]),
            (json!({"bad": "type T { x: Int }"}), &["`bad`"]),
            (json!({}), &["no documents"]),
        ];
        for (manifest, words) in cases {
            let error = Trusted::parse(&manifest.to_string(), &engine)
                .await
                .map(|_| ())
                .expect_err("a mistake");
            for word in words {
                assert!(error.contains(word), "{manifest}: {error}");
            }
        }
        let error = Trusted::open("/nowhere/documents.json".as_ref(), &engine).await;
        let error = error.map(|_| ()).expect_err("no file");
        assert!(error.contains("/nowhere/documents.json"), "{error}");
    });
}
