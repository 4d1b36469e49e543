//! Tests of the reader of documents: what it takes, what it refuses, and where it stops.

use async_graphql::parser::parse_query;
use proptest::prelude::*;

use super::*;

fn code(text: &str) -> Option<&'static str> {
    let error = parse(text, &Limits::default()).err()?;
    Some(error.code.name())
}

/// The limit that a text breaks, or the code of another refusal.
fn limit(text: &str, limits: Limits) -> Option<String> {
    let error = parse(text, &limits).err()?;
    match error.details.get("name") {
        Some(name) => Some(name.as_str().unwrap().to_owned()),
        None => Some(error.code.name().to_owned()),
    }
}

/// The value of the argument `b` in `{ a(b: …) }`.
fn value(text: &str) -> Value {
    let document = parse(&format!("{{ a(b: {text}) }}"), &Limits::default()).unwrap();
    let DocumentOperations::Single(operation) = document.operations else {
        panic!("one operation");
    };
    match &operation.node.selection_set.node.items[0].node {
        Selection::Field(field) => field.node.arguments[0].1.node.clone(),
        other => panic!("a field: {other:?}"),
    }
}

#[test]
fn documents_read_as_the_library_reads_them() {
    for text in [
        "{ a }",
        "query { a }",
        "query A($a: [Int!]! = [1, 2], $b: B = {c: null, d: [{e: F}]}) @x(y: 1) { z: a(b: $a) @c { d } }",
        "{ ... @a { b } ... on C @d { e } ...F @g }\nfragment F on H @i { j }",
        "mutation A { a }",
        "subscription { a }",
        "{ a(b: 1, c: -2.5e3, d: \"\\u00e9\\n\", e: true, f: false, g: null, h: $i, j: [], k: {}) }",
        "\u{feff}{ a # comment }\r\n b, , c }",
        "{ query mutation fragment on true null }",
        "{\n  a(b: \"\"\"\n    one\n      two\n  \"\"\")\n}",
    ] {
        let ours = parse(text, &Limits::default()).unwrap();
        let theirs = parse_query(text).unwrap();
        assert_eq!(format!("{ours:?}"), format!("{theirs:?}"), "{text}");
    }
}

#[test]
fn what_is_no_document_is_refused() {
    for text in [
        "",
        " ",
        "#",
        "a",
        "{",
        "}",
        "{}",
        "{ a",
        "{ a }}",
        "{ a() }",
        "{ a { } }",
        "query() { a }",
        "query ($a) { a }",
        "query ($a: ) { a }",
        "query ($a: Int = $b) { a }",
        "querya { b }",
        "query ($a: [Int) { a }",
        "query ($a: Int!!) { a }",
        "fragment on on A { b } { a }",
        "fragment A { b } { a }",
        "fragment A on B { b }",
        "{ a: }",
        "{ a: b: c }",
        "{ ... on }",
        "{ ...on A }",
        "{ .. a }",
        "{ a(b: ) }",
        "{ a(b: 01) }",
        "{ a(b: [00]) }",
        "{ a(b: 1.) }",
        "{ a(b: .5) }",
        "{ a(b: 1e) }",
        "{ a(b: -) }",
        "{ a(b: +1) }",
        "{ a(b: 1x) }",
        "{ a(b: 1.2.3) }",
        "{ a(b: 0xF) }",
        "{ a(b: \"x) }",
        "{ a(b: \"x\n\") }",
        "{ a(b: \"\\x\") }",
        "{ a(b: \"\\u12\") }",
        "{ a(b: \"\\u{}\") }",
        "{ a(b: \"\\u{110000}\") }",
        "{ a(b: \"\\u{d83d}\") }",
        "{ a(b: \"\\uD800\") }",
        "{ a(b: \"\\uDC00\") }",
        "{ a(b: \"\\uD800\\u0041\") }",
        "{ a(b: \"\\u{0000000000000041}\") }",
        "{ a(b: \"\\",
        "{ a(b: \"\"\"x) }",
        "{ a(b: \"\"\"x\\\"\"\") }",
        "{ a(b: 'x') }",
        "{ a(b: {c 1}) }",
        "{ a(b: {c: 1) }",
        "{ a @ }",
        "{ a? }",
        "{ ä }",
        "{ a\0 }",
        "type A { b: C }",
        "extend type A { b: C } { a }",
        "\"a\" { b }",
        "{ a } { b",
        "& { a }",
        "{ a | b }",
    ] {
        assert_eq!(code(text), Some("GRAPHQL_PARSE_FAILED"), "{text}");
    }
    for twice in [
        "{ a } { b }",
        "{ a } query B { b }",
        "query B { b } { a }",
        "query A { a } query A { b }",
        "{ a } fragment F on A { b } fragment F on A { b }",
        "{ a(b: {c: 1, c: 2}) }",
        "{ a(b: [{c: 1}, {d: {}, c #x: \n : 1, c: 2}]) }",
        "query ($a: B = {c: 1 c: 2}) { a }",
    ] {
        assert_eq!(code(twice), Some("GRAPHQL_VALIDATION_FAILED"), "{twice}");
    }
}

