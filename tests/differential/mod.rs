//! Validation compared with that of others, over some thousand documents that were changed at
//! random: whatever they refuse, we refuse, and what we refuse beyond that has a reason here.
//!
//! `apollo-compiler` is asked here. For graphql-js the documents and our verdicts are written to a
//! file, which `tests/conformance/validate.mjs` reads.

mod mutate;
mod seeds;

use std::fmt::Write;
use std::fs;

use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Schema};
use async_graphql::Variables;
use serde_json::{Value, json};
use tessera::engine::{Document, Engine, Limits, Operation};
use tessera::error::{Code, Error};
use tessera::{app, guard};

use self::mutate::{Random, mutated, names};
use self::seeds::seeds;
use crate::harness::run;

/// The variable `TESSERA_DIFFERENTIAL_SEED` takes another number to see other documents; one that
/// finds something belongs into the seeds.
const SEED: u64 = 20_240_607;
const DOCUMENTS: usize = 5_000;

fn seed() -> u64 {
    let given = std::env::var("TESSERA_DIFFERENTIAL_SEED").ok();
    given.map_or(SEED, |seed| seed.parse().expect("a number"))
}

/// The limits do not stand between us and the others, who have none.
fn limits() -> Limits {
    Limits {
        max_directives_per_location: 1_000,
        ..Limits::default()
    }
}

/// What we have against a document.
async fn ours(engine: &Engine, text: &str, variables: Variables) -> Vec<Error> {
    let document = match guard::weigh_variables(&variables, engine.limits())
        .and_then(|()| guard::read(text, engine.limits()))
    {
        Ok(document) => Document::new(text.into(), document),
        Err(error) => return vec![error],
    };
    // Any will do where there are several: validation looks at all.
    let name = document
        .parsed()
        .operations
        .iter()
        .filter_map(|(name, _)| name)
        .min();
    let operation = Operation {
        document: &document,
        name: name.map(|name| name.as_str()),
        variables,
    };
    engine.check(operation).await
}

/// Values of variables are another matter.
fn of_document(errors: &[Error]) -> Vec<&Error> {
    errors
        .iter()
        .filter(|error| error.code != Code::BadUserInput)
        .collect()
}

/// Why we may refuse what others take; the list may only become shorter.
const REASONS: &[&str] = &[
    // graphql-js says so when it executes, apollo-compiler at once.
    "The schema has no ",
    // graphql-js does not know the type of this field when it compares shapes.
    "one of which is the type of `__typename`",
    // For the specification an ID may be any whole number, for async-graphql one of 64 bits. No row
    // has such an id, so the field would be refused in any case.
    "takes a value of type `ID`",
];

/// What `apollo-compiler` does not look at; graphql-js does, and is asked about the same documents.
const NOT_SEEN_BY_APOLLO: &[&str] = &[
    "An input object names the field",
    // Its parser mends what it can.
    "Syntax error",
    // Variables inside input objects.
    "The variable `$",
    "takes exactly one of its fields",
    // The one field of an order, which takes exactly one and so not null.
    "takes a value of type `SortDirection!`, which must not be null",
    // Variables inside values of scalars that are not built in.
    "is not declared",
];

/// What `apollo-compiler` refuses although the specification and graphql-js allow it.
fn is_misread_by_apollo(text: &str) -> bool {
    // Commas mean nothing, after three dots and before a colon too.
    text.contains("... ,") || text.contains(", :")
        // A scalar of its own kind may be written as a list, with null in it.
        || text.contains("[null]")
}

fn has_reason(errors: &[&Error], reasons: &[&str]) -> bool {
    errors
        .iter()
        .all(|error| reasons.iter().any(|reason| error.message.contains(reason)))
}

fn schema() -> Valid<Schema> {
    let text = app::sdl().expect("the schema");
    Schema::parse_and_validate(text, "schema.graphql").expect("the schema is valid for others too")
}

/// The documents that are compared: the seeds as they are, then changed ones.
fn documents() -> Vec<String> {
    let seeds = seeds();
    let names = names(&seeds);
    let mut random = Random(seed());
    let mut documents = seeds.clone();
    while documents.len() < DOCUMENTS {
        let seed = random.one(&seeds).clone();
        documents.push(mutated(&mut random, &seed, &names));
    }
    documents
}

