//! The execution oracle: the same queries over the same rows, through the gateway and through
//! graphql-js with plain resolvers (`compare.mjs`), give the same `data` and the same errors. So do
//! queries inside the payload of a mutation, over the rows that are there after it.
//!
//! It needs Node and `npm ci` in `tests/oracle`; without them the test says that it was left out,
//! and with `TESSERA_ORACLE=required` it fails. Half of the cases are written (`cases/`), the others
//! random: `TESSERA_ORACLE_SEED` is the first of their seeds and `TESSERA_ORACLE_CASES` their number.
//!
//! Where the gateway answers otherwise on purpose, the comparison knows:
//! - An argument that cannot be used refuses the operation before a row is read. graphql-js answers
//!   null for the field; the path must be the same, without the positions in lists.
//! - A variable without a value inside the operators of a filter refuses the operation; graphql-js
//!   leaves the operator out.
//! - async-graphql lists the scalar `Float` although nothing is of that type, and answers null for
//!   `interfaces` of an interface.

mod cases;
mod payload;
mod random;
mod rows;
mod world;

use std::path::{Path, PathBuf};
use std::process::Command;

use self::cases::Case;
use crate::harness::client::Client;
use crate::harness::database::create;
use crate::harness::run;

/// Set to `required` where the oracle must not be left out.
const SWITCH: &str = "TESSERA_ORACLE";

#[test]
fn graphql_js_answers_the_same() {
    compare(async |client, cases| {
        let mut answers = Vec::new();
        for case in cases {
            answers.push(answered(client, case).await);
        }
        answers
    });
}

#[test]
fn payloads_of_mutations_answer_the_same_after_the_write() {
    compare(async |client, cases| {
        let answers = payload::answered(client, cases).await;
        assert!(answers.len() >= 100, "only {} cases", answers.len());
        answers
    });
}

/// Compares the gateway's answers to the cases with those of graphql-js over the rows that are there
/// afterwards.
fn compare(answer: impl AsyncFnOnce(&Client, Vec<Case>) -> Vec<serde_json::Value>) {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle");
    if let Err(missing) = installed(&home) {
        let required = std::env::var(SWITCH).is_ok_and(|value| value == "required");
        assert!(!required, "{missing}, and {SWITCH}=required asks for it");
        eprintln!("the execution oracle was left out: {missing}");
        return;
    }
    let cases = cases::written(&home.join("cases"));
    assert!(cases.len() >= 100, "the cases are found");
    let folder = tempfile::tempdir().expect("a folder");
    run(async {
        let database = create(Some(rows::script)).await;
        let client = Client::new(&database);
        let cases = cases.into_iter().chain(random::cases(&client).await);
        let answers = answer(&client, cases.collect()).await;
        let world = world::export(&database, &client).await;
        write(folder.path(), "world.json", &world);
        write(folder.path(), "answers.json", &answers.into());
    });
    let compared = Command::new("node")
        .arg(home.join("compare.mjs"))
        .arg(folder.path())
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.graphql"))
        .output()
        .expect("node runs");
    let said = String::from_utf8_lossy(&compared.stdout);
    let failed = String::from_utf8_lossy(&compared.stderr);
    println!("{said}");
    assert!(compared.status.success(), "{said}\n{failed}");
}

fn installed(home: &Path) -> Result<(), String> {
    if !Command::new("node")
        .arg("--version")
        .output()
        .is_ok_and(|it| it.status.success())
    {
        return Err("there is no `node`".to_owned());
    }
    if !home.join("node_modules/graphql/package.json").is_file() {
        return Err("`npm ci` was not run in tests/oracle".to_owned());
    }
    Ok(())
}

async fn answered(client: &Client, case: Case) -> serde_json::Value {
    let mut variables = case.variables.clone();
    for take in &case.takes {
        let answer = client
            .query(cases::SIDE, &take.query, serde_json::json!({}))
            .await;
        let taken =
            take.path
                .split('.')
                .fold(&answer["data"], |value, step| match step.parse::<usize>() {
                    Ok(index) => &value[index],
                    Err(_) => &value[step],
                });
        assert!(
            !taken.is_null(),
            "{}: nothing at {}: {answer}",
            case.name,
            take.path
        );
        variables.insert(take.variable.clone(), taken.clone());
    }
    let answer = cases::ask(client, &case, &variables).await;
    serde_json::json!({
        "name": case.name,
        "outcome": case.outcome,
        "query": case.query,
        "variables": variables,
        "operationName": case.operation,
        "answer": answer,
    })
}

fn write(folder: &Path, name: &str, value: &serde_json::Value) {
    let path: PathBuf = folder.join(name);
    std::fs::write(path, value.to_string()).expect("a file");
}
