//! The questions that read: each as a GraphQL operation for the gateway and for PostGraphile, and as
//! a path of the server written by hand.

use serde_json::{Value, json};

use crate::random::Random;
use crate::seed::{DAYS, Kind, MATERIALS, Size, THINGS, id};
use crate::server::Program;

pub struct Case {
    pub name: &'static str,
    pub about: &'static str,
    pub ask: fn(&mut Random, Size) -> Question,
}

impl Case {
    /// Whether a server of this kind can be asked this.
    pub fn is_for(&self, program: Program, size: Size) -> bool {
        let sample = (self.ask)(&mut Random::new(0), size);
        program != Program::PostGraphile || !sample.postgraphile.is_empty()
    }
}

/// One question with values of its own.
#[derive(Default)]
pub struct Question {
    /// The body of the request to the gateway.
    pub graphql: String,
    /// The body of the request to PostGraphile. Its fields have the names of the gateway's as
    /// aliases. It orders by what the gateway orders by, so that the same indexes serve both. Empty
    /// where it cannot do this.
    pub postgraphile: String,
    /// The path of the server written by hand.
    pub path: String,
    /// What is posted to that path; a question without it only reads.
    pub body: Option<String>,
    /// Whether rows are made, so that ids and times differ from answer to answer.
    pub makes_rows: bool,
}

impl Question {
    fn new(gateway: &str, postgraphile: &str, variables: &Value, path: String) -> Self {
        let body = |query| json!({"query": query, "variables": variables}).to_string();
        Self {
            graphql: body(gateway),
            postgraphile: body(postgraphile),
            path,
            ..Self::default()
        }
    }
}

pub const CASES: [Case; 9] = [
    Case {
        name: "point",
        about: "an order by id",
        ask: point,
    },
    Case {
        name: "flat",
        about: "100 orders",
        ask: flat,
    },
    Case {
        name: "nested",
        about: "20 customers x 10 orders x 3 items, variant, product",
        ask: nested,
    },
    Case {
        name: "latest",
        about: "200 latest orders with customer and items",
        ask: latest,
    },
    Case {
        name: "count",
        about: "how many orders of a status in a period",
        ask: count,
    },
    Case {
        name: "statuses",
        about: "count and sum of all orders by status",
        ask: statuses,
    },
    Case {
        name: "months",
        about: "revenue of all orders by month",
        ask: months,
    },
    Case {
        name: "related",
        about: "20 orders by customer and items",
        ask: related,
    },
    Case {
        name: "search",
        about: "20 products by two words",
        ask: search,
    },
];

fn point(random: &mut Random, size: Size) -> Question {
    let id = id(Kind::Order, random.below(size.orders) + 1);
    let query = "query Point($id: ID!) { order(id: $id) { id orderNumber status totalAmount orderDate customerId } }";
    let postgraphile = "query Point($id: UUID!) { order: orderByRowId(rowId: $id) { id: rowId orderNumber status totalAmount orderDate customerId } }";
    Question::new(
        query,
        postgraphile,
        &json!({"id": id}),
        format!("/point?id={id}"),
    )
}

fn flat(random: &mut Random, size: Size) -> Question {
    let id = id(Kind::Order, random.below(size.orders - 100));
    let query = "query Flat($id: ID!) { orders(first: 100, where: {id: {gt: $id}}) { nodes { id orderNumber status totalAmount orderDate customerId } } }";
    let postgraphile = "query Flat($id: UUID!) { orders: allOrders(first: 100, filter: {rowId: {greaterThan: $id}}) { nodes { \
        id: rowId orderNumber status totalAmount orderDate customerId } } }";
    Question::new(
        query,
        postgraphile,
        &json!({"id": id}),
        format!("/flat?id={id}"),
    )
}

fn nested(random: &mut Random, size: Size) -> Question {
    let id = id(Kind::Customer, random.below(size.customers - 20));
    let query = "query Nested($id: ID!) { customers(first: 20, where: {id: {gt: $id}}) { nodes { email \
        orders(first: 10, orderBy: [{orderDate: DESC}]) { nodes { orderNumber status totalAmount \
        items(first: 3) { nodes { quantity unitPrice variant { sku product { title } } } } } } } } }";
    let postgraphile = "query Nested($id: UUID!) { customers: allCustomers(first: 20, filter: {rowId: {greaterThan: $id}}) { nodes { email \
        orders: ordersByCustomerId(first: 10, orderBy: [ORDER_DATE_DESC, ROW_ID_DESC]) { nodes { orderNumber status totalAmount \
        items: orderItemsByOrderId(first: 3) { nodes { quantity unitPrice \
        variant: productVariantByProductVariantId { sku product: productByProductId { title } } } } } } } } }";
    Question::new(
        query,
        postgraphile,
        &json!({"id": id}),
        format!("/nested?id={id}"),
    )
}

