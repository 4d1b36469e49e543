//! Changes documents at random, token by token, the same way for the same seed.

use std::collections::BTreeSet;

/// Random numbers: SplitMix64, which has one word of state and no bad seeds.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, which is above 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    pub fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// Values of each kind, good and bad.
const VALUES: &[&str] = &[
    "1",
    "0",
    "-0",
    "-1",
    "501",
    "2147483648",
    "99999999999999999999",
    "1.0",
    "1e2",
    "1.5e-3",
    "01",
    "1.",
    "- 1",
    "true",
    "false",
    "null",
    "nullable",
    "\"\"",
    "\"a\"",
    "\"\\u00e9\"",
    "\"\\uD83D\\uDE00\"",
    "\"\\uD800\"",
    "\"\\u{1F600}\"",
    "\"\\u{D800}\"",
    "\"\\q\"",
    "\"\"\"a\n b\"\"\"",
    "\"",
    "\"2024-01-01\"",
    "ASC",
    "PENDING",
    "NOPE",
    "[]",
    "[1]",
    "[null]",
    "[\"a\", 1]",
    "[[]]",
    "[ASC]",
    "{}",
    "{ eq: 1 }",
    "{ eq: \"a\" }",
    "{ eq: null }",
    "{ a: 1, a: 2 }",
    "{ email: ASC }",
    "{ email: ASC, id: DESC }",
    "{ email: { eq: \"a\" } }",
    "{ email: null }",
    "$a",
    "$b",
    "$c",
    "$d",
    "$nope",
    "$",
];

const DIRECTIVES: &[&str] = &[
    "@skip(if: true)",
    "@include(if: $a)",
    "@include(if: $d)",
    "@skip",
    "@skip(if: 1)",
    "@skip(if: null)",
    "@skip(if: true, if: true)",
    "@include(if: true) @include(if: true)",
    "@skip(if: true) @include(if: false)",
    "@nope",
    "@oneOf",
    "@deprecated",
    "@specifiedBy(url: \"a\")",
    "@skip()",
    "@skip(unless: true)",
];

const TYPES: &[&str] = &[
    "Int",
    "Int!",
    "String",
    "String!",
    "[String]",
    "[String!]",
    "[String!]!",
    "[[Int]]",
    "ID",
    "ID!",
    "Boolean",
    "Boolean!",
    "Float",
    "Customer",
    "Node",
    "CustomerFilter",
    "CustomerFilter!",
    "[CustomerOrderBy!]",
    "CustomerOrderBy",
    "SortDirection",
    "OrderStatus",
    "[ Int ! ] !",
    "Nope",
    "Int!!",
    "[Int",
    "__Type",
    "JSON",
    "Decimal",
];

const PIECES: &[&str] = &[
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ":",
    "!",
    "=",
    "@",
    "$",
    "...",
    "|",
    "&",
    ".",
    "..",
    "#x\n",
    "\u{feff}",
    ",",
    "\\",
    "é",
    "%",
    "'",
    "__typename",
    "nodeId",
    "a: __typename",
    "... { __typename }",
    "... on Node { nodeId }",
    "... on Query { __typename }",
    "... on Customer { id }",
    "...F",
    "...Nope",
    "__schema { queryType { name } }",
    "__type(name: \"A\") { name }",
    "on",
    "query",
    "fragment",
    "null",
    "true",
    "{ }",
    "( )",
    "customers { totalCount }",
    "totalCount",
    "id",
    "id: email",
    "email: id",
];

const DEFINITIONS: &[&str] = &[
    " fragment F on Customer { id }",
    " fragment F on Query { __typename }",
    " fragment F on Nope { id }",
    " fragment F on Int { id }",
    " fragment F on CustomerFilter { eq }",
    " fragment F on Customer { ...F }",
    " fragment F on Node { nodeId ... on Order { id } }",
    " fragment on on Customer { id }",
    " fragment F on Customer @nope { id }",
    " fragment F($a: Int) on Customer { id }",
    " query Z { __typename }",
    " query A { __typename }",
    " { __typename }",
    " mutation Z { a }",
    " subscription Z { a }",
    " type A { b: Int }",
    " extend type Customer { b: Int }",
    " schema { query: Query }",
    " \"text\"",
    " query Z() { __typename }",
];

/// Names and other tokens of a document, as they stand.
pub fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if first == '#' {
            rest.find('\n').unwrap_or(rest.len())
        } else if first.is_whitespace() || first == ',' {
            first.len_utf8()
        } else if first == '_' || first.is_ascii_alphabetic() {
            rest.find(|it: char| it != '_' && !it.is_ascii_alphanumeric())
                .unwrap_or(rest.len())
        } else if first == '-' || first.is_ascii_digit() {
            1 + rest[1..]
                .find(|it: char| !"+-.eE".contains(it) && !it.is_ascii_digit())
                .unwrap_or(rest.len() - 1)
        } else if let Some(block) = rest.strip_prefix("\"\"\"") {
            6 + block
                .replace("\\\"\"\"", "1234")
                .find("\"\"\"")
                .unwrap_or(block.len() - 3)
        } else if first == '"' {
            let mut escaped = false;
            let end = rest[1..].find(|it: char| {
                let ends = it == '"' && !escaped;
                escaped = it == '\\' && !escaped;
                ends
            });
            end.map_or(rest.len(), |end| end + 2)
        } else if rest.starts_with("...") {
            3
        } else {
            first.len_utf8()
        };
        let (token, after) = rest.split_at(length);
        if !token.trim().is_empty() && token != "," && !token.starts_with('#') {
            tokens.push(token.to_owned());
        }
        rest = after;
    }
    tokens
}

