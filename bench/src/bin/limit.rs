//! The practical limit: a server for the five questions alone, written by hand. Prepared
//! statements, pipelined connections, JSON written straight from the rows; no token, no role, no
//! row security, no snapshot.
//!
//! `limit <address> <connections> <workspace>`, with the database in `DATABASE_URL`.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Context;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;
use tokio_postgres::types::{FromSql, Type};
use tokio_postgres::{Client, Config, NoTls, Row, Statement};
use uuid::Uuid;

const ORDER: &str = "select id, order_number, status::text, total_amount::text, order_date, customer_id from orders where workspace_id = $1 and";

/// A connection and what is prepared on it.
struct Prepared {
    client: Client,
    point: Statement,
    flat: Statement,
    customers: Statement,
    orders_of_customers: Statement,
    items_of_orders: Statement,
    variants: Statement,
    latest: Statement,
    buyers: Statement,
    all_items_of_orders: Statement,
    count: Statement,
}

struct Limit {
    workspace: Uuid,
    connections: Vec<Prepared>,
    next: AtomicUsize,
}

/// An error of the database: nothing here recovers from one.
struct Failed(tokio_postgres::Error);

impl From<tokio_postgres::Error> for Failed {
    fn from(error: tokio_postgres::Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.0.to_string()).into_response()
    }
}

type Answer = Result<Response, Failed>;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut argument = || {
        arguments
            .next()
            .context("limit <address> <connections> <workspace>")
    };
    let (address, connections, workspace) = (argument()?, argument()?, argument()?);
    let url = std::env::var("DATABASE_URL").context("DATABASE_URL is not set")?;
    let mut limit = Limit {
        workspace: workspace.parse()?,
        connections: Vec::new(),
        next: AtomicUsize::new(0),
    };
    for _ in 0..connections.parse()? {
        limit.connections.push(Prepared::open(&url).await?);
    }
    let router = Router::new()
        .route("/point", get(point))
        .route("/flat", get(flat))
        .route("/nested", get(nested))
        .route("/latest", get(latest))
        .route("/count", get(count))
        .with_state(Arc::new(limit));
    axum::serve(tokio::net::TcpListener::bind(address).await?, router).await?;
    Ok(())
}

impl Prepared {
    async fn open(url: &str) -> anyhow::Result<Self> {
        let mut config: Config = url.parse()?;
        let (client, connection) = config.application_name("limit").connect(NoTls).await?;
        tokio::spawn(connection);
        let per_key = |columns: &str, table: &str, key: &str, page: &str| {
            format!(
                "select k.position, t.* from unnest($2::uuid[]) with ordinality k(key, position) \
                 cross join lateral (select {columns} from {table} where workspace_id = $1 and {key} = k.key {page}) t"
            )
        };
        Ok(Self {
            point: client.prepare(&format!("{ORDER} id = $2")).await?,
            flat: client
                .prepare(&format!("{ORDER} id > $2 order by id limit 100"))
                .await?,
            customers: client
                .prepare("select id, email from customers where workspace_id = $1 and id > $2 order by id limit 20")
                .await?,
            orders_of_customers: client
                .prepare(&per_key(
                    "id, order_number, status::text, total_amount::text",
                    "orders",
                    "customer_id",
                    "order by order_date desc, id desc limit 10",
                ))
                .await?,
            items_of_orders: client
                .prepare(&per_key(
                    "quantity, unit_price::text, product_variant_id",
                    "order_items",
                    "order_id",
                    "order by id limit 3",
                ))
                .await?,
            variants: client
                .prepare(
                    "select v.id, v.sku, p.title from product_variants v \
                     join products p on p.workspace_id = $1 and p.id = v.product_id \
                     where v.workspace_id = $1 and v.id = any($2)",
                )
                .await?,
            latest: client
                .prepare(
                    "select id, order_number, order_date, total_amount::text, customer_id from orders \
                     where workspace_id = $1 and order_date < $2::text::timestamptz \
                     order by order_date desc, id desc limit 200",
                )
                .await?,
            buyers: client
                .prepare("select id, email, first_name, last_name from customers where workspace_id = $1 and id = any($2)")
                .await?,
            all_items_of_orders: client
                .prepare(&per_key(
                    "quantity, unit_price::text, total_amount::text",
                    "order_items",
                    "order_id",
                    "order by id limit 25",
                ))
                .await?,
            count: client
                .prepare(
                    "select count(*) from orders where workspace_id = $1 and order_date >= $2::text::timestamptz \
                     and order_date < $3::text::timestamptz and status = 'shipped'",
                )
                .await?,
            client,
        })
    }
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
    json.end("}}")
}

async fn flat(State(limit): State<Arc<Limit>>, Query(by): Query<ById>) -> Answer {
    let on = limit.connection();
    let rows = on
        .client
        .query(&on.flat, &[&limit.workspace, &by.id])
        .await?;
    let mut json = Json::new("{\"data\":{\"orders\":{\"nodes\":[");
    json.list(&rows, Json::order);
    json.end("]}}}")
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
    json.end("]}}}")
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
    let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 2] = [workspace, &keys];
    let item_parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 2] = [workspace, &order_ids];
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
    json.end("]}}}")
}

#[derive(Deserialize)]
struct Period {
    from: String,
    to: String,
}

async fn count(State(limit): State<Arc<Limit>>, Query(period): Query<Period>) -> Answer {
    let on = limit.connection();
    let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 3] =
        [&limit.workspace, &period.from, &period.to];
    let count: i64 = on.client.query_one(&on.count, &parameters).await?.get(0);
    let mut json = Json::new("{\"data\":{\"orders\":{\"totalCount\":");
    json.number(count);
    json.end("}}}")
}

