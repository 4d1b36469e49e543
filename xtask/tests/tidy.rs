//! The source is tidy, and tidy sees every kind of mess.

use std::{fs, path::Path};

use xtask::tidy::{rules, violations};

const FACTS: &str = r#"
pub struct TableFacts {
    pub name: &'static str,
}
pub static TABLES: &[TableFacts] = &[
    TableFacts { name: "agents", columns: &[ColumnFacts { name: "title" }] },
    TableFacts { name: "orders", columns: &[] },
];
"#;

/// The violations of a tree that holds these files besides the facts, one line each.
fn found_in(files: &[(&str, &str)]) -> Vec<String> {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), rules::FACTS, FACTS);
    for (name, content) in files {
        write(root.path(), name, content);
    }
    let found = violations(root.path()).unwrap();
    found.iter().map(ToString::to_string).collect()
}

fn write(root: &Path, name: &str, content: &str) {
    let path = root.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

/// Expects exactly one violation, and that it begins like this.
#[track_caller]
fn assert_one(file: &str, content: &str, expected: &str) {
    let found = found_in(&[(file, content)]);
    assert!(
        found.len() == 1 && found[0].starts_with(expected),
        "expected only {expected:?}, found {found:#?}"
    );
}

#[track_caller]
fn assert_none(file: &str, content: &str) {
    assert_eq!(found_in(&[(file, content)]), [] as [String; 0]);
}

#[test]
fn this_source_is_tidy() {
    let found = violations(&xtask::workspace_root()).unwrap();
    let lines: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "\n{}\n", lines.join("\n"));
}

#[test]
fn a_file_opens_with_its_purpose() {
    for folder in ["src", "migration/src/steps", "xtask/src", "tests/harness"] {
        let file = format!("{folder}/thing.rs");
        assert_one(&file, "fn f() {}\n", &format!("{file}:1: must open with"));
        assert_one(
            &file,
            "//!\nfn f() {}\n",
            &format!("{file}:1: must open with"),
        );
        assert_none(&file, "//! A thing.\n");
    }
    assert_none("entity/src/thing.rs", "fn f() {}\n");
    assert_none("xtask/target/debug/thing.rs", "fn f() {}\n");
    assert_none("src/notes.txt", "no head\n");
}

#[test]
fn a_file_is_short() {
    let of_length = |lines: usize| format!("//! A thing.\n{}", "// more\n".repeat(lines - 1));
    assert_none("src/long.rs", &of_length(rules::LONGEST_FILE));
    assert_one(
        "src/long.rs",
        &of_length(rules::LONGEST_FILE + 1),
        "src/long.rs:601: the file has 601 lines, 600 at most",
    );
}

#[test]
fn white_space_and_notes() {
    assert_one(
        "src/a.rs",
        "//! A.\n\nfn f() {} \n",
        "src/a.rs:3: ends in white space",
    );
    assert_one(
        "src/a.rs",
        "//! A.\n\tfn f() {}\n",
        "src/a.rs:2: holds a tab",
    );
    for note in rules::NOTES {
        let text = format!("//! A.\n// {note}: later\n");
        assert_one("tests/a.rs", &text, &format!("tests/a.rs:2: {note}"));
    }
}

#[test]
fn unfinished_macros() {
    for name in rules::UNFINISHED {
        let text = format!("//! A.\nfn f() {{\n    {name}!()\n}}\n");
        assert_one("src/a.rs", &text, &format!("src/a.rs:3: `{name}!`"));
        let tests = format!("//! A.\n#[cfg(test)]\nmod tests {{ fn f() {{ {name}!() }} }}\n");
        assert_one("src/a.rs", &tests, &format!("src/a.rs:3: `{name}!`"));
    }
    assert_none(
        "src/a.rs",
        "//! A.\n// dbg!(x) was here\nfn todo() { todo() }\n",
    );
}

#[test]
fn a_file_that_is_no_rust() {
    assert_one("src/a.rs", "//! A.\nfn f() { (\n", "src/a.rs:2: is no Rust");
}

