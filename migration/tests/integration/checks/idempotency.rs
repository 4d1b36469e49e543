//! The ledger of idempotency keys: who sees one, and when it goes.

use sqlx::PgConnection;

use super::world::id;
use super::{begin_as, changed, refused, run, string};

pub async fn check(db: &mut PgConnection) {
    let count = "select count(*)::text from app.idempotency_keys";
    let insert = |workspace: &str, user: &str, key: &str| {
        format!(
            "insert into app.idempotency_keys (workspace_id, user_id, key, field, hash, result) values ('{}', '{}', '{key}', 'createGenre', '\\x00', '{{}}')",
            id(workspace),
            id(user)
        )
    };
    begin_as(db, "a", "u1", "owner").await;
    run(db, &insert("a", "u1", "k")).await;
    assert_eq!(refused(db, &insert("a", "u1", "k")).await, "23505");
    assert_eq!(refused(db, &insert("a", "u1", "")).await, "23514");
    assert_eq!(
        refused(db, &insert("a", "u1", &"k".repeat(256))).await,
        "23514"
    );
    for (workspace, user) in [("a", "u2"), ("b", "u1")] {
        assert_eq!(refused(db, &insert(workspace, user, "k")).await, "42501");
    }
    for sql in [
        "update app.idempotency_keys set result = null",
        "insert into app.idempotency_keys (created_at) values (now())",
    ] {
        assert_eq!(refused(db, sql).await, "42501", "{sql}");
    }
    assert_eq!(string(db, count).await, "1");
    for (setting, other) in [("app.user_id", "u2"), ("app.workspace_id", "b")] {
        let set = |value: String| format!("select set_config('{setting}', '{value}', true)");
        run(db, &format!("savepoint own; {}", set(id(other)))).await;
        assert_eq!(string(db, count).await, "0", "{setting}");
        assert_eq!(changed(db, "delete from app.idempotency_keys").await, 0);
        run(db, "rollback to own").await;
    }
    assert_eq!(changed(db, "delete from app.idempotency_keys").await, 1);

    run(db, &insert("a", "u1", "k")).await;
    run(
        db,
        &format!(
            "reset role; insert into app.idempotency_keys (workspace_id, user_id, key, field, hash, created_at) \
             select '{}', '{}', n::text, 'f', '', now() - interval '25 hours' from generate_series(1, 10001) n; set local role gateway",
            id("b"),
            id("u3")
        ),
    )
    .await;
    let expire = "select app.expire_idempotency_keys()::text";
    assert_eq!(string(db, expire).await, "true", "there is one more");
    assert_eq!(string(db, expire).await, "false");
    run(db, "reset role").await;
    assert_eq!(string(db, count).await, "1");
    run(
        db,
        &format!("delete from workspaces where id = '{}'", id("a")),
    )
    .await;
    assert_eq!(string(db, count).await, "0", "it goes with its workspace");
    run(db, "rollback").await;
}
