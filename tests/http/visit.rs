//! A person who opens the endpoint in a browser is led to the playground; clients are not.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use tessera::http::HttpOptions;

use super::layers::{respond, text, with};
use crate::harness::client::{Client, token};
use crate::harness::run;
use crate::harness::seed::Side;

const CHROME: &str =
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";
const FIREFOX: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

async fn ask(client: &Client, method: Method, path: &str, accept: &str) -> (StatusCode, String) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::ACCEPT, accept)
        .header(header::AUTHORIZATION, format!("Bearer {}", token(Side::A)))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::empty())
        .expect("a request");
    let response = respond(client, request).await;
    let location = text(response.headers(), "location").to_owned();
    if response.status().is_redirection() {
        assert_eq!(text(response.headers(), "vary"), "accept");
        assert_eq!(text(response.headers(), "cache-control"), "no-store");
        assert!(response.headers().contains_key("x-request-id"));
    }
    (response.status(), location)
}

#[test]
fn a_browser_that_opens_the_endpoint_is_led_to_the_playground() {
    run(async {
        let client = with(HttpOptions::default()).await;
        for accept in [CHROME, FIREFOX, "text/html"] {
            for method in [Method::GET, Method::HEAD] {
                let answer = ask(&client, method, "/graphql", accept).await;
                assert_eq!(answer, (StatusCode::SEE_OTHER, "./".to_owned()), "{accept}");
            }
        }
        let page = ask(&client, Method::GET, "/", CHROME).await;
        assert_eq!(page.0, StatusCode::OK);
    });
}

#[test]
fn clients_are_answered_as_ever() {
    run(async {
        let client = with(HttpOptions::default()).await;
        let query = "/graphql?query=%7B__typename%7D";
        for (method, path, accept, expected) in [
            // A link to a response.
            (Method::GET, query, CHROME, 200),
            (Method::GET, query, "application/json", 200),
            (Method::GET, "/graphql", "*/*", 422),
            (Method::GET, "/graphql", "application/json", 422),
            (
                Method::GET,
                "/graphql",
                "application/json, text/html;q=0.5",
                422,
            ),
            (
                Method::GET,
                "/graphql",
                "text/html, application/graphql-response+json",
                422,
            ),
            (Method::GET, "/graphql", "text/html;q=0, */*", 422),
            (Method::POST, "/graphql", CHROME, 400),
        ] {
            let (status, location) = ask(&client, method, path, accept).await;
            assert_eq!(status.as_u16(), expected, "{path}, {accept}");
            assert_eq!(location, "");
        }
    });
}

#[test]
fn without_a_playground_a_browser_is_answered_like_a_client() {
    run(async {
        let client = with(HttpOptions {
            playground: false,
            ..HttpOptions::default()
        })
        .await;
        let (status, location) = ask(&client, Method::GET, "/graphql", CHROME).await;
        assert_eq!((status.as_u16(), location.as_str()), (422, ""));
    });
}
