//! Turns the staged lines into orders with their items, and into entries of the ledger.

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::facts::Facts;
use super::line::product_category;
use crate::import::catalog::{Catalog, Product, Variant};
use crate::import::error::ImportError;
use crate::import::progress::{Progress, Unit};
use crate::import::sales::{self, Customer, Customers};
use crate::import::summary::Summary;
use crate::import::target::Target;

/// Pending checks of foreign keys lie in memory until their statement ends, so items go in portions.
const PORTION: u64 = 50_000;

const ORDERS: &str = "
insert into import_orders (id, order_number, customer_id, cancelled, order_date, currency, shipping_address, total, lines)
  select order_id, min(invoice), (array_agg(customer_id) filter (where customer_id is not null))[1],
      bool_or(kind = 'c'), min(at), 'GBP',
      case when min(country) <> '' then jsonb_build_object('country', min(country)) end,
      sum(quantity * price), count(*)
  from import_lines where kind in ('s', 'c') group by order_id";

/// What the two decimals and the one date of an order cannot hold stays in `source_data`.
const ITEMS: &str = "
insert into order_items (workspace_id, id, order_id, product_variant_id, quantity, unit_price, total_amount, source_data)
  select $1, l.id, l.order_id, v.actual, l.quantity, round(l.price, 2), round(l.quantity * l.price, 2),
      case when l.price <> round(l.price, 2) or l.at <> o.order_date then jsonb_strip_nulls(jsonb_build_object(
        'UnitPrice', case when l.price <> round(l.price, 2) then trim_scale(l.price)::text end,
        'InvoiceDate', case when l.at <> o.order_date then to_char(l.at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') end))
      end
  from import_lines l
  join import_orders o on o.id = l.order_id and not o.present
  join import_variants v on v.id = l.product_id
  where l.line > $2 and l.line <= $3 and l.kind in ('s', 'c') order by l.line";

/// Money given back. Orders and transactions are different tables, so the id can be the same.
const REFUNDS: &str = "
insert into transactions (workspace_id, id, type, category, amount, currency, description, order_id, customer_id, transaction_date)
  select $1, s.id, 'refund', 'cancellation', -round(s.total, 2), s.currency, 'Cancellation ' || s.order_number,
      s.id, c.actual, (s.order_date at time zone 'UTC')::date
  from import_orders s left join import_customers c on c.id = s.customer_id
  where s.cancelled and not s.present and round(s.total, 2) < 0
  on conflict do nothing";

/// The ledger knows no sign: money that leaves is an expense, all else an adjustment, and the text
/// keeps the amount as it was booked.
const LEDGER: &str = "
with inserted as (
  insert into transactions (workspace_id, id, type, category, amount, currency, description, transaction_date)
    select $1, id, case when sum(quantity * price) < 0 and min(ledger_category) <> 'bad_debt' then 'expense'
          else 'adjustment' end::transaction_type,
        min(ledger_category), abs(round(sum(quantity * price), 2)), 'GBP',
        concat_ws(' ', min(invoice), coalesce(nullif(min(description), ''), min(code))) || ': ' || round(sum(quantity * price), 2),
        (min(at) at time zone 'UTC')::date
    from import_lines where kind = 'l' group by id
    on conflict do nothing returning id)
select (select count(*) from inserted) as entries,
  (select count(*) from import_lines where kind = 'l' and id in (select id from inserted)) as lines";

const FIGURES: &str = "
select
  (select count(*) from import_orders)
    + (select count(distinct order_id) from import_lines l where kind not in ('s', 'c')
        and not exists (select from import_orders o where o.id = l.order_id)) as invoices,
  (select count(*) from import_orders where customer_id is null) as without_customer,
  (select coalesce(sum(lines), 0)::bigint from import_orders where present) as lines_present,
  (select count(distinct id) from import_lines where kind = 'l') as ledger_entries,
  (select count(*) from import_lines where kind = 'l') as ledger_lines,
  (select count(*) from import_orders where cancelled and round(total, 2) < 0) as refunds,
  (select count(*) from import_lines l join import_orders o on o.id = l.order_id
    where kind in ('s', 'c') and l.at <> o.order_date) as other_times,
  (select count(*) from (select from import_lines where kind in ('s', 'c') and customer_id is not null
    group by order_id having count(distinct customer_id) > 1) m) as several_customers";

/// Everything after the file has been read.
pub(super) async fn load(
    connection: &mut PgConnection,
    target: &Target,
    facts: &Facts,
    summary: &mut Summary,
    progress: &dyn Progress,
) -> Result<(), ImportError> {
    let workspace = target.workspace;
    progress.phase("Orders", None, Unit::Rows);
    sqlx::raw_sql("create index on import_lines using brin (line); analyze import_lines")
        .execute(&mut *connection)
        .await?;
    sales::stage_orders(connection).await?;
    sqlx::raw_sql(ORDERS).execute(&mut *connection).await?;

    let catalog = catalog(facts);
    catalog.stage(connection, workspace).await?;
    catalog.insert(connection, workspace, summary).await?;
    sales::insert(connection, workspace, &customers(facts), summary).await?;

    let figures = sqlx::query(FIGURES).fetch_one(&mut *connection).await?;
    let figure = |name: &str| number(&figures, name);
    let items = items(connection, workspace, facts.lines, progress).await?;
    let lines_present = figure("lines_present")?;
    summary.count("order_items", items, lines_present);

    progress.phase("Ledger", None, Unit::Rows);
    let refunds = sqlx::query(REFUNDS)
        .bind(workspace)
        .execute(&mut *connection)
        .await?
        .rows_affected();
    let ledger = sqlx::query(LEDGER)
        .bind(workspace)
        .fetch_one(&mut *connection)
        .await?;
    let entries = refunds + number(&ledger, "entries")?;
    let known = figure("refunds")? + figure("ledger_entries")?;
    summary.count("transactions", entries, known.saturating_sub(entries));

    let ledger_lines = figure("ledger_lines")?;
    let new_ledger_lines = number(&ledger, "lines")?;
    summary.imported = items + new_ledger_lines;
    summary.present = lines_present + ledger_lines - new_ledger_lines;
    summary.note("invoices in the file", figure("invoices")?);
    summary.note("orders without a customer", figure("without_customer")?);
    summary.note(
        "lines booked in the ledger: fees, bank charges, bad debt",
        ledger_lines,
    );
    summary.note(
        "lines some minutes later than their invoice (kept in source_data)",
        figure("other_times")?,
    );
    summary.note(
        "invoices of several customers, of whom one is kept",
        figure("several_customers")?,
    );
    Ok(())
}

fn number(row: &PgRow, column: &str) -> Result<u64, ImportError> {
    let value: i64 = row.try_get(column)?;
    Ok(value.unsigned_abs())
}

async fn items(
    connection: &mut PgConnection,
    workspace: Uuid,
    lines: u64,
    progress: &dyn Progress,
) -> Result<u64, ImportError> {
    progress.phase("Order lines", Some(lines), Unit::Rows);
    let mut inserted = 0;
    let mut from = 0;
    while from < lines {
        let to = lines.min(from + PORTION);
        let done = sqlx::query(ITEMS)
            .bind(workspace)
            .bind(from.cast_signed())
            .bind(to.cast_signed())
            .execute(&mut *connection)
            .await?;
        inserted += done.rows_affected();
        progress.at(to);
        from = to;
    }
    Ok(inserted)
}

/// One product with one variant for each stock code that is not only a word of the books.
fn catalog(facts: &Facts) -> Catalog {
    let mut catalog = Catalog::default();
    for (code, product) in &facts.products {
        if !product.is_product {
            continue;
        }
        let price = product.price();
        let category = product_category(code);
        catalog.product(&Product {
            id: product.id,
            title: product.title().unwrap_or(code),
            description: None,
            collection: None,
            category: Some(category),
            tags: Vec::new(),
            base_price: price.unwrap_or_default(),
            // What was never sold at a price cannot be bought.
            status: if price.is_some() {
                "active"
            } else {
                "inactive"
            },
        });
        catalog.variant(&Variant {
            id: product.id,
            product_id: product.id,
            sku: Some(code),
            size: None,
            frame_type: None,
            condition: None,
            price: price.unwrap_or_default(),
            cost: None,
            inventory_quantity: 0,
            is_available: price.is_some(),
        });
    }
    catalog
}

/// The file knows no addresses; `.invalid` is reserved for those that reach nobody.
fn customers(facts: &Facts) -> Customers {
    let mut customers = Customers::default();
    for (number, customer) in &facts.customers {
        customers.add(&Customer {
            id: customer.id,
            email: &format!("{number}@online-retail.invalid"),
            first_name: None,
            last_name: None,
            company: None,
            phone: None,
            address: Some(customer.country.as_str()).filter(|country| !country.is_empty()),
            tags: vec!["online-retail"],
        });
    }
    customers
}
