//! Inside a workspace: rows of other users, columns that only their user or an administrator
//! reads, and users who are members of several workspaces.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tessera::app;
use tessera::engine::catalog::{Cardinality, Catalog, Kind, RoleCatalog, Table};
use tessera::engine::{Engine, Limits};
use tessera::session::Role;
use tokio::sync::OnceCell;

use crate::harness::client::{Client, token_of};
use crate::harness::database::{Database, create};
use crate::harness::run;
use crate::harness::seed::{self, ROWS, Side};
use crate::isolation::{assert_nothing_of, everything};

/// Tables with rows of users, as section 8 of the model has them.
pub const MANAGED: [&str; 5] = [
    "foundations",
    "icp_profiles",
    "campaigns",
    "moves",
    "agent_executions",
];
pub const PERSONAL: [&str; 4] = [
    "agent_conversations",
    "memory_chunks",
    "graph_entities",
    "graph_relationships",
];
pub const BILLING: [&str; 4] = [
    "billing_subscriptions",
    "subscription_payments",
    "invoices",
    "usage_records",
];

/// The number of the user who has the role of a service.
pub const SERVICE: usize = 2;

fn private() -> impl Iterator<Item = &'static str> {
    MANAGED.into_iter().chain(PERSONAL).chain(BILLING)
}

/// Row 0 of each table belongs to user 0, the owner, and so on; the last row to nobody where that
/// is possible. The owner of B is a viewer in A.
fn distributed() -> String {
    let catalog = app::catalog().expect("the model fits together");
    let mut script = String::from("set session_replication_role = replica;\n");
    for side in Side::BOTH {
        for name in private() {
            for row in 0..ROWS {
                let user = match nobodys(&catalog, name) && row == ROWS - 1 {
                    true => "null".to_owned(),
                    false => format!("'{}'", side.id("users", row)),
                };
                script += &format!(
                    "update {name} set user_id = {user} where id = '{}';\n",
                    side.id(name, row)
                );
            }
        }
        // The move of user 2 is assigned to user 1, all others to user 3.
        script += &format!(
            "update moves set assigned_user_id = case id when '{}'::uuid then '{}' else '{}' end::uuid where workspace_id = '{}';\n",
            side.id("moves", 2),
            side.id("users", 1),
            side.id("users", 3),
            side.workspace(),
        );
        // One colleague is a service account.
        script += &format!(
            "update workspace_members set role = 'system' where user_id = '{}';\n",
            side.id("users", SERVICE)
        );
        script += &format!(
            "update audit_logs set resource_type = 'invoices' where id = '{}';\n",
            side.id("audit_logs", 0)
        );
    }
    script += &format!(
        "insert into workspace_members (workspace_id, user_id, role) values ('{}', '{}', 'viewer');\n",
        Side::A.workspace(),
        Side::B.user(),
    );
    script + "set session_replication_role = origin;\n" + seed::REFRESH
}

fn nobodys(catalog: &Catalog, table: &str) -> bool {
    let table = &catalog.tables[catalog.by_name(table).expect("a table").0];
    let column = table.columns.iter().find(|column| column.name == "user_id");
    column.expect("a user").nullable
}

/// The seed with rows that belong to different users.
pub async fn database() -> &'static Database {
    static DATABASE: OnceCell<Database> = OnceCell::const_new();
    DATABASE
        .get_or_init(|| create(Some(|| seed::everything() + &distributed())))
        .await
}

async fn opened() -> &'static Database {
    static DATABASE: OnceCell<Database> = OnceCell::const_new();
    DATABASE
        .get_or_init(|| create(Some(|| seed::everything_open() + &distributed())))
        .await
}

/// The rows of a table that a user of side A sees, by number.
fn visible(table: &str, user: usize, manager: bool, nobodys: bool) -> Vec<usize> {
    (0..ROWS)
        .filter(|&row| {
            // A bill of nobody is no colleague's.
            let shared = nobodys && row == ROWS - 1 && !BILLING.contains(&table);
            let own = shared || (row == user && !(nobodys && row == ROWS - 1));
            let managed = manager && !PERSONAL.contains(&table);
            let assigned = table == "moves" && (row == 2 && user == 1 || row != 2 && user == 3);
            own || managed || assigned
        })
        .collect()
}

