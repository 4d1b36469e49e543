//! The log of changes: one row for each statement, table and workspace.

use sqlx::PgConnection;

use super::world::id;
use super::{begin_as, refused, run, string, strings};

const MINE: &str =
    "select concat_ws('|', table_name, op, rows, cardinality(ids)) from app.changes()";

pub async fn check(db: &mut PgConnection) {
    statements_are_told(db).await;
    cascades_are_told(db).await;
    others_are_not_told(db).await;
    languages_are_no_changes(db).await;
    read_in_order(db).await;
    hours_come_and_go(db).await;
}

async fn statements_are_told(db: &mut PgConnection) {
    let a = id("a");
    begin_as(db, "a", "u1", "owner").await;
    assert!(strings(db, MINE).await.is_empty());
    run(
        db,
        &format!(
            "insert into genres (workspace_id, name) select '{a}', 'g' || n from generate_series(1, 100) n; \
             insert into genres (workspace_id, name) select '{a}', 'h' || n from generate_series(1, 101) n; \
             update genres set description = 'x' where id in (select id from read.genres where name in ('g1', 'g2')); \
             update genres set description = 'x' where id is null; \
             delete from genres; delete from genres; \
             insert into genres (workspace_id, name) values ('{a}', 'g1') on conflict do nothing; \
             insert into genres (workspace_id, name) values ('{a}', 'g1') on conflict do nothing; \
             insert into transactions (workspace_id, type, category, amount, transaction_date) values ('{a}', 'revenue', 'x', 1, '2024-05-01')"
        ),
    )
    .await;
    assert_eq!(
        strings(db, MINE).await,
        [
            "genres|C|100|100",
            "genres|C|101",
            "genres|U|2|2",
            "genres|D|201",
            "genres|C|1|1",
            "transactions|C|1|1",
        ]
    );
    let ids = "select (ids[1] = (select id from read.genres))::text from app.changes() where table_name = 'genres' and rows = 1";
    assert_eq!(string(db, ids).await, "true");
    for sql in [
        "select from app.change_log",
        "insert into app.change_log (workspace_id, table_name, op, rows) values (app.workspace_id(), 'x', 'C', 1)",
        "select app.redacted('{}', '{}')",
    ] {
        assert_eq!(refused(db, sql).await, "42501", "{sql}");
    }
    run(db, "rollback").await;
}

async fn cascades_are_told(db: &mut PgConnection) {
    begin_as(db, "a", "u1", "owner").await;
    let a = id("a");
    run(
        db,
        &format!(
            "insert into customers (workspace_id, id, email) values ('{a}', '{a}', 'x@example.com') on conflict do nothing; \
             insert into customer_preferences (workspace_id, customer_id, preference_key, preference_value) \
               select '{a}', '{a}', n::text, 'x' from generate_series(1, 3) n; \
             delete from customers"
        ),
    )
    .await;
    let told = strings(db, &format!("{MINE} where op <> 'C' order by table_name")).await;
    assert_eq!(
        told,
        [
            "customer_preferences|D|3|3",
            "customers|D|1|1",
            "orders|U|3|3",
            "transactions|U|2|2",
        ]
    );
    run(db, "rollback").await;
}

async fn others_are_not_told(db: &mut PgConnection) {
    let (a, b) = (id("a"), id("b"));
    run(db, "begin; update products set title = 'x'; update workspaces set name = 'x'; update users set phone = '1'").await;
    for workspace in [&a, &b] {
        run(
            db,
            &format!("select set_config('app.workspace_id', '{workspace}', true)"),
        )
        .await;
        assert_eq!(
            strings(db, MINE).await,
            ["products|U|2|2", "workspaces|U|1|1"]
        );
        let own = format!(
            "select bool_and(ids = array['{workspace}'::uuid])::text from app.changes() where table_name = 'workspaces'"
        );
        assert_eq!(string(db, &own).await, "true");
    }
    run(db, "select set_config('app.workspace_id', '', true)").await;
    assert!(strings(db, MINE).await.is_empty());
    run(db, "rollback").await;
}

async fn languages_are_no_changes(db: &mut PgConnection) {
    begin_as(db, "a", "u1", "owner").await;
    run(db, "update workspaces set settings = '{\"searchLanguage\": \"simple\"}' where id = app.workspace_id()").await;
    assert_eq!(strings(db, MINE).await, ["workspaces|U|1|1"]);
    run(db, "rollback").await;
}

