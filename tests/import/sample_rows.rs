//! Both workspaces of the sample together have a row of everything that the API shows, and the rows
//! that were invented fit together.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use sqlx::Connection;
use tessera::auth::issue;
use tessera::import::Silent;
use tessera::sample::{WORKSPACES, connect_as_owner, load};
use tessera::session::Role;
use tokio::sync::{Mutex, OnceCell};

use crate::harness::client::Client;
use crate::harness::database::{Database, create};
use crate::harness::{run, secret};

/// Queries that name what does not fit, one row for each.
const CONTRADICTIONS: [(&str, &str); 17] = [
    (
        "items add up to the subtotal of their order",
        "select o.order_number from orders o where o.subtotal_amount is not null
          and o.subtotal_amount <> (select sum(i.total_amount) from order_items i
            where i.workspace_id = o.workspace_id and i.order_id = o.id)",
    ),
    (
        "an item is its pieces less the discount",
        "select o.order_number from order_items i
          join orders o on o.workspace_id = i.workspace_id and o.id = i.order_id
          where o.subtotal_amount is not null and i.total_amount <> i.quantity * i.unit_price - i.discount_amount + i.tax_amount",
    ),
    (
        "the amounts of an order add up to its total",
        "select order_number from orders where subtotal_amount is not null
          and total_amount <> subtotal_amount + tax_amount + shipping_amount - discount_amount",
    ),
    (
        "what was paid is the total of the order",
        "select o.order_number from orders o
          where exists (select from order_payments p where p.workspace_id = o.workspace_id and p.order_id = o.id)
            and coalesce((select sum(p.amount) from order_payments p where p.workspace_id = o.workspace_id
              and p.order_id = o.id and p.status = 'completed'), 0)
            <> case when o.status in ('pending', 'cancelled') then 0 else o.total_amount end",
    ),
    (
        "the ledger has what was paid and refunded",
        "select o.order_number from orders o, unnest(array['completed', 'refunded']::payment_status[]) s
          where exists (select from order_payments p where p.workspace_id = o.workspace_id and p.order_id = o.id)
            and coalesce((select sum(p.amount) from order_payments p where p.workspace_id = o.workspace_id
              and p.order_id = o.id and p.status = s), 0)
            <> coalesce((select sum(t.amount) from transactions t where t.workspace_id = o.workspace_id and t.order_id = o.id
              and t.currency = o.currency
              and t.type = case s when 'completed' then 'revenue' else 'refund' end::transaction_type), 0)",
    ),
    (
        "a shipment has the times of its status",
        "select s.tracking_number from shipments s join orders o on o.workspace_id = s.workspace_id and o.id = s.order_id
          where (s.status = 'preparing') <> (s.shipped_date is null) or (s.status = 'delivered') <> (s.actual_delivery is not null)
            or s.shipped_date < o.order_date or s.actual_delivery < s.shipped_date or s.estimated_delivery < s.shipped_date
            or o.status in ('pending', 'cancelled')",
    ),
    (
        "pieces on hand are those that came less those that went",
        "select v.sku from inventory_levels l join product_variants v on v.workspace_id = l.workspace_id and v.id = l.product_variant_id
          where l.quantity_on_hand <> (select sum(quantity_change) from inventory_transactions t
            where t.workspace_id = l.workspace_id and t.inventory_level_id = l.id)",
    ),
    (
        "budgets are spent by the ledger",
        "select b.name from budgets b where spent_amount <> coalesce((select sum(t.amount) from transactions t
          where t.workspace_id = b.workspace_id and t.type = 'expense' and t.category = b.category
            and extract(year from t.transaction_date) = b.fiscal_year and extract(month from t.transaction_date) = b.fiscal_month), 0)",
    ),
    (
        "days of support are those of the conversations",
        "select m.metric_date::text from support_metrics m cross join lateral (
            select count(*) as all_of_it, count(*) filter (where status = 'resolved') as resolved,
              count(*) filter (where status = 'escalated') as escalated, round(avg(total_messages)) as length,
              round(avg(sentiment_score), 2) as sentiment,
              (select round(avg(s.response_time_ms)) from support_messages s
                join support_conversations c on c.workspace_id = s.workspace_id and c.id = s.conversation_id
                where s.workspace_id = m.workspace_id and (c.started_at at time zone 'UTC')::date = m.metric_date) as response,
              (select count(*) from support_feedback f
                join support_conversations c on c.workspace_id = f.workspace_id and c.id = f.conversation_id
                where f.rating = 'thumbs_up' and (c.started_at at time zone 'UTC')::date = m.metric_date) as up,
              (select count(*) from support_feedback f
                join support_conversations c on c.workspace_id = f.workspace_id and c.id = f.conversation_id
                where f.rating = 'thumbs_down' and (c.started_at at time zone 'UTC')::date = m.metric_date) as down,
              (select row(count(*), coalesce(sum(amount), 0.00)) from agent_actions a
                join support_conversations c on c.workspace_id = a.workspace_id and c.id = a.conversation_id
                where a.action_type = 'refund' and a.result = 'success'
                  and (c.started_at at time zone 'UTC')::date = m.metric_date) as refunds
            from support_conversations c
            where c.workspace_id = m.workspace_id and (c.started_at at time zone 'UTC')::date = m.metric_date) d
          where row(m.total_conversations, m.resolved_conversations, m.escalated_conversations, m.avg_conversation_length,
              m.avg_sentiment_score, m.avg_response_time_ms, m.thumbs_up_count, m.thumbs_down_count)
            is distinct from row(d.all_of_it::integer, d.resolved::integer, d.escalated::integer, d.length::integer,
              d.sentiment, d.response::integer, d.up::integer, d.down::integer)
            or row(m.total_refunds_processed::bigint, m.total_refund_amount) is distinct from d.refunds",
    ),
    (
        "a conversation has its messages",
        "select session_id from support_conversations c where total_messages <> (select count(*) from support_messages m
            where m.workspace_id = c.workspace_id and m.conversation_id = c.id)
          or (ended_at is null) <> (status = 'active') or escalated_to_human <> (status = 'escalated')",
    ),
    (
        "a case is resolved when its status says so",
        "select case_number from support_cases where (resolved_at is not null) <> (status in ('resolved', 'closed'))",
    ),
    (
        "a run has ended when its status says so",
        "select w.name from workflow_executions e join workflows w on w.workspace_id = e.workspace_id and w.id = e.workflow_id
          where (e.completed_at is not null) <> (e.status in ('complete', 'error')) or (e.progress_percentage = 100) <> (e.status = 'complete')
          union all select skill_id from agent_executions where (completed_at is not null) <> (status in ('completed', 'failed'))
          union all select task_type from tasks where (completed_at is not null) <> (status = 'completed')
          union all select title from moves where (completed_at is not null) <> (status = 'completed')",
    ),
    (
        "a workflow counts its runs",
        "select name from workflows w where execution_count <> (select count(*) from workflow_executions e
            where e.workspace_id = w.workspace_id and e.workflow_id = w.id)",
    ),
    (
        "a list counts its subscribers",
        "select name from email_lists l where subscriber_count <> (select count(*) from email_subscribers s
            where s.workspace_id = l.workspace_id and s.list_id = l.id and s.status = 'subscribed')",
    ),
    (
        "an invoice is what was paid, tax included",
        "select i.invoice_number from invoices i join subscription_payments p on p.workspace_id = i.workspace_id and p.id = i.payment_id
          where i.grand_total <> p.amount or i.total_gst <> p.gst_amount or i.subtotal + i.total_gst <> i.grand_total
            or p.gst_amount <> coalesce(p.cgst, 0) + coalesce(p.sgst, 0) + coalesce(p.igst, 0)
            or i.subtotal <> (select sum((line ->> 'amount')::numeric) from jsonb_array_elements(i.data -> 'lines') line)",
    ),
    (
        "usage is what the run used",
        "select u.execution_key from usage_records u join agent_executions e on e.workspace_id = u.workspace_id and e.id = u.agent_execution_id
          where (u.amount, u.tokens, u.skill_id, u.execution_key) is distinct from (e.cost, e.tokens_used, e.skill_id, e.execution_key)",
    ),
    (
        "invented addresses are under .example, others are those of imported customers and staff",
        "select a.email from (select email from suppliers union select email from email_subscribers
            union select email from users union select email from customers) a
          where a.email not like '%.example' and a.email not like '%.invalid' and a.email not like '%@chinookcorp.com'
            and not exists (select from customers c where c.email = a.email and c.workspace_id in
              (select id from workspaces where slug = 'record-store'))",
    ),
];

