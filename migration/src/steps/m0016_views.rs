//! The four figures that are computed ahead, and the function that computes them anew.

use async_trait::async_trait;
use sea_orm_migration::{DbErr, MigrationName, MigrationTrait, SchemaManager};

use crate::step::run;
use crate::view::{REFRESHES_SQL, View, refresh_function_sql};

pub(crate) struct Views;

/// The views that subtract times.
pub(crate) const OF_DURATIONS: [View; 2] = [CUSTOMER_LIFETIME_VALUE, AGENT_PERFORMANCE];

pub(crate) const VIEWS: [View; 4] = [
    CUSTOMER_LIFETIME_VALUE,
    PRODUCT_PERFORMANCE_SUMMARY,
    AGENT_PERFORMANCE,
    MONTHLY_USAGE,
];

pub(crate) fn names() -> Vec<&'static str> {
    VIEWS.iter().map(|view| view.name).collect()
}

impl MigrationName for Views {
    fn name(&self) -> &str {
        "m0016_views"
    }
}

#[async_trait]
impl MigrationTrait for Views {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut sql = REFRESHES_SQL.to_owned();
        sql.extend(VIEWS.iter().map(View::create_sql));
        sql += &refresh_function_sql(&VIEWS);
        run(manager, &sql).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut sql = "drop function app.refresh_views();\n".to_owned();
        sql.extend(VIEWS.iter().rev().map(View::drop_sql));
        sql += "drop table mv.refreshes;\n";
        run(manager, &sql).await
    }
}

const CUSTOMER_LIFETIME_VALUE: View = View {
    name: "customer_lifetime_value",
    description: "What a customer has bought so far, by currency; computed hourly.",
    columns: &[
        ("customer_id", "Customer who bought."),
        ("currency", "Currency of the amounts, as its ISO 4217 code; XXX if nothing was bought."),
        ("orders_count", "Number of orders that were not cancelled."),
        ("items_count", "Number of pieces ordered."),
        ("gross_revenue", "Sum of the orders, in this currency."),
        ("refunded_amount", "Money refunded to the customer, in this currency."),
        ("net_revenue", "Sum of the orders less refunds, in this currency."),
        ("average_order_value", "Mean total of an order, in this currency; null without orders."),
        ("first_order_date", "When the customer first ordered."),
        ("last_order_date", "When the customer last ordered."),
        ("lifespan_days", "Days from the first to the last order; null if one of them is infinite."),
    ],
    key: "customer_id, currency",
    key_nulls_equal: false,
    query: "
with sales as (
  select workspace_id, customer_id, currency, count(*) as orders_count, sum(total_amount) as gross_revenue,
      min(order_date) as first_order_date, max(order_date) as last_order_date
    from public.orders
    where status <> 'cancelled' and customer_id is not null
    group by workspace_id, customer_id, currency
), pieces as (
  select o.workspace_id, o.customer_id, o.currency, sum(i.quantity) as items_count
    from public.orders o
    join public.order_items i on i.workspace_id = o.workspace_id and i.order_id = o.id
    where o.status <> 'cancelled' and o.customer_id is not null
    group by o.workspace_id, o.customer_id, o.currency
), refunds as (
  select workspace_id, customer_id, currency, sum(amount) as refunded_amount
    from public.transactions
    where type = 'refund' and customer_id is not null
    group by workspace_id, customer_id, currency
)
select c.workspace_id, c.id, coalesce(s.currency, 'XXX')::varchar(3),
    coalesce(s.orders_count, 0), coalesce(p.items_count, 0),
    coalesce(s.gross_revenue, 0), coalesce(r.refunded_amount, 0),
    coalesce(s.gross_revenue, 0) - coalesce(r.refunded_amount, 0),
    round(s.gross_revenue / s.orders_count, 2),
    s.first_order_date, s.last_order_date,
    case when isfinite(s.first_order_date) and isfinite(s.last_order_date)
      then extract(day from s.last_order_date - s.first_order_date)::integer end
  from public.customers c
  left join sales s on s.workspace_id = c.workspace_id and s.customer_id = c.id
  left join pieces p on p.workspace_id = s.workspace_id and p.customer_id = s.customer_id and p.currency = s.currency
  left join refunds r on r.workspace_id = s.workspace_id and r.customer_id = s.customer_id and r.currency = s.currency",
};