#[test]
fn every_arrow_holds() {
    for arrow in rules::ARROWS {
        for forbidden in arrow.forbidden {
            let file = format!("{}/deep/a.rs", arrow.folder);
            let text = match *forbidden {
                "async" => "//! A.\nasync fn f() {}\n".to_owned(),
                "await" => "//! A.\nfn f() { x.await }\n".to_owned(),
                path => format!("//! A.\nfn f() {{ {path}::thing() }}\n"),
            };
            let expected = format!("{file}:2: mentions `{forbidden}`");
            // A folder in a folder keeps the rules of both.
            let found = found_in(&[(&file, &text)]);
            assert!(
                found.iter().any(|line| line.starts_with(&expected)),
                "expected {expected:?}, found {found:#?}"
            );
            let module = format!("{}.rs", arrow.folder);
            assert!(
                !found_in(&[(&module, &text)]).is_empty(),
                "{module} is free of {forbidden}"
            );
            assert_none("src/app.rs", &text);
        }
    }
}

#[test]
fn an_arrow_sees_through_spellings() {
    let engine = |line: &str, expected: &str| {
        let text = format!("//! A.\n\n{line}\n");
        let expected = format!("src/engine/load/a.rs:3: mentions `{expected}`");
        assert_one("src/engine/load/a.rs", &text, &expected);
    };
    engine(
        "use crate::{db::Db, operations::{self, Operation}};",
        "crate::operations",
    );
    engine("use crate::operations;", "crate::operations");
    engine("pub(in crate::http) fn f() {}", "crate::http");
    engine(
        "fn f(x: super::super::super::auth::Session) {}",
        "crate::auth",
    );
    engine(
        "macro_rules! m { () => { $crate::app::run() } }",
        "crate::app",
    );
    engine("use entity as model;", "entity");
    engine("use ::entity::agents::Entity;", "entity");
}

#[test]
fn an_arrow_minds_production_code_only() {
    assert_none(
        "src/engine/a.rs",
        "//! crate::http
// crate::http
use sea_orm::entity::prelude::*;
use crate::httpd::x;
fn f(entity: u8) { g(entity) }
#[cfg(test)]
mod tests { use crate::app; fn f() { entity::x() } }
",
    );
    assert_none("src/engine/tests.rs", "//! A.\nuse crate::app;\n");
    assert_none("src/engine/tests/a.rs", "//! A.\nuse crate::app;\n");
    // A folder whose name only begins alike is another folder.
    assert_none("src/engineering/a.rs", "//! A.\nuse crate::app;\n");
}

#[test]
fn only_the_database_layer_holds_a_pool() {
    for pool in rules::POOLS {
        let text = format!("//! A.\nfn f(pool: &sqlx::{pool}) {{}}\n");
        assert_one(
            "src/import/a.rs",
            &text,
            &format!("src/import/a.rs:2: mentions `{pool}`"),
        );
        assert_none("src/db/a.rs", &text);
        assert_none("tests/a.rs", &text);
        assert_none("xtask/src/a.rs", &text);
    }
}

#[test]
fn the_engine_names_no_table() {
    let text = "//! agents\nfn f() { g(\"agents\", \"title\", \"my orders\", r#\"orders\"#) }\n";
    let found = found_in(&[("src/engine/a.rs", text), ("src/exposure.rs", text)]);
    assert_eq!(
        found,
        ["agents", "orders"].map(|table| format!(
            "src/engine/a.rs:2: names the table {table:?}: src/engine takes the model as data"
        ))
    );
}

#[test]
fn without_facts_there_is_nothing_to_judge_by() {
    let root = tempfile::tempdir().unwrap();
    let error = violations(root.path()).unwrap_err();
    assert!(
        error.to_string().contains("cargo xtask codegen"),
        "{error:#}"
    );
    write(
        root.path(),
        rules::FACTS,
        "pub static TABLES: &[TableFacts] = &[];",
    );
    let error = violations(root.path()).unwrap_err();
    assert!(error.to_string().contains("lists no table"), "{error:#}");
}