/// Pairs of columns of which the second is never before the first, in each table that has both.
const IN_TIME: [(&str, &str); 13] = [
    ("created_at", "updated_at"),
    ("created_at", "completed_at"),
    ("created_at", "resolved_at"),
    ("created_at", "approved_at"),
    ("started_at", "completed_at"),
    ("started_at", "ended_at"),
    ("start_date", "end_date"),
    ("period_start", "period_end"),
    ("current_period_start", "current_period_end"),
    ("effective_from", "effective_to"),
    ("subscribed_at", "unsubscribed_at"),
    ("generated_at", "sent_at"),
    ("created_at", "expires_at"),
];

async fn sample() -> &'static Mutex<Database> {
    static LOADED: OnceCell<Mutex<Database>> = OnceCell::const_new();
    let loaded = LOADED.get_or_init(|| async {
        let database = create(None).await;
        let mut connection = connect_as_owner(&database.url).await.expect("a connection");
        for sample in &WORKSPACES {
            let loaded = load(&mut connection, sample, &Silent).await;
            loaded.expect("the sample is loaded");
        }
        let refreshed = sqlx::query("select app.refresh_views()");
        refreshed
            .execute(&mut connection)
            .await
            .expect("the views are refreshed");
        connection.close().await.expect("the connection closes");
        Mutex::new(database)
    });
    loaded.await
}