/// A value as it came from PostgreSQL.
struct Raw<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

fn id(row: &Row, column: usize) -> Option<Uuid> {
    row.get(column)
}

fn ids(rows: &[Row], column: usize) -> Vec<Uuid> {
    rows.iter().filter_map(|row| id(row, column)).collect()
}

fn by_id(rows: &[Row]) -> HashMap<Uuid, &Row> {
    rows.iter().map(|row| (row.get(0), row)).collect()
}

/// Rows of one key after the other; the first column numbers the keys from 1.
struct Groups<'a> {
    rows: &'a [Row],
    position: i64,
}

impl<'a> Groups<'a> {
    fn new(rows: &'a [Row]) -> Self {
        Self { rows, position: 0 }
    }

    fn next(&mut self) -> &'a [Row] {
        self.position += 1;
        let end = self
            .rows
            .iter()
            .position(|row| row.get::<_, i64>(0) != self.position)
            .unwrap_or(self.rows.len());
        let (group, rest) = self.rows.split_at(end);
        self.rows = rest;
        group
    }
}

/// Writes JSON; what is written as raw is JSON already.
struct Json(Vec<u8>);

impl Json {
    fn new(start: &str) -> Self {
        let mut json = Self(Vec::with_capacity(4096));
        json.raw(start);
        json
    }

    fn end(mut self, end: &str) -> Answer {
        self.raw(end);
        Ok(([(header::CONTENT_TYPE, "application/json")], self.0).into_response())
    }

    fn raw(&mut self, json: &str) {
        self.0.extend_from_slice(json.as_bytes());
    }

    fn number(&mut self, number: impl itoa::Integer) {
        self.raw(itoa::Buffer::new().format(number));
    }

    fn list<'a>(&mut self, rows: &'a [Row], mut write: impl FnMut(&mut Self, &'a Row)) {
        for (index, row) in rows.iter().enumerate() {
            if index > 0 {
                self.raw(",");
            }
            write(self, row);
        }
    }

    fn order(&mut self, row: &Row) {
        self.uuid("{\"id\":", row, 0);
        self.text(",\"orderNumber\":", row, 1);
        self.enumerated(",\"status\":", row, 2);
        self.text(",\"totalAmount\":", row, 3);
        self.timestamp(",\"orderDate\":", row, 4);
        self.uuid(",\"customerId\":", row, 5);
        self.raw("}");
    }

    fn value(&mut self, key: &str, row: &Row, column: usize, write: impl FnOnce(&mut Self, &[u8])) {
        self.raw(key);
        match row.get::<_, Option<Raw<'_>>>(column) {
            Some(Raw(bytes)) => write(self, bytes),
            None => self.raw("null"),
        }
    }

    fn text(&mut self, key: &str, row: &Row, column: usize) {
        self.value(key, row, column, |json, bytes| {
            json.raw("\"");
            for &byte in bytes {
                match byte {
                    b'"' | b'\\' => json.0.extend_from_slice(&[b'\\', byte]),
                    // The seed holds no other control characters.
                    b'\n' => json.raw("\\n"),
                    byte => json.0.push(byte),
                }
            }
            json.raw("\"");
        });
    }

    fn enumerated(&mut self, key: &str, row: &Row, column: usize) {
        self.value(key, row, column, |json, bytes| {
            json.raw("\"");
            json.0.extend(bytes.iter().map(u8::to_ascii_uppercase));
            json.raw("\"");
        });
    }

    fn int(&mut self, key: &str, row: &Row, column: usize) {
        self.raw(key);
        self.number(row.get::<_, i32>(column));
    }

    fn uuid(&mut self, key: &str, row: &Row, column: usize) {
        self.raw(key);
        match id(row, column) {
            Some(id) => {
                self.raw("\"");
                self.raw(id.hyphenated().encode_lower(&mut Uuid::encode_buffer()));
                self.raw("\"");
            }
            None => self.raw("null"),
        }
    }

    /// Microseconds since 2000-01-01 as RFC 3339.
    fn timestamp(&mut self, key: &str, row: &Row, column: usize) {
        self.value(key, row, column, |json, bytes| {
            let micros = bytes.try_into().map_or(0, i64::from_be_bytes);
            let seconds = micros.div_euclid(1_000_000);
            let (year, month, day) = civil(seconds.div_euclid(86_400));
            let second = seconds.rem_euclid(86_400);
            json.raw("\"");
            json.number(year);
            for (before, part) in [
                ("-", month),
                ("-", day),
                ("T", second / 3600),
                (":", second / 60 % 60),
                (":", second % 60),
            ] {
                json.raw(before);
                json.digits(part, 2);
            }
            let fraction = micros.rem_euclid(1_000_000);
            if fraction > 0 {
                json.raw(".");
                json.digits(fraction, 6);
            }
            json.raw("Z\"");
        });
    }

    fn digits(&mut self, number: i64, width: usize) {
        let mut buffer = itoa::Buffer::new();
        let digits = buffer.format(number);
        self.0.extend(std::iter::repeat_n(
            b'0',
            width.saturating_sub(digits.len()),
        ));
        self.raw(digits);
    }
}

/// Year, month and day of a day counted from 2000-01-01, from the year 2000 on.
fn civil(days: i64) -> (i64, i64, i64) {
    // Years that begin in March end in the leap day; 2000-03-01 is 60 days in.
    let days = days - 60 + 146_097;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (1600 + era * 400 + year + i64::from(month <= 2), month, day)
}
