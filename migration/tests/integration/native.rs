//! On a native server, reached as its administrator by `TESSERA_TEST_DATABASE_URL`: the same
//! checks, and those that need several connections, databases or logins.

use std::future::Future;
use std::str::FromStr;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection};

use crate::checks::{self, connect, run, string};

#[tokio::test]
async fn goes_up_down_and_up_again() {
    with_database("cycle", |url| async move {
        checks::up_down_up(&url).await;
        checks::older::from_before_reading(&url).await;
        checks::older::from_before_derived(&url).await;
        checks::older::from_before_writing(&url).await;
        checks::all(&url).await;
    })
    .await;
}

#[tokio::test]
async fn two_at_once_make_it_once() {
    with_database("race", |url| async move {
        let (one, two) = tokio::join!(migration::up(&url), migration::up(&url));
        let (one, two) = (one.expect("one"), two.expect("two"));
        let made = one.applied.len() + two.applied.len();
        assert!(one.applied.is_empty() || two.applied.is_empty());
        assert_eq!(made, migration::known().len());
        assert!(migration::pending(&url).await.expect("pending").is_empty());
    })
    .await;
}

#[tokio::test]
async fn partitions_and_views_by_many_at_once() {
    with_database("jobs", |url| async move {
        migration::up(&url).await.expect("up");
        let mut owner = connect(&url).await;
        checks::world::fill(&mut owner).await;
        run(
            &mut owner,
            "drop table part.transactions_2009, part.transactions_2010 cascade",
        )
        .await;
        let job = |url: String| async move {
            let mut db = connect(&url).await;
            run(&mut db, "set role gateway; select app.refresh_views()").await;
            let made = string(&mut db, "select app.ensure_partitions()::text").await;
            db.close().await.expect("close");
            made.parse::<u32>().expect("a number")
        };
        let jobs: Vec<_> = (0..4).map(|_| tokio::spawn(job(url.clone()))).collect();
        let mut made = 0;
        for running in jobs {
            made += running.await.expect("no job fails");
        }
        assert_eq!(made, 2, "each partition once");
        owner.close().await.expect("close");
    })
    .await;
}

#[tokio::test]
async fn an_owner_without_superuser_migrates() {
    with_database("owner", |url| async move {
        // The roles of the model may be there already, made by somebody else.
        migration::up(&url).await.expect("up");
        migration::down(&url, None).await.expect("down");

        let login = Login::create(&url, "nocreaterole").await;
        let error = migration::up(&login.url).await.expect_err("not yet a member");
        assert!(error.to_string().contains("grant model_owner to"), "{error}");
        let mut admin = connect(&url).await;
        run(&mut admin, &format!("grant model_owner, gateway to {}", login.name)).await;
        let error = migration::up(&login.url).await.expect_err("not yet the owner");
        assert!(error.to_string().contains("owner of the database"), "{error}");

        run(&mut admin, &format!(
            "do $$ begin execute format('alter database %I owner to {}', current_database()); end $$; \
             drop schema if exists app, mv, part, read; revoke all on schema public from model_owner", login.name)).await;
        admin.close().await.expect("close");
        checks::up_down_up(&login.url).await;

        let mut admin = connect(&url).await;
        checks::all(&url).await;
        run(&mut admin, "do $$ begin execute format('alter database %I owner to %I', current_database(), session_user); end $$").await;
        admin.close().await.expect("close");
        login.drop(&url).await;
    })
    .await;
}

#[tokio::test]
async fn the_gateway_asks_what_is_pending() {
    with_database("pending", |url| async move {
        let inheriting = Login::create(&url, "in role gateway").await;
        let other = Login::create(&url, "noinherit in role gateway").await;
        let stranger = Login::create(&url, "nocreaterole").await;
        assert_eq!(
            migration::pending(&other.url).await.expect("pending"),
            migration::known()
        );
        migration::up(&url).await.expect("up");
        for login in [&inheriting, &other] {
            assert!(
                migration::pending(&login.url)
                    .await
                    .expect("pending")
                    .is_empty()
            );
        }
        let error = migration::pending(&stranger.url)
            .await
            .expect_err("no right");
        let grant = "`grant gateway to \"migration_login_";
        assert!(error.to_string().contains(grant), "{error}");
        let error = migration::up(&stranger.url).await.expect_err("no right");
        assert!(
            error.to_string().contains("grant model_owner to"),
            "{error}"
        );
        for login in [inheriting, other, stranger] {
            login.drop(&url).await;
        }
    })
    .await;
}

#[tokio::test]
async fn knows_that_the_database_is_newer() {
    with_database("newer", |url| async move {
        migration::up(&url).await.expect("up");
        let mut db = connect(&url).await;
        run(
            &mut db,
            "insert into seaql_migrations values ('m9999_tomorrow', 0)",
        )
        .await;
        db.close().await.expect("close");
        let error = migration::up(&url).await.expect_err("newer");
        assert!(error.to_string().contains("m9999_tomorrow"), "{error}");
        let error = migration::pending(&url).await.expect_err("newer");
        assert!(error.to_string().contains("newer version"), "{error}");
    })
    .await;
}

#[tokio::test]
async fn names_a_database_that_is_not_there() {
    let Some(admin) = admin_url() else { return };
    let url = at_database(&admin, "no_such_shop");
    let error = migration::up(&url).await.expect_err("no such database");
    assert!(error.to_string().contains("`no_such_shop`"), "{error}");
}

/// A login of its own for one test.
struct Login {
    name: String,
    url: String,
}

impl Login {
    async fn create(url: &str, attributes: &str) -> Self {
        let name = unique("login");
        let mut admin = connect(url).await;
        run(
            &mut admin,
            &format!("create role {name} login password 's3cret' {attributes}"),
        )
        .await;
        admin.close().await.expect("close");
        let url = PgConnectOptions::from_str(url)
            .expect("a URL")
            .username(&name)
            .password("s3cret")
            .to_url_lossy()
            .to_string();
        Self { name, url }
    }

    async fn drop(self, url: &str) {
        let mut admin = connect(url).await;
        run(
            &mut admin,
            &format!("drop owned by {0}; drop role {0}", self.name),
        )
        .await;
        admin.close().await.expect("close");
    }
}

fn admin_url() -> Option<String> {
    let url = std::env::var("TESSERA_TEST_DATABASE_URL").ok();
    if url.is_none() {
        println!("skipped: TESSERA_TEST_DATABASE_URL names no native server");
    }
    url
}

fn at_database(url: &str, name: &str) -> String {
    let options = PgConnectOptions::from_str(url).expect("a URL");
    options.database(name).to_url_lossy().to_string()
}

fn unique(purpose: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("migration_{purpose}_{}_{count}", std::process::id())
}

/// Gives the test an empty database, and drops it whether or not the test succeeds.
async fn with_database<F>(purpose: &str, test: impl FnOnce(String) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let Some(admin) = admin_url() else { return };
    let name = unique(purpose);
    let mut db = connect(&admin).await;
    run(&mut db, &format!("create database {name}")).await;
    let url = at_database(&admin, &name);
    let mut inside = connect(&url).await;
    run(&mut inside, "create extension if not exists vector").await;
    inside.close().await.expect("close");

    let outcome = tokio::spawn(test(url)).await;
    run(&mut db, &format!("drop database {name} with (force)")).await;
    db.close().await.expect("close");
    if let Err(failure) = outcome {
        std::panic::resume_unwind(failure.into_panic());
    }
}
