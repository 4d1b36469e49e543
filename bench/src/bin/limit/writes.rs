//! The questions that write. Everything of a transaction is sent at once and answered at once.

use std::ops::Deref;
use std::sync::{Arc, PoisonError};

use axum::body::Bytes;
use axum::extract::State;
use serde::Deserialize;
use tokio::sync::SemaphorePermit;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::json::Json;
use crate::statements::Prepared;
use crate::{Answer, Failed, Limit};

type Parameters<'a, const N: usize> = [&'a (dyn ToSql + Sync); N];

/// A connection that one transaction has for itself.
struct Own<'a> {
    limit: &'a Limit,
    number: usize,
    _place: SemaphorePermit<'a>,
}

impl Limit {
    async fn own(&self) -> Result<Own<'_>, Failed> {
        let place = self.places.acquire().await;
        let place = place.map_err(|closed| Failed(closed.to_string()))?;
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let number = free.pop();
        Ok(Own {
            limit: self,
            number: number.ok_or_else(|| Failed("no connection is free".to_owned()))?,
            _place: place,
        })
    }
}

impl Drop for Own<'_> {
    fn drop(&mut self) {
        let mut free = self
            .limit
            .free
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        free.push(self.number);
    }
}

impl Deref for Own<'_> {
    type Target = Prepared;

    fn deref(&self) -> &Prepared {
        &self.limit.connections[self.number]
    }
}

impl Own<'_> {
    /// Runs what `work` sends in a transaction with the settings of the caller. It must send all
    /// when it is polled first, because the commit follows at once; after an error PostgreSQL rolls
    /// back instead.
    async fn transaction<T>(
        &self,
        operation: &str,
        work: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, Failed> {
        let workspace = self.limit.workspace.to_string();
        let request = Uuid::now_v7().to_string();
        let settings: Parameters<'_, 4> = [&workspace, &self.limit.user, &operation, &request];
        let (begun, set, done, committed) = futures_util::join!(
            self.client.batch_execute("begin"),
            self.client.execute(&self.settings, &settings),
            work,
            self.client.batch_execute("commit"),
        );
        begun?;
        set?;
        let done = done?;
        committed?;
        Ok(done)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewOrder {
    order_number: String,
    customer_id: Uuid,
    total_amount: String,
    #[serde(default)]
    items: Vec<NewItem>,
}

impl NewOrder {
    fn values<'a>(&'a self, workspace: &'a Uuid, id: &'a Uuid) -> Parameters<'a, 5> {
        [
            workspace,
            id,
            &self.customer_id,
            &self.order_number,
            &self.total_amount,
        ]
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewItem {
    product_variant_id: Uuid,
    quantity: i32,
    unit_price: String,
    total_amount: String,
}

pub async fn insert(State(limit): State<Arc<Limit>>, body: Bytes) -> Answer {
    let new: NewOrder = serde_json::from_slice(&body)?;
    let id = Uuid::now_v7();
    let on = limit.own().await?;
    let values = new.values(&limit.workspace, &id);
    let work = on.client.query_one(&on.insert, &values);
    let row = on.transaction("Insert", work).await?;
    let mut json = Json::new("{\"data\":{\"createOrder\":{\"errors\":[],\"order\":");
    json.order(&row);
    Ok(json.end("}}}"))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Patch {
    id: Uuid,
    status: String,
    total_amount: String,
}

pub async fn update(State(limit): State<Arc<Limit>>, body: Bytes) -> Answer {
    let patch: Patch = serde_json::from_slice(&body)?;
    let on = limit.own().await?;
    let values: Parameters<'_, 4> = [
        &limit.workspace,
        &patch.id,
        &patch.status,
        &patch.total_amount,
    ];
    let work = on.client.query_one(&on.update, &values);
    let row = on.transaction("Update", work).await?;
    let mut json = Json::new("{\"data\":{\"updateOrder\":{\"errors\":[],\"order\":");
    json.order(&row);
    Ok(json.end("}}}"))
}

#[derive(Deserialize)]
struct Bulk {
    orders: Vec<NewOrder>,
}

pub async fn bulk(State(limit): State<Arc<Limit>>, body: Bytes) -> Answer {
    let Bulk { orders } = serde_json::from_slice(&body)?;
    let ids: Vec<Uuid> = orders.iter().map(|_| Uuid::now_v7()).collect();
    let customers: Vec<Uuid> = orders.iter().map(|new| new.customer_id).collect();
    let numbers: Vec<&str> = orders.iter().map(|new| &*new.order_number).collect();
    let totals: Vec<&str> = orders.iter().map(|new| &*new.total_amount).collect();
    let on = limit.own().await?;
    let values: Parameters<'_, 5> = [&limit.workspace, &ids, &customers, &numbers, &totals];
    let work = on.client.query(&on.bulk, &values);
    let rows = on.transaction("Bulk", work).await?;
    let mut json = Json::new("{\"data\":{\"createOrders\":{\"errors\":[],\"count\":");
    json.number(rows.len());
    json.raw(",\"results\":[");
    json.list(&rows, |json, row| {
        json.uuid("{\"order\":{\"id\":", row, 0);
        json.text(",\"orderNumber\":", row, 1);
        json.raw("}}");
    });
    Ok(json.end("]}}}"))
}

pub async fn items(State(limit): State<Arc<Limit>>, body: Bytes) -> Answer {
    let new: NewOrder = serde_json::from_slice(&body)?;
    let id = Uuid::now_v7();
    let ids: Vec<Uuid> = new.items.iter().map(|_| Uuid::now_v7()).collect();
    let variants: Vec<Uuid> = new
        .items
        .iter()
        .map(|item| item.product_variant_id)
        .collect();
    let quantities: Vec<i32> = new.items.iter().map(|item| item.quantity).collect();
    let prices: Vec<&str> = new.items.iter().map(|item| &*item.unit_price).collect();
    let totals: Vec<&str> = new.items.iter().map(|item| &*item.total_amount).collect();
    let on = limit.own().await?;
    let order_values = new.values(&limit.workspace, &id);
    let item_values: Parameters<'_, 7> = [
        &limit.workspace,
        &id,
        &ids,
        &variants,
        &quantities,
        &prices,
        &totals,
    ];
    let work = async {
        let (order, items) = futures_util::join!(
            on.client.query_one(&on.insert, &order_values),
            on.client.query(&on.insert_items, &item_values),
        );
        Ok((order?, items?))
    };
    let (order, rows) = on.transaction("Items", work).await?;
    let mut json = Json::new("{\"data\":{\"createOrder\":{\"errors\":[],\"order\":{");
    json.uuid("\"id\":", &order, 0);
    json.text(",\"orderNumber\":", &order, 1);
    json.text(",\"totalAmount\":", &order, 3);
    json.raw(",\"items\":{\"nodes\":[");
    json.list(&rows, |json, row| {
        json.int("{\"quantity\":", row, 0);
        json.text(",\"unitPrice\":", row, 1);
        json.text(",\"totalAmount\":", row, 2);
        json.raw("}");
    });
    Ok(json.end("]}}}}}"))
}
