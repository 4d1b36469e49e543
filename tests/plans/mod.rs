//! How PostgreSQL plans what the gateway sends: by indexes, behind both locks, and also where it
//! does not know the values (a generic plan).
//!
//! A case is a query; its statements are taken from the gateway and explained as the gateway's
//! role. Beside this file stand the plans, one file a case; `UPDATE_GOLDEN=1 cargo test plans`
//! writes them, to be read before they are committed.

mod world;

use std::fmt::Write;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::json;
use tessera::db::Observer;
use tessera::engine::Limits;
use tessera::sql::{Statement, Value};

use crate::harness::client::Client;
use crate::harness::database::{Database, create};
use crate::harness::golden::Golden;
use crate::harness::run;
use crate::harness::seed::Side;

/// What a case is about, and how it must not be answered.
struct Case {
    name: &'static str,
    /// With a variable `$cursor`, it is asked twice: from the beginning, and from a cursor.
    query: &'static str,
    /// Parts of an index condition that must be in the plans, with the index.
    by: &'static [&'static str],
    /// Whether the few rows that an index finds are sorted.
    sorts: bool,
}

/// How a statement is planned: title in the golden file, setting of PostgreSQL.
const MODES: [(&str, &str); 2] = [
    ("where the values are known", "force_custom_plan"),
    ("where they are not", "force_generic_plan"),
];