/// The names in some documents.
pub fn names(documents: &[String]) -> Vec<String> {
    let names: BTreeSet<String> = documents
        .iter()
        .flat_map(|document| tokens(document))
        .filter(|token| is_name(token))
        .collect();
    names.into_iter().collect()
}

fn is_name(token: &str) -> bool {
    token.starts_with(|first: char| first == '_' || first.is_ascii_alphabetic())
}

/// One document made of another.
pub fn mutated(random: &mut Random, document: &str, names: &[String]) -> String {
    let mut tokens = tokens(document);
    let times = [1, 1, 1, 2, 3][random.below(5)];
    for _ in 0..times {
        change(random, &mut tokens, names);
    }
    let glue = random.below(40) == 0;
    let mut text = String::new();
    for (index, token) in tokens.iter().enumerate() {
        // Now and then two tokens stand together, which makes others of them.
        if index > 0 && !(glue && random.below(3) == 0) {
            text.push(' ');
        }
        text.push_str(token);
    }
    text
}

fn change(random: &mut Random, tokens: &mut Vec<String>, names: &[String]) {
    if tokens.is_empty() {
        return;
    }
    let at = random.below(tokens.len());
    match random.below(18) {
        0 => {
            tokens.remove(at);
        }
        1 => tokens.insert(at, tokens[at].clone()),
        2 if at > 0 => tokens.swap(at, at - 1),
        3 | 4 => replace(random, tokens, is_name, |random| random.one(names).clone()),
        5 | 6 => replace(random, tokens, is_value, |random| {
            (*random.one(VALUES)).to_owned()
        }),
        7 => after(
            random,
            tokens,
            |token| is_name(token) || token == ")",
            DIRECTIVES,
        ),
        8 => after(random, tokens, |token| token == "{" || token == "}", PIECES),
        9 => tokens.insert(at, (*random.one(PIECES)).to_owned()),
        10 => replace(random, tokens, is_type, |random| {
            (*random.one(TYPES)).to_owned()
        }),
        11 => tokens.push((*random.one(DEFINITIONS)).to_owned()),
        12 => wrap(random, tokens),
        13 => {
            let alias = format!("{}:", random.one(&["a", "id", "email", "__typename"]));
            after(
                random,
                tokens,
                |token| token == "{" || token == "}",
                &[&alias],
            );
        }
        14 => again(random, tokens),
        15 => {
            let argument = format!(
                "({}: {})",
                random.one(&["first", "where", "id", "orderBy", "nope"]),
                random.one(VALUES)
            );
            after(random, tokens, is_name, &[&argument]);
        }
        16 => {
            let variable = format!("$a: {} = {}", random.one(TYPES), random.one(VALUES));
            after(random, tokens, |token| token == "(", &[&variable]);
        }
        _ => {
            let end = (at + 1 + random.below(4)).min(tokens.len());
            tokens.drain(at..end);
        }
    }
}

fn is_value(token: &str) -> bool {
    token.starts_with(['"', '-'])
        || token.starts_with(|first: char| first.is_ascii_digit())
        || matches!(
            token,
            "true" | "false" | "null" | "ASC" | "DESC" | "PENDING"
        )
}

fn is_type(token: &str) -> bool {
    token.starts_with(|first: char| first.is_ascii_uppercase())
}

fn positions(tokens: &[String], of: impl Fn(&str) -> bool) -> Vec<usize> {
    (0..tokens.len()).filter(|&at| of(&tokens[at])).collect()
}

fn replace(
    random: &mut Random,
    tokens: &mut [String],
    of: impl Fn(&str) -> bool,
    by: impl Fn(&mut Random) -> String,
) {
    let found = positions(tokens, of);
    if !found.is_empty() {
        let at = *random.one(&found);
        tokens[at] = by(random);
    }
}

fn after(random: &mut Random, tokens: &mut Vec<String>, of: impl Fn(&str) -> bool, what: &[&str]) {
    let found = positions(tokens, of);
    if !found.is_empty() {
        let at = *random.one(&found);
        tokens.insert(at + 1, (*random.one(what)).to_owned());
    }
}

/// The end of the bracket that opens at a position.
fn closing(tokens: &[String], open: usize) -> Option<usize> {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// Puts a selection into a fragment.
fn wrap(random: &mut Random, tokens: &mut Vec<String>) {
    let found = positions(tokens, |token| token == "{");
    if found.is_empty() {
        return;
    }
    let open = *random.one(&found);
    if let Some(close) = closing(tokens, open) {
        let heads = [
            "... {",
            "... @include(if: true) {",
            "... on Customer {",
            "... on Node {",
            "... on Query {",
            "x {",
        ];
        tokens.insert(close, "}".to_owned());
        tokens.insert(open + 1, (*random.one(&heads)).to_owned());
    }
}

/// Repeats a selection behind itself, so that its fields are merged.
fn again(random: &mut Random, tokens: &mut Vec<String>) {
    let found = positions(tokens, |token| token == "{");
    if found.is_empty() {
        return;
    }
    let open = *random.one(&found);
    if let Some(close) = closing(tokens, open) {
        let copy = tokens[open + 1..close].to_vec();
        tokens.splice(close..close, copy);
    }
}
