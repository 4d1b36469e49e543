//! Many who write the same rows at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use axum::http::StatusCode;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::{World, document, is_native, text, told};
use crate::harness::generate::random::Random;
use crate::harness::run;
use crate::harness::seed::{self, ROWS, Side};

/// Whether the server takes several connections; the embedded one does not.
fn left_out() -> bool {
    if !is_native() {
        eprintln!("left out: the embedded server takes one connection");
    }
    !is_native()
}

/// The payload of a mutation. No deadlock and no other fault may reach a caller.
async fn payload(world: &World, field: &str, input: Value, selection: &str) -> Value {
    let query = document(field, selection);
    let (status, answer) = world
        .client
        .ask(Side::A, &query, json!({ "input": input }))
        .await;
    assert_eq!(status, StatusCode::OK, "{field}: {answer}");
    assert_eq!(answer.get("errors"), None, "{field}: {answer}");
    answer["data"]["p"].clone()
}

/// Whether it was written; what was refused must have one of these codes.
fn succeeded(payload: &Value, expected: &[&str]) -> bool {
    let errors = payload["errors"].as_array().expect("errors");
    for told in told(errors) {
        let code = told.split(' ').next().unwrap_or_default();
        assert!(expected.contains(&code), "{payload}");
    }
    errors.is_empty()
}

#[test]
fn a_thousand_upserts_of_ten_keys_make_ten_rows() {
    if left_out() {
        return;
    }
    run(async {
        let world = Arc::new(World::new().await);
        // So many at a time, since a gateway under more load than it can take refuses some.
        let turns = Arc::new(Semaphore::new(100));
        let mut upserts = JoinSet::new();
        for number in 0..1000_i32 {
            let (world, turns) = (Arc::clone(&world), Arc::clone(&turns));
            upserts.spawn(async move {
                let _turn = turns.acquire().await.expect("a turn");
                let genre = json!({"name": format!("k{}", number % 10), "popularityScore": number});
                let input = json!({"genre": genre, "by": "NAME"});
                let payload = payload(
                    &world,
                    "upsertGenre",
                    input,
                    "created genre { id name popularityScore }",
                )
                .await;
                assert_eq!(payload["errors"], json!([]), "{payload}");
                assert_eq!(payload["genre"]["name"], json!(format!("k{}", number % 10)));
                assert_eq!(
                    payload["genre"]["popularityScore"], number,
                    "its own write is read"
                );
                payload["created"] == true
            });
        }
        let created = upserts
            .join_all()
            .await
            .into_iter()
            .filter(|created| *created);
        assert_eq!(created.count(), 10);
        assert_eq!(
            world.text("select count(*) || ' ' || count(distinct name) from genres where name like 'k%'").await,
            "10 10"
        );
    });
}

/// Orders, lines, counters and customers that all clients share.
struct Shared {
    world: World,
    /// What each counter must be in the end.
    counters: [AtomicI64; COUNTERS],
    successes: AtomicUsize,
}

const COUNTERS: usize = 3;
const CLIENTS: u64 = 8;
const OPERATIONS: usize = 120;

/// The seed, on a database that looks for deadlocks soon, so that there is time for many.
fn impatient() -> String {
    let soon = "do $$ begin execute format('alter database %I set deadlock_timeout = 20', current_database()); end $$;";
    seed::everything() + soon
}

impl Shared {
    fn count(&self, counter: usize) {
        self.counters[counter].fetch_add(1, Ordering::Relaxed);
    }

    async fn payload(&self, field: &str, input: Value, selection: &str) -> Value {
        payload(&self.world, field, input, selection).await
    }

    /// Reads a counter and writes it back by its version.
    async fn read_modify_write(&self, counter: usize) -> bool {
        let query =
            format!("{{ genreByName(name: \"counter {counter}\") {{ popularityScore version }} }}");
        let (_, answer) = self.world.ask(&query, json!({})).await;
        let read = &answer["data"]["genreByName"];
        let score = read["popularityScore"].as_i64().expect("a number");
        let input = json!({
            "by": {"name": format!("counter {counter}")},
            "patch": {"popularityScore": score + 1},
            "expectedVersion": read["version"],
        });
        let done = succeeded(
            &self.payload("updateGenre", input, "created").await,
            &["STALE"],
        );
        if done {
            self.count(counter);
        }
        done
    }

    /// Two fields that take their locks in any order.
    async fn two(&self, one: usize, other: usize) -> bool {
        let field = |key: &str, counter: usize| {
            format!(
                "{key}: updateGenre(input: {{ by: {{ name: \"counter {counter}\" }}, change: {{ popularityScore: {{ increment: 1 }} }} }}) {{ errors {{ code path message }} }}"
            )
        };
        let query = format!("mutation {{ {} {} }}", field("a", one), field("b", other));
        let (_, answer) = self.world.ask(&query, json!({})).await;
        assert_eq!(answer.get("errors"), None, "{answer}");
        for key in ["a", "b"] {
            assert_eq!(answer["data"][key]["errors"], json!([]), "{answer}");
        }
        self.count(one);
        self.count(other);
        true
    }

    async fn all_counters(&self) -> bool {
        let input = json!({
            "where": {"name": {"startsWith": "counter "}},
            "change": {"popularityScore": {"increment": 1}},
            "max": 10,
        });
        let payload = self.payload("updateGenres", input, "count").await;
        assert_eq!(payload["errors"], json!([]), "{payload}");
        assert_eq!(payload["count"], COUNTERS);
        (0..COUNTERS).for_each(|counter| self.count(counter));
        true
    }

