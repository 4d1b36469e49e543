//! Rows enough for the planner to prefer indexes: eight workspaces whose rows lie among each other.
//! No table has more rows than `analyze` looks at, so that the plans come out the same at each run.

use crate::harness::seed::{self, Side};

/// A script that fills the tables which the cases ask about.
pub fn fill() -> String {
    let owner = Side::A.user();
    let rows = |table: &str, count: usize, columns: &str, values: &str| {
        format!(
            "insert into {table} (workspace_id, id, {columns}) \
             select w.id, md5(w.id || '{table}' || n)::uuid, {values} \
             from workspaces w, generate_series(1, {count}) n order by n, w.id;\n"
        )
    };
    // A row of the parent for each row of the child, every so many times the same.
    let parent = |table: &str, count: usize| {
        format!("md5(w.id || '{table}' || (1 + n * 7 % {count}))::uuid")
    };
    let at = "timestamptz '2025-01-01Z' + make_interval(mins => n * 37 % 20000)";
    let mut script = seed::accounts();
    script += "set session_replication_role = replica;\n";
    script += &format!(
        "insert into workspaces (id, name, slug, owner_id) \
         select ('cccccccc-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'W' || n, 'w' || n, '{owner}' \
         from generate_series(1, 6) n;\n"
    );
    script += &rows(
        "customers",
        2000,
        "email, first_name, tags, lifetime_value, created_at",
        &format!("'customer' || n || '@example.com', 'C' || n, array['tag' || n % 200], n, {at}"),
    );
    script += &rows(
        "orders",
        3000,
        "customer_id, order_number, status, channel, total_amount, order_date, created_at, shipping_address",
        &format!(
            "{}, 'A-' || n, (enum_range(null::order_status))[1 + (n % 40) / 10], 'online', n % 500, {at}, {at}, jsonb_build_object('country', 'Country ' || n % 100)",
            parent("customers", 2000)
        ),
    );
    script += &rows(
        "order_items",
        3000,
        "order_id, quantity, unit_price, total_amount",
        &format!("{}, 1, n % 90, n % 90", parent("orders", 3000)),
    );
    script += &rows(
        "products",
        2000,
        "title, tags, base_price",
        "'Title ' || n, array['tag' || n % 200, 'all'], n",
    );
    script += &rows(
        "product_variants",
        2000,
        "product_id, sku, price, cost",
        &format!(
            "{}, 'SKU-' || n, n % 400, n % 300",
            parent("products", 2000)
        ),
    );
    script += &rows(
        "graph_entities",
        2000,
        "entity_type, name, properties",
        "(enum_range(null::graph_entity_type))[1], 'Thing ' || n, jsonb_build_object('key' || n % 200, n)",
    );
    script += &rows(
        "graph_relationships",
        3000,
        "source_entity_id, target_entity_id, relationship_type, strength",
        &format!(
            "{}, {}, 'type ' || n % 5, (n % 10) / 10.0",
            parent("graph_entities", 2000),
            "md5(w.id || 'graph_entities' || (1 + n * 11 % 2000))::uuid"
        ),
    );
    script += &rows(
        "supplier_prices",
        500,
        "supplier_id, unit_price, effective_from, product_variant_id",
        &format!(
            "w.id, n, '2025-01-01', {}",
            parent("product_variants", 2000)
        ),
    );
    script + "set session_replication_role = origin;\n"
}
