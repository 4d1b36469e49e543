//! What must hold of a migrated database, whichever server it lies on.

pub mod audit;
pub mod catalog;
pub mod partitions;
pub mod privileges;
pub mod views;
pub mod world;

use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};

/// Every check in turn, over one connection, on a database without rows.
pub async fn all(url: &str) {
    let mut db = connect(url).await;
    catalog::check(&mut db).await;
    world::fill(&mut db).await;
    privileges::check(&mut db).await;
    audit::check(&mut db).await;
    partitions::check(&mut db).await;
    views::check(&mut db).await;
    world::leave(&mut db).await;
    db.close().await.expect("close");
}

pub async fn up_down_up(url: &str) {
    let all = migration::pending(url).await.expect("pending at first");
    assert!(all.len() > 10);
    let report = migration::up(url).await.expect("up");
    assert_eq!(report.applied, all);
    assert!(migration::pending(url).await.expect("pending").is_empty());
    let again = migration::up(url).await.expect("up of a complete database");
    assert!(again.applied.is_empty());

    let undone = migration::down(url, Some(1)).await.expect("one step down");
    assert_eq!(undone.as_slice(), &all[all.len() - 1..]);
    assert_eq!(migration::pending(url).await.expect("pending"), undone);

    // A program of before schema `read` finds its rights again.
    let undone = migration::down(url, Some(1)).await.expect("another step");
    assert_eq!(undone.as_slice(), &all[all.len() - 2..all.len() - 1]);
    let mut db = connect(url).await;
    run(&mut db, "begin; set local role gateway; select order_number from orders; select full_name from users; \
        select * from monthly_usage; rollback").await;
    db.close().await.expect("close");

    let undone = migration::down(url, None).await.expect("all the way down");
    assert_eq!(undone.len(), all.len() - 2);
    let mut db = connect(url).await;
    let left = strings(
        &mut db,
        "select relname::text from pg_class where relnamespace = 'public'::regnamespace \
         union all select typname::text from pg_type where typnamespace = 'public'::regnamespace \
           and typname not in ('vector', '_vector', 'halfvec', '_halfvec', 'sparsevec', '_sparsevec') \
         union all select nspname::text from pg_namespace where nspname in ('app', 'mv', 'part', 'read')",
    )
    .await;
    assert!(left.is_empty(), "left behind: {left:?}");
    db.close().await.expect("close");

    assert!(migration::down(url, None).await.expect("down").is_empty());
    let report = migration::up(url).await.expect("up once more");
    assert_eq!(report.applied, all);
}

/// Takes a migrated database without rows back to the form of before schema `read`, where an index
/// of a list did not end in the id, and brings it up again.
pub async fn from_before_reading(url: &str) {
    let mut db = connect(url).await;
    let definitions = "select pg_get_indexdef(indexrelid) from pg_index join pg_class c on c.oid = indrelid \
        where c.relnamespace = 'public'::regnamespace order by 1";
    let objects = "select oid::text from pg_class where relkind in ('i', 'I') and relnamespace = 'public'::regnamespace order by 1";
    let (expected, before) = (
        strings(&mut db, definitions).await,
        strings(&mut db, objects).await,
    );
    db.close().await.expect("close");
    migration::down(url, Some(2)).await.expect("two steps down");
    migration::up(url).await.expect("up");
    let mut db = connect(url).await;
    assert_eq!(
        strings(&mut db, objects).await,
        before,
        "no index is made twice"
    );
    db.close().await.expect("close");

    migration::down(url, Some(2)).await.expect("two steps down");
    let mut db = connect(url).await;
    run(
        &mut db,
        "drop index ix_orders_status, ix_order_items_order_id, ix_products_tags, ix_transactions_transaction_date; \
         create index ix_orders_status on orders (workspace_id, status); \
         create index ix_transactions_transaction_date on transactions (workspace_id, transaction_date desc); \
         drop policy user_isolation on invoices; \
         alter view monthly_usage set (security_barrier)",
    )
    .await;
    db.close().await.expect("close");
    migration::up(url).await.expect("up");
    let mut db = connect(url).await;
    assert_eq!(strings(&mut db, definitions).await, expected);
    db.close().await.expect("close");
}

pub async fn connect(url: &str) -> PgConnection {
    PgConnection::connect(url).await.expect("connect")
}

/// Runs statements of which each must succeed.
pub async fn run(db: &mut PgConnection, sql: &str) {
    if let Err(error) = sqlx::raw_sql(AssertSqlSafe(sql)).execute(db).await {
        panic!("{error}\nin: {sql}");
    }
}

/// Runs a statement that must fail, and gives the code of its error.
pub async fn refused(db: &mut PgConnection, sql: &str) -> String {
    run(db, "savepoint before_refusal").await;
    let outcome = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *db).await;
    run(db, "rollback to before_refusal").await;
    let error = match outcome {
        Ok(done) => panic!("{} rows went through: {sql}", done.rows_affected()),
        Err(error) => error,
    };
    let code = error.as_database_error().and_then(|inner| inner.code());
    code.unwrap_or_default().into_owned()
}

/// The first column of all rows.
pub async fn strings(db: &mut PgConnection, sql: &str) -> Vec<String> {
    match sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(db).await {
        Ok(rows) => rows
            .iter()
            .map(|row| row.get::<Option<String>, _>(0).unwrap_or_default())
            .collect(),
        Err(error) => panic!("{error}\nin: {sql}"),
    }
}

pub async fn string(db: &mut PgConnection, sql: &str) -> String {
    let mut rows = strings(db, sql).await;
    assert_eq!(rows.len(), 1, "one row from: {sql}");
    rows.remove(0)
}

/// How many rows a statement changed.
pub async fn changed(db: &mut PgConnection, sql: &str) -> u64 {
    match sqlx::raw_sql(AssertSqlSafe(sql)).execute(db).await {
        Ok(done) => done.rows_affected(),
        Err(error) => panic!("{error}\nin: {sql}"),
    }
}

/// Begins a transaction as the gateway does, for a user (`u1`) in a workspace (`a`).
pub async fn begin_as(db: &mut PgConnection, workspace: &str, user: &str, role: &str) {
    let (workspace, user) = (world::id(workspace), world::id(user));
    let sql = format!(
        "begin; set local role gateway; \
         select set_config('app.workspace_id', '{workspace}', true), \
           set_config('app.user_id', '{user}', true), set_config('app.role', '{role}', true)"
    );
    run(db, &sql).await;
}
