//! What binds writing besides roles: the rows of users, the ranks of members, what is read back.

use sqlx::PgConnection;

use super::world::id;
use super::{attempt, begin_as, changed, refused, run, string};

const DENIED: &str = "42501";

pub async fn check(db: &mut PgConnection) {
    rows_stay_with_their_users(db).await;
    members_up_to_the_own_rank(db).await;
    the_version_is_read(db).await;
    others_are_not_bound(db).await;
}

async fn rows_stay_with_their_users(db: &mut PgConnection) {
    let (a, u1, u2) = (id("a"), id("u1"), id("u2"));
    begin_as(db, "a", "u2", "member").await;
    run(
        db,
        &format!("insert into campaigns (workspace_id, user_id, name) values ('{a}', '{u2}', 'mine'), ('{a}', null, 'ours')"),
    )
    .await;
    for sql in [
        format!(
            "insert into campaigns (workspace_id, user_id, name) values ('{a}', '{u1}', 'theirs')"
        ),
        format!("update campaigns set user_id = '{u1}'"),
    ] {
        assert_eq!(refused(db, &sql).await, DENIED, "{sql}");
    }
    assert_eq!(changed(db, "update campaigns set name = 'x'").await, 2);
    run(
        db,
        &format!("select set_config('app.user_id', '{}', true)", id("u4")),
    )
    .await;
    assert_eq!(changed(db, "update campaigns set name = 'y'").await, 1);
    assert_eq!(changed(db, "delete from campaigns").await, 1);
    run(db, "rollback").await;
}

async fn members_up_to_the_own_rank(db: &mut PgConnection) {
    let (a, b, u3, u4) = (id("a"), id("b"), id("u3"), id("u4"));
    for (role, made, never) in [
        (
            "admin",
            vec!["viewer", "manager", "admin"],
            vec!["owner", "system"],
        ),
        ("owner", vec!["viewer", "admin", "owner"], vec!["system"]),
        ("system", vec![], vec!["viewer", "owner", "system"]),
        ("manager", vec![], vec!["viewer", "member"]),
    ] {
        begin_as(db, "a", "u1", role).await;
        let insert = |rank: &str| {
            format!(
                "insert into workspace_members (workspace_id, user_id, role) values ('{a}', '{u3}', '{rank}')"
            )
        };
        let update = |rank: &str| {
            format!("update workspace_members set role = '{rank}' where user_id = '{u4}'")
        };
        for rank in made {
            assert_eq!(
                attempt(db, &insert(rank)).await,
                Ok(1),
                "{role} makes {rank}"
            );
            assert_eq!(
                attempt(db, &update(rank)).await,
                Ok(1),
                "{role} makes {rank}"
            );
        }
        for rank in never {
            assert_eq!(
                refused(db, &insert(rank)).await,
                DENIED,
                "{role} makes {rank}"
            );
            let outcome = attempt(db, &update(rank)).await;
            assert!(!matches!(outcome, Ok(1..)), "{role} makes {rank}");
        }
        run(db, "rollback").await;
    }
    // Nor are those above changed or taken away.
    begin_as(db, "a", "u2", "admin").await;
    let u1 = id("u1");
    for sql in [
        format!("update workspace_members set role = 'member' where user_id = '{u1}'"),
        format!("delete from workspace_members where user_id = '{u1}'"),
        format!("delete from workspace_members where workspace_id = '{b}'"),
    ] {
        assert_eq!(changed(db, &sql).await, 0, "{sql}");
    }
    assert_eq!(changed(db, "delete from workspace_members").await, 2);
    for column in ["user_id", "workspace_id", "id", "joined_at"] {
        let sql = format!("update workspace_members set {column} = default");
        assert_eq!(refused(db, &sql).await, DENIED, "{sql}");
    }
    run(db, "rollback").await;
}

async fn the_version_is_read(db: &mut PgConnection) {
    begin_as(db, "a", "u2", "member").await;
    let version = string(db, "select updated_at::text from products limit 1").await;
    let update = format!("update products set title = 'x' where updated_at = '{version}'");
    assert!(changed(db, &update).await > 0);
    assert_eq!(changed(db, &update).await, 0, "the version has changed");
    run(db, "rollback").await;
}

async fn others_are_not_bound(db: &mut PgConnection) {
    run(
        db,
        "begin; set local role model_owner; update products set cost = 1; update kpis set calculation_sql = 'x'; \
         update workspace_members set role = 'system'; rollback",
    )
    .await;
}
