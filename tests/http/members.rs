//! What a request names twice, in a body or an address.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};
use tessera::http::HttpOptions;

use super::layers::{json_of, respond, with};
use super::post;
use crate::harness::client::token;
use crate::harness::run;
use crate::harness::seed::Side;

#[test]
fn a_member_that_is_named_twice_is_refused() {
    run(async {
        let options = HttpOptions {
            max_batch: 3,
            ..HttpOptions::default()
        };
        let client = with(options).await;
        let send = async |body: &str| {
            let request = post()
                .header(header::AUTHORIZATION, format!("Bearer {}", token(Side::A)))
                .body(Body::from(body.to_owned()))
                .expect("a request");
            let response = respond(&client, request).await;
            (response.status(), json_of(response).await)
        };
        const QUERY: &str = r#""query": "{ __typename }""#;
        for inside in [
            r#""query": "{ __typename }""#,
            r#""quer\u0079": "{ other }""#,
            r#""operationName": null, "operationName": null"#,
            r#""variables": {"a": 1, "a": 1}"#,
            r#""variables": {"a": [{"b": {"c": 1, "d": 2, "c": 1}}]}"#,
            r#""extensions": {"a": {"b": 1, "b": 2}}"#,
            r#""more": {"a": 1, "a": 2}"#,
        ] {
            let body = format!("{{{QUERY}, {inside}}}");
            for body in [body.clone(), format!("[{{{QUERY}}}, {body}]")] {
                let (status, answer) = send(&body).await;
                assert_eq!(status, StatusCode::BAD_REQUEST, "{body}: {answer}");
                let message = answer["errors"][0]["message"].as_str().unwrap_or_default();
                assert!(message.contains("is there twice"), "{body}: {message}");
            }
        }
        // One name at two places is not twice.
        let body = format!(
            r#"{{{QUERY}, "variables": {{"a": {{"a": 1}}, "b": [{{"a": 1}}, {{"a": 1}}]}}}}"#
        );
        let (status, answer) = send(&body).await;
        assert_eq!(
            (status, answer),
            (StatusCode::OK, json!({"data": {"__typename": "Query"}}))
        );
    });
}

#[test]
fn an_object_stays_an_object() {
    run(async {
        let client = with(HttpOptions::default()).await;
        // The library reads objects with these members as the text in them.
        for (name, expected) in [
            ("RawValue", StatusCode::OK),
            ("Number", StatusCode::BAD_REQUEST),
        ] {
            let mut members = serde_json::Map::new();
            members.insert(format!("$serde_json::private::{name}"), json!("1"));
            let body = json!({
                "query": "query ($v: JSON!) { agentActions(where: {actionDetails: {contains: $v}}) { totalCount } }",
                "variables": {"v": {"a": members}},
            });
            let request = post()
                .header(header::AUTHORIZATION, format!("Bearer {}", token(Side::A)))
                .body(Body::from(body.to_string()))
                .expect("a request");
            let response = respond(&client, request).await;
            let status = response.status();
            let answer = json_of(response).await;
            assert_eq!(status, expected, "{answer}");
            assert!(
                answer["data"].is_null() || answer["data"]["agentActions"]["totalCount"] == 0,
                "{answer}"
            );
        }
    });
}

#[test]
fn a_query_string_is_read_as_a_body_is() {
    run(async {
        let client = with(HttpOptions::default()).await;
        const TYPE: &str = "query=query+A(%24a:Boolean!)%7Ba:__typename+%40include(if:%24a)+b:__typename%7Dquery+B%7Bb:__typename%7D";
        let yes = json!({"data": {"a": "Query", "b": "Query"}});
        let b = json!({"data": {"b": "Query"}});
        for (case, query, expected) in [
            (
                "all parameters",
                format!("{TYPE}&operationName=A&variables=%7B%22a%22:true%7D&extensions=%7B%7D"),
                Ok(&yes),
            ),
            (
                "empty ones",
                format!("&{TYPE}&operationName=B&variables=&extensions&documentId=&"),
                Ok(&b),
            ),
            (
                "others",
                format!("utm=1&{TYPE}&operationName=B&null"),
                Ok(&b),
            ),
            (
                "a null",
                format!("{TYPE}&operationName=B&variables=null"),
                Ok(&b),
            ),
            (
                "a query twice",
                format!("{TYPE}&{TYPE}&operationName=B"),
                Err(400),
            ),
            (
                "a name twice",
                format!("{TYPE}&operationName=B&operationName=B"),
                Err(400),
            ),
            (
                "written otherwise",
                format!("{TYPE}&operationName=B&operation%4eame="),
                Err(400),
            ),
            (
                "another one twice",
                format!("{TYPE}&operationName=B&x=1&x=2"),
                Err(400),
            ),
            (
                "a variable twice",
                format!("{TYPE}&operationName=A&variables=%7B%22a%22:true,%22a%22:true%7D"),
                Err(400),
            ),
            (
                "variables that are cut off",
                format!("{TYPE}&operationName=A&variables=%7B"),
                Err(400),
            ),
            ("no UTF-8", format!("{TYPE}&operationName=%ff"), Err(400)),
            (
                "a list of variables",
                format!("{TYPE}&operationName=A&variables=[]"),
                Err(422),
            ),
            (
                "extensions that are a text",
                format!("{TYPE}&operationName=A&extensions=%22a%22"),
                Err(422),
            ),
            (
                "an empty query",
                "query=&operationName=B".to_owned(),
                Err(422),
            ),
            ("nothing", String::new(), Err(422)),
        ] {
            let request = Request::get(format!("/graphql?{query}"))
                .header(header::AUTHORIZATION, format!("Bearer {}", token(Side::A)))
                .header(header::ACCEPT, "application/graphql-response+json")
                .body(Body::empty())
                .expect("a request");
            let response = respond(&client, request).await;
            let status = response.status().as_u16();
            let answer: Value = json_of(response).await;
            match expected {
                Ok(expected) => assert_eq!((status, &answer), (200, expected), "{case}"),
                Err(expected) => assert_eq!(status, expected, "{case}: {answer}"),
            }
        }
    });
}