#[test]
fn errors_say_where_and_what() {
    let refused = |text| {
        let error = parse(text, &Limits::default()).unwrap_err();
        let place = error.locations[0];
        (error.message, place.line, place.column)
    };
    let (message, line, column) = refused("{\r\n  é: a\n}");
    assert_eq!(message, "Syntax error: unexpected character 'é'.");
    assert_eq!((line, column), (2, 3));
    let (message, line, column) = refused("{\n  a(b: {c: 1}\n}");
    assert_eq!(message, "Syntax error: expected a name, found `}`.");
    assert_eq!((line, column), (3, 1));
    let (_, line, column) = refused("{\r\r a(b: {c: 1, c: 2}) }");
    assert_eq!((line, column), (3, 14));
    let (_, line, column) = refused("{ a(b: \"ü\\q\") }");
    assert_eq!((line, column), (1, 10));
}

#[test]
fn values_are_read_as_they_are_meant() {
    assert_eq!(value("-0"), Value::Number(0.into()));
    assert_eq!(
        value("18446744073709551615"),
        Value::Number(u64::MAX.into())
    );
    for digits in [
        "12345678901234567890123",
        "0.10000000000000000000000001",
        "1e+400000",
    ] {
        assert_eq!(value(digits).to_string(), digits);
    }
    assert_eq!(
        value(r#""\ud83d\ude00 \u{1F600} \u{22}\u{a} é""#),
        Value::String("😀 😀 \"\n é".to_owned())
    );
    assert_eq!(
        value(r#""\"\\\/\b\f\n\r\t""#),
        Value::String("\"\\/\u{8}\u{c}\n\r\t".to_owned())
    );
    assert_eq!(
        value(r#""""a \""" \n \u00e9""""#),
        Value::String("a \"\"\" \\n \\u00e9".to_owned())
    );
    assert_eq!(
        value("\"\"\"\r\n  a\r\n    b\r\n\r\n  c\r\n \"\"\""),
        Value::String("a\n  b\n\nc".to_owned())
    );
    assert_eq!(value("\"\"\"\"\"\""), Value::String(String::new()));
    assert_eq!(value("nullable"), Value::Enum(Name::new("nullable")));
}

#[test]
fn half_of_a_surrogate_pair_is_told() {
    let told = |string: &str| {
        let text = format!("{{ a(b: {string}) }}");
        parse(&text, &Limits::default()).unwrap_err().message
    };
    for (string, escape) in [
        (r#""\uD800""#, r"\uD800"),
        (r#""\ud83dx""#, r"\ud83d"),
        (r#""\udE00\ud83d""#, r"\udE00"),
        (r#""\uD800é""#, r"\uD800"),
        (r#""\uD83D\u00e9""#, r"\uD83D"),
        (r#""\u{D800}""#, r"\u{D800}"),
        (r#""\u{00dFff}""#, r"\u{00dFff}"),
    ] {
        let half = format!("Syntax error: the escape `{escape}` is half of a surrogate pair");
        assert!(told(string).starts_with(&half), "{}", told(string));
    }
    for string in [r#""\u00""#, r#""\u00g0""#, r#""\u{110000}""#, r#""\u{}""#] {
        let none = "Syntax error: an escape after \\u names no character;";
        assert!(told(string).starts_with(none), "{}", told(string));
    }
}

#[test]
fn names_have_a_length() {
    let name = "n".repeat(255);
    for (text, place) in [
        ("{ NAME }", 3),
        ("{ a: NAME }", 6),
        ("query NAME { a }", 7),
        ("query ($a: NAME) { b }", 12),
        ("{ a(b: NAME) }", 8),
    ] {
        let named = |name: &str| parse(&text.replace("NAME", name), &Limits::default());
        assert!(named(&name).is_ok(), "{text}");
        let error = named(&format!("{name}n")).unwrap_err();
        assert_eq!(
            error.message,
            "A name has 256 characters; at most 255 are allowed. Use a shorter name."
        );
        assert_eq!(error.locations[0].column, place, "{text}");
    }
}

#[test]
fn brackets_have_an_end() {
    for (before, one, after, end, name) in [
        ("{a(b:", "{c:", "1", "})}", "max_input_depth"),
        ("{a(b:", "[", "1", "])}", "max_input_depth"),
        ("", "{a", "", "}", "max_nesting"),
        ("", "{...", "{a}", "}", "max_nesting"),
        ("query($a:", "[", "Int", "]", "max_nesting"),
    ] {
        for levels in [200, 20_000] {
            let text = format!(
                "{before}{}{after}{}",
                one.repeat(levels),
                end.repeat(levels)
            );
            let wide = Limits {
                max_tokens: u64::MAX,
                max_query_bytes: u64::MAX,
                ..Limits::default()
            };
            assert_eq!(limit(&text, wide).as_deref(), Some(name), "{one}");
        }
    }
    let many = "{[(".repeat(1000);
    for text in [
        format!("{{ a(b: \"{many}\") }}"),
        format!("{{ a(b: \"\\\"{many}\") }}"),
        format!("{{ a(b: \"\"\"{many} \\\"\"\" {many}\"\"\") }}"),
        format!("{{ a # {many}\n }}"),
    ] {
        assert_eq!(code(&text), None, "{text:.30}");
    }
}

#[test]
fn bytes_and_tokens_are_counted_and_counting_stops() {
    let limits = Limits {
        max_query_bytes: 100,
        max_tokens: 6,
        ..Limits::default()
    };
    assert_eq!(limit("{ a b c d }", limits), None);
    assert_eq!(
        limit("{ a b c d e }", limits).as_deref(),
        Some("max_tokens")
    );
    // What comes after the limit is not read.
    assert_eq!(
        limit("{ a b c d e ???", limits).as_deref(),
        Some("max_tokens")
    );
    let blank = format!("{{ a #{}\n}}", "x".repeat(93));
    assert_eq!(limit(&blank, limits), None);
    assert_eq!(
        limit(&format!("{blank} "), limits).as_deref(),
        Some("max_query_bytes")
    );
    let error = parse("{ a b c d e f }", &limits).unwrap_err();
    assert_eq!(
        error.to_json(),
        serde_json::json!({
            "message": "The request comes to 7 tokens; `max_tokens` allows 6. Send a shorter document, and long lists as variables.",
            "locations": [{"line": 1, "column": 13}],
            "extensions": {"code": "QUERY_TOO_EXPENSIVE", "name": "max_tokens", "cost": 7, "limit": 6},
        })
    );
}

#[test]
fn megabytes_of_one_thing_are_read_once() {
    let wide = Limits {
        max_query_bytes: u64::MAX,
        ..Limits::default()
    };
    let many = 1 << 20;
    for text in [
        format!("{{ a #{}\n }}", "#".repeat(many)),
        format!("{{ a #{}\n }}", "é".repeat(many)),
        format!("{{ a {} }}", ",".repeat(many)),
        format!("{{ a {} }}", "\u{feff}".repeat(many)),
        format!("{{ a {} }}", "\r\n".repeat(many)),
        format!("{{ a(b: \"{}\") }}", "\\u{41}".repeat(many)),
        format!("{{ a(b: \"\"\"{}\"\"\") }}", " \n".repeat(many)),
        format!("{{ a(b: \"\"\"{}\"\"\") }}", "\\\"\"\"".repeat(many)),
        format!("{{ a(b: {}) }}", "9".repeat(many)),
    ] {
        assert_eq!(limit(&text, wide), None, "{text:.20}");
    }
    for one in ["\"", "\"\"\"", "\\u{", "{ a(b: \"\\u{"] {
        assert!(limit(&one.repeat(many / 8), wide).is_some(), "{one}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_fail(text in "[{}()\\[\\]\"#\\\\u:a.$@!=0e\n\\PC]{0,60}") {
        let _ = parse(&text, &Limits::default());
    }

    /// Of texts the library's reader is right, but for escapes that it does not know.
    #[test]
    fn texts_read_as_the_library_reads_them(text in "[a-z\"\\\\nu0-9 \t]{0,20}") {
        for quotes in ["\"", "\"\"\""] {
            let query = format!("{{ a(b: {quotes}{text}{quotes}) }}");
            let (ours, theirs) = (parse(&query, &Limits::default()), parse_query(&query));
            prop_assert_eq!(ours.is_ok(), theirs.is_ok(), "{}", query);
            // It leaves the backslash of an escaped end, which the specification takes off.
            if quotes.len() == 3 && query.contains("\\\"\"\"") {
                continue;
            }
            if let (Ok(ours), Ok(theirs)) = (ours, theirs) {
                prop_assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
            }
        }
    }
}