    async fn operation(&self, random: &mut Random) -> bool {
        let order = format!("o{}", random.below(6));
        let item = json!({"quantity": 1, "unitPrice": "1.00", "totalAmount": "1.00"});
        let customer = |n: usize| json!({"connectOrCreate": {"by": "EMAIL", "create": {"email": format!("c{n}@example.com")}}});
        match random.below(9) {
            0 | 1 => self.read_modify_write(random.below(COUNTERS)).await,
            2 => {
                self.two(random.below(COUNTERS), random.below(COUNTERS))
                    .await
            }
            3 => self.all_counters().await,
            4 => {
                let input = json!({"by": {"orderNumber": order}, "patch": {"status": "SHIPPED", "items": {"create": [item, item]}}});
                let payload = self
                    .payload("updateOrder", input, "order { items { totalCount } }")
                    .await;
                succeeded(&payload, &["NOT_FOUND"])
            }
            5 => {
                let input = json!({"by": {"orderNumber": order}});
                succeeded(
                    &self.payload("deleteOrder", input, "order { id }").await,
                    &["NOT_FOUND"],
                )
            }
            6 => {
                let input = json!({"order": {"orderNumber": order, "totalAmount": "1.00"}, "by": "ORDER_NUMBER"});
                let payload = self
                    .payload("upsertOrder", input, "order { orderNumber }")
                    .await;
                assert_eq!(payload["order"]["orderNumber"], json!(order), "{payload}");
                succeeded(&payload, &[])
            }
            7 => {
                let (one, other) = (random.below(6), random.below(6));
                let orders = json!([
                    {"totalAmount": "1.00", "items": [item], "customer": customer(one)},
                    {"totalAmount": "2.00", "items": [item, item], "customer": customer(other)},
                ]);
                let payload = self
                    .payload("createOrders", json!({"orders": orders}), "count")
                    .await;
                succeeded(&payload, &[])
            }
            _ => {
                let input = json!({"where": {"orderNumber": {"startsWith": "o"}, "status": {"eq": "SHIPPED"}}, "max": 1000});
                succeeded(&self.payload("deleteOrders", input, "count").await, &[])
            }
        }
    }
}

#[test]
fn clients_that_mix_everything_meet_no_deadlock_and_lose_nothing() {
    if left_out() {
        return;
    }
    run(async {
        let shared = Arc::new(Shared {
            world: World::filled(impatient).await,
            counters: Default::default(),
            successes: AtomicUsize::new(0),
        });
        let counters: Vec<Value> = (0..COUNTERS)
            .map(|n| json!({"name": format!("counter {n}"), "popularityScore": 0}))
            .collect();
        shared
            .world
            .written("createGenres", json!({"genres": counters}), "count")
            .await;
        let mut clients = JoinSet::new();
        for client in 0..CLIENTS {
            let shared = Arc::clone(&shared);
            clients.spawn(async move {
                let mut random = Random::new(client);
                for _ in 0..OPERATIONS {
                    if shared.operation(&mut random).await {
                        shared.successes.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
        clients.join_all().await;
        let done = shared.successes.load(Ordering::Relaxed);
        assert!(done > OPERATIONS * 3, "{done}");
        for (number, counter) in shared.counters.iter().enumerate() {
            let query =
                format!("select popularity_score from genres where name = 'counter {number}'");
            let expected = counter.load(Ordering::Relaxed).to_string();
            assert_eq!(
                shared.world.text(&query).await,
                expected,
                "counter {number}"
            );
        }
        let world = &shared.world;
        // Every order that was made together with its lines has them.
        let incomplete = "select count(*) from orders o where o.order_number is null and \
             (select count(*) from order_items i where i.workspace_id = o.workspace_id and i.order_id = o.id) <> o.total_amount";
        assert_eq!(world.text(incomplete).await, "0");
        assert_eq!(
            world.text("select count(*) = count(distinct email) from customers where email like 'c_@example.com'").await,
            "true"
        );
        // What the log says of the counters is what happened.
        let logged =
            "select sum(rows) from app.change_log where table_name = 'genres' and op = 'C'";
        assert_eq!(world.text(logged).await, COUNTERS.to_string());
        let seeded = "select count(*) from genres where name not like 'counter%'";
        assert_eq!(world.text(seeded).await, (2 * ROWS).to_string());
    });
}

#[test]
fn fifty_requests_with_one_key_make_one_row() {
    if left_out() {
        return;
    }
    run(async {
        let world = Arc::new(World::new().await);
        let query = "mutation { p: createOrder(input: { order: { totalAmount: \"1\", currency: \"KEY\" } }) @idempotent(key: \"k\") { order { id } errors { code message } } }";
        let mut requests = JoinSet::new();
        for _ in 0..50 {
            let world = Arc::clone(&world);
            requests.spawn(async move {
                let (_, answer) = world.ask(query, json!({})).await;
                assert_eq!(answer.get("errors"), None, "{answer}");
                let payload = answer["data"]["p"].clone();
                if payload["order"].is_null() {
                    let error = &payload["errors"][0];
                    assert_eq!(error["code"], "CONFLICT", "{answer}");
                    assert!(text(&error["message"]).contains("still runs"), "{answer}");
                    return None;
                }
                Some(text(&payload["order"]["id"]).to_owned())
            });
        }
        let mut ids: Vec<String> = requests.join_all().await.into_iter().flatten().collect();
        // Whoever was told to come again gets the same row.
        let (_, answer) = world.ask(query, json!({})).await;
        assert_eq!(
            answer["extensions"]["idempotency"]["replayed"], true,
            "{answer}"
        );
        ids.push(text(&answer["data"]["p"]["order"]["id"]).to_owned());
        ids.dedup();
        assert_eq!(ids.len(), 1, "{ids:?}");
        assert_eq!(
            world
                .text("select count(*) from orders where currency = 'KEY'")
                .await,
            "1"
        );
    });
}
