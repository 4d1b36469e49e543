//! The sample data as the first start loads it: its figures agree, and so do those of the examples.

use std::time::Duration;

use serde_json::{Value, json};
use sqlx::{Connection, Row};
use tessera::auth::issue;
use tessera::http::playground::examples;
use tessera::import::Silent;
use tessera::sample::{WORKSPACES, connect_as_owner, load};
use tessera::session::Role;

use crate::harness::client::Client;
use crate::harness::database::create;
use crate::harness::{run, secret};

/// Customers whose columns differ from what their orders say.
const DIFFERING: &str = "
select concat_ws(' ', w.slug, c.email, c.orders_count, c.total_spent, c.average_order_value, c.lifetime_value,
    'but', o.orders, o.spent, o.net, o.last)
from customers c join workspaces w on w.id = c.workspace_id
cross join lateral (
  select count(*) filter (where status <> 'cancelled') as orders,
    coalesce(sum(total_amount) filter (where status <> 'cancelled'), 0) as spent,
    coalesce(sum(case when status = 'cancelled' then least(total_amount, 0) else total_amount end), 0) as net,
    max(order_date) filter (where status <> 'cancelled') as last
  from orders o where o.workspace_id = c.workspace_id and o.customer_id = c.id) o
where (c.orders_count, c.total_spent, c.lifetime_value) is distinct from (o.orders::integer, o.spent, o.net)
  or c.last_order_date is distinct from o.last
  or c.average_order_value is distinct from round(o.spent / nullif(o.orders, 0), 2)";

#[test]
fn the_figures_of_the_sample_agree() {
    run(async {
        let database = create(None).await;
        let mut connection = connect_as_owner(&database.url).await.expect("a connection");
        for sample in &WORKSPACES {
            let loaded = load(&mut connection, sample, &Silent).await;
            loaded.expect("the sample is loaded");
        }
        let differing = sqlx::query(DIFFERING).fetch_all(&mut connection).await;
        let differing: Vec<String> = differing
            .expect("the query runs")
            .iter()
            .map(|row| row.get(0))
            .collect();
        assert_eq!(differing, Vec::<String>::new());
        connection.close().await.expect("the connection closes");

        let client = Client::new(&database);
        let mut compared = 0;
        for example in examples() {
            let variables = serde_json::from_str(&example.variables).unwrap_or_else(|_| json!({}));
            let sample = WORKSPACES
                .iter()
                .find(|sample| Some(sample.slug) == example.workspace.as_deref())
                .unwrap_or(&WORKSPACES[0]);
            let roles = [(sample.slug, Role::Owner)];
            let token = issue(&secret(), sample.owner(), &roles, Duration::from_secs(3600));
            let token = token.expect("a token");
            let answer = client.query_as(&token, &example.query, variables).await;
            assert_eq!(answer.get("errors"), None, "{}: {answer}", example.title);
            let fields = answer["data"].as_object().expect("fields");
            let nothing = |value: &Value| value.is_null() || value["nodes"] == json!([]);
            let found = !fields.values().any(nothing);
            assert!(found, "{} shows nothing: {answer}", example.title);
            compared += compare(&example.title, &answer);
        }
        assert!(compared > 0, "no example shows both figures");
    });
}

/// Where an object has the number of its orders twice, both are the same. Returns how many have.
fn compare(title: &str, value: &Value) -> usize {
    let own = match (
        value.get("ordersCount"),
        value.pointer("/orders/totalCount"),
    ) {
        (Some(column), Some(counted)) => {
            assert_eq!(column, counted, "{title}: {value}");
            1
        }
        _ => 0,
    };
    let members: Vec<&Value> = match value {
        Value::Array(items) => items.iter().collect(),
        Value::Object(fields) => fields.values().collect(),
        _ => Vec::new(),
    };
    own + members
        .into_iter()
        .map(|member| compare(title, member))
        .sum::<usize>()
}
