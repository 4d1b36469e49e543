//! The migrated database against the rules of the model. The lists of exceptions may only shrink.

use std::collections::BTreeSet;

use sqlx::{Connection, PgConnection};

use crate::harness::database::seeded;
use crate::harness::run;

/// Tables without `workspace_id` in their key, because they are no workspace's.
const GLOBAL: [&str; 3] = ["users", "workspace_members", "workspaces"];

/// Runs a query and collects its first column.
async fn names(query: &'static str) -> BTreeSet<String> {
    let database = seeded().await;
    let rows = database.admin(query).await;
    rows.iter().map(|row| row.get::<String>(0)).collect()
}

fn assert_only(found: BTreeSet<String>, allowed: &[&str], rule: &str) {
    let allowed: BTreeSet<String> = allowed.iter().map(|&name| name.to_owned()).collect();
    assert_eq!(
        found, allowed,
        "{rule}; an exception that is gone must leave the list"
    );
}

#[test]
fn the_model_is_complete() {
    run(async {
        let count =
            |what: &'static str| async move { seeded().await.admin(what).await[0].get::<i64>(0) };
        assert_eq!(count("select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and c.relkind in ('r', 'p') and c.relname <> 'seaql_migrations'").await, 76);
        assert_eq!(count("select count(*) from pg_type t join pg_namespace n on n.oid = t.typnamespace where t.typtype = 'e' and n.nspname = 'public'").await, 45);
        assert_eq!(
            count("select count(*) from pg_matviews where schemaname = 'mv'").await,
            4
        );
    });
}

#[test]
fn every_workspace_table_has_the_composite_key() {
    run(async {
        let found = names(
            "select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where n.nspname = 'public' and c.relkind in ('r', 'p') and c.relname <> 'seaql_migrations'
             and not exists (
                select from pg_index i
                join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0] and a.attname = 'workspace_id'
                join pg_attribute b on b.attrelid = c.oid and b.attnum = i.indkey[1] and b.attname = 'id'
                where i.indrelid = c.oid and i.indisprimary)",
        )
        .await;
        assert_only(
            found,
            &GLOBAL,
            "the primary key begins with (workspace_id, id)",
        );
    });
}

#[test]
fn every_table_has_row_level_security_with_a_policy() {
    run(async {
        let found = names(
            "select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where n.nspname = 'public' and c.relkind in ('r', 'p') and c.relname <> 'seaql_migrations'
             and (not c.relrowsecurity or not exists (select from pg_policy p where p.polrelid = c.oid))",
        )
        .await;
        assert_only(found, &[], "row level security is on, with a policy");
        let found = names(
            "select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where n.nspname = 'public' and c.relkind in ('r', 'p') and c.relname <> 'seaql_migrations'
             and not exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'tenant_isolation' and p.polpermissive)",
        )
        .await;
        assert_only(
            found,
            &GLOBAL,
            "the policy of the workspace is tenant_isolation",
        );
    });
}

#[test]
fn every_foreign_key_has_an_index_led_by_the_workspace() {
    run(async {
        let found = names(
            "select c.relname || '.' || string_agg(a.attname, ',' order by k.place)
             from pg_constraint f
             join pg_class c on c.oid = f.conrelid
             join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
             cross join lateral unnest(f.conkey) with ordinality k(attnum, place)
             join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
             where f.contype = 'f' and f.conparentid = 0
             and not exists (
                select from pg_index i
                cross join lateral (select array_agg(col order by o) cols from unnest(i.indkey::int2[]) with ordinality x(col, o)) led
                join pg_attribute w on w.attrelid = c.oid and w.attname = 'workspace_id'
                where i.indrelid = c.oid and i.indpred is null
                -- the workspace first, then a column of the key
                and led.cols[1] = w.attnum
                and (f.conkey = array[w.attnum] or led.cols[2] = any(array_remove(f.conkey, w.attnum))))
             and not (c.relname in ('users', 'workspaces', 'workspace_members'))
             group by c.relname, f.oid",
        )
        .await;
        assert_only(
            found,
            &[],
            "a foreign key has an index that begins with workspace_id",
        );
    });
}

#[test]
fn the_gateway_reads_no_secret_and_no_partition() {
    run(async {
        let found = names(
            "select 'users.password_hash' where has_column_privilege('gateway', 'users', 'password_hash', 'select')
             union all select 'integrations.credentials' where has_column_privilege('gateway', 'integrations', 'credentials', 'select')
             union all select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where n.nspname in ('part', 'mv') and c.relkind in ('r', 'm') and has_table_privilege('gateway', c.oid, 'select')",
        )
        .await;
        assert_only(
            found,
            &[],
            "the gateway has no privilege on secrets, partitions and materialized views",
        );
        let found = names("select rolname::text from pg_roles where rolname = 'gateway' and (rolsuper or rolbypassrls)").await;
        assert_only(found, &[], "row level security binds the gateway");
    });
}

#[test]
fn migrating_twice_changes_nothing() {
    run(async {
        let database = crate::harness::database::create(None).await;
        database.db.close().await;
        let report = migration::up(&database.url).await.expect("a second run");
        assert!(report.applied.is_empty());
        assert!(
            migration::pending(&database.url)
                .await
                .expect("an answer")
                .is_empty()
        );
        let mut connection = PgConnection::connect(&database.url)
            .await
            .expect("a connection");
        sqlx::query("select 1")
            .execute(&mut connection)
            .await
            .expect("a healthy database");
        connection.close().await.expect("closed");
    });
}
