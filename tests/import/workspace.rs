//! The workspace that an import goes into.

use sqlx::Row;
use tessera::accounts::ensure_workspace;
use tessera::import::{Silent, online_retail};
use uuid::Uuid;

use super::{Shop, source};
use crate::harness::run;

#[test]
fn a_workspace_is_made_once_and_its_owner_is_reused() {
    run(async {
        let mut shop = Shop::open("made-once").await;
        let id = shop.id;
        let connection = shop.connection();
        let (again, created) = ensure_workspace(
            connection,
            Uuid::now_v7(),
            "made-once",
            "Another name",
            "other@x.example",
        )
        .await
        .unwrap();
        assert_eq!((again.id, &*again.name, created), (id, "made-once", false));
        let (second, created) = ensure_workspace(
            connection,
            Uuid::now_v7(),
            "made-twice",
            "Twice",
            "Owner@Made-Once.example",
        )
        .await
        .unwrap();
        assert!(created && second.id != id);
        let row = sqlx::query(
            "select w.name, u.email, m.role::text, (select count(*) from users where email like '%made-once%'),
                (select count(*) from users where email = 'other@x.example')
              from workspaces w join workspace_members m on m.workspace_id = w.id join users u on u.id = m.user_id
              where w.id = $1 and u.id = w.owner_id",
        )
        .bind(id)
        .fetch_one(&mut *connection)
        .await
        .unwrap();
        let texts: Vec<String> = (0..3).map(|column| row.get(column)).collect();
        assert_eq!(texts, ["made-once", "owner@made-once.example", "owner"]);
        assert_eq!((row.get::<i64, _>(3), row.get::<i64, _>(4)), (1, 0));
        shop.close().await;
    });
}

#[test]
fn an_unknown_workspace_is_told_with_those_that_exist() {
    run(async {
        let mut shop = Shop::open("known").await;
        let file = source("retail.csv", "anything");
        let error = online_retail(shop.connection(), "nowhere", file, &Silent)
            .await
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("there is no workspace `nowhere` (there is "),
            "{error}"
        );
        shop.close().await;
    });
}
