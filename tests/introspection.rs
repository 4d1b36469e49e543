//! Without introspection neither the schema nor an error tells names of it.

use std::collections::HashSet;

use axum::http::StatusCode;
use serde_json::{Value, json};
use tessera::app;
use tessera::engine::Limits;

use crate::harness::client::{Client, token};
use crate::harness::database::seeded;
use crate::harness::run;
use crate::harness::seed::Side;

async fn closed() -> Client {
    let engine = crate::harness::client::engine(Limits::default());
    Client::with(seeded().await, engine, |gateway| {
        gateway.options.introspection = false;
        gateway.options.open_introspection = false;
    })
}

#[test]
fn the_schema_cannot_be_asked_about() {
    run(async {
        let client = closed().await;
        let token = token(Side::A);
        for query in [
            "{ __schema { types { name } } }",
            "{ a: __type(name: \"Customer\") { name } }",
            "{ customers { totalCount } __schema { queryType { name } } }",
            "{ ... on Query { __schema { queryType { name } } } }",
            "{ ... { ... { __schema { queryType { name } } } } }",
            "{ ...A } fragment A on Query { ...B } fragment B on Query { __schema { queryType { name } } }",
            "{ __schema @skip(if: true) { queryType { name } } __typename }",
            "query A { __schema { queryType { name } } } query B { __typename }",
        ] {
            let body =
                json!({"query": query, "operationName": query.contains("query A").then_some("A")});
            let (status, answer) = client.post_body(Some(&token), &body).await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{query}: {answer}");
            let error = &answer["errors"][0];
            assert_eq!(error["extensions"]["code"], "FORBIDDEN");
            let message = error["message"].as_str().expect("a message");
            assert!(message.contains("Introspection is disabled"), "{message}");
            assert!(error["locations"][0]["line"].is_number(), "{answer}");
            let (status, _) = client.post_body(None, &body).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{query}");
        }
        let query = "{ __typename customers(first: 1) { __typename nodes { __typename } } }";
        let (status, answer) = client
            .post_body(Some(&token), &json!({"query": query}))
            .await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        assert_eq!(
            answer["data"]["customers"]["nodes"][0]["__typename"],
            "Customer"
        );
    });
}

/// Queries with a mistake for which an error proposes something, and a part of what it proposes.
fn proposals() -> Vec<(&'static str, Value, &'static str)> {
    let filter = "query ($a: CustomerFilter) { customers(where: $a) { totalCount } }";
    vec![
        (
            "{ custmers { totalCount } }",
            json!({}),
            "Did you mean `customers`",
        ),
        (
            "{ customers { nodes { emai } } }",
            json!({}),
            "Did you mean `email`",
        ),
        (
            "{ customers(frst: 1) { totalCount } }",
            json!({}),
            "Did you mean `first`",
        ),
        (filter, json!({"a": {"status": {"eq": "X"}}}), "ACTIVE"),
    ]
}

#[test]
fn only_with_introspection_errors_propose_names() {
    run(async {
        let (open, closed) = (Client::new(seeded().await), closed().await);
        for (query, variables, proposal) in proposals() {
            let (_, answer) = open.ask(Side::A, query, variables.clone()).await;
            let messages = messages(&answer);
            let proposing = messages.iter().position(|it| it.contains(proposal));
            let proposing = proposing.unwrap_or_else(|| panic!("{query}: {messages:?}"));
            let (_, answer) = closed.ask(Side::A, query, variables).await;
            let told = self::messages(&answer);
            assert_eq!(told.len(), messages.len(), "{query}: {told:?}");
            assert!(!told.concat().contains(proposal), "{query}: {told:?}");
            assert!(
                messages[proposing].starts_with(&told[proposing]),
                "{told:?}"
            );
        }
    });
}

fn messages(answer: &Value) -> Vec<String> {
    let errors = answer["errors"].as_array().expect("errors");
    let messages = errors.iter().map(|error| error["message"].as_str());
    messages
        .map(|it| it.expect("a message").to_owned())
        .collect()
}