#[rustfmt::skip]
const CASES: &[Case] = &[
    Case {
        name: "enum_equality",
        query: "{ orders(first: 10, where: { status: { eq: SHIPPED } }) { nodes { orderNumber } } }",
        by: &["using ix_orders_status", "status = "],
        sorts: false,
    },
    Case {
        name: "enum_count",
        query: "{ orders(where: { status: { eq: SHIPPED } }) { totalCount } }",
        by: &["ix_orders_status", "status = "],
        sorts: false,
    },
    Case {
        name: "decimal_range",
        query: "{ productVariants(where: { price: { gte: \"10\", lt: \"12\" } }) { nodes { sku price } } }",
        by: &["ix_product_variants_price", "price >= ", "price < "],
        sorts: true,
    },
    Case {
        name: "text_prefix",
        query: "{ products(where: { title: { startsWith: \"Title 12\" } }) { nodes { title } } }",
        by: &["ix_products_title_prefix", "title ~>=~ ", "title ~<~ "],
        sorts: true,
    },
    Case {
        name: "email_whatever_its_case",
        query: "{ customers(where: { email: { eq: \"Customer12@Example.com\", mode: INSENSITIVE } }) { nodes { email } } }",
        by: &["ix_customers_email_lower", "lower((email)::text) = "],
        sorts: true,
    },
    Case {
        name: "emails_whatever_their_case",
        query: "{ customers(where: { email: { in: [\"Customer12@Example.com\", \"x\"], mode: INSENSITIVE } }) { nodes { email } } }",
        by: &["ix_customers_email_lower", "lower((email)::text) = ANY"],
        sorts: true,
    },
    Case {
        name: "element_of_an_array",
        query: "{ products(where: { tags: { contains: [\"tag7\"] } }) { nodes { title } } }",
        by: &["ix_products_tags", "tags @> "],
        sorts: true,
    },
    Case {
        name: "key_of_json",
        query: "{ graphEntities(where: { properties: { hasKey: \"key7\" } }) { nodes { name } } }",
        by: &["ix_graph_entities_properties", "properties ? "],
        sorts: true,
    },
    Case {
        name: "neighbourhood",
        query: "{ graphEntities(first: 10) { nodes { neighbourhood(depth: 3, first: 10) { nodes { entity { name } } } } } }",
        by: &["using ix_graph_relationships_source_entity_id", "using ix_graph_relationships_target_entity_id", "using pk_graph_entities"],
        sorts: true,
    },
    Case {
        name: "path_inside_json",
        query: "{ orders(where: { shippingAddress: { path: { keys: [\"country\"], eq: \"Country 12\" } } }) { nodes { orderNumber } } }",
        by: &["ix_orders_shipping_address_country", "((shipping_address #> '{country}'::text[]) = "],
        sorts: false,
    },
    Case {
        name: "range_inside_json",
        query: "{ orders(where: { shippingAddress: { path: { keys: [\"country\"], gte: \"Country 12\", lt: \"Country 14\" } } }) { nodes { orderNumber } } }",
        by: &["ix_orders_shipping_address_country", "((shipping_address #> '{country}'::text[]) >= "],
        sorts: true,
    },
    Case {
        name: "words",
        query: "{ products(first: 10, search: { text: \"title 123\", typos: false }) { nodes { title } } }",
        by: &["ix_products_search", "search @@ "],
        sorts: true,
    },
    Case {
        name: "words_with_typos",
        query: "{ products(first: 10, search: { text: \"tittle 123\" }) { nodes { title } } }",
        by: &["ix_products_search", "search @@ ", "ix_products_search_names", "search_names %> "],
        sorts: true,
    },
    Case {
        name: "page_forward",
        query: "query ($cursor: String) { orders(first: 20, after: $cursor, orderBy: [{ orderDate: DESC }]) { nodes { orderNumber } pageInfo { endCursor } } }",
        by: &["using ix_orders_order_date", "ROW(order_date, id) < "],
        sorts: false,
    },
    Case {
        name: "page_backward",
        query: "query ($cursor: String) { orders(last: 20, before: $cursor, orderBy: [{ orderDate: DESC }]) { nodes { orderNumber } pageInfo { startCursor } } }",
        by: &["using ix_orders_order_date", "ROW(order_date, id) > "],
        sorts: false,
    },
    Case {
        name: "page_ascending",
        query: "query ($cursor: String) { orders(first: 20, after: $cursor, orderBy: [{ orderDate: ASC }]) { nodes { orderNumber } pageInfo { endCursor } } }",
        by: &["Scan Backward using ix_orders_order_date", "ROW(order_date, id) > "],
        sorts: false,
    },
    Case {
        name: "page_by_key",
        query: "query ($cursor: String) { orders(first: 20, after: $cursor) { nodes { orderNumber } pageInfo { endCursor } } }",
        by: &["using pk_orders", "(id > "],
        sorts: false,
    },
    Case {
        name: "page_of_each_parent",
        query: "{ customers(first: 20) { nodes { orders(first: 10, orderBy: [{ createdAt: DESC }]) { nodes { orderNumber } } } } }",
        by: &["using ix_orders_customer_id_created_at", "customer_id = "],
        sorts: false,
    },
    Case {
        name: "page_of_each_parent_by_key",
        query: "{ orders(first: 20) { nodes { items(first: 3) { nodes { quantity } } } } }",
        by: &["using ix_order_items_order_id", "order_id = "],
        sorts: false,
    },
    Case {
        name: "count_of_each_parent",
        query: "{ customers(first: 20) { nodes { orders { totalCount } } } }",
        by: &["ix_orders_customer_id_created_at", "customer_id = ANY"],
        sorts: false,
    },
    Case {
        name: "count",
        query: "{ orders { totalCount } }",
        by: &["workspace_id = "],
        sorts: false,
    },
    Case {
        name: "guarded_by_role",
        query: "{ supplierPrices(first: 5) { nodes { unitPrice variant { sku cost } } } }",
        by: &["using pk_supplier_prices", "using pk_product_variants"],
        sorts: false,
    },
    Case {
        name: "unique_key",
        query: "{ customerByEmail(email: \"customer12@example.com\") { firstName } }",
        by: &["using uq_customers_email", "email)::text = "],
        sorts: false,
    },
    Case {
        name: "related_row",
        query: "{ orders(where: { customer: { email: { eq: \"customer12@example.com\" } } }) { nodes { orderNumber } } }",
        by: &["using uq_customers_email", "using ix_orders_customer_id"],
        sorts: true,
    },
    Case {
        name: "related_row_at_depth",
        query: "{ orderItems(where: { order: { customer: { email: { eq: \"customer12@example.com\" } } } }) { nodes { quantity } } }",
        by: &["using uq_customers_email", "using ix_orders_customer_id"],
        sorts: true,
    },
    Case {
        name: "some_of_the_related_rows",
        query: "{ customers(first: 5, where: { orders: { some: { status: { eq: SHIPPED } } } }) { nodes { email } } }",
        by: &["Semi Join"],
        sorts: false,
    },
    Case {
        name: "none_of_the_related_rows",
        query: "{ customers(first: 5, where: { orders: { none: { status: { eq: SHIPPED } } } }) { nodes { email } } }",
        by: &["Anti Join"],
        sorts: false,
    },
    Case {
        name: "every_related_row",
        query: "{ customers(first: 5, where: { orders: { every: { status: { ne: SHIPPED } } } }) { nodes { email } } }",
        by: &["Anti Join"],
        sorts: false,
    },
    Case {
        name: "number_of_related_rows",
        query: "{ customers(first: 5, where: { orders: { aggregate: { count: { gte: 2 } } } }) { nodes { email } } }",
        by: &["Aggregate"],
        sorts: true,
    },
    Case {
        name: "ordered_by_a_related_row",
        query: "{ orders(first: 5, orderBy: [{ customer: { email: ASC } }]) { nodes { orderNumber } } }",
        by: &[],
        sorts: true,
    },
    Case {
        name: "ordered_by_a_sum_of_related_rows",
        query: "{ customers(first: 5, orderBy: [{ orders: { aggregate: { totalAmount: { sum: DESC_NULLS_LAST } } } }]) { nodes { email } } }",
        by: &["Aggregate"],
        sorts: true,
    },
    Case {
        name: "groups_by_month",
        query: "{ orders(where: { status: { eq: SHIPPED } }) { groups(by: [{ orderDate: { bucket: MONTH } }]) { nodes { count totalAmount { sum } } } } }",
        by: &["ix_orders_status", "Aggregate"],
        sorts: true,
    },
];

