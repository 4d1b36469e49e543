//! Partitions are made ahead, also where rows were there before them.

use sqlx::PgConnection;

use super::world::id;
use super::{begin_as, run, string, strings};

pub async fn check(db: &mut PgConnection) {
    made_ahead(db).await;
    strays_come_home(db).await;
}

async fn made_ahead(db: &mut PgConnection) {
    let names = strings(
        db,
        "select inhrelid::regclass::text from pg_inherits where inhparent in ('system_events'::regclass, 'transactions'::regclass) order by 1",
    )
    .await;
    let year: i32 = string(db, "select extract(year from now())::text")
        .await
        .parse()
        .expect("a year");
    let months = strings(
        db,
        "select 'part.system_events_' || to_char(now() at time zone 'UTC' + make_interval(months => n), 'YYYY_MM') from generate_series(0, 3) n",
    )
    .await;
    for month in &months {
        assert!(names.contains(month), "{month} is missing: {names:?}");
    }
    for year in 2009..=year + 2 {
        assert!(names.contains(&format!("part.transactions_{year}")));
    }
    assert!(names.contains(&"part.system_events_default".to_owned()));
    assert!(names.contains(&"part.transactions_default".to_owned()));

    let home = string(
        db,
        "select distinct tableoid::regclass::text from system_events",
    )
    .await;
    assert_eq!(home, months[0]);
    begin_as(db, "a", "u1", "owner").await;
    let made = "select app.ensure_partitions()::text";
    assert_eq!(string(db, made).await, "0", "all are there");
    run(db, "rollback").await;
}

async fn strays_come_home(db: &mut PgConnection) {
    let a = id("a");
    // As if the partition of 2024 had never been made, and an old one of the events neither.
    let sql = "begin;
        create temporary table kept on commit drop as select * from transactions where transaction_date >= '2024-01-01' and transaction_date < '2025-01-01';
        create temporary table shared on commit drop as select * from revenue_attributions;
        delete from revenue_attributions;
        delete from transactions where transaction_date >= '2024-01-01' and transaction_date < '2025-01-01';
        alter table transactions detach partition part.transactions_2024;
        drop table part.transactions_2024;
        insert into transactions select * from kept;
        insert into revenue_attributions select * from shared;
        delete from audit_logs;";
    run(db, sql).await;
    let month = string(db, "select to_char(now() at time zone 'UTC', 'YYYY_MM')").await;
    let sql = format!(
        "alter table system_events detach partition part.system_events_{month};
         drop table part.system_events_{month};
         insert into system_events (workspace_id, event_type, message) values ('{a}', 'log', 'stray')"
    );
    run(db, &sql).await;

    let homes = "select string_agg(distinct tableoid::regclass::text, ' ') from transactions";
    let rows = "select md5(string_agg(t::text, '|' order by id)) from transactions t";
    let shares = "select string_agg(transaction_id || ' ' || transaction_date, '|' order by id) from revenue_attributions";
    assert_eq!(string(db, homes).await, "part.transactions_default");
    let (rows_before, shares_before) = (string(db, rows).await, string(db, shares).await);
    assert!(!shares_before.is_empty());

    let made = string(db, "select app.ensure_partitions()::text").await;
    assert_eq!(made, "2");
    assert_eq!(string(db, homes).await, "part.transactions_2024");
    assert_eq!(string(db, rows).await, rows_before, "rows are unchanged");
    assert_eq!(string(db, shares).await, shares_before);
    let events = "select distinct tableoid::regclass::text from system_events";
    let home = format!("part.system_events_{month}");
    assert_eq!(strings(db, events).await, [home]);
    let noise = "select count(*)::text from audit_logs";
    assert_eq!(string(db, noise).await, "0", "a move is no change");

    // The log works again afterwards, in the new partition too.
    let sql = format!(
        "insert into transactions (workspace_id, type, category, amount, transaction_date) values ('{a}', 'expense', 'x', 1, '2024-12-31')"
    );
    run(db, &sql).await;
    assert_eq!(string(db, noise).await, "1");
    run(db, "rollback").await;
}
