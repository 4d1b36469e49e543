//! How long it takes from a text and variables to bound statements. It asserts nothing about time:
//! `cargo test --release binding -- --ignored --nocapture` tells.

use std::hint::black_box;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use serde_json::{Map, Value, json};

use super::*;
use crate::app;
use crate::documents::{Documents, Wanted};
use crate::engine::select::Paging;
use crate::guard::{self, Limits};
use crate::json;
use crate::session::Role;
use crate::sql::Statement;

const POINT: &str = "query Point($id: ID!) { order(id: $id) { id orderNumber status totalAmount orderDate customerId } }";

fn session() -> Session {
    Session {
        role: Role::Owner,
        ..Session::nobody()
    }
}

fn variables(number: usize) -> async_graphql::Variables {
    let id = uuid::Uuid::from_u128(number as u128).to_string();
    let mut members = Map::new();
    members.insert("id".to_owned(), Value::from(id));
    json::to_variables(members)
}

/// The statements of a request, as they are sent.
fn statements(
    engine: &Engine,
    documents: &Documents,
    wanted: &Wanted,
    variables: &async_graphql::Variables,
) -> Vec<Statement> {
    let session = session();
    let read = |text: &str| guard::read(text, engine.limits());
    let found = documents
        .find(wanted, Some(&session), read)
        .expect("a document");
    let operation = Operation {
        document: &found.document,
        name: None,
        variables,
    };
    let bound = engine
        .bind(Some(&session), operation, false)
        .now_or_never()
        .expect("validation waits for nothing")
        .expect("a valid operation");
    let sizes = engine.sizes.of(session.workspace);
    let plan = engine.plan(&bound, &session, &sizes).expect("a plan");
    documents.remember(found);
    let caller = (&session).into();
    let selects = plan.nodes.iter().map(|node| &node.select);
    selects
        .map(|select| {
            let known = &engine.statements;
            known.of(&engine.catalog, caller, select, Paging::Lateral)
        })
        .collect()
}

#[test]
fn a_value_is_bound_and_the_text_shared() {
    let engine = app::engine(Limits::default()).expect("the model");
    let (documents, wanted) = (Documents::any(), Wanted::of(POINT));
    let of = |number| statements(&engine, &documents, &wanted, &variables(number));
    let (one, two) = (of(1), of(2));
    assert_eq!(one[0].prepared, two[0].prepared);
    assert_ne!(one[0].values, two[0].values);
    assert_eq!(one, of(1));
}

#[test]
#[ignore = "it measures"]
fn binding_a_point_read() {
    let before = resident();
    let begun = Instant::now();
    let engine = app::engine(Limits::default()).expect("the model");
    let (took, bytes) = (begun.elapsed(), resident() - before);
    println!(
        "{}",
        json!({ "case": "all schemas", "took": format!("{took:?}"), "bytes": bytes })
    );
    let time = |name: &str, engine: &Engine, documents: &Documents, turns: usize| {
        let wanted = Wanted::of(POINT);
        let mut best = Duration::MAX;
        for _ in 0..10 {
            let all: Vec<_> = (0..turns).map(variables).collect();
            let begun = Instant::now();
            for one in &all {
                black_box(statements(engine, documents, &wanted, one));
            }
            best = best.min(begun.elapsed() / turns as u32);
        }
        println!("{}", json!({ "case": name, "best": format!("{best:?}") }));
    };
    let nothing = || engine.clone().keeping(0);
    time("all is known", &engine, &Documents::any(), 10_000);
    time("the document is known", &nothing(), &Documents::any(), 200);
    time(
        "nothing is known",
        &nothing(),
        &Documents::any().keeping(0),
        200,
    );
    let room = 32 << 20;
    let (engine, documents) = (engine.keeping(room), Documents::any().keeping(room));
    let before = resident();
    for number in 0..20_000 {
        let fields = "id orderNumber status totalAmount orderDate customerId ";
        let fields = fields.repeat(1 + number % 20);
        let text = format!("query N($id: ID!) {{ a{number}: order(id: $id) {{ {fields} }} }}");
        let wanted = Wanted::of(text);
        statements(&engine, &documents, &wanted, &variables(number));
    }
    let (bytes, estimated) = (resident() - before, engine.kept().1 + documents.kept().1);
    println!(
        "{}",
        json!({ "case": "a flood", "bytes": bytes, "estimated": estimated, "room": room })
    );
}

/// Bytes of the process in memory.
fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").expect("Linux");
    let pages = pages.split(' ').nth(1).expect("a number");
    pages.parse::<usize>().expect("a number") * 4096
}
