//! Requests: methods, content types, health.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use serde_json::json;

use super::{post, send};
use crate::harness::run;

#[test]
fn requests_that_are_none_are_refused_with_a_reason() {
    run(async {
        for (case, method, uri, content_type, body, expected) in [
            (
                "not JSON",
                Method::POST,
                "/graphql",
                "application/json",
                "{",
                400,
            ),
            (
                "an empty body",
                Method::POST,
                "/graphql",
                "application/json",
                "",
                400,
            ),
            (
                "a batch",
                Method::POST,
                "/graphql",
                "application/json",
                "[]",
                422,
            ),
            (
                "a text",
                Method::POST,
                "/graphql",
                "application/json",
                "\"{ a }\"",
                422,
            ),
            (
                "no query",
                Method::POST,
                "/graphql",
                "application/json",
                "{}",
                422,
            ),
            (
                "a query of another type",
                Method::POST,
                "/graphql",
                "application/json",
                r#"{"query": 1}"#,
                422,
            ),
            (
                "variables of another type",
                Method::POST,
                "/graphql",
                "application/json",
                r#"{"query": "{a}", "variables": []}"#,
                422,
            ),
            (
                "a form",
                Method::POST,
                "/graphql",
                "application/x-www-form-urlencoded",
                "query={a}",
                415,
            ),
            (
                "plain text",
                Method::POST,
                "/graphql",
                "text/plain",
                r#"{"query":"{a}"}"#,
                415,
            ),
            (
                "another charset",
                Method::POST,
                "/graphql",
                "application/json; charset=latin1",
                r#"{"query":"{a}"}"#,
                415,
            ),
            (
                "another method",
                Method::PUT,
                "/graphql",
                "application/json",
                "{}",
                405,
            ),
            (
                "a mutation with GET",
                Method::GET,
                "/graphql?query=mutation%7Ba%7D",
                "",
                "",
                405,
            ),
            ("GET without a query", Method::GET, "/graphql", "", "", 422),
            (
                "GET with broken variables",
                Method::GET,
                "/graphql?query=%7B__typename%7D&variables=%7B",
                "",
                "",
                400,
            ),
            ("another path", Method::GET, "/nowhere", "", "", 404),
        ] {
            let mut request = Request::builder().method(method).uri(uri);
            if !content_type.is_empty() {
                request = request.header(header::CONTENT_TYPE, content_type);
            }
            let (status, answer) = send(request.body(Body::from(body)).expect("a request")).await;
            assert_eq!(status.as_u16(), expected, "{case}: {answer}");
            assert!(
                answer["errors"][0]["message"]
                    .as_str()
                    .is_some_and(|text| text.len() > 10),
                "{case}: {answer}"
            );
        }
        let long = json!({"query": "#".repeat(2_000_000)}).to_string();
        let (status, _) = send(post().body(Body::from(long)).expect("a request")).await;
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    });
}

#[test]
fn health_is_told_without_a_token() {
    run(async {
        for path in ["/health/live", "/health/ready"] {
            let (status, _) =
                send(Request::get(path).body(Body::empty()).expect("a request")).await;
            assert_eq!(status, StatusCode::OK, "{path}");
        }
    });
}

#[test]
fn text_that_is_no_unicode_and_members_that_are_there_twice_are_named() {
    run(async {
        let posts = [
            (
                r#"{"query": "query($a: String) { __typename }", "variables": {"a": "x\ud800"}}"#,
                "the escape `\\ud800` is half of a surrogate pair",
            ),
            (
                r##"{"query": "# \udc00"}"##,
                "`\\udc00` is half of a surrogate pair",
            ),
            (
                r#"{"query": "{ __typename }", "query": "{ a }"}"#,
                "the key `query` is there twice",
            ),
            (
                r#"{"query": "{ __typename }", "variables": {}, "variables": null}"#,
                "the key `variables` is there twice",
            ),
            (
                r#"{"query": "{ __typename }", "variables": {"a": 1, "\u0061": 2}}"#,
                "the key `a` is there twice",
            ),
            (
                r#"{"extensions": {}, "extensions": {}}"#,
                "the key `extensions` is there twice",
            ),
            (
                r#"{"unknown": 1, "unknown": 1}"#,
                "the key `unknown` is there twice",
            ),
        ];
        for (body, reason) in posts {
            let (status, answer) = send(post().body(Body::from(body)).expect("a request")).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{body}: {answer}");
            let message = answer["errors"][0]["message"].as_str().expect("a text");
            assert!(message.contains(reason), "{message}");
        }
        let gets = [
            ("query=%7B__typename%7D%ff", "UTF-8"),
            ("query=%7B__typename%7D&operationName=%c3", "UTF-8"),
            ("query=%7B__typename%7D&%ff=1", "UTF-8"),
            (
                "query=%7B__typename%7D&variables=%7B%22a%22:%22%ed%a0%80%22%7D",
                "UTF-8",
            ),
            (
                "query=%7B__typename%7D&variables=%7B%22a%22:%22%5Cud800%22%7D",
                "The parameter `variables` is not valid JSON: the escape `\\ud800` is half",
            ),
            ("query=%7B__typename%7D&query=%7Ba%7D", "twice"),
        ];
        for (query, reason) in gets {
            let request = Request::get(format!("/graphql?{query}")).body(Body::empty());
            let (status, answer) = send(request.expect("a request")).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{query}: {answer}");
            let message = answer["errors"][0]["message"].as_str().expect("a text");
            assert!(message.contains(reason), "{message}");
        }
    });
}
