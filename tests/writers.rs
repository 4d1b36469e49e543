//! Who writes what, as the gateway answers it: every mutation and every field of its input with every
//! role's token. `writers.tsv` is the golden file; `UPDATE_GOLDEN=1 cargo test writers` writes it.
//!
//! Nothing here looks at the list of rules: a field is written where introspection shows it to the
//! token, and a mutation that names one which it does not show is refused.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use serde_json::{Value, json};
use tessera::app;
use tessera::engine::catalog::{Catalog, Command, Table};
use tessera::engine::names::Named;
use tessera::session::Role;

use crate::harness::client::Client;
use crate::harness::golden::Golden;
use crate::harness::run;
use crate::privacy::database;
use crate::roles::{Types, token, types};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/writers.tsv");
const HEADER: &str = "# Who writes what, asked of the gateway: c creates, u updates, d deletes, - none of it.\n\
    # Written by UPDATE_GOLDEN=1 cargo test writers.\n";

fn has(types: &Types, of: &str, field: &str) -> bool {
    let list = types.get(of).and_then(|one| {
        let fields = one["fields"].as_array();
        fields.or_else(|| one["inputFields"].as_array())
    });
    list.is_some_and(|list| list.iter().any(|one| one["name"] == field))
}

/// What a role does with a table.
fn of_table(types: &Types, table: &Table) -> String {
    let may = |command: Command| has(types, "Mutation", &Catalog::mutation_name(table, command));
    let letters = [
        (Command::Create, 'c'),
        (Command::Update, 'u'),
        (Command::Delete, 'd'),
    ];
    // What is written at all is written by each of its mutations.
    for (one, other) in [
        (Command::Create, Command::CreateMany),
        (Command::Update, Command::UpdateMany),
        (Command::Delete, Command::DeleteMany),
    ] {
        assert_eq!(may(one), may(other), "{}", table.name);
    }
    let both = may(Command::Create) && may(Command::Update);
    assert_eq!(may(Command::Upsert), both, "{}", table.name);
    shown(
        letters
            .into_iter()
            .filter(|(one, _)| may(*one))
            .map(|(_, letter)| letter),
    )
}

/// What a role does with a column.
fn of_column(types: &Types, table: &Table, field: &str) -> String {
    let inputs = [("Input", 'c'), ("Patch", 'u')];
    let may = |suffix: &str| has(types, &format!("{}{suffix}", table.type_name), field);
    shown(
        inputs
            .into_iter()
            .filter(|(one, _)| may(one))
            .map(|(_, letter)| letter),
    )
}

fn shown(letters: impl Iterator<Item = char>) -> String {
    let letters: String = letters.collect();
    match letters.is_empty() {
        true => "-".to_owned(),
        false => letters,
    }
}

#[test]
fn every_mutation_for_every_role() {
    run(async {
        let client = Client::new(database().await);
        let catalog = app::catalog().expect("the model fits together");
        let mut rows: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for role in Role::ALL {
            let types = types(&client, role).await;
            for table in &catalog.tables {
                let row = rows.entry(table.type_name.clone()).or_default();
                row.push(of_table(&types, table));
                for column in &table.columns {
                    let name = format!("{}.{}", table.type_name, column.field);
                    let row = rows.entry(name).or_default();
                    row.push(of_column(&types, table, &column.field));
                }
            }
        }
        let mut text = format!("{HEADER}name");
        for role in Role::ALL {
            let _ = write!(text, "\t{role}");
        }
        text.push('\n');
        for (name, roles) in rows {
            let _ = writeln!(text, "{name}\t{}", roles.join("\t"));
        }
        let mut golden = Golden::new();
        golden.check(Path::new(GOLDEN), &text);
        golden.finish();
    });
}

/// A mutation that the role lacks is refused, whatever its input is; so is a field of an input.
#[test]
fn what_a_role_may_not_write_is_forbidden() {
    run(async {
        let client = Client::new(database().await);
        let catalog = app::catalog().expect("the model fits together");
        let whole = types(&client, Role::System).await;
        for role in Role::ALL {
            let own = types(&client, role).await;
            let refused = async |what: &str, query: &str, variables: Value| {
                let (status, answer) = client.ask_as(&token(role), query, variables).await;
                let context = format!("{role} {query}: {answer}");
                assert_eq!(status, 403, "{context}");
                let errors = answer["errors"].as_array().expect("errors");
                assert!(
                    errors
                        .iter()
                        .all(|one| one["extensions"]["code"] == "FORBIDDEN"),
                    "{context}"
                );
                assert_eq!(errors[0]["extensions"]["field"], what, "{context}");
            };
            for table in &catalog.tables {
                for &command in Command::ALL {
                    let name = Catalog::mutation_name(table, command);
                    if has(&whole, "Mutation", &name) && !has(&own, "Mutation", &name) {
                        let query = format!("mutation {{ {name}(input: {{}}) {{ __typename }} }}");
                        refused(&format!("Mutation.{name}"), &query, json!({})).await;
                    }
                }
                let input = format!("{}Input", table.type_name);
                for column in &table.columns {
                    let field = &column.field;
                    if !own.contains_key(&input)
                        || !has(&whole, &input, field)
                        || has(&own, &input, field)
                    {
                        continue;
                    }
                    let create = Catalog::mutation_name(table, Command::Create);
                    let what = format!("{input}.{field}");
                    let query = format!(
                        "mutation {{ {create}(input: {{ {}: {{ {field}: null }} }}) {{ __typename }} }}",
                        table.singular
                    );
                    refused(&what, &query, json!({})).await;
                    let query = format!(
                        "mutation ($row: {input}!) {{ {create}(input: {{ {}: $row }}) {{ __typename }} }}",
                        table.singular
                    );
                    refused(&what, &query, json!({ "row": { field.as_str(): null } })).await;
                }
            }
        }
    });
}
