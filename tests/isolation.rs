//! No request ever sees a row of another workspace: every root field and relation of the catalog,
//! with both locks on a row and with either one removed.

use serde_json::{Value, json};
use tessera::app;
use tessera::engine::catalog::{Cardinality, Kind, RoleCatalog, Table};
use tessera::engine::{Engine, Limits};
use tessera::session::Role;

use crate::harness::client::Client;
use crate::harness::database::{opened, seeded};
use crate::harness::run;
use crate::harness::seed::Side;

/// Which locks are on.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Locks {
    Both,
    /// Only the views of the database: statements carry no filter.
    Views,
    /// Only the filter of the statements: the views are open.
    Filter,
    /// No lock at all, to show that the tests can fail.
    None,
}

async fn client(locks: Locks) -> Client {
    let mut catalog = app::catalog().expect("the model fits together");
    if matches!(locks, Locks::Views | Locks::None) {
        for table in &mut catalog.tables {
            table.has_workspace = false;
            table.rule = None;
        }
    }
    let database = if matches!(locks, Locks::Filter | Locks::None) {
        opened().await
    } else {
        seeded().await
    };
    let limits = Limits {
        max_cost: u64::MAX,
        ..Limits::default()
    };
    Client::with_engine(database, Engine::new(catalog, limits).expect("a schema"))
}