fn node_id(table: &str, row: usize) -> String {
    URL_SAFE_NO_PAD.encode(json!([table, Side::A.id(table, row)]).to_string())
}

/// Asks everything as the owner and as a plain member.
async fn each_sees_the_own_rows(client: &Client, tables: &[&str]) {
    let catalog = app::catalog().expect("the model fits together");
    for (user, role) in [
        (0, Role::Owner),
        (1, Role::Member),
        (1, Role::Viewer),
        (3, Role::Member),
    ] {
        let token = token_of(Side::A.id("users", user), &[(Side::A, role)]);
        let mut hidden = Vec::new();
        for &name in tables {
            let table = &catalog.tables[catalog.by_name(name).expect("a table").0];
            let seen = visible(name, user, role == Role::Owner, nobodys(&catalog, name));
            let list = format!("{{ l: {} {{ totalCount nodes {{ id }} }} }}", table.plural);
            let answer = client.query_as(&token, &list, json!({})).await;
            let ids: Vec<Value> = seen
                .iter()
                .map(|&row| json!({"id": Side::A.id(name, row)}))
                .collect();
            let expected = json!({"data": {"l": {"totalCount": seen.len(), "nodes": ids}}});
            assert_eq!(answer, expected, "{name} as user {user}, {role}");
            for row in 0..ROWS {
                let is_seen = seen.contains(&row);
                let node_id = node_id(name, row);
                let query = format!(
                    "{{ a: {}(id: \"{}\") {{ nodeId }} b: node(nodeId: \"{node_id}\") {{ nodeId }} }}",
                    table.singular,
                    Side::A.id(name, row),
                );
                let one = if is_seen {
                    json!({"nodeId": node_id})
                } else {
                    Value::Null
                };
                let answer = client.query_as(&token, &query, json!({})).await;
                assert_eq!(
                    answer,
                    json!({"data": {"a": one, "b": one}}),
                    "{name} {row}"
                );
                if !is_seen {
                    hidden.push(node_id);
                }
            }
        }
        assert!(user == 0 || !hidden.is_empty());
        let readable = RoleCatalog {
            catalog: &catalog,
            role,
        };
        for table in readable.tables() {
            let query = format!(
                "{{ {} {{ edges {{ cursor node {{ {} }} }} }} }}",
                table.plural,
                everything(readable, table)
            );
            let answer = client.query_as(&token, &query, json!({})).await;
            assert_eq!(
                answer.get("errors"),
                None,
                "{} as user {user}: {answer}",
                table.plural
            );
            let text = answer.to_string();
            for node_id in &hidden {
                assert!(
                    !text.contains(node_id),
                    "{} shows user {user} {node_id}",
                    table.plural
                );
            }
        }
    }
}

fn client(database: &Database, change: impl Fn(&mut Table)) -> Client {
    let mut catalog = app::catalog().expect("the model fits together");
    catalog.tables.iter_mut().for_each(change);
    let limits = Limits {
        max_cost: u64::MAX,
        ..Limits::default()
    };
    Client::with_engine(database, Engine::new(catalog, limits).expect("a schema"))
}

#[test]
fn rows_of_other_users_are_hidden() {
    run(async {
        let client = client(database().await, |_| ());
        each_sees_the_own_rows(&client, &private().collect::<Vec<_>>()).await;
    });
}

#[test]
fn the_views_alone_hide_rows_of_other_users() {
    run(async {
        let client = client(database().await, |table| table.rule = None);
        each_sees_the_own_rows(&client, &private().collect::<Vec<_>>()).await;
    });
}

#[test]
fn the_filter_of_statements_alone_hides_rows_of_other_users() {
    run(async {
        let client = client(opened().await, |_| ());
        each_sees_the_own_rows(&client, &private().collect::<Vec<_>>()).await;
    });
}

