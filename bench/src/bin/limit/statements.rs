//! The statements: as an expert would write each for its question.

use tokio_postgres::{Client, Config, NoTls, Statement};

const ORDER: &str = "select id, order_number, status::text, total_amount::text, order_date, customer_id from orders where workspace_id = $1 and";

/// The words and beginnings of the last one, in all their forms and as they are written; then what
/// is written alike.
const SEARCH: &str = "
    with typed as materialized (
        select array_agg(word order by length(word) desc, word) as typed from regexp_split_to_table($2, ' ') word
    ), sought as materialized (
        select words, quote_literal($1::uuid::text)::tsquery && words as condition
        from (select (websearch_to_tsquery('english', $2)::text || ':*')::tsquery
            || (websearch_to_tsquery('simple', $2)::text || ':*')::tsquery as words) w
    )
    select id, title from products
    where workspace_id = $1 and (search @@ (select condition from sought) 
        or search_names %> (select typed[1] from typed)
            and (select bool_and(search_names %> word) from unnest((select typed from typed)) word))
    order by (case when search @@ (select words from sought) then 1 + ts_rank(search, (select words from sought), 1)
        else 0.99 * (select avg(word_similarity(word, search_names))::real from unnest((select typed from typed)) word) end)::float8 desc, id desc
    limit 20";

/// A connection and what is prepared on it.
pub struct Prepared {
    pub client: Client,
    pub point: Statement,
    pub flat: Statement,
    pub customers: Statement,
    pub orders_of_customers: Statement,
    pub items_of_orders: Statement,
    pub variants: Statement,
    pub latest: Statement,
    pub buyers: Statement,
    pub all_items_of_orders: Statement,
    pub count: Statement,
    pub statuses: Statement,
    pub months: Statement,
    pub related: Statement,
    pub search: Statement,
    pub settings: Statement,
    pub insert: Statement,
    pub update: Statement,
    pub bulk: Statement,
    pub insert_items: Statement,
}

impl Prepared {
    pub async fn open(url: &str) -> anyhow::Result<Self> {
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
            statuses: client
                .prepare(
                    "select status::text, count(*), sum(total_amount)::text from orders \
                     where workspace_id = $1 group by orders.status order by orders.status",
                )
                .await?,
            months: client
                .prepare(
                    "select date_trunc('month', order_date, 'UTC'), sum(total_amount)::text from orders \
                     where workspace_id = $1 group by 1 order by 1",
                )
                .await?,
            related: client
                .prepare(
                    "select o.id, o.order_number, o.total_amount::text from orders o \
                     where o.workspace_id = $1 and o.id > $2 \
                     and exists (select from customers c where c.workspace_id = $1 and c.id = o.customer_id and c.vip_status) \
                     and exists (select from order_items i where i.workspace_id = $1 and i.order_id = o.id and i.quantity > $3) \
                     order by o.id limit 20",
                )
                .await?,
            search: client.prepare(SEARCH).await?,
            settings: client
                .prepare(
                    "select set_config('app.workspace_id', $1, true), set_config('app.user_id', $2, true), \
                     set_config('app.role', 'owner', true), set_config('app.operation', $3, true), \
                     set_config('app.request_id', $4, true)",
                )
                .await?,
            insert: client
                .prepare(
                    "insert into orders (workspace_id, id, customer_id, order_number, total_amount) \
                     values ($1, $2, $3, $4, $5::text::numeric) \
                     returning id, order_number, status::text, total_amount::text, order_date, customer_id",
                )
                .await?,
            update: client
                .prepare(
                    "update orders set status = $3::text::order_status, total_amount = $4::text::numeric \
                     where workspace_id = $1 and id = $2 \
                     returning id, order_number, status::text, total_amount::text, order_date, customer_id",
                )
                .await?,
            bulk: client
                .prepare(
                    "insert into orders (workspace_id, id, customer_id, order_number, total_amount) \
                     select $1, n.id, n.customer, n.number, n.total::numeric \
                     from unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[]) n(id, customer, number, total) \
                     returning id, order_number",
                )
                .await?,
            insert_items: client
                .prepare(
                    "insert into order_items (workspace_id, id, order_id, product_variant_id, quantity, unit_price, total_amount) \
                     select $1, n.id, $2, n.variant, n.quantity, n.price::numeric, n.total::numeric \
                     from unnest($3::uuid[], $4::uuid[], $5::int[], $6::text[], $7::text[]) n(id, variant, quantity, price, total) \
                     returning quantity, unit_price::text, total_amount::text",
                )
                .await?,
            client,
        })
    }
}
