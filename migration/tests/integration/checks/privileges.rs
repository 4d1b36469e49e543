//! What the gateway role may see and do, and what it may not.

use sqlx::PgConnection;

use super::world::id;
use super::{begin_as, changed, refused, run, string, strings};

const DENIED: &str = "42501";

pub async fn check(db: &mut PgConnection) {
    nothing_without_settings(db).await;
    roles_rank_as_in_the_program(db).await;
    workspaces_are_apart(db).await;
    secrets_stay_secret(db).await;
    history_is_append_only(db).await;
    rows_of_a_user(db).await;
    global_tables(db).await;
    login_service(db).await;
}

async fn nothing_without_settings(db: &mut PgConnection) {
    run(db, "begin; set local role gateway").await;
    let tables = strings(
        db,
        "select relname::text from pg_class where relnamespace = 'public'::regnamespace \
         and relkind in ('r', 'p') and relname <> 'seaql_migrations' \
         union all select 'read.' || relname from pg_class where relnamespace = 'read'::regnamespace",
    )
    .await;
    assert_eq!(tables.len(), 76 + 80);
    for table in tables {
        let sql = format!("select count(*)::text from {table}");
        assert_eq!(string(db, &sql).await, "0", "{table}");
    }
    let applied = string(db, "select count(*)::text from seaql_migrations").await;
    assert_ne!(applied, "0", "the gateway can ask what is pending");
    for sql in [
        "select from mv.monthly_usage",
        "select from public.monthly_usage",
        "select status from public.orders",
        "select from part.system_events_default",
        "create table public.t ()",
        "delete from seaql_migrations",
    ] {
        assert_eq!(refused(db, sql).await, DENIED, "{sql}");
    }
    run(db, "rollback").await;
}

async fn roles_rank_as_in_the_program(db: &mut PgConnection) {
    let asked = "select concat_ws(' ', app.sees_all(), app.role_at_least('staff'), app.role_at_least('system'))";
    for role in migration::Role::ALL {
        begin_as(db, "a", "u1", role.name()).await;
        let letter = |holds| if holds { "t" } else { "f" };
        let expected = [
            role.sees_all(),
            role >= migration::Role::Staff,
            role >= migration::Role::System,
        ];
        assert_eq!(
            string(db, asked).await,
            expected.map(letter).join(" "),
            "{role}"
        );
        run(db, "rollback").await;
    }
    for nobody in ["", "superuser", "Owner"] {
        begin_as(db, "a", "u1", nobody).await;
        assert_eq!(string(db, asked).await, "f f f", "{nobody}");
        run(db, "rollback").await;
    }
}

async fn workspaces_are_apart(db: &mut PgConnection) {
    begin_as(db, "a", "u1", "owner").await;
    let (a, b) = (id("a"), id("b"));
    let seen = strings(db, "select distinct workspace_id::text from read.orders").await;
    assert_eq!(seen, [a.as_str()]);
    let sql = format!("update orders set currency = 'EUR' where workspace_id = '{b}'");
    assert_eq!(changed(db, &sql).await, 0);
    for sql in [
        format!("insert into genres (workspace_id, name) values ('{b}', 'Jazz')"),
        format!("update orders set workspace_id = '{b}'"),
    ] {
        assert_eq!(refused(db, &sql).await, DENIED, "{sql}");
    }
    // A pointer cannot leave the workspace, though the other row exists.
    let sql = format!(
        "insert into orders (workspace_id, customer_id, total_amount) values ('{a}', '{b}', 1)"
    );
    assert_eq!(refused(db, &sql).await, "23503");

    // A deleted customer leaves the order in its workspace.
    run(db, &format!("delete from customers where id = '{a}'")).await;
    let left = "select count(*)::text from read.orders where customer_id is null";
    assert_eq!(string(db, left).await, "3");
    run(db, "rollback").await;
}

