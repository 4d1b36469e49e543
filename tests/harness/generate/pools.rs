//! Values that mean something in the data: what callers were answered, their own and others'.

use std::collections::HashMap;

use serde_json::{Map, Value as Json, json};

use super::document::Literal;
use super::schema::Schema;
use super::{Generator, cursors};
use crate::harness::client::Client;

/// Rows of each harvested list.
const ROWS: usize = 10;
/// Orders of each list, besides the one without `orderBy`, for which cursors are harvested.
const ORDERS: u64 = 2;

/// Things of which some are the caller's own and some were answered to others.
#[derive(Debug, Default)]
pub struct Pair<T> {
    pub own: Vec<T>,
    pub foreign: Vec<T>,
}

/// What queries can be about.
#[derive(Debug, Default)]
pub struct Pools {
    /// Rows by type, with all their leaf fields.
    rows: HashMap<String, Pair<Map<String, Json>>>,
    /// Orders by type; none is the order without `orderBy`.
    orders: HashMap<String, Vec<Option<Literal>>>,
    /// Cursors by type and order.
    cursors: HashMap<(String, String), Pair<String>>,
}

impl Pools {
    /// Asks every root list with several tokens, each with what of the schema it is shown: the one
    /// under test first, then those of others.
    pub async fn harvest(client: &Client, callers: &[(&Schema, String)]) -> Self {
        let mut pools = Self::default();
        let (own, _) = callers[0];
        for (index, list) in own.fields("Query").into_iter().enumerate() {
            let Some(row) = own.listed(list.ty.inner_named_type()) else {
                continue;
            };
            let nothing = Self::default();
            let mut orders = vec![None];
            for number in 0..ORDERS {
                let seed = index as u64 * ORDERS + number;
                orders.push(Some(Generator::new(own, &nothing, seed).plain_order(row)));
            }
            for (number, (schema, token)) in callers.iter().enumerate() {
                let query = harvest_query(schema, &list.name, row, &orders);
                let answer = client.query_as(token, &query, json!({})).await;
                assert_eq!(answer.get("errors"), None, "{query}");
                pools.keep(row, &orders, &answer["data"], number == 0);
            }
            pools.orders.insert(row.to_owned(), orders);
        }
        pools
    }

    fn keep(&mut self, row: &str, orders: &[Option<Literal>], data: &Json, own: bool) {
        for (number, order) in orders.iter().enumerate() {
            let edges = data[format!("o{number}")]["edges"].as_array();
            for edge in edges.into_iter().flatten() {
                if let Some(cursor) = edge["cursor"].as_str() {
                    let key = (row.to_owned(), order_key(order.as_ref()));
                    let cursors = self.cursors.entry(key).or_default();
                    cursors.side(own).push(cursor.to_owned());
                }
                if number == 0
                    && let Some(node) = edge["node"].as_object()
                {
                    let rows = self.rows.entry(row.to_owned()).or_default();
                    rows.side(own).push(node.clone());
                }
            }
        }
    }

    /// Rows of a type.
    pub fn rows(&self, row: &str) -> Option<&Pair<Map<String, Json>>> {
        self.rows.get(row)
    }

    /// The types of which there are rows, by name.
    pub fn row_types(&self) -> Vec<&str> {
        let mut types: Vec<&str> = self.rows.keys().map(String::as_str).collect();
        types.sort_unstable();
        types
    }

    /// Orders of a list for which there may be cursors.
    pub fn orders(&self, row: &str) -> &[Option<Literal>] {
        self.orders.get(row).map_or(&[], Vec::as_slice)
    }

    pub fn cursors(&self, row: &str, order: Option<&Literal>) -> Option<&Pair<String>> {
        self.cursors.get(&(row.to_owned(), order_key(order)))
    }
}

impl<T> Pair<T> {
    fn side(&mut self, own: bool) -> &mut Vec<T> {
        if own {
            &mut self.own
        } else {
            &mut self.foreign
        }
    }
}

fn order_key(order: Option<&Literal>) -> String {
    order.map(Literal::text).unwrap_or_default()
}

fn harvest_query(schema: &Schema, list: &str, row: &str, orders: &[Option<Literal>]) -> String {
    let leaves: Vec<&str> = schema
        .fields(row)
        .into_iter()
        .filter(|field| schema.is_leaf(field.ty.inner_named_type()))
        .map(|field| field.name.as_str())
        .collect();
    let leaves = leaves.join(" ");
    let parts = orders.iter().enumerate().map(|(number, order)| {
        let order = match order {
            None => String::new(),
            Some(order) => format!(", orderBy: {}", order.text()),
        };
        let node = if number == 0 {
            format!("node {{ {leaves} }}")
        } else {
            String::new()
        };
        format!("o{number}: {list}(first: {ROWS}{order}) {{ edges {{ cursor {node} }} }}")
    });
    format!("{{ {} }}", parts.collect::<Vec<_>>().join(" "))
}

/// A cursor with the signature of one's own and the position of another's.
pub fn forged(own: &str, foreign: &str) -> Option<String> {
    let own = cursors::read(own)?;
    let mut items = cursors::read(foreign)?;
    *items.first_mut()? = own.first()?.clone();
    Some(cursors::write(&items))
}
