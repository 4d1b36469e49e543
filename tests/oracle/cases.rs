//! The written cases: files of sections, each with a heading that says what comes out.
//!
//! ```text
//! # answers: a name          data without errors (`fails:` field errors, `refuses:` no data)
//! # variables: {"a": 1}
//! # operation: Name
//! # take b: customers.pageInfo.endCursor of { customers(first: 1) { pageInfo { endCursor } } }
//! query ($a: Int, $b: String) { … }
//! ```
//!
//! `<id:customers:0>` stands for an id of the seed and `<node:customers:0>` for the node id.

use std::fs;
use std::path::Path;

use axum::body::Body;
use axum::http::{Request, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use crate::harness::client::{Client, token};
use crate::harness::seed::Side;

/// The workspace that asks.
pub const SIDE: Side = Side::A;

pub struct Case {
    pub name: String,
    /// `answers`, `fails` or `refuses`; none where the oracle alone decides.
    pub outcome: Option<String>,
    pub query: String,
    pub variables: Map<String, Value>,
    pub operation: Option<String>,
    pub takes: Vec<Take>,
}

/// A variable whose value is taken from an earlier answer, because it is opaque.
pub struct Take {
    pub variable: String,
    /// Steps below `data`, joined by dots.
    pub path: String,
    pub query: String,
}

/// The cases of all files of a folder.
pub fn written(folder: &Path) -> Vec<Case> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("the folder of cases")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    let mut cases: Vec<Case> = Vec::new();
    for file in files {
        let area = file
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let text = placed(&fs::read_to_string(&file).expect("a file of cases"));
        for line in text.lines() {
            let heading = ["answers", "fails", "refuses"]
                .into_iter()
                .find_map(|outcome| {
                    let name = line
                        .strip_prefix("# ")?
                        .strip_prefix(outcome)?
                        .strip_prefix(": ")?;
                    Some((outcome, name))
                });
            if let Some((outcome, name)) = heading {
                cases.push(Case {
                    name: format!("{area}: {name}"),
                    outcome: Some(outcome.to_owned()),
                    query: String::new(),
                    variables: Map::new(),
                    operation: None,
                    takes: Vec::new(),
                });
            } else if let Some(case) = cases.last_mut() {
                section_line(case, line);
            }
        }
    }
    cases
}

fn section_line(case: &mut Case, line: &str) {
    if let Some(text) = line.strip_prefix("# variables: ") {
        case.variables = serde_json::from_str(text)
            .unwrap_or_else(|error| panic!("{}: the variables are no JSON: {error}", case.name));
    } else if let Some(name) = line.strip_prefix("# operation: ") {
        case.operation = Some(name.to_owned());
    } else if let Some(take) = line.strip_prefix("# take ") {
        let (variable, rest) = take.split_once(": ").expect("a variable to take");
        let (path, query) = rest.split_once(" of ").expect("a query to take from");
        case.takes.push(Take {
            variable: variable.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
        });
    } else {
        case.query.push_str(line);
        case.query.push('\n');
    }
}

/// Replaces the placeholders of the seed.
fn placed(text: &str) -> String {
    let mut text = text.to_owned();
    for word in ["<id:", "<node:"] {
        while let Some(start) = text.find(word) {
            let end = start + text[start..].find('>').expect("a closing bracket");
            let (table, row) = text[start + word.len()..end]
                .split_once(':')
                .expect("table and row");
            let id = SIDE.id(table, row.parse().expect("a number")).to_string();
            let value = match word {
                "<id:" => id,
                _ => URL_SAFE_NO_PAD.encode(json!([table, id]).to_string()),
            };
            text.replace_range(start..=end, &value);
        }
    }
    text
}

/// The answer as it was sent.
pub async fn ask(client: &Client, case: &Case, variables: &Map<String, Value>) -> String {
    let body = json!({
        "query": case.query,
        "variables": variables,
        "operationName": case.operation,
    });
    let request = Request::post("/graphql")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::AUTHORIZATION, format!("Bearer {}", token(SIDE)))
        .body(Body::from(body.to_string()))
        .expect("a request");
    let (_, bytes) = client.send(request).await;
    String::from_utf8(bytes).expect("the answer is UTF-8")
}
