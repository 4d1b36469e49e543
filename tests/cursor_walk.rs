//! A walk with cursors meets each row once: any order, page size and direction, rows with equal
//! and null keys, rows inserted and deleted meanwhile.

use std::collections::HashMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::client::Client;
use crate::harness::database::{Database, create};
use crate::harness::run;
use crate::harness::seed::{self, Side};

/// What to order by, as fields inside each other: few values, so that many are equal; some null.
const ORDERS: [&str; 10] = [
    "status",
    "orderNumber",
    "totalAmount",
    "subtotalAmount",
    "sourceUpdatedAt",
    "channel",
    "customer.company",
    "customer.email",
    "items.aggregate.quantity.sum",
    "items.aggregate.count",
];
const DIRECTIONS: [&str; 6] = [
    "ASC",
    "DESC",
    "ASC_NULLS_FIRST",
    "ASC_NULLS_LAST",
    "DESC_NULLS_FIRST",
    "DESC_NULLS_LAST",
];

/// One order row: small numbers become values that are often equal, or null.
#[derive(Clone, Debug)]
struct Seeded {
    status: u8,
    number: Option<u8>,
    total: u8,
    subtotal: Option<u8>,
    updated: Option<u8>,
    channel: u8,
    customer: Option<u8>,
    /// The quantities of its lines.
    items: Vec<u8>,
}

#[derive(Clone, Debug)]
struct Walk {
    rows: Vec<Seeded>,
    order: Vec<(usize, usize)>,
    page: usize,
    backwards: bool,
    /// After which page which rows are deleted, as parts of 256, and how many are inserted.
    deleted: Vec<u8>,
    inserted: usize,
}

fn walks() -> impl Strategy<Value = Walk> {
    let row = (
        0..3u8,
        prop::option::of(any::<u8>()),
        0..4u8,
        prop::option::of(0..3u8),
        prop::option::of(0..3u8),
        0..3u8,
        prop::option::of(0..3u8),
        prop::collection::vec(0..3u8, 0..3),
    )
        .prop_map(
            |(status, number, total, subtotal, updated, channel, customer, items)| Seeded {
                status,
                number,
                total,
                subtotal,
                updated,
                channel,
                customer,
                items,
            },
        );
    (
        prop::collection::vec(row, 0..40),
        prop::collection::vec((0..ORDERS.len(), 0..DIRECTIONS.len()), 0..4),
        1..9usize,
        any::<bool>(),
        prop::collection::vec(any::<u8>(), 0..4),
        0..4usize,
    )
        .prop_map(|(rows, order, page, backwards, deleted, inserted)| Walk {
            rows,
            order,
            page,
            backwards,
            deleted,
            inserted,
        })
}

fn insert(rows: &[Seeded]) -> (String, Vec<Uuid>) {
    let mut script = String::new();
    let mut ids = Vec::new();
    for row in rows {
        let id = Uuid::new_v4();
        let text =
            |value: Option<String>| value.map_or("null".to_owned(), |value| format!("'{value}'"));
        // The number is unique where there is one.
        let number = row.number.map(|number| format!("{number}-{id}"));
        script.push_str(&format!(
            "insert into orders (workspace_id, id, status, order_number, total_amount, subtotal_amount, source_updated_at, channel, customer_id)
             values ('{}', '{id}', (enum_range(null::order_status))[{}], {}, {}.25, {}, {}, (enum_range(null::sales_channel))[{}], {});\n",
            Side::A.workspace(),
            row.status + 1,
            text(number),
            row.total,
            text(row.subtotal.map(|value| format!("{value}.10"))),
            text(row.updated.map(|day| format!("2026-02-0{}T00:00:00.00000{day}Z", day + 1))),
            row.channel + 1,
            text(row.customer.map(|one| customer(one).to_string())),
        ));
        for quantity in &row.items {
            script.push_str(&format!(
                "insert into order_items (workspace_id, order_id, quantity, unit_price, total_amount) values ('{}', '{id}', {quantity}, 1, 1);\n",
                Side::A.workspace(),
            ));
        }
        ids.push(id);
    }
    (script, ids)
}

fn customer(number: u8) -> Uuid {
    Side::A.id("customers", usize::from(number))
}

/// Customers of whom the last has no company.
fn customers() -> String {
    let insert = |number: u8| {
        format!(
            "insert into customers (workspace_id, id, email, company) values ('{}', '{}', 'c{number}@example.com', nullif('company {number}', 'company 2'));\n",
            Side::A.workspace(),
            customer(number),
        )
    };
    (0..3).map(insert).collect()
}

