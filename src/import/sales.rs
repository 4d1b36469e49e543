//! Customers and orders of an import: staged, compared with what is there, inserted.

use sqlx::PgConnection;
use uuid::Uuid;

use super::error::ImportError;
use super::rows::{Rows, copy};
use super::summary::Summary;
use super::target;

const STAGE_CUSTOMERS: &str = "
create temp table import_customers (
  id uuid primary key, email text, first_name text, last_name text, company text, phone text,
  address text, tags text[], actual uuid) on commit drop";

/// `customer_id` is the id in `import_customers`; `total` is exact, the order's is rounded.
const STAGE_ORDERS: &str = "
create temp table import_orders (
  id uuid primary key, order_number text, customer_id uuid, cancelled boolean, order_date timestamptz,
  currency text, shipping_address jsonb, total numeric, lines bigint, present boolean not null default false
) on commit drop";

const COPY_CUSTOMERS: &str = "copy import_customers (id, email, first_name, last_name, company, phone, \
    address, tags) from stdin";

/// A customer whom a former import made is known by the id, even with a new address since.
const KNOWN_BY_ID: &str = "
update import_customers s set actual = c.id
  from customers c where c.workspace_id = $1 and c.id = s.id";

const KNOWN_BY_EMAIL: &str = "
update import_customers s set actual = c.id
  from customers c where c.workspace_id = $1 and s.actual is null and c.email = s.email";

const KNOWN_ORDERS: &str = "
update import_orders s set present = true
  from orders o where o.workspace_id = $1 and o.id = s.id";

const TAKEN_NUMBER: &str = "
select o.order_number from orders o join import_orders s on s.order_number = o.order_number
  where o.workspace_id = $1 and o.id <> s.id and not s.present limit 1";

/// What the orders to insert add to each customer. Cancelled ones are no purchases.
const FIGURES: &str = "
create temp table import_figures on commit drop as
  select c.row_id as customer_id, sum(o.orders)::integer as orders, sum(o.spent) as spent, max(o.last) as last
  from (select id, coalesce(actual, first_value(id) over (partition by email order by id)) as row_id
      from import_customers) c
  join (select customer_id, count(*) as orders, sum(round(total, 2)) as spent, max(order_date) as last
      from import_orders where not present and not cancelled group by customer_id) o on o.customer_id = c.id
  group by 1";

const INSERT_CUSTOMERS: &str = "
insert into customers (workspace_id, id, email, first_name, last_name, company, phone, address, tags,
    orders_count, total_spent, average_order_value, last_order_date)
  select distinct on (s.email) $1, s.id, s.email, s.first_name, s.last_name, s.company, s.phone, s.address, s.tags,
      coalesce(f.orders, 0), coalesce(f.spent, 0), round(f.spent / f.orders, 2), f.last
  from import_customers s left join import_figures f on f.customer_id = s.id
  where s.actual is null order by s.email, s.id";

/// For customers who were there, new orders add to what the row says.
const ADD_FIGURES: &str = "
update customers c set orders_count = c.orders_count + f.orders, total_spent = c.total_spent + f.spent,
    average_order_value = round((c.total_spent + f.spent) / (c.orders_count + f.orders), 2),
    last_order_date = greatest(c.last_order_date, f.last)
  from import_figures f join import_customers s on s.actual = f.customer_id
  where c.workspace_id = $1 and c.id = f.customer_id";

const INSERT_ORDERS: &str = "
insert into orders (workspace_id, id, customer_id, order_number, status, total_amount, currency,
    shipping_address, order_date)
  select $1, s.id, c.actual, s.order_number, case when s.cancelled then 'cancelled' else 'delivered' end::order_status,
      round(s.total, 2), s.currency, s.shipping_address, s.order_date
  from import_orders s left join import_customers c on c.id = s.customer_id
  where not s.present order by s.order_date";

/// One customer of the file.
pub(super) struct Customer<'a> {
    pub id: Uuid,
    pub email: &'a str,
    pub first_name: Option<&'a str>,
    pub last_name: Option<&'a str>,
    pub company: Option<&'a str>,
    pub phone: Option<&'a str>,
    pub address: Option<&'a str>,
    pub tags: Vec<&'a str>,
}

/// The customers of the file, before they go to the server.
#[derive(Default)]
pub(super) struct Customers {
    rows: Rows,
}

impl Customers {
    pub(super) fn add(&mut self, customer: &Customer<'_>) {
        self.rows
            .uuid(customer.id)
            .text(customer.email)
            .opt_text(customer.first_name)
            .opt_text(customer.last_name)
            .opt_text(customer.company)
            .opt_text(customer.phone)
            .opt_text(customer.address)
            .array(&customer.tags)
            .end();
    }
}

/// Makes the table that the importer then fills with its orders.
pub(super) async fn stage_orders(connection: &mut PgConnection) -> Result<(), ImportError> {
    sqlx::raw_sql(STAGE_ORDERS).execute(connection).await?;
    Ok(())
}

/// Inserts the customers and the orders of `import_orders` that are missing. Afterwards
/// `import_orders.present` tells which orders were there.
pub(super) async fn insert(
    connection: &mut PgConnection,
    workspace: Uuid,
    customers: &Customers,
    summary: &mut Summary,
) -> Result<(), ImportError> {
    sqlx::raw_sql(STAGE_CUSTOMERS)
        .execute(&mut *connection)
        .await?;
    copy(connection, COPY_CUSTOMERS, &customers.rows).await?;
    sqlx::raw_sql("analyze import_customers; analyze import_orders")
        .execute(&mut *connection)
        .await?;
    let run = async |connection: &mut PgConnection, sql: &'static str| {
        let done = sqlx::query(sql).bind(workspace).execute(connection).await?;
        Ok::<u64, ImportError>(done.rows_affected())
    };

    run(connection, KNOWN_BY_ID).await?;
    run(connection, KNOWN_BY_EMAIL).await?;
    let present = run(connection, KNOWN_ORDERS).await?;
    refuse_taken(connection, workspace).await?;

    sqlx::raw_sql(FIGURES).execute(&mut *connection).await?;
    let inserted = run(connection, INSERT_CUSTOMERS).await?;
    summary.count("customers", inserted, customers.rows.count() - inserted);
    run(connection, ADD_FIGURES).await?;
    target::analyze(connection, &["customers"]).await?;
    // From here on every customer of the file has a row, those who share an address the same one.
    run(connection, KNOWN_BY_EMAIL).await?;

    let orders = run(connection, INSERT_ORDERS).await?;
    target::analyze(connection, &["orders"]).await?;
    summary.count("orders", orders, present);
    Ok(())
}

async fn refuse_taken(connection: &mut PgConnection, workspace: Uuid) -> Result<(), ImportError> {
    let taken: Option<String> = sqlx::query_scalar(TAKEN_NUMBER)
        .bind(workspace)
        .fetch_optional(connection)
        .await?;
    match taken {
        Some(value) => Err(ImportError::Taken {
            what: "an order with the number",
            value,
        }),
        None => Ok(()),
    }
}
