//! Tests of the weight of documents.

use std::fmt::Write;
use std::time::Instant;

use super::super::parse::parse;
use super::*;

/// The limit that a document breaks and what was counted, or the code of another refusal.
fn refused(query: &str, limits: Limits) -> Option<(String, u64)> {
    let document = parse(query, &Limits::default()).unwrap();
    let error = weigh(&document, &limits).err()?;
    let Some(name) = error.details.get("name") else {
        return Some((error.code.name().to_owned(), 0));
    };
    let name = name.as_str().unwrap().to_owned();
    Some((name, error.details["cost"].as_u64().unwrap()))
}

/// `levels` fragments that each spread the next one twice.
fn doubling(levels: usize) -> String {
    let mut query = "{ ...F0 }".to_owned();
    for index in 0..levels - 1 {
        let next = index + 1;
        let _ = write!(
            query,
            " fragment F{index} on Query {{ ...F{next} ...F{next} }}"
        );
    }
    let _ = write!(query, " fragment F{} on Query {{ a b }}", levels - 1);
    query
}

#[test]
fn fragments_that_double_are_looked_at_once() {
    let query = doubling(30);
    let limits = Limits {
        max_depth: 100,
        ..Limits::default()
    };
    let (name, cost) = refused(&query, limits).unwrap();
    assert_eq!((name.as_str(), cost), ("max_root_fields", 1 << 30));

    let document = parse(&query, &limits).unwrap();
    let mut scale = Scale::new(&limits);
    let operation = document.operations.iter().next().unwrap().1;
    let mut walk = Walk::new(&document);
    assert!(scale.operation(&mut walk, operation).is_err());
    // One spread in the operation, two in each fragment.
    assert_eq!(scale.visits, 61);

    let started = Instant::now();
    for _ in 0..100 {
        assert!(parse(&query, &limits).is_ok_and(|document| weigh(&document, &limits).is_err()));
    }
    println!(
        "30 fragments that double: {:?} to read and refuse",
        started.elapsed() / 100
    );
}

#[test]
fn what_cannot_be_counted_is_more_than_any_limit() {
    let limits = Limits {
        max_depth: 100,
        max_root_fields: u64::MAX - 1,
        max_fields: u64::MAX - 1,
        ..Limits::default()
    };
    let refused = refused(&doubling(90), limits);
    assert_eq!(refused, Some(("max_root_fields".to_owned(), u64::MAX)));
}

#[test]
fn cycles_are_refused() {
    for query in [
        "{ ...A } fragment A on Query { ...B } fragment B on Query { x ...A }",
        "{ ...A } fragment A on Query { a { b { ...A } } }",
        // Nothing spreads this one, but validation would look at it.
        "{ a } fragment A on Query { ... { ...A } }",
    ] {
        let code = ("GRAPHQL_VALIDATION_FAILED".to_owned(), 0);
        assert_eq!(refused(query, Limits::default()), Some(code), "{query}");
    }
}

#[test]
fn a_long_chain_of_fragments_is_no_deep_recursion() {
    let mut query = "{ ...F0 }".to_owned();
    for index in 0..1_000 {
        let _ = write!(query, " fragment F{index} on Query {{ ...F{} }}", index + 1);
    }
    let refused = refused(&query, Limits::default());
    assert_eq!(refused, Some(("max_depth".to_owned(), 31)));
}

#[test]
fn each_limit_is_held_and_not_before() {
    let limits = Limits {
        max_depth: 4,
        max_fields: 6,
        max_root_fields: 3,
        max_aliases: 2,
        max_directives: 3,
        max_directives_per_location: 2,
        max_list_depth: 1,
        max_schema_depth: 2,
        ..Limits::default()
    };
    let cases = [
        ("{ a { b { c { d } } } }", None),
        ("{ a { b { c { d { e } } } } }", Some(("max_depth", 5))),
        (
            "{ ... { ... { ... { ... { a } } } } }",
            Some(("max_depth", 5)),
        ),
        (
            "{ ...A } fragment A on Q { ... { ...B } } fragment B on Q { a { b } }",
            Some(("max_depth", 5)),
        ),
        ("{ a { b c d } e { f } }", None),
        ("{ a { b c d } e { f g } }", Some(("max_fields", 7))),
        (
            "{ a { ...A } b { ...A } } fragment A on Q { c d e }",
            Some(("max_fields", 8)),
        ),
        ("{ a b c }", None),
        ("{ a b c d }", Some(("max_root_fields", 4))),
        ("{ a a a a }", Some(("max_root_fields", 4))),
        (
            "{ ...A ... { a b } } fragment A on Q { a b }",
            Some(("max_root_fields", 4)),
        ),
        ("{ x: a y: b }", None),
        ("{ x: a y: b { z: c } }", Some(("max_aliases", 3))),
        (
            "{ a { ...A } b { ...A } } fragment A on Q { x: c y: d }",
            Some(("max_aliases", 4)),
        ),
        ("query ($a: A @b @c) { a @d }", None),
        (
            "query ($a: A @b) @c { a @d b @e }",
            Some(("max_directives", 4)),
        ),
        (
            "{ ...A @a ...A @a } fragment A on Q @c { a @b }",
            Some(("max_directives", 4)),
        ),
        ("{ a @b @b @b }", Some(("max_directives_per_location", 3))),
        ("{ a { nodes { b } edges { node { b } } } }", None),
        (
            "{ a { nodes { nodes { b } } } }",
            Some(("max_list_depth", 2)),
        ),
        ("{ __schema { types { fields { a } } } }", None),
        (
            "{ __schema { types { fields { args { a } } } } }",
            Some(("max_depth", 5)),
        ),
        (
            "{ __type { fields { type { ...A } } } } fragment A on T { interfaces { b } }",
            Some(("max_depth", 5)),
        ),
    ];
    for (query, expected) in cases {
        let expected = expected.map(|(name, cost)| (name.to_owned(), cost));
        assert_eq!(refused(query, limits), expected, "{query}");
    }
    let deep = Limits {
        max_depth: 20,
        max_fields: 20,
        ..limits
    };
    for query in [
        "{ __schema { types { fields { args { a } } } } }",
        "{ __type { fields { type { ...A } } } } fragment A on T { type { interfaces { fields { b } } } }",
    ] {
        let expected = Some(("max_schema_depth".to_owned(), 3));
        assert_eq!(refused(query, deep), expected, "{query}");
    }
    let lists = "{ a { nodes { ...A } } } fragment A on Q { edges { b } }";
    let expected = Some(("max_list_depth".to_owned(), 2));
    assert_eq!(refused(lists, deep), expected);
    // Fields of these names mean nothing elsewhere.
    assert_eq!(refused("{ types { fields { args { a } } } }", deep), None);
}
