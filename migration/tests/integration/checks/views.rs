//! The computed figures: right sums after a refresh, and only one's own.

use sqlx::PgConnection;

use super::{begin_as, run, string, strings};

pub async fn check(db: &mut PgConnection) {
    let customers = "select concat_ws('|', currency, orders_count, items_count, gross_revenue, refunded_amount, net_revenue, average_order_value, lifespan_days) from read.customer_lifetime_value";
    begin_as(db, "a", "u1", "owner").await;
    assert!(strings(db, customers).await.is_empty(), "not yet computed");
    run(
        db,
        "select app.refresh_views(); select app.refresh_views(); commit",
    )
    .await;

    begin_as(db, "a", "u1", "owner").await;
    assert_eq!(
        string(db, customers).await,
        "USD|2|2|100.00|15.00|85.00|50.00|10"
    );
    let times = "select concat_ws('|', count(*), count(refreshed_at), bool_and(refreshed_at between now() - interval '1 minute' and now())) from read.customer_lifetime_value";
    assert_eq!(string(db, times).await, "1|1|t");
    let products = "select concat_ws('|', currency, orders_count, units_sold, gross_revenue, discount_total, cost_of_goods, gross_margin, average_unit_price, quantity_available) from read.product_performance_summary order by currency";
    assert_eq!(
        strings(db, products).await,
        [
            "USD|1|2|40.00|3.00|10.00|27.00|20.00|7",
            "XXX|0|0|0|0|0|0|0"
        ]
    );
    let agents = "select concat_ws('|', tasks_assigned, tasks_completed, tasks_within_sla, average_task_seconds, attributed_revenue) from read.agent_performance order by tasks_assigned desc";
    assert_eq!(
        strings(db, agents).await,
        ["2|1|1|90.000|{\"USD\": 12.50}", "0|0|0|{}"]
    );
    let usage = "select concat_ws('|', month, total_cost, total_tokens, execution_count) from read.monthly_usage order by total_cost";
    assert_eq!(
        strings(db, usage).await,
        ["2024-05-01|0.250000|100|1", "2024-05-01|0.500000|0|1"]
    );
    run(db, "rollback").await;

    begin_as(db, "a", "u2", "member").await;
    assert!(strings(db, usage).await.is_empty(), "the usage of others");
    run(db, "rollback").await;
}
