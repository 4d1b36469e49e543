//! The database has the last word: who is a member, who is active, which role it is.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};
use tessera::auth::AuthOptions;
use tokio::sync::OnceCell;

use super::issuer::{SIGNERS, claims_with, options};
use super::{ask, ask_until, ask_with};
use crate::harness::client::Client;
use crate::harness::database::{Database, create, seeded};
use crate::harness::run;
use crate::harness::seed::{self, Side};

/// A database whose accounts these tests change, each its own row.
async fn database() -> &'static Database {
    static DATABASE: OnceCell<Database> = OnceCell::const_new();
    DATABASE.get_or_init(|| create(Some(seed::accounts))).await
}

fn client(database: &Database, lifetime: Duration) -> Client {
    let options = AuthOptions {
        membership_lifetime: lifetime,
        ..options()
    };
    Client::with_auth(database, options)
}

/// A token of a user of side A, with a claim for its workspace.
fn token(row: usize, role: Value) -> String {
    let mut claims = claims_with("sub", json!(Side::A.id("users", row)));
    claims["workspaces"] = json!({ Side::A.workspace().to_string(): role });
    SIGNERS[0].sign(&SIGNERS[0].header(), &claims)
}

/// Changes the accounts in a way that shuts a user out, and back again.
async fn shut_out_and_let_in(row: usize, out: &str, back: &str) {
    let database = database().await;
    let token = token(row, json!(null));
    let at_once = client(database, Duration::ZERO);
    let soon = client(database, Duration::from_millis(200));
    let late = client(database, Duration::from_secs(3600));
    for client in [&at_once, &soon, &late] {
        assert_eq!(ask_with(client, &token).await.status, StatusCode::OK);
    }
    database.admin_script(out).await;
    let refused = ask_with(&at_once, &token).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
    assert_eq!(
        refused.json()["errors"][0]["extensions"]["code"],
        "FORBIDDEN"
    );
    ask_until(&soon, &token, StatusCode::FORBIDDEN).await;
    let remembered = ask_with(&late, &token).await;
    assert_eq!(
        remembered.status,
        StatusCode::OK,
        "believed for its lifetime"
    );
    database.admin_script(back).await;
    assert_eq!(ask_with(&at_once, &token).await.status, StatusCode::OK);
    ask_until(&soon, &token, StatusCode::OK).await;
}

#[test]
fn a_removed_member_is_out_within_the_lifetime() {
    run(async {
        let (workspace, user) = (Side::A.workspace(), Side::A.id("users", 1));
        shut_out_and_let_in(
            1,
            &format!("delete from workspace_members where user_id = '{user}'"),
            &format!("insert into workspace_members (workspace_id, user_id, role) values ('{workspace}', '{user}', 'member')"),
        )
        .await;
    });
}

#[test]
fn a_closed_account_is_out_within_the_lifetime() {
    run(async {
        let user = Side::A.id("users", 2);
        let set = |active| format!("update users set is_active = {active} where id = '{user}'");
        shut_out_and_let_in(2, &set(false), &set(true)).await;
    });
}

#[test]
fn the_role_is_the_memberships_and_never_more_than_the_tokens() {
    run(async {
        let database = database().await;
        let client = client(database, Duration::ZERO);
        let user = Side::A.id("users", 3);
        for (member, claimed, expected) in [
            ("viewer", json!("owner"), "VIEWER"),
            ("member", json!(null), "MEMBER"),
            ("staff", json!("manager"), "STAFF"),
            ("manager", json!("staff"), "STAFF"),
            ("admin", json!("system"), "ADMIN"),
            ("owner", json!(["viewer", "manager"]), "MANAGER"),
            ("system", json!("member"), "MEMBER"),
        ] {
            let script =
                format!("update workspace_members set role = '{member}' where user_id = '{user}'");
            database.admin_script(&script).await;
            let reply = ask_with(&client, &token(3, claimed.clone())).await;
            assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
            let viewer = &reply.json()["data"]["viewer"];
            let case = format!("{member} with a token for {claimed}");
            assert_eq!(viewer["role"], expected, "{case}");
            assert_eq!(viewer["user"]["id"], json!(user), "{case}");
        }
    });
}

#[test]
fn the_id_of_a_workspace_is_never_the_slug_of_another() {
    run(async {
        let database = database().await;
        // The owner of A is a member of B too; B calls itself by the id of A.
        let (a, b) = (Side::A.workspace(), Side::B.workspace());
        let user = Side::A.user();
        database
            .admin_script(&format!(
                "insert into workspace_members (workspace_id, user_id, role) values ('{b}', '{user}', 'viewer') on conflict do nothing; \
                 update workspaces set slug = '{a}' where id = '{b}'"
            ))
            .await;
        let client = client(database, Duration::ZERO);
        let asked = async |name: &str| {
            let claims = claims_with("workspaces", json!({ name: null }));
            let token = SIGNERS[0].sign(&SIGNERS[0].header(), &claims);
            let authorization = format!("Bearer {token}");
            ask(&client, &[("authorization", authorization.as_bytes())]).await
        };
        for name in [a.to_string(), a.to_string().to_uppercase()] {
            let reply = asked(&name).await;
            assert_eq!(
                reply.json()["data"]["viewer"]["role"],
                "OWNER",
                "{}",
                reply.text
            );
        }
        let reply = asked(&b.to_string()).await;
        assert_eq!(
            reply.json()["data"]["viewer"]["role"],
            "VIEWER",
            "{}",
            reply.text
        );
    });
}

#[test]
fn a_slug_is_written_as_it_is() {
    run(async {
        let client = client(seeded().await, Duration::ZERO);
        for (slug, expected) in [
            ("alpha slug 1", StatusCode::OK),
            ("Alpha slug 1", StatusCode::FORBIDDEN),
            ("alpha slug 1 ", StatusCode::FORBIDDEN),
            ("alpha slug _", StatusCode::FORBIDDEN),
            ("%", StatusCode::FORBIDDEN),
            ("' or true --", StatusCode::FORBIDDEN),
            ("bravo slug 1", StatusCode::FORBIDDEN),
        ] {
            let claims = claims_with("workspaces", json!({ slug: "owner" }));
            let reply = ask_with(&client, &SIGNERS[0].sign(&SIGNERS[0].header(), &claims)).await;
            assert_eq!(reply.status, expected, "{slug}: {}", reply.text);
        }
    });
}

#[test]
fn many_first_requests_of_one_member_are_all_answered() {
    run(async {
        let client = client(seeded().await, Duration::from_secs(5));
        let token = token(0, json!("owner"));
        let callers = (0..60).map(|_| ask_with(&client, &token));
        for reply in futures_util::future::join_all(callers).await {
            assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
        }
    });
}
