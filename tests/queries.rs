//! Golden queries: a case is `tests/queries/<area>/<case>.graphql`; beside it stand the answers of
//! both workspaces (`.json`) and the statements that were sent (`.sql`). A new case is the first
//! file only: `UPDATE_GOLDEN=1 cargo test` writes the others, to be read before they are committed.
//!
//! A file may begin with comments `# variables: {…}`.

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

pub fn variables(query: &str, side: Side) -> Value {
    query
        .lines()
        .find_map(|line| line.strip_prefix("# variables: "))
        .map(|text| {
            // Ids of the seed differ by side: `{id:customers:0}` stands for one.
            let mut text = text.to_owned();
            while let Some(start) = text.find("{id:") {
                let end = start + text[start..].find('}').expect("a closing brace");
                let (table, row) = text[start + 4..end].split_once(':').expect("table and row");
                let id = side.id(table, row.parse().expect("a number")).to_string();
                text.replace_range(start..=end, &id);
            }
            serde_json::from_str(&text.replace("{mark}", side.mark())).expect("variables are JSON")
        })
        .unwrap_or_else(|| json!({}))
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
                let ask = client.ask_raw(side, &query, variables(&query, side));
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