async fn secrets_stay_secret(db: &mut PgConnection) {
    begin_as(db, "a", "u1", "owner").await;
    let a = id("a");
    for sql in [
        "select password_hash from users",
        "select * from users",
        "select full_name from users",
        "update users set password_hash = 'x'",
        "update users set email = 'x'",
        "select credentials from integrations",
        "update integrations set settings = credentials",
        "update integrations set settings = '{}' returning credentials",
    ] {
        assert_eq!(refused(db, sql).await, DENIED, "{sql}");
    }
    let sql = format!(
        "insert into integrations (workspace_id, service_name, credentials) values ('{a}', 'n8n', '{{\"key\": \"k\"}}'); \
         update integrations set credentials = '{{\"key\": \"changed\"}}'"
    );
    run(db, &sql).await;
    let names = "select service_name from read.integrations order by 1";
    assert_eq!(strings(db, names).await, ["n8n", "shopify"]);
    run(db, "rollback").await;
}

async fn history_is_append_only(db: &mut PgConnection) {
    begin_as(db, "a", "u1", "owner").await;
    for sql in [
        "update transactions set amount = 0",
        "delete from audit_logs",
        "delete from usage_records",
        "update campaign_target_icps set id = gen_random_uuid()",
        "truncate orders",
    ] {
        assert_eq!(refused(db, sql).await, DENIED, "{sql}");
    }
    run(db, "delete from campaign_target_icps").await;
    run(db, "rollback").await;
}

async fn rows_of_a_user(db: &mut PgConnection) {
    let moves = "select title from read.moves order by title";
    let chunks = "select content from read.memory_chunks";
    for (user, role, titles, memories) in [
        ("u1", "owner", vec!["for all", "for another", "for me"], 0),
        ("u2", "member", vec!["for all", "for another", "for me"], 1),
        ("u4", "member", vec!["for all", "for another"], 0),
    ] {
        begin_as(db, "a", user, role).await;
        assert_eq!(strings(db, moves).await, titles, "{user}");
        assert_eq!(strings(db, chunks).await.len(), memories, "{user}");
        run(db, "rollback").await;
    }
    // Nor can a row be written in the name of somebody else.
    begin_as(db, "a", "u4", "member").await;
    let (a, u2) = (id("a"), id("u2"));
    let sql = format!(
        "insert into agent_conversations (workspace_id, user_id, data) values ('{a}', '{u2}', '{{}}')"
    );
    assert_eq!(refused(db, &sql).await, DENIED);
    run(db, "rollback").await;
}

async fn global_tables(db: &mut PgConnection) {
    begin_as(db, "a", "u2", "member").await;
    let emails = strings(db, "select email from read.users order by email").await;
    assert_eq!(
        emails,
        ["four@example.com", "one@example.com", "two@example.com"]
    );
    assert_eq!(strings(db, "select slug from read.workspaces").await, ["a"]);
    assert_eq!(changed(db, "update workspaces set name = 'mine'").await, 0);
    assert_eq!(changed(db, "delete from workspace_members").await, 0);
    assert_eq!(changed(db, "update users set phone = '1'").await, 1);
    run(db, "rollback").await;

    begin_as(db, "a", "u1", "owner").await;
    assert_eq!(changed(db, "update workspaces set name = 'ours'").await, 1);
    let demote = "update workspace_members set role = 'viewer'";
    assert_eq!(changed(db, demote).await, 3);
    run(db, "rollback").await;
}

async fn login_service(db: &mut PgConnection) {
    let u9 = id("u9");
    let sql = format!(
        "begin; set local role authn; \
         insert into users (id, email, password_hash) values ('{u9}', 'nine@example.com', 'hash'); \
         insert into workspaces (id, name, slug, owner_id) values ('{u9}', 'N', 'n', '{u9}'); \
         insert into workspace_members (workspace_id, user_id, role) values ('{u9}', '{u9}', 'owner')"
    );
    run(db, &sql).await;
    // Nor does it need the attribute, which managed servers keep to themselves.
    let policies = "select count(*)::text from pg_policies where policyname ~ '_by_role' \
        and tablename in ('users', 'workspaces', 'workspace_members') and roles <> '{gateway}'";
    assert_eq!(string(db, policies).await, "0");
    let hashes = "select count(password_hash)::text from users";
    assert_eq!(string(db, hashes).await, "5");
    assert_eq!(refused(db, "select from orders").await, DENIED);
    assert_eq!(refused(db, "delete from users").await, DENIED);
    run(db, "rollback").await;
}