const PRODUCT_PERFORMANCE_SUMMARY: View = View {
    name: "product_performance_summary",
    description: "How a product has sold so far, by currency; computed hourly. What has no currency repeats on each row of the product.",
    columns: &[
        ("product_id", "Product that was sold."),
        ("currency", "Currency of the amounts, as its ISO 4217 code; XXX if nothing was sold."),
        ("orders_count", "Number of orders with the product that were not cancelled."),
        ("units_sold", "Number of pieces sold."),
        ("gross_revenue", "Pieces times price before discount, in this currency."),
        ("discount_total", "Discounts on its lines, in this currency."),
        ("cost_of_goods", "Cost of the pieces sold as far as known, taken in this currency."),
        ("gross_margin", "Revenue less discounts and cost, in this currency; null where a cost is unknown."),
        ("average_unit_price", "Mean price of one piece before discount, in this currency; null if none was sold."),
        ("last_sold_at", "When it was last ordered."),
        ("views", "How often it was looked at."),
        ("add_to_carts", "How often it was put into a cart."),
        ("purchases", "How often it was bought, as counted with the views."),
        ("review_count", "Number of reviews."),
        ("quantity_available", "Pieces that can be sold, over all variants and locations."),
        ("quantity_reserved", "Pieces held for orders, over all variants and locations."),
        ("conversion_rate", "Share of views that led to a purchase; null without views."),
        ("average_rating", "Mean stars of its reviews; null without reviews."),
    ],
    key: "product_id, currency",
    key_nulls_equal: false,
    query: "
with sales as (
  select p.workspace_id, p.id as product_id, o.currency,
      count(distinct o.id) as orders_count, sum(i.quantity) as units_sold,
      sum(i.quantity * i.unit_price) as gross_revenue, sum(i.discount_amount) as discount_total,
      coalesce(sum(i.quantity * coalesce(v.cost, p.cost)), 0) as cost_of_goods,
      bool_and(coalesce(v.cost, p.cost) is not null) as cost_is_known,
      max(o.order_date) as last_sold_at
    from public.products p
    join public.product_variants v on v.workspace_id = p.workspace_id and v.product_id = p.id
    join public.order_items i on i.workspace_id = v.workspace_id and i.product_variant_id = v.id
    join public.orders o on o.workspace_id = i.workspace_id and o.id = i.order_id
    where o.status <> 'cancelled'
    group by p.workspace_id, p.id, o.currency
), visits as (
  select workspace_id, product_id, sum(views) as views, sum(add_to_carts) as add_to_carts, sum(purchases) as purchases
    from public.product_metrics
    group by workspace_id, product_id
), opinions as (
  select workspace_id, product_id, count(*) as review_count, avg(rating) as average_rating
    from public.reviews
    group by workspace_id, product_id
), stock as (
  select v.workspace_id, v.product_id,
      sum(l.quantity_available) as quantity_available, sum(l.quantity_reserved) as quantity_reserved
    from public.product_variants v
    join public.inventory_levels l on l.workspace_id = v.workspace_id and l.product_variant_id = v.id
    group by v.workspace_id, v.product_id
)
select p.workspace_id, p.id, coalesce(s.currency, 'XXX')::varchar(3),
    coalesce(s.orders_count, 0), coalesce(s.units_sold, 0),
    coalesce(s.gross_revenue, 0), coalesce(s.discount_total, 0), coalesce(s.cost_of_goods, 0),
    case when s.product_id is null then 0
      when s.cost_is_known then s.gross_revenue - s.discount_total - s.cost_of_goods end,
    round(s.gross_revenue / nullif(s.units_sold, 0), 2),
    s.last_sold_at,
    coalesce(m.views, 0), coalesce(m.add_to_carts, 0), coalesce(m.purchases, 0), coalesce(r.review_count, 0),
    coalesce(t.quantity_available, 0), coalesce(t.quantity_reserved, 0),
    round(m.purchases::numeric / nullif(m.views, 0), 4),
    round(r.average_rating, 2)
  from public.products p
  left join sales s on s.workspace_id = p.workspace_id and s.product_id = p.id
  left join visits m on m.workspace_id = p.workspace_id and m.product_id = p.id
  left join opinions r on r.workspace_id = p.workspace_id and r.product_id = p.id
  left join stock t on t.workspace_id = p.workspace_id and t.product_id = p.id",
};

