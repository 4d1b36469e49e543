//! What must hold of a migrated database, whichever server it lies on.

pub mod audit;
pub mod catalog;
pub mod changes;
pub mod derived;
pub mod idempotency;
pub mod older;
pub mod partitions;
pub mod privileges;
pub mod roles;
pub mod views;
pub mod world;
pub mod writing;

use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};

/// Every check in turn, over one connection, on a database without rows.
pub async fn all(url: &str) {
    let mut db = connect(url).await;
    catalog::check(&mut db).await;
    world::fill(&mut db).await;
    privileges::check(&mut db).await;
    roles::check(&mut db).await;
    writing::check(&mut db).await;
    audit::check(&mut db).await;
    changes::check(&mut db).await;
    idempotency::check(&mut db).await;
    derived::check(&mut db).await;
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
    let more = older::down_to_before(url, "m0020_reading").await;
    let mut db = connect(url).await;
    run(&mut db, "begin; set local role gateway; select order_number from orders; select full_name from users; \
        select * from monthly_usage; rollback").await;
    db.close().await.expect("close");

    let undone = migration::down(url, None).await.expect("all the way down");
    assert_eq!(undone.len(), all.len() - 1 - more);
    let mut db = connect(url).await;
    let left = strings(
        &mut db,
        "select relname::text from pg_class where relnamespace = 'public'::regnamespace \
         union all select typname::text from pg_type t where typnamespace = 'public'::regnamespace \
           and not exists (select from pg_depend d where d.classid = 'pg_type'::regclass and d.deptype = 'e' \
             and d.objid in (t.oid, t.typelem)) \
         union all select nspname::text from pg_namespace where nspname in ('app', 'mv', 'part', 'read')",
    )
    .await;
    assert!(left.is_empty(), "left behind: {left:?}");
    db.close().await.expect("close");

    assert!(migration::down(url, None).await.expect("down").is_empty());
    let report = migration::up(url).await.expect("up once more");
    assert_eq!(report.applied, all);
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

/// How many rows a statement changes, or the code and message of its error. Nothing stays changed.
pub async fn attempt(db: &mut PgConnection, sql: &str) -> Result<u64, (String, String)> {
    run(db, "savepoint before_attempt").await;
    let outcome = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *db).await;
    run(db, "rollback to before_attempt; release before_attempt").await;
    outcome.map(|done| done.rows_affected()).map_err(|error| {
        let code = error.as_database_error().and_then(|inner| inner.code());
        (code.unwrap_or_default().into_owned(), error.to_string())
    })
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
