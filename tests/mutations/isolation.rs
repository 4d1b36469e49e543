//! A workspace never writes, moves, deletes or learns of a row of another one: for every table, with
//! both locks and with either one removed.

use serde_json::{Map, Value, json};
use tessera::app;
use tessera::engine::catalog::{Catalog, ColumnId, Command, RoleCatalog, Table};
use tessera::engine::{Engine, Limits};
use tessera::session::Role;
use uuid::Uuid;

use super::columns::{High, value};
use super::{World, document, id, told};
use crate::harness::client::Client;
use crate::harness::run;
use crate::harness::seed::{self, Side};
use crate::isolation::assert_nothing_of;

/// Which locks are on.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Locks {
    Both,
    /// Only policies and views: the statements name no workspace.
    Database,
    /// Only the statements: no table has row level security, and the views are open.
    Engine,
    None,
}

async fn world(locks: Locks) -> World {
    let mut world = World::new().await;
    if matches!(locks, Locks::Engine | Locks::None) {
        world.database.admin_script(&seed::opened()).await;
    }
    let mut catalog = app::catalog().expect("the model fits together");
    if matches!(locks, Locks::Database | Locks::None) {
        for table in &mut catalog.tables {
            table.has_workspace = false;
            table.rule = None;
            for column in &mut table.columns {
                column.guard = None;
            }
        }
    }
    let engine = Engine::new(catalog, Limits::default()).expect("a schema");
    world.client = Client::with_engine(&world.database, engine);
    world
}

/// What A is answered; nothing of B may be in it.
async fn answer(world: &World, locks: Locks, field: &str, input: Value, selection: &str) -> Value {
    let (_, answer) = world
        .ask(&document(field, selection), json!({ "input": input }))
        .await;
    // Ids that A has named itself may be repeated to it.
    let text = answer.to_string();
    assert!(!text.contains(Side::B.mark()), "{locks:?} {field}: {text}");
    answer
}

/// The codes and places of what was refused.
fn refusal(answer: &Value) -> Vec<String> {
    if let Some(errors) = answer["errors"].as_array() {
        let codes = errors.iter().map(|error| {
            error["extensions"]["code"]
                .as_str()
                .expect("a code")
                .to_owned()
        });
        return codes.collect();
    }
    told(answer["data"]["p"]["errors"].as_array().expect("errors"))
}

struct Attack<'a> {
    world: &'a World,
    locks: Locks,
    catalog: &'a Catalog,
    table: &'a Table,
    tried: usize,
}

