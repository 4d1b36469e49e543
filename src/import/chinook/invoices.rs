//! Invoices and their lines as orders and items.

use std::collections::HashMap;

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};
use sqlx::PgConnection;

use super::people;
use super::shape::{Invoice, InvoiceLine, MaybeText};
use super::store::Store;
use crate::import::error::ImportError;
use crate::import::rows::{Rows, copy};
use crate::import::sales;
use crate::import::summary::Summary;
use crate::import::target::Target;

const COPY_ORDERS: &str = "copy import_orders (id, order_number, customer_id, cancelled, order_date, \
    currency, shipping_address, total, lines) from stdin";

const STAGE_ITEMS: &str = "
create temp table import_items (
  id uuid primary key, order_id uuid, variant_id uuid, quantity integer, unit_price numeric, source_data jsonb
) on commit drop";

const INSERT_ITEMS: &str = "
insert into order_items (workspace_id, id, order_id, product_variant_id, quantity, unit_price, total_amount, source_data)
  select $1, i.id, i.order_id, v.actual, i.quantity, round(i.unit_price, 2), round(i.quantity * i.unit_price, 2), i.source_data
  from import_items i
  join import_orders o on o.id = i.order_id and not o.present
  join import_variants v on v.id = i.variant_id";

/// Writes customers, orders and items; needs the staged variants.
pub(super) async fn import(
    connection: &mut PgConnection,
    target: &mut Target,
    store: &Store<'_>,
    summary: &mut Summary,
) -> Result<(), ImportError> {
    let orders = orders(target, store);
    let items = items(target, store);
    sales::stage_orders(connection).await?;
    copy(connection, COPY_ORDERS, &orders).await?;
    sqlx::raw_sql(STAGE_ITEMS).execute(&mut *connection).await?;
    copy(connection, "copy import_items from stdin", &items).await?;

    let customers = people::customers(target, store);
    sales::insert(connection, target.workspace, &customers, summary).await?;
    let new = sqlx::query(INSERT_ITEMS)
        .bind(target.workspace)
        .execute(connection)
        .await?
        .rows_affected();
    summary.count("order_items", new, items.count() - new);
    summary.note(
        "invoices whose total is not the sum of their lines (the total is kept)",
        differing(store),
    );
    Ok(())
}

fn orders(target: &mut Target, store: &Store<'_>) -> Rows {
    let mut lines: HashMap<i64, u64> = HashMap::new();
    for line in &store.document.invoice_line {
        *lines.entry(line.invoice_id).or_default() += 1;
    }
    let mut rows = Rows::default();
    for invoice in &store.document.invoice {
        rows.uuid(target.keys.id("invoice", invoice.invoice_id))
            .plain(invoice.invoice_id)
            .uuid(target.keys.id("customer", invoice.customer_id))
            .plain(false)
            .plain(format_args!("{}+00", invoice.invoice_date))
            .plain("USD")
            .opt_text(
                address(invoice)
                    .map(|address| address.to_string())
                    .as_deref(),
            )
            .plain(invoice.total.0)
            .plain(lines.get(&invoice.invoice_id).copied().unwrap_or(0))
            .end();
    }
    rows
}

/// Downloads are not shipped; the one address that an order can have says that it is for the bill.
fn address(invoice: &Invoice) -> Option<Value> {
    let parts: [(&str, &MaybeText); 5] = [
        ("address", &invoice.billing_address),
        ("city", &invoice.billing_city),
        ("state", &invoice.billing_state),
        ("postal_code", &invoice.billing_postal_code),
        ("country", &invoice.billing_country),
    ];
    let mut address: Map<String, Value> = parts
        .into_iter()
        .filter_map(|(name, part)| Some((name.to_owned(), part.get()?.into())))
        .collect();
    if address.is_empty() {
        return None;
    }
    address.insert("kind".to_owned(), "billing".into());
    Some(Value::Object(address))
}

fn items(target: &mut Target, store: &Store<'_>) -> Rows {
    let mut rows = Rows::default();
    for line in &store.document.invoice_line {
        rows.uuid(target.keys.id("line", line.invoice_line_id))
            .uuid(target.keys.id("invoice", line.invoice_id))
            .uuid(target.keys.id("track", line.track_id))
            .plain(line.quantity)
            .plain(line.unit_price.0)
            .text(&source_data(line, store).to_string())
            .end();
    }
    rows
}

/// What a variant has no columns for: name, composer and format of the track that was sold.
fn source_data(line: &InvoiceLine, store: &Store<'_>) -> Value {
    let Some(track) = store.tracks.get(&line.track_id) else {
        return Value::Null;
    };
    let genre = track.genre_id.and_then(|number| store.genres.get(&number));
    let media = track
        .media_type_id
        .and_then(|number| store.media_types.get(&number));
    let mut data = json!({
        "InvoiceLineId": line.invoice_line_id,
        "TrackId": track.track_id,
        "Name": track.name.0,
        "Composer": track.composer.get(),
        "Genre": genre.map(|genre| &genre.name.0),
        "MediaType": media.map(|media| &media.name.0),
        "Milliseconds": track.milliseconds,
        "Bytes": track.bytes,
    });
    if let Some(fields) = data.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    data
}

fn differing(store: &Store<'_>) -> u64 {
    let mut sums: HashMap<i64, Decimal> = HashMap::new();
    for line in &store.document.invoice_line {
        let amount = Decimal::from(line.quantity) * line.unit_price.0;
        *sums.entry(line.invoice_id).or_default() += amount;
    }
    let invoices = store.document.invoice.iter();
    let differs = |invoice: &&Invoice| {
        sums.get(&invoice.invoice_id).copied().unwrap_or_default() != invoice.total.0
    };
    invoices.filter(differs).count() as u64
}