/// An operator that errors name whatever the schema: every filter has it.
const OPERATOR: &str = "isNull";

const GOOD: [&str; 6] = [
    "query ($n: Int) { customers(first: $n, orderBy: [{ createdAt: DESC }]) { nodes { email vipStatus orders { totalCount } } } }",
    "{ orders(where: { status: { eq: PENDING } }) { edges { cursor node { orderNumber customer { email } } } pageInfo { hasNextPage } } }",
    "{ customers(where: { or: [{ vipStatus: { eq: true } }] }) { countUpTo(limit: 5) { value precision } } }",
    "{ viewer { user { email } workspace { name } } }",
    "query ($w: CustomerFilter, $o: [OrderOrderBy!]) { customers(where: $w) { totalCount } orders(orderBy: $o) { totalCount } }",
    "{ customerByEmail(email: \"x\") { ...C } node(nodeId: \"x\") { nodeId } } fragment C on Customer { id lifetimeStage }",
];

/// Each query with each of its words misspelt, left out, or another.
fn mistakes(query: &str) -> Vec<String> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut mistakes = Vec::new();
    let mut start = 0;
    while let Some(from) = query[start..].find(is_word).map(|at| start + at) {
        let length = query[from..]
            .find(|c| !is_word(c))
            .unwrap_or(query.len() - from);
        let (word, end) = (&query[from..from + length], from + length);
        for other in [
            &word[..word.len() - 1],
            "",
            &format!("{word}s"),
            &word.to_lowercase(),
            "id",
            "\"x\"",
            "7",
            "null",
            "{}",
            "[]",
        ] {
            mistakes.push(format!("{}{other}{}", &query[..from], &query[end..]));
        }
        start = end;
    }
    mistakes
}

/// The names of fields, arguments, input fields and enum values that are no words of a language.
fn names(sdl: &str) -> HashSet<String> {
    words(sdl)
        .filter(|word| {
            let camel = word.starts_with(|c: char| c.is_ascii_lowercase())
                && word.contains(|c: char| c.is_ascii_uppercase());
            let shouted = word.contains('_') && !word.contains(|c: char| c.is_ascii_lowercase());
            camel || shouted
        })
        .map(str::to_owned)
        .collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
}

#[test]
fn no_mistake_is_answered_with_a_name_that_was_not_asked_with() {
    run(async {
        let names = names(&app::sdl().expect("the model fits together"));
        assert!(names.len() > 300, "{}", names.len());
        let told = async |client: &Client| {
            let mut told = HashSet::new();
            let mut refused = 0;
            for query in GOOD.into_iter().flat_map(mistakes) {
                for variables in [
                    json!({}),
                    json!({"n": "x", "w": {"statsu": 1}, "o": [{"orderNumber": "UP"}]}),
                    json!({"w": {"status": {"eq": "x"}}, "o": {}}),
                ] {
                    let asked = format!("{query} {variables}");
                    let (status, answer) = client.ask(Side::A, &query, variables).await;
                    assert!(!status.is_server_error(), "{query}: {answer}");
                    let Some(errors) = answer.get("errors").and_then(Value::as_array) else {
                        continue;
                    };
                    refused += 1;
                    let known: HashSet<&str> = words(&asked).collect();
                    for error in errors {
                        let message = error["message"].as_str().expect("a message");
                        let new = words(message).filter(|word| {
                            names.contains(*word) && !known.contains(word) && *word != OPERATOR
                        });
                        told.extend(new.map(|word| format!("{word} in: {message}")));
                    }
                }
            }
            assert!(refused > 1000, "{refused}");
            told
        };
        let closed = told(&closed().await).await;
        assert!(closed.is_empty(), "{closed:#?}");
        let open = told(&Client::new(seeded().await)).await;
        assert!(open.len() > 10, "the test finds names where they are told");
    });
}
