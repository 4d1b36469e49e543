//! The log of changes: what it says, what it hides, and that it stops nothing.

use sqlx::PgConnection;

use super::world::id;
use super::{begin_as, run, string, strings};

pub async fn check(db: &mut PgConnection) {
    says_who_and_what(db).await;
    says_which_request(db).await;
    ends_with_its_workspace(db).await;
    hides_secrets(db).await;
    compares_each_row_once(db).await;
    stops_nothing(db).await;
    stamps_each_change(db).await;
}

async fn says_who_and_what(db: &mut PgConnection) {
    begin_as(db, "a", "u2", "staff").await;
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
            format!("update|customers|{a}|{u2}|staff|{{\"first_name\": \"Ann\"}}"),
            format!("delete|order_payments|{payment}|{u2}|staff|40.00"),
        ]
    );
    run(db, "rollback").await;

    // Entries of a partitioned table carry the name of the table.
    let ledger = "select count(*)::text from audit_logs where resource_type = 'transactions'";
    assert_eq!(string(db, ledger).await, "4");
}

async fn says_which_request(db: &mut PgConnection) {
    let entries = "select concat_ws('|', action, resource_type, metadata ->> 'role', metadata ->> 'operation', metadata ->> 'requestId', \
        old_value::text, coalesce(new_value ->> 'name', new_value ->> 'content')) \
        from audit_logs where resource_type in ('genres', 'memory_chunks', 'system_events', 'record_labels') \
        order by resource_type, action";
    let a = id("a");
    let writes = format!(
        "insert into genres (workspace_id, name) values ('{a}', 'Jazz'), ('{a}', 'Soul'); \
         update genres set name = 'Bebop' where id = (select id from read.genres where name = 'Jazz'); \
         insert into memory_chunks (workspace_id, content, embedding) select '{a}', 'x', array_fill(0.1::real, array[768])::vector; \
         insert into system_events (workspace_id, event_type, message) values ('{a}', 'log', 'x'); \
         delete from record_labels"
    );
    begin_as(db, "a", "u1", "owner").await;
    run(db, &writes).await;
    run(db, "reset role").await;
    assert!(strings(db, entries).await.is_empty(), "no request wrote it");
    run(db, "rollback").await;

    begin_as(db, "a", "u1", "owner").await;
    run(db, "select set_config('app.request_id', 'r1', true), set_config('app.operation', 'AddGenres', true)").await;
    run(db, &writes).await;
    run(db, "reset role").await;
    assert_eq!(
        strings(db, entries).await,
        [
            "insert|genres|owner|AddGenres|r1|Jazz",
            "insert|genres|owner|AddGenres|r1|Soul",
            "update|genres|owner|AddGenres|r1|{\"name\": \"Jazz\"}|Bebop",
            "insert|memory_chunks|owner|AddGenres|r1|x",
        ]
    );
    let repeated = "select count(*)::text from audit_logs where new_value ?| '{search,search_names,search_language,embedding}'";
    assert_eq!(string(db, repeated).await, "0");
    run(db, "rollback").await;

    // Of somebody who is no member, the entry says who claims to be it.
    begin_as(db, "a", "u3", "owner").await;
    run(db, "update budgets set name = 'x'; insert into configurations (workspace_id, key, value) values (app.workspace_id(), 'k', '1'); reset role").await;
    let who = "select concat_ws('|', user_id, metadata ->> 'userId') from audit_logs where resource_type = 'configurations'";
    assert_eq!(string(db, who).await, id("u3"));
    run(db, "rollback").await;
}

async fn ends_with_its_workspace(db: &mut PgConnection) {
    let (a, b) = (id("a"), id("b"));
    let entries = format!("select count(*)::text from audit_logs where workspace_id = '{b}'");
    run(db, "begin; select set_config('app.request_id', 'r1', true)").await;
    let before = string(db, &entries).await;
    // Cascades delete rows and empty pointers of others.
    run(db, &format!("delete from workspaces where id = '{a}'")).await;
    let left = format!("select count(*)::text from audit_logs where workspace_id = '{a}'");
    assert_eq!(string(db, &left).await, "0");
    run(db, "savepoint kept; delete from workspaces; rollback to kept; update customers set first_name = 'Bea'").await;
    let after = string(db, &entries).await;
    assert_eq!(
        after.parse::<u32>().ok(),
        before.parse::<u32>().ok().map(|n| n + 1)
    );
    run(db, "rollback").await;
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

/// What compares old and new rows is planned as a nested loop by no plan that is kept from a statement
/// with one row, since that would compare each of thousands with all others.
async fn compares_each_row_once(db: &mut PgConnection) {
    let source = string(
        db,
        "select prosrc from pg_proc where oid = 'app.log_changes'::regproc",
    )
    .await;
    let join = source
        .split_once("from (select n.workspace_id")
        .and_then(|(_, rest)| rest.split_once(") j"))
        .map(|(inside, _)| {
            format!("select from (select n.workspace_id{inside}) j where j.former is not null")
        })
        .expect("the function joins old and new rows");
    run(
        db,
        &format!(
            "create temporary table compared (workspace_id uuid, id uuid);
             insert into compared select gen_random_uuid(), gen_random_uuid();
             create temporary table plan (line text);
             create function pg_temp.explain() returns trigger language plpgsql as $$
             declare left_out text[] := '{{}}'; line text;
             begin
               for line in explain {join} loop insert into plan values (line); end loop;
               return null;
             end $$;
             create trigger explain after update on compared referencing old table as old_rows new table as new_rows
               for each statement execute function pg_temp.explain();
             update compared set id = id;"
        ),
    )
    .await;
    let plan = strings(db, "select line from plan").await.join("\n");
    assert!(plan.contains("Full Join"), "{plan}");
    assert!(!plan.contains("Nested Loop"), "{plan}");
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
