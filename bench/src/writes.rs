//! The questions that write: each in one transaction. The same rows are made in turn by each server,
//! with numbers that differ.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::cases::{Case, Question};
use crate::random::Random;
use crate::seed::{Kind, Size, id};

pub const WRITES: [Case; 4] = [
    Case {
        name: "insert",
        about: "one insert",
        ask: insert,
    },
    Case {
        name: "update",
        about: "one update by key",
        ask: update,
    },
    Case {
        name: "bulk",
        about: "bulk of 1,000",
        ask: bulk,
    },
    Case {
        name: "items",
        about: "an order with 20 items",
        ask: items,
    },
];

/// Rows of one bulk.
const BULK: u64 = 1_000;
const ITEMS: u64 = 20;

/// What stands in a question for what makes its numbers unique.
const UNIQUE: &str = "B?.";
const STATUSES: [&str; 5] = ["pending", "processing", "shipped", "delivered", "cancelled"];

/// The body with numbers that no other request has.
pub fn with_unique(body: &str, makes_rows: bool) -> String {
    // Numbers of earlier runs over the same tables were smaller.
    static NEXT: LazyLock<AtomicU64> = LazyLock::new(|| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let micros = now.unwrap_or_default().as_micros();
        AtomicU64::new(micros.try_into().unwrap_or(0))
    });
    if !makes_rows {
        return body.to_owned();
    }
    let own = NEXT.fetch_add(1, Ordering::Relaxed);
    body.replace(UNIQUE, &format!("B{own:x}."))
}

/// A number without what made it unique.
pub fn without_unique(number: &str) -> &str {
    number.split_once('.').map_or(number, |(_, rest)| rest)
}

/// Whether a server answers with an error; errors are selected first, so that they stand at the
/// beginning.
pub fn has_failed(answer: &[u8]) -> bool {
    const FAILED: &[u8] = b"\"errors\":[{";
    let beginning = &answer[..answer.len().min(200)];
    beginning
        .windows(FAILED.len())
        .any(|window| window == FAILED)
}

fn question(
    graphql: (&str, Value),
    postgraphile: Option<(&str, Value)>,
    path: &str,
    body: &Value,
    makes_rows: bool,
) -> Question {
    let operation = |(query, variables): (&str, Value)| {
        json!({"query": query, "variables": variables}).to_string()
    };
    Question {
        graphql: operation(graphql),
        postgraphile: postgraphile.map(operation).unwrap_or_default(),
        path: path.to_owned(),
        body: Some(body.to_string()),
        makes_rows,
    }
}

/// An order of a random customer.
fn order(random: &mut Random, size: Size, number: u64) -> Value {
    let customer = id(Kind::Customer, random.below(size.customers) + 1);
    let total = format!("{}.50", random.below(1_000));
    json!({"orderNumber": format!("{UNIQUE}{number}"), "customerId": customer, "totalAmount": total})
}

fn insert(random: &mut Random, size: Size) -> Question {
    let query = "mutation Insert($order: OrderInput!) { createOrder(input: {order: $order}) { errors { message } \
        order { id orderNumber status totalAmount orderDate customerId } } }";
    let postgraphile = "mutation Insert($order: OrderInput!) { createOrder(input: {order: $order}) { \
        order { id: rowId orderNumber status totalAmount orderDate customerId } } }";
    let order = order(random, size, 1);
    let mut scoped = order.clone();
    scoped["workspaceId"] = json!(id(Kind::Workspace, 1));
    question(
        (query, json!({"order": order})),
        Some((postgraphile, json!({"order": scoped}))),
        "/insert",
        &order,
        true,
    )
}

fn update(random: &mut Random, size: Size) -> Question {
    let query = "mutation Update($id: ID!, $patch: OrderPatch!) { updateOrder(input: {by: {id: $id}, patch: $patch}) { \
        errors { message } order { id orderNumber status totalAmount orderDate customerId } } }";
    let postgraphile = "mutation Update($workspace: UUID!, $id: UUID!, $patch: OrderPatch!) { \
        updateOrder: updateOrderByWorkspaceIdAndRowId(input: {workspaceId: $workspace, rowId: $id, orderPatch: $patch}) { \
        order { id: rowId orderNumber status totalAmount orderDate customerId } } }";
    let id_of = id(Kind::Order, random.below(size.orders) + 1);
    let status = STATUSES[random.below(STATUSES.len() as u64) as usize];
    let total = format!("{}.50", random.below(1_000));
    question(
        (
            query,
            json!({"id": id_of, "patch": {"status": status.to_uppercase(), "totalAmount": total}}),
        ),
        Some((
            postgraphile,
            json!({"workspace": id(Kind::Workspace, 1), "id": id_of,
                "patch": {"status": status, "totalAmount": total}}),
        )),
        "/update",
        &json!({"id": id_of, "status": status, "totalAmount": total}),
        false,
    )
}

fn bulk(random: &mut Random, size: Size) -> Question {
    let query = "mutation Bulk($orders: [OrderInput!]!) { createOrders(input: {orders: $orders}) { errors { message } \
        count results { order { id orderNumber } } } }";
    let orders: Vec<Value> = (1..=BULK)
        .map(|number| order(random, size, number))
        .collect();
    let orders = json!({"orders": orders});
    question((query, orders.clone()), None, "/bulk", &orders, true)
}

fn items(random: &mut Random, size: Size) -> Question {
    let query = "mutation Items($order: OrderInput!) { createOrder(input: {order: $order}) { errors { message } \
        order { id orderNumber totalAmount items(first: 20) { nodes { quantity unitPrice totalAmount } } } } }";
    let items = (1..=ITEMS).map(|number| {
        let variant = id(Kind::Variant, random.below(size.variants) + 1);
        let quantity = random.below(4) + 1;
        json!({"productVariantId": variant, "quantity": quantity,
            "unitPrice": format!("{number}.25"), "totalAmount": format!("{}.25", number * quantity)})
    });
    let items: Vec<Value> = items.collect();
    let mut order = order(random, size, 1);
    order["items"] = json!(items);
    question(
        (query, json!({"order": order})),
        None,
        "/items",
        &order,
        true,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_request_makes_numbers_of_its_own() {
        let body = insert(&mut Random::new(1), Size::of(0.0)).graphql;
        let (one, other) = (with_unique(&body, true), with_unique(&body, true));
        assert_ne!(one, other);
        assert!(!one.contains(UNIQUE));
        assert_eq!(with_unique(&body, false), body);
        assert_eq!(without_unique("B1f.17"), "17");
    }

    #[test]
    fn errors_are_seen() {
        assert!(has_failed(
            br#"{"data":{"createOrder":{"errors":[{"message":"no"}]}}}"#
        ));
        assert!(has_failed(br#"{"errors":[{"message":"no"}],"data":null}"#));
        assert!(!has_failed(
            br#"{"data":{"createOrder":{"errors":[],"order":{}}}}"#
        ));
    }
}
