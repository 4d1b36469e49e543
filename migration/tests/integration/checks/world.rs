//! Rows to check with: two workspaces, `a` with an owner and two members, `b` with an owner.

use sqlx::PgConnection;

use super::{run, string, strings};

/// The id behind a short name of hexadecimal digits or of the form `u1`.
pub fn id(name: &str) -> String {
    let number = match name.strip_prefix('u') {
        Some(user) => format!("0{user}"),
        None => format!("{name}{name}"),
    };
    format!("00000000-0000-4000-8000-0000000000{number:0>2}")
}

pub async fn fill(db: &mut PgConnection) {
    let (u1, u2, u3, u4) = (id("u1"), id("u2"), id("u3"), id("u4"));
    let (a, b) = (id("a"), id("b"));
    run(
        db,
        &format!(
            "insert into users (id, email, password_hash) values \
               ('{u1}', 'one@example.com', 'hash'), ('{u2}', 'two@example.com', 'hash'), \
               ('{u3}', 'three@example.com', 'hash'), ('{u4}', 'four@example.com', 'hash');
             insert into workspaces (id, name, slug, owner_id) values ('{a}', 'A', 'a', '{u1}'), ('{b}', 'B', 'b', '{u3}');
             insert into workspace_members (workspace_id, user_id, role) values \
               ('{a}', '{u1}', 'owner'), ('{a}', '{u2}', 'member'), ('{a}', '{u4}', 'member'), ('{b}', '{u3}', 'owner');"
        ),
    )
    .await;
    for workspace in [&a, &b] {
        run(db, &BUSINESS.replace("{w}", workspace)).await;
    }
    let sql = format!(
        "insert into moves (workspace_id, user_id, assigned_user_id, title) values \
           ('{a}', '{u2}', '{u4}', 'for another'), ('{a}', '{u2}', null, 'for me'), ('{a}', null, null, 'for all'); \
         insert into memory_chunks (workspace_id, user_id, content, embedding) \
           select '{a}', '{u2}', 'secret', array_fill(0.1::real, array[768])::vector;"
    );
    run(db, &sql).await;
}

/// A row in each table that another holds on to by RESTRICT, and what the views count.
const BUSINESS: &str = "
insert into agents (workspace_id, id, name, type) values ('{w}', '{w}', 'Ada', 'director');
insert into agents (workspace_id, name, type, parent_id) values ('{w}', 'Bob', 'specialist', '{w}');
insert into workflows (workspace_id, id, name, owner_agent_id, trigger_type) values ('{w}', '{w}', 'sync', '{w}', 'api');
insert into workflow_executions (workspace_id, id, workflow_id) values ('{w}', '{w}', '{w}');
insert into tasks (workspace_id, workflow_execution_id, assigned_agent_id, task_type, started_at, completed_at)
  values ('{w}', '{w}', '{w}', 'x', now() - interval '90 seconds', now()), ('{w}', '{w}', '{w}', 'x', null, null);
insert into products (workspace_id, id, title, base_price, cost) values ('{w}', '{w}', 'Print', 20, 5);
insert into products (workspace_id, title, base_price) values ('{w}', 'Unsold', 20);
insert into product_variants (workspace_id, id, product_id, price) values ('{w}', '{w}', '{w}', 20);
insert into inventory_levels (workspace_id, product_variant_id, quantity_available) values ('{w}', '{w}', 7);
insert into customers (workspace_id, id, email) values ('{w}', '{w}', 'buyer@example.com');
insert into orders (workspace_id, id, customer_id, total_amount, order_date) values ('{w}', '{w}', '{w}', 40, '2024-02-01Z');
insert into orders (workspace_id, customer_id, total_amount, order_date) values ('{w}', '{w}', 60, '2024-02-11Z');
insert into orders (workspace_id, customer_id, total_amount, status) values ('{w}', '{w}', 1000, 'cancelled');
insert into order_items (workspace_id, order_id, product_variant_id, quantity, unit_price, discount_amount, total_amount)
  values ('{w}', '{w}', '{w}', 2, 20, 3, 37);
insert into order_payments (workspace_id, order_id, amount, payment_method) values ('{w}', '{w}', 40, 'card');
insert into transactions (workspace_id, id, type, category, amount, customer_id, transaction_date)
  values ('{w}', '{w}', 'revenue', 'sales', 100, '{w}', '2024-02-29'), ('{w}', gen_random_uuid(), 'refund', 'sales', 15, '{w}', '2024-03-01');
insert into revenue_attributions (workspace_id, transaction_id, transaction_date, agent_id, attribution_percentage)
  values ('{w}', '{w}', '2024-02-29', '{w}', 12.5);
insert into billing_subscriptions (workspace_id, id, plan_id, amount) values ('{w}', '{w}', 'pro', 10);
insert into subscription_payments (workspace_id, id, subscription_id, amount) values ('{w}', '{w}', '{w}', 10);
insert into invoices (workspace_id, payment_id, invoice_number, invoice_date, data) values ('{w}', '{w}', 'inv-{w}', now(), '{}');
insert into integrations (workspace_id, service_name, credentials) values ('{w}', 'shopify', '{\"key\": \"k\"}');
insert into system_events (workspace_id, event_type, message) values ('{w}', 'log', 'hello');
insert into usage_records (workspace_id, user_id, amount, tokens, recorded_at) select '{w}', owner_id, 0.25, 100, '2024-05-31T23:00Z' from workspaces where id = '{w}';
insert into usage_records (workspace_id, amount, recorded_at) values ('{w}', 0.5, '2024-05-31T23:00Z');
";

/// A whole workspace can be deleted, whatever its rows hold on to, and takes its log along.
pub async fn leave(db: &mut PgConnection) {
    let a = id("a");
    run(db, &format!("delete from workspaces where id = '{a}'")).await;
    let tables = strings(
        db,
        "select table_name::text from information_schema.columns c join information_schema.tables t using (table_schema, table_name) \
         where table_schema = 'public' and column_name = 'workspace_id' and table_type = 'BASE TABLE'",
    )
    .await;
    assert_eq!(tables.len(), 74, "73 of a workspace, and the memberships");
    for table in tables {
        let sql = format!("select count(*)::text from {table} where workspace_id = '{a}'");
        assert_eq!(string(db, &sql).await, "0", "{table}");
    }
    let orders = string(db, "select count(*)::text from orders").await;
    assert_eq!(orders, "3", "the other workspace keeps its rows");

    let u3 = id("u3");
    run(db, &format!("delete from users where id = '{u3}'")).await;
    assert_eq!(string(db, "select count(*)::text from orders").await, "0");
}