#[test]
fn bills_do_not_show_in_usage_or_log() {
    run(async {
        // The log is for owner and admin; its rows have a lock of their own nevertheless.
        let client = client(opened().await, |table| table.least = Role::Viewer);
        let query = "{ monthlyUsages { nodes { userId } } auditLogs { totalCount } \
                       auditLog(id: $id) { newValue } }";
        let query = format!("query ($id: ID!) {query}");
        let id = json!({"id": Side::A.id("audit_logs", 0)});
        let member = Side::A.id("users", 1);
        let token = token_of(member, &[(Side::A, Role::Member)]);
        let answer = client.query_as(&token, &query, id.clone()).await;
        assert_eq!(
            answer["data"],
            json!({
                "monthlyUsages": {"nodes": [{"userId": member}]},
                "auditLogs": {"totalCount": ROWS - 1},
                "auditLog": null,
            })
        );
        let token = token_of(Side::A.user(), &[(Side::A, Role::Owner)]);
        let answer = client.query_as(&token, &query, id).await;
        assert_eq!(answer["data"]["auditLogs"]["totalCount"], json!(ROWS));
        assert_eq!(
            answer["data"]["monthlyUsages"]["nodes"]
                .as_array()
                .map(Vec::len),
            Some(ROWS)
        );
    });
}

/// The role in the workspace that is asked says nothing about the caller's others.
#[test]
fn settings_of_other_workspaces_are_hidden() {
    run(async {
        // As if the owner of B were an admin of A: what a role does not see is opened to all.
        let client = client(opened().await, |table| {
            for column in &mut table.columns {
                column.least = Role::Viewer;
            }
        });
        let token = token_of(Side::B.user(), &[(Side::A, Role::Viewer)]);
        let query = "{ viewer { workspaces { nodes { id settings } } } }";
        let answer = client.query_as(&token, query, json!({})).await;
        let nodes = &answer["data"]["viewer"]["workspaces"]["nodes"];
        assert_eq!(nodes[0]["settings"]["mark"], json!("alpha"), "{answer}");
        assert_eq!(nodes[1]["id"], json!(Side::B.workspace()), "{answer}");
        assert_eq!(nodes[1]["settings"], Value::Null, "{answer}");
    });
}

/// The views hold the rules about roles too, should the gateway ever ask for more than a role reads.
#[test]
fn the_views_alone_hide_what_a_role_does_not_read() {
    run(async {
        let catalog = app::catalog().expect("the model fits together");
        let client = client(database().await, |table| {
            for column in &mut table.columns {
                column.nullable |= column.least.max(table.least) > Role::Viewer;
                column.least = Role::Viewer;
            }
            table.least = Role::Viewer;
        });
        let mut hidden = 0;
        for table in &catalog.tables {
            for (_, column) in table.fields() {
                let least = column.least.max(table.least);
                if least == Role::Viewer {
                    continue;
                }
                let (plural, field) = (&table.plural, &column.field);
                let query = format!("{{ l: {plural} {{ nodes {{ {field} }} }} }}");
                for role in Role::ALL {
                    let user = match role {
                        Role::System => SERVICE,
                        _ => 0,
                    };
                    let token = token_of(Side::A.id("users", user), &[(Side::A, role)]);
                    let answer = client.query_as(&token, &query, json!({})).await;
                    let nodes = answer["data"]["l"]["nodes"].as_array().expect("nodes");
                    let shows = nodes.iter().any(|node| !node[field].is_null());
                    // The seed has a value in every column.
                    assert_eq!(shows, role >= least, "{plural}.{field} as {role}: {answer}");
                    if table.least > role {
                        assert!(nodes.is_empty(), "{plural} as {role}: {answer}");
                    }
                }
                hidden += 1;
            }
        }
        assert!(hidden > 50, "{hidden}");
    });
}

