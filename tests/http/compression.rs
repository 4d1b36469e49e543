//! Compressed answers.

use std::io::Read;

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, header};
use brotli_decompressor::Decompressor;
use flate2::read::GzDecoder;
use http_body_util::BodyExt;
use serde_json::json;
use tessera::http::HttpOptions;

use super::layers::{respond, text, with};
use super::post;
use crate::harness::run;

const LARGE: &str = "{ __schema { types { name description fields { name description } } } }";
/// Its answer would become much shorter.
const SMALL: &str = "{ a: __typename b: __typename c: __typename d: __typename e: __typename \
    f: __typename g: __typename h: __typename i: __typename j: __typename k: __typename }";

async fn ask(query: &str, accept_encoding: Option<&str>) -> (HeaderMap, Vec<u8>) {
    let options = HttpOptions {
        open_introspection: true,
        introspection: true,
        ..HttpOptions::default()
    };
    let mut request = post();
    if let Some(value) = accept_encoding {
        request = request.header(header::ACCEPT_ENCODING, value);
    }
    let body = Body::from(json!({ "query": query }).to_string());
    let request = request.body(body).expect("a request");
    let response = respond(&with(options).await, request).await;
    let (parts, body) = response.into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    (parts.headers, body.to_vec())
}

#[test]
fn large_answers_are_compressed_as_the_caller_prefers() {
    run(async {
        let (headers, plain) = ask(LARGE, None).await;
        assert_eq!(text(&headers, "content-encoding"), "");
        assert!(plain.len() > 100_000, "{} bytes", plain.len());
        for (accepted, expected) in [
            ("gzip", "gzip"),
            ("GZIP", "gzip"),
            ("br", "br"),
            ("gzip, deflate, br, zstd", "zstd"),
            ("gzip, deflate, br", "br"),
            ("gzip;q=1, br;q=0.5", "gzip"),
            ("br;q=0, zstd;q=0, *", "gzip"),
            ("*", "zstd"),
            ("identity;q=0.5, gzip;q=0.8", "gzip"),
            ("identity, gzip;q=0.8", ""),
            ("identity", ""),
            ("gzip;q=0", ""),
            ("*;q=0", ""),
            ("identity;q=0", ""),
            ("deflate", ""),
            ("", ""),
        ] {
            let (headers, compressed) = ask(LARGE, Some(accepted)).await;
            assert_eq!(text(&headers, "content-encoding"), expected, "{accepted}");
            assert_eq!(text(&headers, "vary"), "accept, accept-encoding");
            let mut read = Vec::new();
            match expected {
                "gzip" => GzDecoder::new(&compressed[..]).read_to_end(&mut read),
                "br" => Decompressor::new(&compressed[..], 4096).read_to_end(&mut read),
                "zstd" => zstd::Decoder::new(&compressed[..])
                    .expect("a frame")
                    .read_to_end(&mut read),
                _ => (&compressed[..]).read_to_end(&mut read),
            }
            .expect("it can be read");
            assert!(read == plain, "{accepted}");
            assert_eq!(compressed.len() < plain.len() / 4, !expected.is_empty());
        }
    });
}

#[test]
fn small_answers_are_not_compressed() {
    run(async {
        let (headers, body) = ask(SMALL, Some("gzip, br")).await;
        assert!(body.starts_with(b"{\"data\":{") && body.len() < 1024);
        assert_eq!(text(&headers, "content-encoding"), "");
        assert_eq!(text(&headers, "vary"), "accept, accept-encoding");
        // Only for callers that exclude what is not compressed.
        for (accepted, expected) in [
            ("gzip, identity;q=0", "gzip"),
            ("br;q=0.5, gzip;q=0.2, identity;q=0.0", "br"),
            ("zstd, *;q=0", "zstd"),
            ("identity, *;q=0", ""),
            ("gzip, br;q=0", ""),
            ("identity;q=0", ""),
        ] {
            let (headers, _) = ask(SMALL, Some(accepted)).await;
            assert_eq!(text(&headers, "content-encoding"), expected, "{accepted}");
        }
    });
}

#[test]
fn the_head_of_a_large_answer_has_no_body() {
    run(async {
        let options = HttpOptions {
            open_introspection: true,
            introspection: true,
            ..HttpOptions::default()
        };
        let client = with(options).await;
        let query: String = url::form_urlencoded::byte_serialize(LARGE.as_bytes()).collect();
        let request = Request::builder()
            .method(Method::HEAD)
            .uri(format!("/graphql?query={query}"))
            .header(header::ACCEPT_ENCODING, "gzip")
            .body(Body::empty())
            .expect("a request");
        let response = respond(&client, request).await;
        assert_eq!(response.status(), 200);
        let body = response.into_body().collect().await.expect("a body");
        assert!(body.to_bytes().is_empty());
    });
}
