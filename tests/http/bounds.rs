//! Bounds of one request: what is too long, packed or ambiguous.

use axum::body::Body;
use axum::http::{Method, Request, header};
use tessera::http::HttpOptions;

use super::layers::{Headers, json_of, respond, text, with};
use crate::harness::run;

/// Name, method, address, headers, body, and the status that is expected.
type Case<'a> = (&'a str, Method, &'a str, Headers, &'a [u8], u16);

#[test]
fn what_is_too_long_or_ambiguous_is_refused_with_a_reason() {
    run(async {
        let client = with(HttpOptions {
            max_body: 1024,
            open_introspection: true,
            ..HttpOptions::default()
        })
        .await;
        let long = format!("/graphql?query=%7B__typename%7D&x={}", "a".repeat(9000));
        let large = format!(r#"{{"query": "{{ __typename }} # {}"}}"#, "x".repeat(1024));
        let good = r#"{"query": "{ __typename }"}"#;
        let bom = format!("\u{feff}{good}");
        let no: Headers = &[];
        let cases: [Case<'_>; 15] = [
            ("fine", Method::POST, "/graphql", no, good.as_bytes(), 200),
            ("a long address", Method::GET, &long, no, b"", 414),
            (
                "a long body",
                Method::POST,
                "/graphql",
                no,
                large.as_bytes(),
                413,
            ),
            (
                "compressed",
                Method::POST,
                "/graphql",
                &[("content-encoding", "gzip")],
                b"\x1f\x8b",
                415,
            ),
            (
                "not compressed",
                Method::POST,
                "/graphql",
                &[("content-encoding", "identity")],
                good.as_bytes(),
                200,
            ),
            (
                "two tokens",
                Method::POST,
                "/graphql",
                &[("authorization", "Bearer a"), ("authorization", "Bearer b")],
                good.as_bytes(),
                401,
            ),
            (
                "two workspaces",
                Method::POST,
                "/graphql",
                &[("x-workspace", "a"), ("x-workspace", "b")],
                good.as_bytes(),
                400,
            ),
            (
                "two types",
                Method::POST,
                "/graphql",
                &[("content-type", "text/plain")],
                good.as_bytes(),
                400,
            ),
            (
                "a byte order mark",
                Method::POST,
                "/graphql",
                no,
                bom.as_bytes(),
                400,
            ),
            (
                "no UTF-8",
                Method::POST,
                "/graphql",
                no,
                b"{\"query\": \"\xff\"}",
                400,
            ),
            ("another path", Method::GET, "/nowhere", no, b"", 404),
            (
                "a slash too many",
                Method::POST,
                "/graphql/",
                no,
                good.as_bytes(),
                404,
            ),
            (
                "a whole address",
                Method::POST,
                "http://localhost/graphql",
                no,
                good.as_bytes(),
                200,
            ),
            ("another method", Method::DELETE, "/graphql", no, b"", 405),
            (
                "another method of health",
                Method::POST,
                "/health/live",
                no,
                b"",
                405,
            ),
        ];
        for (case, method, uri, headers, body, expected) in cases {
            let mut request = Request::builder()
                .method(method.clone())
                .uri(uri)
                .header(header::CONTENT_TYPE, "application/json");
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let request = request.body(Body::from(body.to_vec())).expect("a request");
            let response = respond(&client, request).await;
            assert_eq!(response.status(), expected, "{case}");
            assert_eq!(response.headers()["x-content-type-options"], "nosniff");
            let allowed = text(response.headers(), "allow").to_owned();
            assert_eq!(
                allowed.contains("GET"),
                expected == 405,
                "{case}: {allowed}"
            );
            let answer = json_of(response).await;
            if expected == 200 {
                assert_eq!(answer["data"]["__typename"], "Query", "{case}");
            } else {
                let error = &answer["errors"][0];
                assert!(error["extensions"]["code"].is_string(), "{case}: {answer}");
                assert!(
                    error["message"]
                        .as_str()
                        .is_some_and(|text| text.len() > 20)
                );
            }
        }
    });
}
