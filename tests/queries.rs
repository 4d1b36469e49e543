//! Golden queries: a case is `tests/queries/<area>/<case>.graphql`. Beside it are the responses to
//! both workspaces (`.json`) and the SQL statements (`.sql`). For a new case, write the first file:
//! `UPDATE_GOLDEN=1 cargo test golden` records the others. Review them before you commit them.
//!
//! A file may begin with comments that give its variables: see [`variables`].

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use async_graphql::{Name, Value as ConstValue};
use indexmap::IndexMap;
use serde_json::{Value, json};

use crate::harness::client::Client;
use crate::harness::database::{STATEMENTS, seeded};
use crate::harness::golden::Golden;
use crate::harness::run;
use crate::harness::seed::Side;

pub fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/queries");
    let mut cases: Vec<PathBuf> = folders(&root)
        .iter()
        .flat_map(|area| {
            fs::read_dir(area)
                .expect("a folder")
                .map(|entry| entry.expect("an entry").path())
        })
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "graphql")
        })
        .collect();
    cases.sort();
    cases
}

fn folders(root: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(root).expect("the folder of cases");
    entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .collect()
}

/// The variables of a case: the JSON of its comment `# variables: {…}`, with these placeholders.
///
/// - `{mark}`: the text that all texts of the side contain.
/// - `{id:customers:0}`: the id of a row of the seed.
/// - `{given:1}`: the second string in the response to the query of the comment `# given: {…}`, such
///   as a cursor or a node id. Both depend on the side.
pub async fn variables(client: &Client, query: &str, side: Side) -> Value {
    let comment = |name: &str| query.lines().find_map(|line| line.strip_prefix(name));
    let Some(text) = comment("# variables: ") else {
        return json!({});
    };
    let mut text = text.replace("{mark}", side.mark());
    fill(&mut text, "{id:", |place| {
        let (table, row) = place.split_once(':').expect("table and row");
        side.id(table, row.parse().expect("a number")).to_string()
    });
    if let Some(query) = comment("# given: ") {
        let (_, bytes) = client.ask_raw(side, query, json!({})).await;
        let response: ConstValue = serde_json::from_slice(&bytes).expect("JSON");
        let mut given = Vec::new();
        strings(&response, &mut given);
        fill(&mut text, "{given:", |place| {
            let index: usize = place.parse().expect("a number");
            match given.get(index) {
                Some(string) => string.clone(),
                None => panic!("no string {index} in {response}"),
            }
        });
    }
    serde_json::from_str(&text).expect("variables are JSON")
}

/// Replaces each placeholder that begins like this; `value` gets the rest of it.
fn fill(text: &mut String, begin: &str, value: impl Fn(&str) -> String) {
    while let Some(start) = text.find(begin) {
        let end = start + text[start..].find('}').expect("a closing brace");
        let value = value(&text[start + begin.len()..end]);
        text.replace_range(start..=end, &value);
    }
}

/// The strings of a response, in the order of its text.
fn strings(value: &ConstValue, found: &mut Vec<String>) {
    match value {
        ConstValue::String(text) => found.push(text.clone()),
        ConstValue::List(items) => items.iter().for_each(|item| strings(item, found)),
        ConstValue::Object(members) => members.values().for_each(|item| strings(item, found)),
        _ => {}
    }
}

/// What the reader of JSON hands over as an object, because no primitive type holds its digits.
fn numbers(value: ConstValue) -> ConstValue {
    match value {
        ConstValue::List(items) => ConstValue::List(items.into_iter().map(numbers).collect()),
        ConstValue::Object(members) => match members.get("$serde_json::private::Number") {
            Some(ConstValue::String(digits)) => {
                ConstValue::Number(digits.parse().expect("a number"))
            }
            _ => ConstValue::Object(
                members
                    .into_iter()
                    .map(|(name, member)| (name, numbers(member)))
                    .collect(),
            ),
        },
        value => value,
    }
}

#[test]
fn golden_queries() {
    let cases = cases();
    assert!(cases.len() >= 10, "the cases are found");
    let mut golden = Golden::new();
    run(async {
        let client = Client::new(seeded().await);
        for case in &cases {
            let query = fs::read_to_string(case).expect("a case");
            let mut answers = IndexMap::new();
            let mut sent = Vec::new();
            for side in Side::BOTH {
                let variables = variables(&client, &query, side).await;
                let ask = client.ask_raw(side, &query, variables);
                let (answer, statements) = STATEMENTS
                    .scope(Mutex::default(), async {
                        // The order of fields is part of the answer, so it is not read into a map.
                        let (_, bytes) = ask.await;
                        let answer = serde_json::from_slice(&bytes).map(numbers).expect("JSON");
                        let statements =
                            STATEMENTS.with(|log| log.lock().expect("unlocked").clone());
                        (answer, statements)
                    })
                    .await;
                let other = side.other();
                assert!(
                    !answer.to_string().contains(other.mark()),
                    "{} shows {other:?}",
                    case.display()
                );
                answers.insert(Name::new(side.mark()), answer);
                sent.push(statements);
            }
            assert_eq!(
                sent[0],
                sent[1],
                "{}: the statements depend on the workspace",
                case.display()
            );
            let json =
                serde_json::to_string_pretty(&ConstValue::Object(answers)).expect("JSON") + "\n";
            let sql = sent[0].join(";\n\n") + if sent[0].is_empty() { "" } else { ";\n" };
            golden.check(&case.with_extension("json"), &json);
            golden.check(&case.with_extension("sql"), &sql);
        }
    });
    golden.finish();
}