/// The statements of one query, with their values.
async fn statements(database: &Database, case: &Case) -> Vec<Statement> {
    let sent: Arc<Mutex<Vec<Statement>>> = Arc::default();
    let log = sent.clone();
    let observer: Observer = Arc::new(move |statement| {
        log.lock().expect("unlocked").push(statement.clone());
    });
    let engine = crate::harness::client::engine(Limits::default());
    let client = Client::with(database, engine, |gateway| {
        gateway.db = database.observed(observer);
    });
    let mut answer = client.query(Side::A, case.query, json!({})).await;
    assert_eq!(answer.get("errors"), None, "{}: {answer}", case.name);
    if case.query.contains("$cursor") {
        let info = &answer["data"]["orders"]["pageInfo"];
        let cursor = match case.query.contains("before") {
            true => info["startCursor"].clone(),
            false => info["endCursor"].clone(),
        };
        assert!(cursor.is_string(), "{answer}");
        sent.lock().expect("unlocked").clear();
        answer = client
            .query(Side::A, case.query, json!({"cursor": cursor}))
            .await;
        assert_eq!(answer.get("errors"), None, "{}: {answer}", case.name);
    }
    // A plan for rows that are not there says nothing.
    let text = answer["data"].to_string();
    assert!(
        !text.contains("[]") && !text.contains(":0") && !text.contains("null"),
        "{text}"
    );
    let sent = sent.lock().expect("unlocked");
    sent.clone()
}

