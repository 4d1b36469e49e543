//! Databases of older versions are brought to the form of a new one.

use sqlx::Connection;

use super::{connect, run, string, strings};

/// Undoes the steps from this one on, and says how many there were.
pub async fn down_to_before(url: &str, step: &str) -> usize {
    let known = migration::known();
    let from = known.iter().position(|name| name == step);
    let pending = migration::pending(url).await.expect("pending").len();
    let steps = known.len() - pending - from.expect("a step");
    let undone = migration::down(url, Some(steps as u32)).await;
    assert_eq!(undone.expect("down").len(), steps);
    steps
}

/// Takes away what `m0022_derived` and `m0023_refreshes` add, but for the views of schema `read`.
const WITHOUT_DERIVED: &str = "
set role model_owner;
alter table users drop column display_name;
alter table inventory_levels drop column quantity_on_hand;
do $$
declare
  one record;
begin
  for one in
    select c.relname, string_agg(a.attname, ', ' order by a.attnum) as columns from pg_class c
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
      where c.relnamespace = 'mv'::regnamespace and c.relkind = 'm' group by 1
  loop
    execute format('drop view public.%1$I; create view public.%1$I as select %2$s from mv.%1$I where workspace_id = app.workspace_id()%3$s',
      one.relname, one.columns, case one.relname when 'monthly_usage' then ' and (user_id = app.user_id() or app.sees_all())' else '' end);
  end loop;
end
$$;
drop table mv.refreshes;
reset role;";

/// Takes a migrated database without rows back to the form of before schema `read`, where an index
/// of a list did not end in the id, and brings it up again.
pub async fn from_before_reading(url: &str) {
    let mut db = connect(url).await;
    let definitions = "select pg_get_indexdef(indexrelid) from pg_index join pg_class c on c.oid = indrelid \
        where c.relnamespace = 'public'::regnamespace order by 1";
    // Those of searches go with their columns.
    let objects = "select oid::text from pg_class where relkind in ('i', 'I') and relnamespace = 'public'::regnamespace \
        and relname !~ '_search(_names)?$' order by 1";
    let (expected, before) = (
        strings(&mut db, definitions).await,
        strings(&mut db, objects).await,
    );
    db.close().await.expect("close");
    down_to_before(url, "m0020_reading").await;
    migration::up(url).await.expect("up");
    let mut db = connect(url).await;
    assert_eq!(
        strings(&mut db, objects).await,
        before,
        "no index is made twice"
    );
    db.close().await.expect("close");

    down_to_before(url, "m0020_reading").await;
    let mut db = connect(url).await;
    run(
        &mut db,
        "drop index ix_orders_status, ix_order_items_order_id, ix_products_tags, ix_transactions_transaction_date; \
         create index ix_orders_status on orders (workspace_id, status); \
         create index ix_transactions_transaction_date on transactions (workspace_id, transaction_date desc); \
         drop policy user_isolation on invoices",
    )
    .await;
    run(&mut db, WITHOUT_DERIVED).await;
    run(&mut db, "alter view monthly_usage set (security_barrier)").await;
    db.close().await.expect("close");
    migration::up(url).await.expect("up");
    let mut db = connect(url).await;
    assert_eq!(strings(&mut db, definitions).await, expected);
    db.close().await.expect("close");
}

/// Takes a migrated database without rows back to the form of before derived columns and the times
/// of refreshes, where schema `read` is, and brings it up again.
pub async fn from_before_derived(url: &str) {
    let views = "select relname || ': ' || pg_get_viewdef(oid) from pg_class where relkind = 'v' \
        and relnamespace in ('public'::regnamespace, 'read'::regnamespace) order by 1";
    let columns = "select attrelid::regclass || '.' || attname || ': ' || coalesce(pg_get_expr(adbin, adrelid), '') \
        || coalesce(col_description(attrelid, attnum), '') \
        from pg_attribute a join pg_class c on c.oid = attrelid left join pg_attrdef d on adrelid = attrelid and adnum = attnum \
        where c.relnamespace in ('public'::regnamespace, 'mv'::regnamespace) and attnum > 0 and not attisdropped order by 1";
    let indexes = "select indexdef from pg_indexes where schemaname = 'public' order by 1";
    let mut db = connect(url).await;
    let mut expected = Vec::new();
    for what in [views, columns, indexes] {
        expected.push(strings(&mut db, what).await);
    }
    db.close().await.expect("close");

    down_to_before(url, "m0022_derived").await;
    let mut db = connect(url).await;
    run(
        &mut db,
        "drop view read.users, read.inventory_levels, read.customer_lifetime_value, \
         read.product_performance_summary, read.agent_performance, read.monthly_usage",
    )
    .await;
    run(&mut db, WITHOUT_DERIVED).await;
    run(
        &mut db,
        "set role model_owner; create view read.users as select id, full_name from users; \
        create view read.monthly_usage as select month from monthly_usage",
    )
    .await;
    db.close().await.expect("close");
    migration::up(url).await.expect("up");
    let mut db = connect(url).await;
    for (what, expected) in [views, columns, indexes].into_iter().zip(expected) {
        assert_eq!(strings(&mut db, what).await, expected);
    }
    let unknown = "select count(*)::text from mv.refreshes";
    assert_eq!(string(&mut db, unknown).await, "0", "nobody knows the time");
    run(&mut db, "select app.refresh_views()").await;
    assert_eq!(string(&mut db, unknown).await, "4");
    db.close().await.expect("close");
}

/// Undoes the step that binds writing to roles, and makes it again over what an older program left:
/// rights on whole tables, and an older function.
pub async fn from_before_writing(url: &str) {
    let objects = [
        "select tablename || ' ' || policyname || ' ' || permissive || ' ' || cmd || coalesce(qual, '') || coalesce(with_check, '') \
         from pg_policies where schemaname in ('public', 'app') order by 1",
        "select pg_get_triggerdef(oid) from pg_trigger where not tgisinternal order by 1",
        "select oid::regprocedure || ' ' || prosrc || coalesce(proconfig::text, '') || coalesce(proacl::text, '') \
         from pg_proc where pronamespace = 'app'::regnamespace order by 1",
        "select c.oid::regclass || ' ' || coalesce(c.relacl::text, '') || coalesce(string_agg(a.attname || a.attacl::text, ' ' order by a.attnum), '') \
         from pg_class c left join pg_attribute a on a.attrelid = c.oid and a.attacl is not null \
         where c.relnamespace in ('public'::regnamespace, 'app'::regnamespace) group by c.oid, c.relacl order by 1",
    ];
    let read = async |what: &str| {
        let mut db = connect(url).await;
        let found = strings(&mut db, what).await;
        db.close().await.expect("close");
        found
    };
    let mut expected = Vec::new();
    for what in objects {
        expected.push(read(what).await);
    }
    down_to_before(url, "m0025_writing").await;
    let left = read("select proname::text from pg_proc where pronamespace = 'app'::regnamespace and proname ~ 'log|change|idempot' order by 1").await;
    assert_eq!(left, ["change_search_language"]);
    let mut db = connect(url).await;
    run(
        &mut db,
        "set role model_owner; grant insert, update, delete on workspace_members to gateway; \
         create or replace function app.ensure_partitions() returns integer language sql as $$ select 0 $$",
    )
    .await;
    let audited = "select count(*)::text from pg_trigger where tgname = 'audit'";
    assert_ne!(string(&mut db, audited).await, "0");
    db.close().await.expect("close");
    migration::up(url).await.expect("up");
    for (what, expected) in objects.into_iter().zip(expected) {
        assert_eq!(read(what).await, expected);
    }
}