impl Attack<'_> {
    fn role(&self) -> RoleCatalog<'_> {
        RoleCatalog {
            catalog: self.catalog,
            role: Role::Owner,
        }
    }

    async fn answer(&mut self, command: Command, input: Value, selection: &str) -> Value {
        self.tried += 1;
        let field = Catalog::mutation_name(self.table, command);
        answer(self.world, self.locks, &field, input, selection).await
    }

    /// What is asked about a row of B and about one that nobody has is answered alike.
    async fn alike(&mut self, command: Command, input: impl Fn(Uuid) -> Value) -> Value {
        let theirs = Side::B.id(&self.table.name, 0);
        let of_theirs = self
            .answer(command, input(theirs), "changed { kind }")
            .await;
        let of_nobody = self
            .answer(command, input(Uuid::now_v7()), "changed { kind }")
            .await;
        assert_eq!(of_theirs, of_nobody, "{:?} {}", self.locks, self.table.name);
        of_theirs
    }

    /// Some column that the owner changes, with a value.
    fn patch(&self) -> Option<Value> {
        let role = self.role();
        let mut columns = role.updatable(self.table);
        let (id, column) = columns.find(|(id, _)| {
            self.table.referenced(*id).is_none()
                && !self
                    .table
                    .checks
                    .iter()
                    .any(|check| check.columns.contains(id))
        })?;
        let given = value(self.catalog, self.table, id.0, High);
        Some(json!({ &column.field: given.input }))
    }

    async fn by_key(&mut self) {
        let role = self.role();
        let (updates, deletes) = (
            role.may(self.table, Command::Update),
            role.may(self.table, Command::Delete),
        );
        if let Some(patch) = self.patch().filter(|_| updates) {
            let one = self
                .alike(
                    Command::Update,
                    |id| json!({"by": {"id": id}, "patch": patch}),
                )
                .await;
            assert_eq!(refusal(&one), ["NOT_FOUND by"], "{}", self.table.name);
            let many = self
                .alike(
                    Command::UpdateMany,
                    |id| json!({"where": {"id": {"eq": id}}, "patch": patch, "max": 10}),
                )
                .await;
            assert_eq!(many["data"]["p"]["errors"], json!([]), "{many}");
        }
        if deletes {
            let one = self
                .alike(Command::Delete, |id| json!({"by": {"id": id}}))
                .await;
            assert_eq!(refusal(&one), ["NOT_FOUND by"], "{}", self.table.name);
            let many = self
                .alike(
                    Command::DeleteMany,
                    |id| json!({"where": {"id": {"in": [id]}}, "max": 10}),
                )
                .await;
            assert_eq!(many["data"]["p"]["errors"], json!([]), "{many}");
        }
    }

    /// A new row of A, as far as this column is not about it.
    fn new_row(&self, own: Uuid) -> Map<String, Value> {
        let role = self.role();
        let columns = role.creatable(self.table).map(|(id, column)| {
            let given = value(self.catalog, self.table, id.0, High);
            (column.field.clone(), given.input)
        });
        let mut row: Map<String, Value> = columns.collect();
        row.insert("id".to_owned(), json!(own));
        row
    }

    /// New rows of A, and changed ones, never point at a row of B.
    async fn references(&mut self) {
        let singular = self.table.singular.clone();
        let referring: Vec<(ColumnId, String)> = (0..self.table.columns.len())
            .map(ColumnId)
            .filter_map(|id| {
                let to = self.table.referenced(id)?;
                Some((id, self.catalog.table(to).name.clone()))
            })
            .collect();
        for (column, to) in referring {
            let column = self.table.column(column);
            let field = column.field.clone();
            let nobody = Uuid::now_v7();
            if self.role().may(self.table, Command::Create) && column.write.create.is_some() {
                let mut answers = Vec::new();
                for target in [Side::B.id(&to, 0), nobody] {
                    let mut row = self.new_row(Uuid::now_v7());
                    row.insert(field.clone(), json!(target));
                    let input = json!({ &singular: row });
                    answers.push(self.answer(Command::Create, input, "created").await);
                }
                assert_eq!(
                    answers[0], answers[1],
                    "{:?} {}.{field}",
                    self.locks, self.table.name
                );
                let told = refusal(&answers[0]);
                if self.locks != Locks::Database {
                    let wanted = format!("REFERENCE_VIOLATION {singular}.{field}");
                    assert!(told.contains(&wanted), "{}: {told:?}", self.table.name);
                }
                assert!(!told.is_empty(), "{}", self.table.name);
            }
            if self.role().may(self.table, Command::Update) && column.write.update.is_some() {
                let mut answers = Vec::new();
                for target in [Side::B.id(&to, 0), nobody] {
                    let input =
                        json!({"by": {"id": id(&self.table.name, 0)}, "patch": {&field: target}});
                    answers.push(self.answer(Command::Update, input, "created").await);
                }
                assert_eq!(
                    answers[0], answers[1],
                    "{:?} {}.{field}",
                    self.locks, self.table.name
                );
                let told = refusal(&answers[0]);
                assert!(
                    !told.is_empty(),
                    "{:?} {}.{field} was moved",
                    self.locks,
                    self.table.name
                );
            }
        }
    }

    /// B's keys may be taken by A, for rows of its own.
    async fn upsert(&mut self) {
        if !self.role().may(self.table, Command::Upsert) {
            return;
        }
        let theirs = Side::B.id(&self.table.name, 0);
        let row = self.new_row(theirs);
        let input = json!({ &self.table.singular: row, "by": "ID", "onConflict": {} });
        let field = Catalog::mutation_name(self.table, Command::Upsert);
        self.tried += 1;
        let query = document(&field, &format!("created {} {{ id }}", self.table.singular));
        let (_, answer) = self.world.ask(&query, json!({"input": input})).await;
        assert!(!answer.to_string().contains("bravo"), "{answer}");
        assert_ne!(answer["data"]["p"]["created"], false, "{answer}");
    }
}

fn nothing_of_another_workspace_is_written(locks: Locks) {
    run(async {
        let world = world(locks).await;
        let catalog = app::catalog().expect("the model fits together");
        let before = world.rows(Some(Side::B)).await;
        let (mut tried, mut attacks) = (0, Vec::new());
        for table in &catalog.tables {
            let role = RoleCatalog {
                catalog: &catalog,
                role: Role::Owner,
            };
            if !COMMANDS.iter().any(|&command| role.may(table, command)) {
                continue;
            }
            let mut attack = Attack {
                world: &world,
                locks,
                catalog: &catalog,
                table,
                tried: 0,
            };
            attack.by_key().await;
            attack.references().await;
            tried += attack.tried;
            attacks.push(attack);
        }
        // From here on A has rows with ids of B's.
        for attack in &mut attacks {
            attack.upsert().await;
        }
        assert!(tried > 800, "{tried}");
        // Accounts belong to no workspace, and nothing of them was written either.
        assert_eq!(world.rows(Some(Side::B)).await, before, "{locks:?}");
    });
}