/// A value that may not be read can be found by no filter and no order either.
#[test]
fn guarded_columns_answer_no_question() {
    run(async { no_question_about_guarded_columns(&Client::new(database().await)).await });
}

#[test]
fn the_views_alone_guard_columns() {
    run(async {
        let client = client(database().await, |table| {
            for column in &mut table.columns {
                column.guard = None;
            }
        });
        no_question_about_guarded_columns(&client).await;
    });
}

#[test]
fn statements_alone_guard_columns() {
    run(async {
        let client = client(opened().await, |_| ());
        no_question_about_guarded_columns(&client).await;
    });
}

async fn no_question_about_guarded_columns(client: &Client) {
    let catalog = app::catalog().expect("the model fits together");
    let me = Side::A.id("users", 1);
    let member = token_of(me, &[(Side::A, Role::Member)]);
    let mut asked = 0;
    // The other guarded column, the settings of workspaces, has its own test.
    for table in catalog.tables.iter().filter(|table| table.name == "users") {
        for column in table.columns.iter().filter(|column| column.guard.is_some()) {
            let (plural, field) = (&table.plural, &column.field);
            let all = format!("{{ l: {plural} {{ nodes {{ id {field} }} }} }}");
            // What exists is read by whoever may: the user of the row.
            let mut values: Vec<(Value, Value)> = Vec::new();
            for row in 0..ROWS {
                let user = Side::A.id("users", row);
                let token = token_of(user, &[(Side::A, Role::Member)]);
                let id = Side::A.id(&table.name, row);
                let one = format!("{{ {}(id: \"{id}\") {{ {field} }} }}", table.singular);
                let answer = client.query_as(&token, &one, json!({})).await;
                let value = answer["data"][&table.singular][field].clone();
                assert!(!value.is_null(), "{plural}.{field}: {answer}");
                values.push((json!(id), value));
            }
            let mine = |id: &Value| *id == json!(me);
            let answer = client.query_as(&member, &all, json!({})).await;
            for node in answer["data"]["l"]["nodes"].as_array().expect("nodes") {
                assert_eq!(
                    node[field].is_null(),
                    !mine(&node["id"]),
                    "{plural}.{field}"
                );
            }
            for (id, value) in &values {
                if mine(id) {
                    continue;
                }
                let operators: &[&str] = match column.kind {
                    Kind::Json => &["eq", "contains"],
                    Kind::Enum(_) => &["eq", "notIn", "in"],
                    _ => &["eq", "gte", "lte", "in"],
                };
                for operator in operators {
                    for filter in [
                        json!({"id": {"eq": id}, field: {*operator: value}}),
                        json!({"id": {"eq": id}, field: {"isNull": false}}),
                        json!({"not": {"or": [{"id": {"ne": id}}, {field: {"isNull": true}}]}}),
                    ] {
                        let query = format!(
                            "query ($w: {}Filter) {{ l: {plural}(where: $w) {{ totalCount countUpTo(limit: 1) {{ value }} nodes {{ id }} }} }}",
                            table.type_name
                        );
                        let answer = client.query_as(&member, &query, json!({"w": filter})).await;
                        let nothing =
                            json!({"totalCount": 0, "countUpTo": {"value": 0}, "nodes": []});
                        assert_eq!(answer["data"]["l"], nothing, "{plural} {filter}: {answer}");
                        asked += 1;
                    }
                }
            }
            if column.kind.is_orderable() {
                // Nulls come last and among them the key decides, whatever the values are.
                let query = format!(
                    "{{ l: {plural}(orderBy: [{{ {field}: ASC }}, {{ id: DESC }}]) {{ edges {{ cursor node {{ id }} }} }} }}"
                );
                let answer = client.query_as(&member, &query, json!({})).await;
                let edges = answer["data"]["l"]["edges"].as_array().expect("edges");
                let mut expected: Vec<&Value> = values.iter().map(|(id, _)| id).collect();
                expected.reverse();
                expected.sort_by_key(|id| !mine(id));
                let ids: Vec<&Value> = edges.iter().map(|edge| &edge["node"]["id"]).collect();
                // The owner of B is a colleague too, with a row of their own among the users.
                let ids: Vec<&Value> = ids.into_iter().filter(|id| expected.contains(id)).collect();
                assert_eq!(ids, expected, "{plural} by {field}");
                for edge in edges.iter().filter(|edge| !mine(&edge["node"]["id"])) {
                    let cursor = edge["cursor"].as_str().expect("a cursor");
                    let cursor = URL_SAFE_NO_PAD.decode(cursor).expect("base64");
                    let cursor: Value = serde_json::from_slice(&cursor).expect("JSON");
                    assert_eq!(cursor[1], Value::Null, "{plural} by {field}");
                }
            }
        }
    }
    assert!(asked > 50);
}