async fn read_in_order(db: &mut PgConnection) {
    let a = id("a");
    begin_as(db, "a", "u1", "owner").await;
    run(db, "update goals set name = 'x'; insert into genres (workspace_id, name) values (app.workspace_id(), 'one')").await;
    let since = |after: &str, most: u32| {
        format!(
            "select concat_ws('|', txid, seq, table_name, op) from app.changes_since({after}, {most})"
        )
    };
    let first = string(db, "select pg_current_xact_id()::text").await;
    let running = strings(db, &since("'0', 0", 100_000)).await;
    assert!(
        running
            .iter()
            .all(|line| !line.starts_with(&format!("{first}|"))),
        "not yet complete"
    );
    run(db, "commit").await;
    begin_as(db, "a", "u1", "owner").await;
    run(db, "insert into genres (workspace_id, name) values (app.workspace_id(), 'two'), (app.workspace_id(), 'three'); update genres set name = 'x' where id is null; delete from genres").await;
    let last = string(db, "select pg_current_xact_id()::text").await;
    run(db, "commit").await;
    // Transactions of other databases of the server hold the log up, too.
    let complete = format!(
        "select (pg_snapshot_xmin(pg_current_snapshot()) > '{last}')::text from pg_sleep(0.01)"
    );
    while string(db, &complete).await != "true" {}

    begin_as(db, "a", "u1", "owner").await;
    let before: u64 = first.parse().expect("a number");
    let cursor = format!("'{}', {}", before - 1, i64::MAX);
    let lines = strings(db, &since(&cursor, 10)).await;
    let told: Vec<String> = lines
        .iter()
        .map(|line| line.split('|').skip(2).collect::<Vec<_>>().join("|"))
        .collect();
    assert_eq!(told, ["genres|C", "genres|C", "genres|D"]);
    let parts: Vec<&str> = lines[0].split('|').collect();
    let next = strings(db, &since(&format!("'{}', {}", parts[0], parts[1]), 1)).await;
    assert_eq!(next, [lines[1].clone()]);
    run(db, "rollback").await;
    run(
        db,
        &format!(
            "begin; select set_config('app.workspace_id', '{}', true)",
            id("b")
        ),
    )
    .await;
    let foreign = format!("select count(*)::text from app.changes_since({cursor}, 10)");
    assert_eq!(string(db, &foreign).await, "0", "the changes of {a}");
    run(db, "rollback").await;
}

async fn hours_come_and_go(db: &mut PgConnection) {
    let parts = "select c.relname::text from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'app.change_log'::regclass order by 1";
    let home = "select distinct tableoid::regclass::text from app.change_log";
    run(db, "begin").await;
    assert!(
        string(db, home).await.starts_with("part.change_log_2"),
        "no row is in the default partition"
    );
    let ahead = strings(db, parts).await;
    assert!(ahead.len() > 6, "{ahead:?}");
    let old = "create table part.change_log_2020_01_01_00 partition of app.change_log for values from ('2020-01-01 00:00Z') to ('2020-01-01 01:00Z');
        insert into app.change_log (at, workspace_id, table_name, op, rows)
          select at::timestamptz, gen_random_uuid(), 'x', 'C', 1 from unnest(array['2020-01-01 00:30Z', '2020-02-01 00:00Z']) at";
    run(db, old).await;
    run(
        db,
        "set local role gateway; select app.rotate_change_log(); reset role",
    )
    .await;
    assert_eq!(strings(db, parts).await, ahead);
    let left = "select count(*)::text from app.change_log where at < '2021-01-01'";
    assert_eq!(string(db, left).await, "0");
    // Made anew where it is missing; changes that came before it stay where they are.
    let gone = &ahead[1];
    run(
        db,
        &format!("drop table part.{gone}; select app.rotate_change_log()"),
    )
    .await;
    assert_eq!(strings(db, parts).await, ahead);
    let current = string(
        db,
        "select to_char(now() at time zone 'UTC', '\"change_log_\"YYYY_MM_DD_HH24')",
    )
    .await;
    run(db, &format!("drop table part.{current}; update customers set first_name = 'x'; select app.rotate_change_log()")).await;
    assert_eq!(strings(db, parts).await.len(), ahead.len() - 1);
    assert_eq!(string(db, home).await, "part.change_log_default");
    run(db, "rollback").await;
}
