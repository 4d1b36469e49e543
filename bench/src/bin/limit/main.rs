//! The practical limit: a server for the questions of the benchmark alone, written by hand. Prepared
//! statements, pipelined connections, JSON written straight from the rows; no token, no role, no
//! row security, no snapshot. What writes does so in one transaction with the settings that the
//! triggers read, as the role of the connection.
//!
//! `limit <address> <connections> <workspace> <user>`, with the database in `DATABASE_URL`.

mod json;
mod statements;
mod writes;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use anyhow::Context;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use json::{Groups, Json, by_id, id, ids};
use statements::Prepared;
use tokio::sync::Semaphore;

struct Limit {
    workspace: Uuid,
    /// Who writes, as text, as settings are.
    user: String,
    connections: Vec<Prepared>,
    next: AtomicUsize,
    /// Connections that no transaction has.
    free: Mutex<Vec<usize>>,
    places: Semaphore,
}

/// An error of the database: nothing here recovers from one.
struct Failed(String);

impl From<tokio_postgres::Error> for Failed {
    fn from(error: tokio_postgres::Error) -> Self {
        Self(format!("{error:?}"))
    }
}

/// A question that cannot be read.
impl From<serde_json::Error> for Failed {
    fn from(error: serde_json::Error) -> Self {
        Self(error.to_string())
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.0).into_response()
    }
}

type Answer = Result<Response, Failed>;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut argument = || {
        arguments
            .next()
            .context("limit <address> <connections> <workspace> <user>")
    };
    let (address, connections) = (argument()?, argument()?);
    let (workspace, user) = (argument()?, argument()?);
    let connections = connections.parse()?;
    let url = std::env::var("DATABASE_URL").context("DATABASE_URL is not set")?;
    let mut limit = Limit {
        workspace: workspace.parse()?,
        user,
        connections: Vec::new(),
        next: AtomicUsize::new(0),
        free: Mutex::new((0..connections).collect()),
        places: Semaphore::new(connections),
    };
    for _ in 0..connections {
        limit.connections.push(Prepared::open(&url).await?);
    }
    let router = Router::new()
        .route("/point", get(point))
        .route("/flat", get(flat))
        .route("/nested", get(nested))
        .route("/latest", get(latest))
        .route("/count", get(count))
        .route("/statuses", get(statuses))
        .route("/months", get(months))
        .route("/related", get(related))
        .route("/search", get(search))
        .route("/insert", post(writes::insert))
        .route("/update", post(writes::update))
        .route("/bulk", post(writes::bulk))
        .route("/items", post(writes::items))
        .with_state(Arc::new(limit));
    axum::serve(tokio::net::TcpListener::bind(address).await?, router).await?;
    Ok(())
}

impl Limit {
    fn connection(&self) -> &Prepared {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        &self.connections[number % self.connections.len()]
    }
}

#[derive(Deserialize)]
struct ById {
    id: Uuid,
}

async fn point(State(limit): State<Arc<Limit>>, Query(by): Query<ById>) -> Answer {
    let on = limit.connection();
    let row = on
        .client
        .query_opt(&on.point, &[&limit.workspace, &by.id])
        .await?;
    let mut json = Json::new("{\"data\":{\"order\":");
    match &row {
        Some(row) => json.order(row),
        None => json.raw("null"),
    }
    Ok(json.end("}}"))
}

async fn flat(State(limit): State<Arc<Limit>>, Query(by): Query<ById>) -> Answer {
    let on = limit.connection();
    let rows = on
        .client
        .query(&on.flat, &[&limit.workspace, &by.id])
        .await?;
    let mut json = Json::new("{\"data\":{\"orders\":{\"nodes\":[");
    json.list(&rows, Json::order);
    Ok(json.end("]}}}"))
}

async fn nested(State(limit): State<Arc<Limit>>, Query(by): Query<ById>) -> Answer {
    let on = limit.connection();
    let workspace = &limit.workspace;
    let customers = on.client.query(&on.customers, &[workspace, &by.id]).await?;
    let keys = ids(&customers, 0);
    let orders = on
        .client
        .query(&on.orders_of_customers, &[workspace, &keys])
        .await?;
    let keys = ids(&orders, 1);
    let items = on
        .client
        .query(&on.items_of_orders, &[workspace, &keys])
        .await?;
    let mut keys = ids(&items, 3);
    keys.sort_unstable();
    keys.dedup();
    let variants = on.client.query(&on.variants, &[workspace, &keys]).await?;
    let variants = by_id(&variants);

    let mut json = Json::new("{\"data\":{\"customers\":{\"nodes\":[");
    let (mut orders, mut items) = (Groups::new(&orders), Groups::new(&items));
    json.list(&customers, |json, customer| {
        json.text("{\"email\":", customer, 1);
        json.raw(",\"orders\":{\"nodes\":[");
        json.list(orders.next(), |json, order| {
            json.text("{\"orderNumber\":", order, 2);
            json.enumerated(",\"status\":", order, 3);
            json.text(",\"totalAmount\":", order, 4);
            json.raw(",\"items\":{\"nodes\":[");
            json.list(items.next(), |json, item| {
                json.int("{\"quantity\":", item, 1);
                json.text(",\"unitPrice\":", item, 2);
                json.raw(",\"variant\":");
                match id(item, 3).and_then(|id| variants.get(&id)) {
                    Some(variant) => {
                        json.text("{\"sku\":", variant, 1);
                        json.text(",\"product\":{\"title\":", variant, 2);
                        json.raw("}}");
                    }
                    None => json.raw("null"),
                }
                json.raw("}");
            });
            json.raw("]}}");
        });
        json.raw("]}}");
    });
    Ok(json.end("]}}}"))
}