const AGENT_PERFORMANCE: View = View {
    name: "agent_performance",
    description: "What an agent has done so far; computed hourly.",
    columns: &[
        ("agent_id", "Agent that did it."),
        ("tasks_assigned", "Number of tasks given to it."),
        ("tasks_completed", "Number of its tasks that are done."),
        ("tasks_within_sla", "Number of its tasks that were done in time."),
        ("interactions_count", "Number of contacts with customers that it took part in."),
        ("messages_count", "Number of support messages that it wrote."),
        ("executions_count", "Number of runs of its skills."),
        ("executions_failed", "Number of runs that failed."),
        ("tokens_used", "Tokens of the model used, in and out."),
        ("average_task_seconds", "Mean time from start to end of a task, in seconds; null if none is done."),
        ("average_sentiment_score", "Mean tone of its contacts, -1 (bad) to 1 (good); null if unknown."),
        ("average_response_time_ms", "Mean time taken to answer in support, in milliseconds; null if unknown."),
        ("execution_cost", "Cost of its runs, to a millionth of the currency unit."),
        ("average_quality_score", "Mean quality of its runs as scored by the reviewing model, on its scale; null if none was scored."),
        ("attributed_revenue", "Revenue credited to it, by currency code."),
    ],
    key: "agent_id",
    key_nulls_equal: false,
    query: "
with work as (
  select workspace_id, assigned_agent_id as agent_id, count(*) as assigned, count(completed_at) as completed,
      count(*) filter (where completed_at <= coalesce(started_at, created_at) + make_interval(mins => sla_minutes)) as in_time,
      avg(extract(epoch from completed_at - coalesce(started_at, created_at)))
        filter (where isfinite(completed_at) and isfinite(coalesce(started_at, created_at))) as seconds
    from public.tasks
    group by workspace_id, assigned_agent_id
), contacts as (
  select workspace_id, agent_id, count(*) as contacts, avg(sentiment_score) as sentiment
    from public.customer_interactions
    where agent_id is not null
    group by workspace_id, agent_id
), messages as (
  select workspace_id, agent_id, count(*) as messages, avg(response_time_ms) as response_time
    from public.support_messages
    where agent_id is not null
    group by workspace_id, agent_id
), runs as (
  select workspace_id, agent_id, count(*) as runs, count(*) filter (where status = 'failed') as failed,
      sum(tokens_used) as tokens, sum(cost) as cost, avg(quality_score) as quality
    from public.agent_executions
    where agent_id is not null
    group by workspace_id, agent_id
), shares as (
  select a.workspace_id, a.agent_id, t.currency, round(sum(t.amount * a.attribution_percentage / 100), 2) as amount
    from public.revenue_attributions a
    join public.transactions t on t.workspace_id = a.workspace_id and t.id = a.transaction_id
      and t.transaction_date = a.transaction_date
    where t.type = 'revenue'
    group by a.workspace_id, a.agent_id, t.currency
), earnings as (
  select workspace_id, agent_id, jsonb_object_agg(currency, amount) as revenue
    from shares
    group by workspace_id, agent_id
)
select a.workspace_id, a.id,
    coalesce(w.assigned, 0), coalesce(w.completed, 0), coalesce(w.in_time, 0),
    coalesce(c.contacts, 0), coalesce(m.messages, 0),
    coalesce(r.runs, 0), coalesce(r.failed, 0), coalesce(r.tokens, 0),
    round(w.seconds, 3), round(c.sentiment, 4), round(m.response_time, 2),
    coalesce(r.cost, 0), round(r.quality, 2), coalesce(e.revenue, '{}')
  from public.agents a
  left join work w on w.workspace_id = a.workspace_id and w.agent_id = a.id
  left join contacts c on c.workspace_id = a.workspace_id and c.agent_id = a.id
  left join messages m on m.workspace_id = a.workspace_id and m.agent_id = a.id
  left join runs r on r.workspace_id = a.workspace_id and r.agent_id = a.id
  left join earnings e on e.workspace_id = a.workspace_id and e.agent_id = a.id",
};

const MONTHLY_USAGE: View = View {
    name: "monthly_usage",
    description: "What a user's runs cost in a month; computed hourly, seen by that user, owners and admins.",
    columns: &[
        ("user_id", "User who caused the cost; null if the workspace did."),
        ("month", "First day of the month, UTC."),
        ("total_cost", "Cost of the month, to a millionth of the currency unit."),
        ("total_tokens", "Tokens of the models used, in and out."),
        ("execution_count", "Number of usage records."),
    ],
    key: "user_id, month",
    key_nulls_equal: true,
    query: "
select workspace_id, user_id, date_trunc('month', recorded_at at time zone 'UTC')::date,
    sum(amount), coalesce(sum(tokens), 0), count(*)
  from public.usage_records
  group by 1, 2, 3",
};