#[test]
fn everything_that_the_api_shows_has_rows_in_the_sample() {
    run(async {
        let database = sample().await.lock().await;
        let client = Client::new(&database);
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for sample in &WORKSPACES {
            let roles = [(sample.slug, Role::Owner)];
            let token = issue(&secret(), sample.owner(), &roles, Duration::from_secs(3600));
            let token = token.expect("a token");
            for field in lists(&client, &token).await {
                let query = format!("{{ {field} {{ totalCount }} }}");
                let answer = client.query_as(&token, &query, json!({})).await;
                assert_eq!(answer.get("errors"), None, "{field}: {answer}");
                let count = answer["data"][&field]["totalCount"].as_u64();
                *counts.entry(field).or_default() += count.expect("a number");
            }
        }
        assert!(counts.len() >= 80, "all tables and views: {counts:?}");
        let empty: Vec<&String> = counts
            .iter()
            .filter(|(_, count)| **count == 0)
            .map(|(field, _)| field)
            .collect();
        assert_eq!(empty, Vec::<&String>::new());
    });
}

/// The root fields that list the rows of a table.
async fn lists(client: &Client, token: &str) -> Vec<String> {
    let query = "{ __schema { queryType { fields { name type { ofType { name } } } } } }";
    let answer = client.query_as(token, query, json!({})).await;
    let fields = answer["data"]["__schema"]["queryType"]["fields"].as_array();
    let is_list = |field: &&Value| {
        let name = field["type"]["ofType"]["name"].as_str();
        name.is_some_and(|name| name.ends_with("Connection"))
    };
    let fields = fields.expect("fields").iter().filter(is_list);
    let name = |field: &Value| field["name"].as_str().expect("a name").to_owned();
    fields.map(name).collect()
}

#[test]
fn the_invented_rows_fit_together() {
    run(async {
        let database = sample().await.lock().await;
        let mut found = Vec::new();
        for (rule, query) in CONTRADICTIONS {
            for row in ask(&database, query).await {
                found.push(format!("{rule}: {row}"));
            }
        }
        for (earlier, later) in IN_TIME {
            for table in tables_with(&database, earlier, later).await {
                let query = format!("select id::text from {table} where {later} < {earlier}");
                for row in ask(&database, &query).await {
                    found.push(format!("{table}: {later} is before {earlier}: {row}"));
                }
            }
        }
        assert_eq!(found, Vec::<String>::new());
    });
}

async fn tables_with(database: &Database, one: &str, other: &str) -> Vec<String> {
    let query = format!(
        "select c.table_name::text from information_schema.columns c
         join information_schema.columns d using (table_schema, table_name)
         join information_schema.tables t using (table_schema, table_name)
         where table_schema = 'public' and t.table_type = 'BASE TABLE' and c.column_name = '{one}' and d.column_name = '{other}'"
    );
    ask(database, &query).await
}

async fn ask(database: &Database, query: &str) -> Vec<String> {
    let query = format!("select found::text from ({query}) rows (found)");
    // The embedded server has one connection, which the gateway may hold.
    let rows = database.admin_of_gateway(&query).await;
    rows.iter().map(|row| row.get(0)).collect()
}