#[derive(Deserialize)]
struct Before {
    before: String,
}

async fn latest(State(limit): State<Arc<Limit>>, Query(by): Query<Before>) -> Answer {
    let on = limit.connection();
    let workspace = &limit.workspace;
    let orders = on
        .client
        .query(&on.latest, &[workspace, &by.before])
        .await?;
    let order_ids = ids(&orders, 0);
    let mut keys = ids(&orders, 4);
    keys.sort_unstable();
    keys.dedup();
    // Neither needs the other, so both travel at once.
    let parameters: [&(dyn ToSql + Sync); 2] = [workspace, &keys];
    let item_parameters: [&(dyn ToSql + Sync); 2] = [workspace, &order_ids];
    let (buyers, items) = tokio::try_join!(
        on.client.query(&on.buyers, &parameters),
        on.client.query(&on.all_items_of_orders, &item_parameters),
    )?;
    let buyers = by_id(&buyers);

    let mut json = Json::new("{\"data\":{\"orders\":{\"nodes\":[");
    let mut items = Groups::new(&items);
    json.list(&orders, |json, order| {
        json.uuid("{\"id\":", order, 0);
        json.text(",\"orderNumber\":", order, 1);
        json.timestamp(",\"orderDate\":", order, 2);
        json.text(",\"totalAmount\":", order, 3);
        json.raw(",\"customer\":");
        match id(order, 4).and_then(|id| buyers.get(&id)) {
            Some(buyer) => {
                json.text("{\"email\":", buyer, 1);
                json.text(",\"firstName\":", buyer, 2);
                json.text(",\"lastName\":", buyer, 3);
                json.raw("}");
            }
            None => json.raw("null"),
        }
        json.raw(",\"items\":{\"nodes\":[");
        json.list(items.next(), |json, item| {
            json.int("{\"quantity\":", item, 1);
            json.text(",\"unitPrice\":", item, 2);
            json.text(",\"totalAmount\":", item, 3);
            json.raw("}");
        });
        json.raw("]}}");
    });
    Ok(json.end("]}}}"))
}

#[derive(Deserialize)]
struct Period {
    from: String,
    to: String,
}

async fn count(State(limit): State<Arc<Limit>>, Query(period): Query<Period>) -> Answer {
    let on = limit.connection();
    let parameters: [&(dyn ToSql + Sync); 3] = [&limit.workspace, &period.from, &period.to];
    let count: i64 = on.client.query_one(&on.count, &parameters).await?.get(0);
    let mut json = Json::new("{\"data\":{\"orders\":{\"totalCount\":");
    json.number(count);
    Ok(json.end("}}}"))
}

async fn statuses(State(limit): State<Arc<Limit>>) -> Answer {
    let on = limit.connection();
    let rows = on.client.query(&on.statuses, &[&limit.workspace]).await?;
    let mut json = Json::new("{\"data\":{\"orders\":{\"groups\":{\"nodes\":[");
    json.list(&rows, |json, row| {
        json.enumerated("{\"key\":{\"status\":", row, 0);
        json.long("},\"count\":", row, 1);
        json.text(",\"totalAmount\":{\"sum\":", row, 2);
        json.raw("}}");
    });
    Ok(json.end("]}}}}"))
}

async fn months(State(limit): State<Arc<Limit>>) -> Answer {
    let on = limit.connection();
    let rows = on.client.query(&on.months, &[&limit.workspace]).await?;
    let mut json = Json::new("{\"data\":{\"orders\":{\"groups\":{\"nodes\":[");
    json.list(&rows, |json, row| {
        json.timestamp("{\"key\":{\"orderDate\":", row, 0);
        json.text("},\"totalAmount\":{\"sum\":", row, 1);
        json.raw("}}");
    });
    Ok(json.end("]}}}}"))
}

#[derive(Deserialize)]
struct Related {
    id: Uuid,
    quantity: i32,
}

async fn related(State(limit): State<Arc<Limit>>, Query(by): Query<Related>) -> Answer {
    let on = limit.connection();
    let rows = on
        .client
        .query(&on.related, &[&limit.workspace, &by.id, &by.quantity])
        .await?;
    let mut json = Json::new("{\"data\":{\"orders\":{\"nodes\":[");
    json.list(&rows, |json, row| {
        json.uuid("{\"id\":", row, 0);
        json.text(",\"orderNumber\":", row, 1);
        json.text(",\"totalAmount\":", row, 2);
        json.raw("}");
    });
    Ok(json.end("]}}}"))
}

#[derive(Deserialize)]
struct Sought {
    text: String,
}

async fn search(State(limit): State<Arc<Limit>>, Query(sought): Query<Sought>) -> Answer {
    let on = limit.connection();
    let rows = on
        .client
        .query(&on.search, &[&limit.workspace, &sought.text])
        .await?;
    let mut json = Json::new("{\"data\":{\"products\":{\"nodes\":[");
    json.list(&rows, |json, row| {
        json.uuid("{\"id\":", row, 0);
        json.text(",\"title\":", row, 1);
        json.raw("}");
    });
    Ok(json.end("]}}}"))
}