#[test]
fn what_apollo_compiler_refuses_is_refused_and_nothing_else() {
    let schema = schema();
    let engine = crate::harness::client::engine(limits());
    let mut lines = String::new();
    let (mut accepted, mut differences) = (0, Vec::new());
    run(async {
        for text in documents() {
            let errors = ours(&engine, &text, Variables::default()).await;
            let errors = of_document(&errors);
            let first = errors.first().map(|error| error.to_string());
            let theirs = ExecutableDocument::parse_and_validate(&schema, &text, "query.graphql");
            accepted += usize::from(errors.is_empty());
            match (&theirs, errors.is_empty()) {
                (Err(refusal), true) if !is_misread_by_apollo(&text) => {
                    let first = refusal.errors.iter().next().map(|it| it.error.to_string());
                    differences.push(format!(
                        "they refuse: {text}\n  {}",
                        first.unwrap_or_default()
                    ));
                }
                (Ok(_), false)
                    if !has_reason(&errors, REASONS)
                        && !has_reason(&errors, NOT_SEEN_BY_APOLLO) =>
                {
                    differences.push(format!(
                        "we refuse: {text}\n  {}",
                        first.clone().unwrap_or_default()
                    ));
                }
                _ => {}
            }
            let line =
                json!({"query": text, "refused": first, "reason": has_reason(&errors, REASONS)});
            let _ = writeln!(lines, "{line}");
        }
        for (query, variables) in with_variables() {
            let given = tessera::json::parse(variables.to_string().as_bytes()).expect("JSON");
            let given = async_graphql::Variables::from_value(given);
            let errors = ours(&engine, &query, given).await;
            let first = errors.first().map(|error| error.to_string());
            let line = json!({"query": query, "variables": variables, "refused": first});
            let _ = writeln!(lines, "{line}");
        }
    });
    fs::write(
        concat!(env!("CARGO_TARGET_TMPDIR"), "/differential.jsonl"),
        lines,
    )
    .expect("the file for graphql-js");
    // Were nearly all of them refused, the comparison would say little.
    assert!(
        accepted > DOCUMENTS / 20,
        "only {accepted} of {DOCUMENTS} are valid"
    );
    let seed = seed();
    assert!(
        differences.is_empty(),
        "seed {seed}: {} differences; {accepted} of {DOCUMENTS} are valid\n{}",
        differences.len(),
        differences.join("\n")
    );
}

/// Documents that declare a variable, and values for it of every kind.
fn with_variables() -> Vec<(String, Value)> {
    let uses = [
        ("Int", "customers(first: $a) { totalCount }"),
        ("Int!", "customers(first: $a) { totalCount }"),
        ("Int = 3", "customers(first: $a) { totalCount }"),
        ("Int! = 3", "customers(first: $a) { totalCount }"),
        ("ID!", "customer(id: $a) { id }"),
        (
            "String",
            "customers(where: { email: { eq: $a } }) { totalCount }",
        ),
        (
            "[String!]",
            "customers(where: { email: { in: $a } }) { totalCount }",
        ),
        ("Boolean!", "customers { totalCount @skip(if: $a) }"),
        (
            "Boolean",
            "__type(name: \"Order\") { fields(includeDeprecated: $a) { name } }",
        ),
        (
            "SortDirection",
            "customers(orderBy: [{ email: ASC }]) { totalCount } b: customers(orderBy: $b) { totalCount }",
        ),
        (
            "OrderStatus",
            "orders(where: { status: { eq: $a } }) { totalCount }",
        ),
        ("CustomerFilter", "customers(where: $a) { totalCount }"),
        (
            "CustomerFilter = { email: { eq: \"a\" } }",
            "customers(where: $a) { totalCount }",
        ),
        (
            "[CustomerOrderBy!]",
            "customers(orderBy: $a) { totalCount }",
        ),
        (
            "[CustomerOrderBy!]! = []",
            "customers(orderBy: $a) { totalCount }",
        ),
    ];
    let values = [
        json!(null),
        json!(1),
        json!(-1),
        json!(1.0),
        json!(1.5),
        json!(2_147_483_648_u64),
        json!(-2_147_483_648_i64),
        json!(1e300),
        json!(true),
        json!("a"),
        json!(""),
        json!("1"),
        json!("PENDING"),
        json!("pending"),
        json!("ASC"),
        json!([]),
        json!([1]),
        json!(["a"]),
        json!([null]),
        json!([["a"]]),
        json!({}),
        json!({"email": "ASC"}),
        json!({"email": "ASC", "id": "ASC"}),
        json!([{"email": "DESC"}]),
        json!([{"email": null}]),
        json!({"email": {"eq": "a"}}),
        json!({"email": {"eq": 1}}),
        json!({"email": {"in": "a"}}),
        json!({"email": {"in": ["a", null]}}),
        json!({"nope": 1}),
        json!({"email": {"nope": 1}}),
        json!({"or": {"email": null}}),
        json!({"or": [{"not": {"email": {"eq": true}}}]}),
        json!({"status": {"eq": "ACTIVE"}}),
        json!({"createdAt": {"gt": 5}}),
        json!({"vipStatus": {"eq": 1}}),
        json!({"customerGroupId": {"eq": 1}}),
    ];
    let mut cases = Vec::new();
    for (of, fields) in uses {
        let query = format!("query ($a: {of}) {{ {fields} }}");
        cases.push((query.clone(), json!({})));
        cases.extend(
            values
                .iter()
                .map(|value| (query.clone(), json!({"a": value}))),
        );
    }
    cases
}