const COMMANDS: [Command; 7] = [
    Command::Create,
    Command::CreateMany,
    Command::Update,
    Command::UpdateMany,
    Command::Upsert,
    Command::Delete,
    Command::DeleteMany,
];

#[test]
fn nothing_is_written_with_both_locks() {
    nothing_of_another_workspace_is_written(Locks::Both);
}

#[test]
fn the_database_alone_holds() {
    nothing_of_another_workspace_is_written(Locks::Database);
}

#[test]
fn the_statements_alone_hold() {
    nothing_of_another_workspace_is_written(Locks::Engine);
}

#[test]
fn without_any_lock_a_row_of_another_workspace_is_written() {
    run(async {
        let world = world(Locks::None).await;
        let before = world.rows(Some(Side::B)).await;
        let input =
            json!({"by": {"id": Side::B.id("genres", 0)}, "patch": {"description": "taken over"}});
        let query = document("updateGenre", "created");
        let (_, answer) = world.ask(&query, json!({"input": input})).await;
        assert_ne!(
            world.rows(Some(Side::B)).await,
            before,
            "the canary does not sing: {answer}"
        );
    });
}

/// Children of B are no children of A's rows, and B's unique keys find nothing.
#[test]
fn no_way_round_leads_to_another_workspace() {
    run(async {
        for locks in [Locks::Both, Locks::Database, Locks::Engine] {
            let world = world(locks).await;
            let before = world.rows(Some(Side::B)).await;
            let a = json!({"id": id("orders", 0)});
            let b = json!({"id": Side::B.id("orders", 0)});
            let item = Side::B.id("order_items", 0);
            for (field, input, refused) in [
                (
                    "updateOrder",
                    json!({"by": a, "patch": {"items": {"delete": [{"id": item}]}}}),
                    "NOT_FOUND patch.items.delete.0",
                ),
                (
                    "updateOrder",
                    json!({"by": a, "patch": {"items": {"update": [{"by": {"id": item}, "patch": {"quantity": 9}}]}}}),
                    "NOT_FOUND patch.items.update.0.by",
                ),
                (
                    "updateOrder",
                    json!({"by": b, "patch": {"items": {"delete": [{"id": item}]}}}),
                    "NOT_FOUND by",
                ),
                (
                    "updateOrder",
                    json!({"by": b, "patch": {"items": {"update": [{"by": {"id": item}, "change": {"quantity": {"increment": 1}}}]}}}),
                    "NOT_FOUND by",
                ),
                (
                    "updateOrder",
                    json!({"by": b, "patch": {"items": {"create": [{"quantity": 1, "unitPrice": "1", "totalAmount": "1"}]}}}),
                    "NOT_FOUND by",
                ),
                (
                    "updateOrder",
                    json!({"by": {"orderNumber": "bravo order number 1"}, "patch": {"status": "SHIPPED"}}),
                    "NOT_FOUND by",
                ),
                (
                    "deleteCustomer",
                    json!({"by": {"email": "bravo1@example.com"}}),
                    "NOT_FOUND by",
                ),
            ] {
                let (_, answer) = world
                    .ask(&document(field, "created"), json!({"input": input}))
                    .await;
                let told = refusal(&answer);
                assert!(
                    told.iter()
                        .any(|one| one.starts_with(refused.split(' ').next().expect("a code"))),
                    "{locks:?} {input}: {answer}"
                );
                if locks == Locks::Both {
                    assert!(told.iter().any(|one| one == refused), "{input}: {told:?}");
                }
                assert!(!answer.to_string().contains("bravo "), "{answer}");
            }
            // Filters over relations and the rows that a payload shows.
            let input =
                json!({"where": {"customer": {"email": {"startsWith": "bravo"}}}, "max": 100});
            let (_, answer) = world
                .ask(&document("deleteOrders", "count"), json!({"input": input}))
                .await;
            assert_eq!(answer["data"]["p"]["count"], 0, "{answer}");
            let input = json!({"by": {"id": id("genres", 0)}, "patch": {"description": "x"}});
            let selection = "changed { nodeId } query { genres { totalCount nodes { name } } customers { nodes { email } } }";
            let (_, answer) = world
                .ask(&document("updateGenre", selection), json!({"input": input}))
                .await;
            assert_nothing_of(Side::B, &answer, "query");
            assert_eq!(
                answer["data"]["p"]["query"]["genres"]["totalCount"],
                seed::ROWS,
                "{answer}"
            );
            assert_eq!(world.rows(Some(Side::B)).await, before, "{locks:?}");
        }
    });
}