fn latest(random: &mut Random, _: Size) -> Question {
    let before = instant(
        random.below(DAYS * 6 / 10) + DAYS * 4 / 10,
        random.below(86_400),
    );
    let query = "query Latest($before: DateTime!) { orders(first: 200, where: {orderDate: {lt: $before}}, orderBy: [{orderDate: DESC}]) { nodes { \
        id orderNumber orderDate totalAmount customer { email firstName lastName } items { nodes { quantity unitPrice totalAmount } } } } }";
    let postgraphile = "query Latest($before: Datetime!) { orders: allOrders(first: 200, filter: {orderDate: {lessThan: $before}}, \
        orderBy: [ORDER_DATE_DESC, ROW_ID_DESC]) { nodes { id: rowId orderNumber orderDate totalAmount \
        customer: customerByCustomerId { email firstName lastName } \
        items: orderItemsByOrderId(first: 25) { nodes { quantity unitPrice totalAmount } } } } }";
    Question::new(
        query,
        postgraphile,
        &json!({"before": before}),
        format!("/latest?before={before}"),
    )
}

fn count(random: &mut Random, _: Size) -> Question {
    let day = random.below(DAYS - 7);
    let second = random.below(86_400);
    let (from, to) = (instant(day, second), instant(day + 5, second));
    let query = "query Count($from: DateTime!, $to: DateTime!) { orders(where: {orderDate: {gte: $from, lt: $to}, status: {eq: SHIPPED}}) { totalCount } }";
    let postgraphile = "query Count($from: Datetime!, $to: Datetime!) { orders: allOrders(filter: \
        {orderDate: {greaterThanOrEqualTo: $from, lessThan: $to}, status: {equalTo: shipped}}) { totalCount } }";
    Question::new(
        query,
        postgraphile,
        &json!({"from": from, "to": to}),
        format!("/count?from={from}&to={to}"),
    )
}

fn statuses(_: &mut Random, _: Size) -> Question {
    let query = "query Statuses { orders { groups(by: [{status: true}]) { nodes { key { status } count totalAmount { sum } } } } }";
    let postgraphile = "query Statuses { orders: allOrders { groups: groupedAggregates(groupBy: [STATUS]) { \
        status: keys count { rowId } sum { totalAmount } } } }";
    Question::new(query, postgraphile, &json!({}), "/statuses".to_owned())
}

fn months(_: &mut Random, _: Size) -> Question {
    let query = "query Months { orders { groups(by: [{orderDate: {bucket: MONTH, timeZone: \"UTC\"}}], first: 100) { nodes { \
        key { orderDate } totalAmount { sum } } } } }";
    let postgraphile = "query Months { orders: allOrders { groups: groupedAggregates(groupBy: [ORDER_DATE_TRUNCATED_TO_MONTH]) { \
        orderDate: keys sum { totalAmount } } } }";
    Question::new(query, postgraphile, &json!({}), "/months".to_owned())
}

fn related(random: &mut Random, size: Size) -> Question {
    let id = id(Kind::Order, random.below(size.orders / 2));
    let quantity = random.below(2) + 2;
    let query = "query Related($id: ID!, $quantity: Int!) { orders(first: 20, where: {id: {gt: $id}, \
        customer: {vipStatus: {eq: true}}, items: {some: {quantity: {gt: $quantity}}}}) { nodes { id orderNumber totalAmount } } }";
    let postgraphile = "query Related($id: UUID!, $quantity: Int!) { orders: allOrders(first: 20, filter: {rowId: {greaterThan: $id}, \
        customerByCustomerId: {vipStatus: {equalTo: true}}, orderItemsByOrderId: {some: {quantity: {greaterThan: $quantity}}}}) { nodes { \
        id: rowId orderNumber totalAmount } } }";
    Question::new(
        query,
        postgraphile,
        &json!({"id": id, "quantity": quantity}),
        format!("/related?id={id}&quantity={quantity}"),
    )
}

fn search(random: &mut Random, _: Size) -> Question {
    let mut pick = |words: &[&'static str]| words[random.below(words.len() as u64) as usize];
    let (material, thing) = (pick(&MATERIALS), pick(&THINGS));
    // Every fourth lacks a letter, as if it had been typed in a hurry.
    let material = match random.below(4) {
        0 => [&material[..2], &material[3..]].concat(),
        _ => material.to_owned(),
    };
    let query = "query Search($text: String!) { products(search: {text: $text}, first: 20) { nodes { id title } } }";
    let postgraphile = "query Search($text: String!) { products: benchSearchProducts(sought: $text, first: 20) { nodes { id: rowId title } } }";
    Question::new(
        query,
        postgraphile,
        &json!({"text": format!("{material} {thing}")}),
        format!("/search?text={material}+{thing}"),
    )
}

/// A moment of the seeded time as RFC 3339; its days are counted in months of 28.
fn instant(day: u64, second: u64) -> String {
    let (year, month, day) = (2020 + day / 336, day / 28 % 12 + 1, day % 28 + 1);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}
