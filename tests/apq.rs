//! Automatic persisted queries as Apollo's clients send them.

use std::cell::Cell;
use std::sync::Arc;

use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};
use tessera::documents::{Documents, Hash, Store, Wanted};
use tessera::engine::Limits;
use tessera::guard;
use uuid::Uuid;

use crate::harness::client::{Client, token};
use crate::harness::database::seeded;
use crate::harness::run;
use crate::harness::seed::Side;

fn extensions(hash: &str) -> Value {
    json!({"persistedQuery": {"version": 1, "sha256Hash": hash}})
}

fn by_hash(text: &str) -> Value {
    json!({"extensions": extensions(&Hash::of(text).to_string())})
}

fn with_hash(text: &str) -> Value {
    let mut body = by_hash(text);
    body["query"] = json!(text);
    body
}

fn code(answer: &Value) -> &Value {
    &answer["errors"][0]["extensions"]["code"]
}

/// What clients look for before they send the text.
fn is_not_found(answer: &Value) -> bool {
    code(answer) == "PERSISTED_QUERY_NOT_FOUND"
        && answer["errors"][0]["message"] == "PersistedQueryNotFound"
        && answer.get("data").is_none()
}

#[test]
fn a_hash_stands_for_a_text_that_was_sent_before() {
    run(async {
        let client = Client::new(seeded().await);
        let token = token(Side::A);
        let text = "query Apq($n: Int!) { customers(first: $n) { nodes { id } } }";
        let expected = client.query(Side::A, text, json!({"n": 2})).await;
        let ask = async |mut body: Value| {
            body["variables"] = json!({"n": 2});
            client.post_body(Some(&token), &body).await
        };
        let (status, answer) = ask(by_hash(text)).await;
        // Clients that ask for JSON look at the body of a 200 alone.
        assert_eq!(status, StatusCode::OK);
        assert!(is_not_found(&answer), "{answer}");
        assert_eq!(
            ask(with_hash(text)).await,
            (StatusCode::OK, expected.clone())
        );
        assert_eq!(ask(by_hash(text)).await, (StatusCode::OK, expected.clone()));
        // In an address, and with an empty text, in capitals, or as a document's id.
        let hash = Hash::of(text).to_string();
        let variables = ("variables", r#"{"n": 2}"#);
        let found = client
            .get(
                &token,
                &[("extensions", &extensions(&hash).to_string()), variables],
            )
            .await;
        assert_eq!(found, (StatusCode::OK, expected.clone()));
        let found = client
            .get(
                &token,
                &[("documentId", &format!("sha256:{hash}")), variables],
            )
            .await;
        assert_eq!(found, (StatusCode::OK, expected.clone()));
        for body in [
            json!({"query": "", "extensions": extensions(&hash)}),
            json!({"extensions": extensions(&hash.to_uppercase())}),
            json!({"documentId": format!("sha256:{hash}")}),
        ] {
            assert_eq!(
                ask(body.clone()).await,
                (StatusCode::OK, expected.clone()),
                "{body}"
            );
        }
        // The form of the answer that tells by its status is told by its status.
        let request = Request::post("/graphql")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/graphql-response+json")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(by_hash("{ never }").to_string().into())
            .expect("a request");
        let (status, _) = client.send(request).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    });
}

#[test]
fn nothing_is_kept_that_was_not_answered_to_a_session() {
    run(async {
        let client = Client::new(seeded().await);
        let token = token(Side::A);
        for refused in [
            "{ apq",
            "{ apqNothing }",
            "{ customers(first: 1000) { totalCount } }",
            "query ($apq: Int!) { customers(first: $apq) { totalCount } }",
            "{ a: customers { totalCount } ...A } fragment A on Query { ...A }",
        ] {
            let (_, answer) = client.post_body(Some(&token), &with_hash(refused)).await;
            assert!(answer.get("data").is_none(), "{answer}");
            let (_, answer) = client.post_body(Some(&token), &by_hash(refused)).await;
            assert!(is_not_found(&answer), "{refused}: {answer}");
        }
        // In development the schema may be asked about without a token.
        let open = "{ apq: __typename }";
        let (status, answer) = client.post_body(None, &with_hash(open)).await;
        assert_eq!(
            (status, &answer["data"]["apq"]),
            (StatusCode::OK, &json!("Query"))
        );
        for token in [None, Some(token.as_str())] {
            let (_, answer) = client.post_body(token, &by_hash(open)).await;
            assert!(is_not_found(&answer), "{answer}");
        }
    });
}

#[test]
fn what_another_workspace_sent_is_not_found() {
    run(async {
        let client = Client::new(seeded().await);
        let text = "{ apqOf: customers { totalCount } }";
        let (_, answer) = client
            .post_body(Some(&token(Side::A)), &with_hash(text))
            .await;
        assert!(answer.get("data").is_some(), "{answer}");
        let (_, answer) = client
            .post_body(Some(&token(Side::B)), &by_hash(text))
            .await;
        assert!(is_not_found(&answer), "{answer}");
    });
}

#[test]
fn a_hash_that_is_none_or_another_is_refused() {
    run(async {
        let client = Client::new(seeded().await);
        let token = token(Side::A);
        let text = "{ __typename }";
        let hash = Hash::of(text).to_string();
        for (extensions, word) in [
            (extensions(&Hash::of("{ other }").to_string()), "sha256Hash"),
            (extensions(&hash[..63]), "64 hexadecimal digits"),
            (extensions(&hash.replace('f', "g")), "64 hexadecimal digits"),
            (
                json!({"persistedQuery": {"version": 2, "sha256Hash": hash}}),
                "version",
            ),
            (json!({"persistedQuery": {"sha256Hash": hash}}), "version"),
            (json!({"persistedQuery": {"version": 1}}), "sha256Hash"),
            (json!({"persistedQuery": hash}), "persistedQuery"),
        ] {
            let body = json!({"query": text, "extensions": extensions});
            let (_, answer) = client.post_body(Some(&token), &body).await;
            assert_eq!(code(&answer), "BAD_REQUEST", "{body}: {answer}");
            let message = answer["errors"][0]["message"].as_str().expect("a message");
            assert!(message.contains(word), "{body}: {message}");
        }
        // Members that nobody here knows mean nothing.
        let more =
            json!({"persistedQuery": {"version": 1, "sha256Hash": hash, "ttl": 9}, "trace": 1});
        let body = json!({"query": text, "extensions": more});
        let (_, answer) = client.post_body(Some(&token), &body).await;
        assert_eq!(answer, json!({"data": {"__typename": "Query"}}));
        let (_, answer) = client
            .post_body(Some(&token), &json!({"documentId": "some-id"}))
            .await;
        assert_eq!(code(&answer), "BAD_REQUEST");
    });
}

#[test]
fn without_it_clients_are_told_to_send_texts() {
    run(async {
        let engine = crate::harness::client::engine(Limits::default());
        let client = Client::with(seeded().await, engine, |gateway| {
            gateway.documents = Documents::any();
        });
        let token = token(Side::A);
        let text = "{ __typename }";
        let (status, answer) = client.post_body(Some(&token), &with_hash(text)).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(answer, json!({"data": {"__typename": "Query"}}));
        let (status, answer) = client.post_body(Some(&token), &by_hash(text)).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(code(&answer), "PERSISTED_QUERY_NOT_SUPPORTED");
        assert_eq!(answer["errors"][0]["message"], "PersistedQueryNotSupported");
    });
}

#[test]
fn what_was_answered_is_not_read_again() {
    run(async {
        let documents = Documents::any();
        let reads = Cell::new(0);
        let read = |text: &str| {
            reads.set(reads.get() + 1);
            guard::read(text, &Limits::default())
        };
        let text = Wanted::of("{ __typename }");
        for expected in [1, 2] {
            documents.find(&text, None, read).expect("a document");
            assert_eq!(reads.get(), expected, "it was not answered yet");
        }
        let first = documents.find(&text, None, read).expect("a document");
        let document = first.document.clone();
        documents.remember(first);
        for _ in 0..3 {
            let again = documents.find(&text, None, read).expect("a document");
            assert!(Arc::ptr_eq(&again.document, &document));
            documents.remember(again);
        }
        assert_eq!(reads.get(), 3);
        // Another text is another document, be it the same but for a space.
        let other = Wanted::of("{ __typename  }");
        let other = documents.find(&other, None, read).expect("a document");
        assert!(!Arc::ptr_eq(&other.document, &document));
    });
}

#[test]
fn no_workspace_pushes_out_the_texts_of_another() {
    let store = Store::default();
    let (flooding, other) = (Side::A.workspace(), Side::B.workspace());
    let hash = |number: usize| Hash::of(&number.to_string());
    let text = |size: usize| -> Arc<str> { "x".repeat(size).into() };
    for number in 0..100 {
        store.put(other, hash(number), text(1000));
    }
    for size in [1024 * 1024, 10_000, 1] {
        for number in 0..30_000 {
            let number = size * 100_000 + number;
            if number % 10 == 0 {
                // Asked for, as if it were in use.
                store.get(flooding, hash(number));
            }
            store.put(flooding, hash(number), text(size));
        }
        assert!(store.held_by(flooding) <= 2 * 1024 * 1024);
    }
    assert!(
        store.held_by(flooding) > 1024 * 1024,
        "it may have its share"
    );
    for number in 0..100 {
        assert!(store.get(other, hash(number)).is_some(), "{number}");
        assert!(store.get(flooding, hash(number)).is_none(), "{number}");
    }
    // What is sent again counts once.
    let before = store.held_by(other);
    store.put(other, hash(0), text(1000));
    assert_eq!(store.held_by(other), before);
    // Many workspaces share what there is, and get back what others lose.
    let workspaces: Vec<Uuid> = (0..40).map(Uuid::from_u128).collect();
    for workspace in &workspaces {
        for number in 0..200 {
            store.put(*workspace, hash(number), text(10_000));
        }
    }
    let all: u64 = workspaces.iter().map(|id| store.held_by(*id)).sum();
    assert!((8 << 20..16 << 20).contains(&all), "{all}");
}

#[test]
fn documents_in_use_stay_however_many_others_come_once() {
    let documents = Documents::any();
    let reads = Cell::new(0);
    let ask = |text: String| {
        let wanted = Wanted::of(text);
        let found = documents.find(&wanted, None, |text| {
            reads.set(reads.get() + 1);
            guard::read(text, &Limits::default())
        });
        documents.remember(found.expect("a document"));
    };
    let used = |number: usize| format!("query Used{number} {{ __typename }}");
    for _ in 0..5 {
        for number in 0..100 {
            ask(used(number));
        }
    }
    for number in 0..20_000 {
        ask(format!("query Once{number} {{ __typename }}"));
        // Each comes again after more others than there is room for: by age alone all would go.
        if number % 40 == 0 {
            ask(used(number / 40 % 100));
        }
    }
    reads.set(0);
    for number in 0..100 {
        ask(used(number));
    }
    assert!(reads.get() <= 10, "{} were read again", reads.get());
}
