//! The log of changes: what it says, what it hides, and that it stops nothing.

use sqlx::PgConnection;

use super::world::id;
use super::{begin_as, run, string, strings};

pub async fn check(db: &mut PgConnection) {
    says_who_and_what(db).await;
    hides_secrets(db).await;
    stops_nothing(db).await;
    stamps_each_change(db).await;
}

async fn says_who_and_what(db: &mut PgConnection) {
    begin_as(db, "a", "u2", "member").await;
    let (a, u2) = (id("a"), id("u2"));
    let sql = format!("update customers set first_name = 'Ann' where id = '{a}'");
    run(db, &sql).await;
    // A change that changes nothing is no entry.
    run(db, &sql).await;
    let sql = format!(
        "delete from order_payments where id in (select id from read.order_payments where order_id = '{a}')"
    );
    run(db, &sql).await;
    run(db, "reset role").await;
    let entries = strings(
        db,
        "select concat_ws('|', action, resource_type, resource_id, user_id, metadata ->> 'role', old_value ->> 'amount', old_value ->> 'first_name', new_value::text) \
         from audit_logs where user_id is not null order by resource_type",
    )
    .await;
    let payment = string(
        db,
        "select resource_id from audit_logs where action = 'delete' and resource_type = 'order_payments'",
    )
    .await;
    assert_eq!(
        entries,
        [
            format!("update|customers|{a}|{u2}|member|{{\"first_name\": \"Ann\"}}"),
            format!("delete|order_payments|{payment}|{u2}|member|40.00"),
        ]
    );
    run(db, "rollback").await;

    // Entries of a partitioned table carry the name of the table.
    let ledger = "select count(*)::text from audit_logs where resource_type = 'transactions'";
    assert_eq!(string(db, ledger).await, "4");
}

async fn hides_secrets(db: &mut PgConnection) {
    run(db, "begin; update integrations set credentials = '{\"key\": \"hunter2\"}'; update integrations set credentials = null").await;
    let found = "select count(*)::text from audit_logs where concat(old_value, new_value) ~ 'hunter2|\"key\"'";
    assert_eq!(string(db, found).await, "0");
    let marked = "select count(*)::text from audit_logs where resource_type = 'integrations' \
        and old_value ->> 'credentials' = '[redacted]' and new_value -> 'credentials' = 'null'";
    assert_eq!(string(db, marked).await, "2");
    run(db, "rollback").await;
}

async fn stops_nothing(db: &mut PgConnection) {
    let a = id("a");
    for user in ["", "no uuid", "00000000-0000-4000-8000-999999999999"] {
        let sql = format!(
            "begin; select set_config('app.user_id', '{user}', true); \
             insert into configurations (workspace_id, key, value) values ('{a}', 'k', '1')"
        );
        run(db, &sql).await;
        let author = "select user_id::text from audit_logs where resource_type = 'configurations'";
        assert_eq!(string(db, author).await, "", "{user}");
        run(db, "rollback").await;
    }
}

async fn stamps_each_change(db: &mut PgConnection) {
    let stamp = "select updated_at::text from goals";
    let a = id("a");
    let sql = format!(
        "begin; insert into goals (workspace_id, name, type, updated_at) values ('{a}', 'g', 'growth', '2100-01-01Z')"
    );
    run(db, &sql).await;
    let mut stamps = vec![string(db, stamp).await];
    for _ in 0..2 {
        run(db, "update goals set updated_at = '2000-01-01Z'").await;
        stamps.push(string(db, stamp).await);
    }
    assert!(stamps.is_sorted_by(|a, b| a < b), "{stamps:?}");
    run(db, "rollback").await;
}