/// The owner of B is a viewer of A: what B holds stays in B, but for the workspace itself and the
/// user's own account.
#[test]
fn a_member_of_two_workspaces_sees_one_at_a_time() {
    run(async {
        let client = client(database().await, |_| ());
        let catalog = app::catalog().expect("the model fits together");
        let role = Role::Viewer;
        let readable = RoleCatalog {
            catalog: &catalog,
            role,
        };
        let user = Side::B.user();
        let token = token_of(user, &[(Side::A, role)]);
        let viewer = "{ viewer { role user { id } workspace { id } workspaces { nodes { id } } } }";
        let answer = client.query_as(&token, viewer, json!({})).await;
        assert_eq!(
            answer["data"]["viewer"],
            json!({
                "role": "VIEWER",
                "user": {"id": user},
                "workspace": {"id": Side::A.workspace()},
                "workspaces": {"nodes": [{"id": Side::A.workspace()}, {"id": Side::B.workspace()}]},
            })
        );
        // Everything that hangs on the account and on B's workspace, as seen from A.
        for name in ["users", "workspaces"] {
            let table = &catalog.tables[catalog.by_name(name).expect("a table").0];
            let id = match name {
                "users" => user,
                _ => Side::B.workspace(),
            };
            for relation in readable.relations(table) {
                let to = catalog.table(relation.to);
                if ["users", "workspaces"].contains(&to.name.as_str()) {
                    continue;
                }
                let inner = match relation.cardinality {
                    Cardinality::One => "nodeId",
                    Cardinality::Many => "totalCount nodes { nodeId }",
                };
                let query = format!(
                    "{{ one: {}(id: \"{id}\") {{ it: {} {{ {inner} }} }} }}",
                    table.singular, relation.field
                );
                let answer = client.query_as(&token, &query, json!({})).await;
                assert_eq!(answer.get("errors"), None, "{answer}");
                let it = &answer["data"]["one"]["it"];
                // The membership in A is all that the account has there.
                let known = name == "users" && to.name == "workspace_members";
                match relation.cardinality {
                    Cardinality::One => assert_eq!(it.is_object(), known, "{query}: {answer}"),
                    Cardinality::Many => {
                        assert_eq!(
                            it["totalCount"],
                            json!(u8::from(known)),
                            "{query}: {answer}"
                        );
                    }
                }
            }
        }
        let owner = format!(
            "{{ workspace(id: \"{}\") {{ owner {{ id }} }} }}",
            Side::B.workspace()
        );
        let answer = client.query_as(&token, &owner, json!({})).await;
        assert_eq!(answer["data"]["workspace"]["owner"]["id"], json!(user));
        for table in readable.tables() {
            // Both of these show the account and the workspace, which are the user's to see.
            if ["users", "workspaces", "workspace_members"].contains(&table.name.as_str()) {
                continue;
            }
            let query = format!(
                "{{ {} {{ totalCount nodes {{ {} }} }} }}",
                table.plural,
                everything(readable, table)
            );
            let answer = client.query_as(&token, &query, json!({})).await;
            assert_eq!(answer.get("errors"), None, "{answer}");
            assert_nothing_of(Side::B, &answer, &table.plural);
        }
    });
}