/// The value as a literal, and its type.
fn literal(value: &Value) -> (String, &'static str) {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let list = |items: Vec<String>| format!("array[{}]", items.join(", "));
    match value {
        Value::Uuid(Some(id)) => (quoted(&id.to_string()), "uuid"),
        Value::Uuid(None) => ("null".to_owned(), "uuid"),
        Value::Uuids(ids) => (
            list(ids.iter().map(|id| quoted(&id.to_string())).collect()),
            "uuid[]",
        ),
        Value::Text(text) => (quoted(text), "text"),
        Value::Texts(texts) => (
            list(texts.iter().map(|text| quoted(text)).collect()),
            "text[]",
        ),
        Value::Json(text) => (quoted(text), "jsonb"),
        Value::Boolean(value) => (value.to_string(), "boolean"),
        Value::Int(number) => (number.to_string(), "integer"),
        Value::BigInt(number) => (number.to_string(), "bigint"),
        Value::Timestamp(at) => (
            format!("('2000-01-01T00:00:00Z'::timestamptz + {at} * '1 microsecond'::interval)"),
            "timestamptz",
        ),
        other => panic!("no literal for {other:?}"),
    }
}

/// The plan of a statement as the gateway's role in the workspace.
async fn explain(database: &Database, statement: &Statement, mode: &str) -> String {
    // It stays prepared on its connection after the end of the transaction.
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let name = format!("asked_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    let (values, types): (Vec<String>, Vec<&str>) = statement
        .values
        .iter()
        .map(|value| {
            let (text, kind) = literal(value);
            (format!("{text}::{kind}"), kind)
        })
        .unzip();
    let script = format!(
        "begin; set local role gateway; set local app.workspace_id = '{}'; set local app.user_id = '{}'; \
         set local app.role = 'owner'; set local plan_cache_mode = {mode}; \
         set local max_parallel_workers_per_gather = 0; set local timezone = 'UTC'; \
         prepare {name} ({}) as {}",
        Side::A.workspace(),
        Side::A.user(),
        types.join(", "),
        statement.text(),
    );
    let query = format!("explain (costs off) execute {name}({})", values.join(", "));
    let rows = database.admin_in(&script, &query).await;
    rows.iter().fold(String::new(), |mut plan, row| {
        let _ = writeln!(plan, "{}", row.get::<String>(0));
        plan
    })
}

#[test]
fn plans_use_the_indexes_behind_both_locks() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plans");
    let mut golden = Golden::new();
    run(async {
        let database = create(Some(world::fill)).await;
        // Besides the statistics this empties the lists of what is not yet in the GIN indexes.
        database.admin("vacuum analyze").await;
        // Nothing that only a superuser can do helps the planner.
        let helped = database
            .admin(
                "select rolname::text from pg_roles where rolname in ('model_owner', 'gateway') and rolsuper \
                 union all select oid::regprocedure::text from pg_proc where proleakproof and oid >= 16384",
            )
            .await;
        assert!(helped.is_empty());
        // Up to version 16 PostgreSQL plans in other ways.
        let version = database
            .admin("select current_setting('server_version_num')::integer")
            .await;
        let current = version[0].get::<i32>(0) >= 170_000;
        for case in CASES {
            let mut text = String::new();
            let mut plans = MODES.map(|_| String::new());
            for statement in statements(&database, case).await {
                let _ = writeln!(text, "{};", statement.text());
                for ((title, mode), plans) in MODES.iter().zip(&mut plans) {
                    let plan = explain(&database, &statement, mode).await;
                    let _ = write!(text, "\n-- {title}\n{plan}");
                    *plans += &plan;
                }
                text.push('\n');
            }
            for plan in &plans {
                let name = case.name;
                for part in case.by {
                    assert!(plan.contains(part), "{name}: `{part}` is not in\n{plan}");
                }
                assert!(!plan.contains("Seq Scan"), "{name} reads a table:\n{plan}");
                assert!(
                    case.sorts || !current || !plan.contains("Sort"),
                    "{name} sorts:\n{plan}"
                );
            }
            if current {
                golden.check(&folder.join(case.name).with_extension("txt"), &text);
            }
        }
    });
    golden.finish();
}