/// Every field of a row that a role sees, and the ids and texts of everything one relation away.
pub fn everything(readable: RoleCatalog<'_>, table: &Table) -> String {
    let scalars = |table: &Table| {
        readable
            .fields(table)
            .map(|(_, column)| column.field.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let mut fields = vec!["nodeId".to_owned(), scalars(table)];
    for relation in readable.relations(table) {
        let inner = scalars(readable.catalog.table(relation.to));
        fields.push(match relation.cardinality {
            Cardinality::One => format!("{} {{ nodeId {inner} }}", relation.field),
            Cardinality::Many => format!(
                "{} {{ totalCount countUpTo(limit: 100) {{ value }} edges {{ cursor node {{ nodeId {inner} }} }} }}",
                relation.field
            ),
        });
    }
    fields.join(" ")
}

pub fn assert_nothing_of(other: Side, answer: &Value, asked: &str) {
    let text = answer.to_string();
    let id = &other.workspace().to_string()[..8];
    assert!(
        !text.contains(other.mark()) && !text.contains(id),
        "{asked} shows {other:?}: {text}"
    );
}

fn every_list_and_relation(locks: Locks) {
    run(async {
        let client = client(locks).await;
        let catalog = app::catalog().expect("the model fits together");
        for table in &catalog.tables {
            let readable = RoleCatalog {
                catalog: &catalog,
                role: Role::Owner,
            };
            let fields = everything(readable, table);
            let query = format!(
                "{{ {} (first: 500) {{ totalCount pageInfo {{ endCursor }} edges {{ cursor node {{ {fields} }} }} }} }}",
                table.plural
            );
            for side in Side::BOTH {
                let answer = client.query(side, &query, json!({})).await;
                assert_eq!(answer.get("errors"), None, "{}: {answer}", table.plural);
                assert_nothing_of(
                    side.other(),
                    &answer,
                    &format!("{locks:?}: {}", table.plural),
                );
                // The test could not fail on an empty answer.
                let rows = answer["data"][&table.plural]["edges"]
                    .as_array()
                    .expect("edges");
                assert!(
                    !rows.is_empty(),
                    "{locks:?}: {} has no row of {side:?}",
                    table.plural
                );
                assert_eq!(
                    answer["data"][&table.plural]["totalCount"],
                    json!(rows.len()),
                    "{}",
                    table.plural
                );
            }
        }
    });
}

#[test]
fn no_list_or_relation_shows_another_workspace() {
    every_list_and_relation(Locks::Both);
}

#[test]
fn the_views_alone_hold() {
    every_list_and_relation(Locks::Views);
}

/// What the gateway does not use for reading still binds its role: row level security on the tables.
#[test]
fn row_level_security_binds_the_role_on_the_tables() {
    run(async {
        let catalog = app::catalog().expect("the model fits together");
        let tables = catalog.tables.iter().filter(|table| table.has_id);
        for (database, is_locked) in [(seeded().await, true), (opened().await, false)] {
            let mut foreign = Vec::new();
            for table in tables.clone() {
                let name = &table.name;
                let b = Side::B.id("workspaces", 0).to_string();
                let begins = &b[..8];
                let script = format!(
                    "begin; set local role gateway; set local app.workspace_id = '{}'; \
                     set local app.user_id = '{}'; set local app.role = 'owner'",
                    Side::A.workspace(),
                    Side::A.user(),
                );
                // One connection: the statements of a transaction share it.
                let rows = database
                    .admin_in(
                        &script,
                        &format!(
                            "select count(*) filter (where id::text like '{begins}%'), count(*) from public.{name}"
                        ),
                    )
                    .await;
                let (theirs, all): (i64, i64) = (rows[0].get(0), rows[0].get(1));
                assert!(all > theirs, "{name} has rows of the own workspace");
                if theirs > 0 {
                    foreign.push(name.clone());
                }
            }
            assert_eq!(foreign.is_empty(), is_locked, "{foreign:?}");
        }
    });
}

#[test]
fn the_filter_of_statements_alone_holds() {
    every_list_and_relation(Locks::Filter);
}

#[test]
fn without_any_lock_the_other_workspace_shows() {
    run(async {
        let client = client(Locks::None).await;
        let answer = client
            .query(Side::A, "{ customers { nodes { email } } }", json!({}))
            .await;
        assert!(
            answer.to_string().contains(Side::B.mark()),
            "the canary does not sing: {answer}"
        );
    });
}

/// A literal of the GraphQL document.
fn literal(kind: Kind, value: &Value) -> String {
    match (kind, value) {
        (Kind::Enum(_), Value::String(name)) => name.clone(),
        _ => value.to_string(),
    }
}

fn every_key(locks: Locks) {
    run(async {
        let client = client(locks).await;
        let catalog = app::catalog().expect("the model fits together");
        let mut asked = 0;
        for table in &catalog.tables {
            // What B sees as its own...
            let scalars: Vec<&str> = table
                .fields()
                .map(|(_, column)| column.field.as_str())
                .collect();
            let list = format!(
                "{{ {} {{ edges {{ cursor node {{ nodeId {} }} }} }} }}",
                table.plural,
                scalars.join(" ")
            );
            let theirs = client.query(Side::B, &list, json!({})).await;
            let edge = &theirs["data"][&table.plural]["edges"][0];
            let row = &edge["node"];
            let keys = table
                .has_id
                .then_some((&table.singular, &table.key))
                .into_iter()
                .chain(
                    table
                        .lookups
                        .iter()
                        .map(|lookup| (&lookup.field, &lookup.columns)),
                );
            for (field, columns) in keys {
                let arguments = |absent: bool| {
                    let pairs = columns.iter().map(|&id| {
                        let column = table.column(id);
                        let value = match (column.kind, absent) {
                            (Kind::Uuid, true) => json!("00000000-0000-7000-8000-000000000000"),
                            (Kind::Text, true) => json!("no such text"),
                            _ => row[&column.field].clone(),
                        };
                        format!("{}: {}", column.field, literal(column.kind, &value))
                    });
                    pairs.collect::<Vec<_>>().join(", ")
                };
                let ask = |absent: bool| {
                    format!("{{ one: {field}({}) {{ nodeId }} }}", arguments(absent))
                };
                // ... is found by B, so the question is a real one, ...
                let own = client.query(Side::B, &ask(false), json!({})).await;
                assert!(own["data"]["one"].is_object(), "{field}: {own}");
                // ... and for A is as if it did not exist. A key of days or numbers alone finds a
                // row of A's own instead.
                let foreign = client.query(Side::A, &ask(false), json!({})).await;
                assert_nothing_of(Side::B, &foreign, field);
                let telling = columns
                    .iter()
                    .any(|&id| matches!(table.column(id).kind, Kind::Uuid | Kind::Text));
                if telling
                    && !columns
                        .iter()
                        .all(|&id| row[&table.column(id).field] == json!("EUR"))
                {
                    let missing = client.query(Side::A, &ask(true), json!({})).await;
                    assert_eq!(foreign, missing, "{field} tells that the row exists");
                }
                asked += 1;
            }
            let by_node_id = format!("{{ node(nodeId: {}) {{ nodeId }} }}", row["nodeId"]);
            let own = client.query(Side::B, &by_node_id, json!({})).await;
            assert_eq!(own["data"]["node"]["nodeId"], row["nodeId"]);
            let foreign = client.query(Side::A, &by_node_id, json!({})).await;
            assert_eq!(foreign, json!({"data": {"node": null}}), "{}", table.plural);

            let paged = format!(
                "{{ {} (after: {}) {{ nodes {{ nodeId }} }} }}",
                table.plural, edge["cursor"]
            );
            let (_, refused) = client.ask(Side::A, &paged, json!({})).await;
            assert_eq!(
                refused["errors"][0]["extensions"]["code"],
                json!("BAD_USER_INPUT"),
                "{refused}"
            );

            for (_, column) in table
                .fields()
                .filter(|(_, column)| column.kind == Kind::Uuid)
            {
                if row[&column.field].is_null() {
                    continue;
                }
                let filtered = format!(
                    "{{ {} (where: {{ {}: {{ eq: {} }} }}) {{ totalCount nodes {{ nodeId }} }} }}",
                    table.plural, column.field, row[&column.field]
                );
                let answer = client.query(Side::A, &filtered, json!({})).await;
                assert_eq!(
                    answer["data"][&table.plural]["totalCount"],
                    json!(0),
                    "{filtered}: {answer}"
                );
            }
        }
        assert!(asked > catalog.tables.len(), "every table has a key");
    });
}

#[test]
fn no_key_of_another_workspace_finds_anything() {
    every_key(Locks::Both);
}

#[test]
fn keys_are_safe_behind_the_views_alone() {
    every_key(Locks::Views);
}

#[test]
fn keys_are_safe_behind_the_filter_alone() {
    every_key(Locks::Filter);
}
