//! Statuses and media types of answers, as the GraphQL-over-HTTP specification has them.

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use serde_json::{Value, json};
use tessera::http::HttpOptions;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::layers::{json_of, respond, text, with};
use super::{Running, post};
use crate::harness::client::{Client, token};
use crate::harness::database::{create, seeded};
use crate::harness::run;
use crate::harness::seed::{self, Side};

const RESPONSE: &str = "application/graphql-response+json";
const JSON: &str = "application/json";

fn is_of(headers: &HeaderMap, media_type: &str) -> bool {
    text(headers, "content-type") == format!("{media_type}; charset=utf-8")
}

fn ask(accept: &str, body: &str) -> Request<Body> {
    post()
        .header(header::AUTHORIZATION, format!("Bearer {}", token(Side::A)))
        .header(header::ACCEPT, accept)
        .body(Body::from(body.to_owned()))
        .expect("a request")
}

#[test]
fn each_kind_of_answer_has_its_status() {
    run(async {
        let client = Client::new(seeded().await);
        let of = |query: &str| json!({ "query": query }).to_string();
        let missing = "query ($id: ID!) { customer(id: $id) { id } }";
        let coerced = json!({"query": missing, "variables": {"id": {}}}).to_string();
        let deep = format!(
            "{{ {} }}",
            "customers { nodes { orders { nodes { customer { orders { nodes { id } } } } } } } "
                .repeat(60)
        );
        for (case, body, response, json) in [
            ("data", of("{ __typename }"), 200, 200),
            ("no JSON", "NONSENSE".to_owned(), 400, 400),
            ("JSON that is cut off", r#"{"query":"#.to_owned(), 400, 400),
            ("nothing", String::new(), 400, 400),
            ("a typo", r#"{"qeury": "{ __typename }"}"#.to_owned(), 422, 422),
            ("a query that is no text", r#"{"query": 1}"#.to_owned(), 422, 422),
            ("a list of variables", r#"{"query": "{ __typename }", "variables": [7]}"#.to_owned(), 422, 422),
            ("a name that is no text", r#"{"query": "{ __typename }", "operationName": 1}"#.to_owned(), 422, 422),
            ("extensions that are no object", r#"{"query": "{ __typename }", "extensions": ""}"#.to_owned(), 422, 422),
            ("a text", r#""{ __typename }""#.to_owned(), 422, 422),
            ("a batch", "[]".to_owned(), 422, 422),
            ("a document that cannot be parsed", of("{"), 400, 200),
            ("a document that is not valid", of("{ nothing }"), 422, 200),
            ("no operation to choose", of("query A { __typename } query B { __typename }"), 422, 200),
            ("a variable that is missing", of(missing), 422, 200),
            ("a variable of another type", coerced, 422, 200),
            ("an argument that cannot be used", of("{ customers(first: -1) { nodes { id } } }"), 422, 200),
            ("more than the limits", of(&deep), 422, 200),
            ("members that nobody knows", r#"{"query": "{ __typename }", "id": 1, "variables": null, "operationName": null, "extensions": null}"#.to_owned(), 200, 200),
        ] {
            for (accept, expected) in [(RESPONSE, response), (JSON, json), ("*/*", json)] {
                let answered = respond(&client, ask(accept, &body)).await;
                let (status, headers) = (answered.status().as_u16(), answered.headers().clone());
                let answer = json_of(answered).await;
                assert_eq!(status, expected, "{case}, {accept}: {answer}");
                assert_eq!(answer.get("data").is_some(), answer.get("errors").is_none(), "{case}");
                // A client knows by the type that no proxy wrote a refusal.
                let json = accept != RESPONSE && status == 200;
                assert!(is_of(&headers, if json { JSON } else { RESPONSE }), "{case}, {accept}");
                assert_eq!(text(&headers, "vary"), "accept, accept-encoding", "{case}");
            }
        }
    });
}

#[test]
fn data_with_errors_is_a_partial_success() {
    run(async {
        let database = create(Some(seed::everything)).await;
        // Rows that point at nothing, as a database may hold them whose constraints were off.
        let script = "set session_replication_role = replica;
            update order_items set order_id = gen_random_uuid();
            reset session_replication_role;";
        database.admin_script(script).await;
        let client = Client::new(&database);
        let item = Side::A.id("order_items", 0);
        let some =
            format!("{{ viewer {{ role }} orderItem(id: \"{item}\") {{ order {{ id }} }} }}");
        let none = "{ orderItems(first: 1) { nodes { order { id } } } }";
        for query in [some.as_str(), none] {
            let body = json!({ "query": query }).to_string();
            for (accept, expected) in [(RESPONSE, 294), (JSON, 200), ("*/*", 200)] {
                let answered = respond(&client, ask(accept, &body)).await;
                let (status, headers) = (answered.status(), answered.headers().clone());
                let answer = json_of(answered).await;
                assert!(
                    answer.get("data").is_some() && answer.get("errors").is_some(),
                    "{answer}"
                );
                assert_eq!(answer["data"].is_null(), query == none, "{answer}");
                assert_eq!(status, expected, "{accept}: {answer}");
                assert!(is_of(
                    &headers,
                    if expected == 200 { JSON } else { RESPONSE }
                ));
            }
        }
        let running = Running::start(client.routes(), 10).await;
        let mut socket = TcpStream::connect(running.address)
            .await
            .expect("a connection");
        let body = json!({ "query": some }).to_string();
        let request = format!(
            "POST /graphql HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAccept: {RESPONSE}\r\nAuthorization: Bearer {}\r\nContent-Type: {JSON}\r\nContent-Length: {}\r\n\r\n{body}",
            token(Side::A),
            body.len()
        );
        socket.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.expect("UTF-8");
        assert!(
            answer.starts_with("HTTP/1.1 294 Partial Success\r\n"),
            "{answer}"
        );
    });
}

#[test]
fn an_accept_header_without_types_accepts_everything() {
    run(async {
        let client = Client::new(seeded().await);
        let body = r#"{"query": "{ __typename }"}"#;
        for (accept, expected) in [
            ("", Some(JSON)),
            (" , ", Some(JSON)),
            ("application/json;q=0, */*", Some(RESPONSE)),
            ("*/*;q=0", None),
            ("application/graphql+json", None),
            ("garbage", None),
        ] {
            let response = respond(&client, ask(accept, body)).await;
            let status = if expected.is_some() { 200 } else { 406 };
            assert_eq!(response.status(), status, "{accept}");
            assert!(
                is_of(response.headers(), expected.unwrap_or(RESPONSE)),
                "{accept}"
            );
        }
        let two = post()
            .header(header::AUTHORIZATION, format!("Bearer {}", token(Side::A)))
            .header(header::ACCEPT, "text/html")
            .header(header::ACCEPT, RESPONSE)
            .body(Body::from(body))
            .expect("a request");
        let response = respond(&client, two).await;
        assert!(is_of(response.headers(), RESPONSE));
    });
}

#[test]
fn a_batch_has_the_type_that_is_accepted() {
    run(async {
        let options = HttpOptions {
            max_batch: 3,
            ..HttpOptions::default()
        };
        let client = with(options).await;
        let batch = json!([{"query": "{ nothing }"}, {"query": "{ __typename }"}]).to_string();
        for (accept, status, media_type) in [
            (RESPONSE, 200, RESPONSE),
            (JSON, 200, JSON),
            ("*/*", 200, JSON),
            ("application/json;q=0, */*", 200, RESPONSE),
            ("application/jsonl", 406, RESPONSE),
            ("text/html", 406, RESPONSE),
        ] {
            let response = respond(&client, ask(accept, &batch)).await;
            assert_eq!(response.status(), status, "{accept}");
            assert!(is_of(response.headers(), media_type), "{accept}");
            let answer = json_of(response).await;
            let answers = answer.as_array().map_or(0, Vec::len);
            assert_eq!(answers, if status == 200 { 2 } else { 0 }, "{answer}");
        }
        for body in ["[]", "[1]", r#"[{"query": "{ __typename }"}, {}]"#] {
            let response = respond(&client, ask(JSON, body)).await;
            assert_eq!(
                response.status(),
                StatusCode::UNPROCESSABLE_ENTITY,
                "{body}"
            );
        }
    });
}

#[test]
fn methods_are_those_of_http() {
    run(async {
        let client = Client::new(seeded().await);
        let send = async |method: Method, uri: &str| {
            let request = Request::builder()
                .method(method)
                .uri(uri)
                .header(header::AUTHORIZATION, format!("Bearer {}", token(Side::A)))
                .header(header::ACCEPT, RESPONSE)
                .body(Body::empty())
                .expect("a request");
            let response = respond(&client, request).await;
            let (parts, body) = response.into_parts();
            let body = http_body_util::BodyExt::collect(body)
                .await
                .expect("a body");
            (parts.status.as_u16(), parts.headers, body.to_bytes())
        };
        const READ: &str = "/graphql?query=%7B__typename%7D";
        const WRITE: &str = "/graphql?query=mutation%7Ba%7D";
        let (status, got, body) = send(Method::GET, READ).await;
        assert_eq!(status, 200);
        let answer: Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(answer, json!({"data": {"__typename": "Query"}}));
        let (status, headers, body) = send(Method::HEAD, READ).await;
        assert_eq!((status, body.len()), (200, 0));
        for name in ["content-type", "vary", "cache-control"] {
            assert_eq!(text(&headers, name), text(&got, name), "{name}");
        }
        for method in [Method::GET, Method::HEAD] {
            let (status, headers, _) = send(method, WRITE).await;
            assert_eq!((status, text(&headers, "allow")), (405, "POST"));
        }
        let all = |headers: &HeaderMap| {
            let allow = text(headers, "allow");
            let mut all: Vec<String> = allow.split(',').map(|one| one.trim().to_owned()).collect();
            all.sort();
            all
        };
        let methods = ["GET", "HEAD", "OPTIONS", "POST"];
        let (status, headers, body) = send(Method::OPTIONS, "/graphql").await;
        assert_eq!((status, body.len()), (204, 0));
        assert_eq!(all(&headers), methods);
        for method in [Method::PUT, Method::PATCH, Method::DELETE] {
            let (status, headers, _) = send(method, "/graphql").await;
            assert_eq!(status, 405);
            assert_eq!(all(&headers), methods);
        }
    });
}