/// A term of an order, from the fields that lead to the value.
fn term(fields: &str, direction: &str) -> Value {
    let fields = fields.split('.').rev();
    fields.fold(json!(direction), |inner, field| json!({ field: inner }))
}

async fn walk(database: &Database, client: &Client, walk: &Walk) -> Result<(), TestCaseError> {
    database
        .admin_script(&format!(
            "delete from orders where workspace_id = '{}'",
            Side::A.workspace()
        ))
        .await;
    let (script, ids) = insert(&walk.rows);
    database.admin_script(&script).await;
    let order: Vec<Value> = walk
        .order
        .iter()
        .map(|&(value, direction)| term(ORDERS[value], DIRECTIONS[direction]))
        .collect();
    let (size, cursor, more, end) = if walk.backwards {
        ("last", "before", "hasPreviousPage", "startCursor")
    } else {
        ("first", "after", "hasNextPage", "endCursor")
    };
    let query = format!(
        "query ($order: [OrderOrderBy!], $size: Int, $cursor: String) {{
           orders(orderBy: $order, {size}: $size, {cursor}: $cursor) {{ nodes {{ id }} pageInfo {{ {more} {end} }} }}
         }}"
    );
    let whole = client
        .query(Side::A, "query ($order: [OrderOrderBy!]) { orders(orderBy: $order, first: 500) { nodes { id } } }", json!({"order": order}))
        .await;
    let place: HashMap<String, usize> = whole["data"]["orders"]["nodes"]
        .as_array()
        .expect("nodes")
        .iter()
        .enumerate()
        .map(|(place, node)| (node["id"].as_str().expect("an id").to_owned(), place))
        .collect();
    prop_assert_eq!(place.len(), ids.len());

    let mut met: Vec<String> = Vec::new();
    let mut gone: Vec<String> = Vec::new();
    let mut at = Value::Null;
    for page in 0..200 {
        let answer = client
            .query(
                Side::A,
                &query,
                json!({"order": order, "size": walk.page, "cursor": at}),
            )
            .await;
        prop_assert!(answer.get("errors").is_none(), "{}", answer);
        let list = &answer["data"]["orders"];
        let mut ids: Vec<String> = list["nodes"]
            .as_array()
            .expect("nodes")
            .iter()
            .map(|node| node["id"].as_str().expect("an id").to_owned())
            .collect();
        prop_assert!(ids.len() <= walk.page);
        if walk.backwards {
            ids.reverse();
        }
        met.extend(ids);
        if list["pageInfo"][more] != json!(true) {
            break;
        }
        at = list["pageInfo"][end].clone();
        prop_assert!(page < 199, "the walk does not end");
        // The world moves on between two pages.
        if let Some(part) = walk.deleted.get(page).filter(|_| !place.is_empty()) {
            let index = usize::from(*part) * place.len() / 256;
            let id = place
                .iter()
                .find(|(_, place)| **place == index)
                .expect("a place")
                .0
                .clone();
            database
                .admin_script(&format!("delete from orders where id = '{id}'"))
                .await;
            gone.push(id);
        }
        if page < walk.inserted {
            let (script, _) = insert(&walk.rows[..1]);
            database.admin_script(&script).await;
        }
    }
    for id in place.keys() {
        let times = met.iter().filter(|one| *one == id).count();
        if gone.contains(id) {
            prop_assert!(times <= 1);
        } else {
            prop_assert_eq!(
                times,
                1,
                "row {} of {} in order {:?}",
                place[id],
                place.len(),
                order
            );
        }
    }
    let places: Vec<usize> = met.iter().filter_map(|id| place.get(id)).copied().collect();
    let sorted = if walk.backwards {
        places.is_sorted_by(|a, b| a > b)
    } else {
        places.is_sorted()
    };
    prop_assert!(sorted, "{:?}", places);
    Ok(())
}

#[test]
fn a_walk_meets_every_row_once() {
    run(async {
        let database = create(Some(seed::accounts)).await;
        database.admin_script(&customers()).await;
        let client = Client::new(&database);
        let mut runner = TestRunner::new(Config {
            cases: 64,
            failure_persistence: None,
            ..Config::default()
        });
        let handle = tokio::runtime::Handle::current();
        tokio::task::block_in_place(|| {
            runner.run(&walks(), |one| {
                handle.block_on(walk(&database, &client, &one))
            })
        })
        .expect("every walk");
    });
}
