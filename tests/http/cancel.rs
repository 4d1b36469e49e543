//! What becomes of a statement when its caller is gone or out of time.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sqlx::{Connection, Executor, PgConnection, Row};
use tessera::http::HttpOptions;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::{QUERY, Running};
use crate::harness::client::{Client, token};
use crate::harness::database::{self, Database, NATIVE};
use crate::harness::run;
use crate::harness::seed::{self, Side};

/// A table that an administrator keeps for himself, so that who reads it waits.
struct Locked {
    admin: PgConnection,
}

impl Locked {
    async fn new(database: &Database) -> Self {
        let mut admin = PgConnection::connect(&database.url)
            .await
            .expect("a connection");
        let lock = "begin; lock table customers in access exclusive mode";
        admin.execute(lock).await.expect("the lock");
        Self { admin }
    }

    /// Waits until this many statements of the gateway wait for the table. A statement whose
    /// client is gone counts until PostgreSQL has stopped it.
    async fn until_waiting(&mut self, expected: i64) {
        let count = "select count(*) from pg_stat_activity where datname = current_database() \
            and wait_event_type = 'Lock' and application_name = 'tessera'";
        let mut waiting = -1;
        for _ in 0..200 {
            let row = self.admin.fetch_one(count).await.expect("a count");
            waiting = row.get(0);
            if waiting == expected {
                return;
            }
            // The view holds still within a transaction unless it is told not to.
            let _ = self.admin.execute("select pg_stat_clear_snapshot()").await;
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("{waiting} statements wait, not {expected}");
    }

    async fn release(mut self) {
        self.admin
            .execute("rollback")
            .await
            .expect("the lock is given back");
    }
}

/// Whether the test can be made; the embedded server has one connection, and no second one from
/// which to lock or to cancel.
fn native() -> bool {
    let native = std::env::var(NATIVE).is_ok_and(|url| !url.is_empty());
    if !native {
        eprintln!("left out: {NATIVE} names no native server, and the embedded one cannot cancel");
    }
    native
}

async fn ask(running: &Running, side: Side) -> TcpStream {
    let body = json!({ "query": QUERY }).to_string();
    let request = format!(
        "POST /graphql HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n\
         Authorization: Bearer {}\r\nContent-Length: {}\r\n\r\n{body}",
        token(side),
        body.len()
    );
    let mut stream = TcpStream::connect(running.address)
        .await
        .expect("a connection");
    stream.write_all(request.as_bytes()).await.expect("sent");
    stream
}

fn is_of(answer: &Value, side: Side) -> bool {
    let id = &answer["data"]["customers"]["nodes"][0]["id"];
    *id == side.id("customers", 0).to_string()
}

#[test]
fn a_statement_stops_when_its_client_leaves_and_no_other_does() {
    if !native() {
        return;
    }
    run(async {
        let database = database::create(Some(seed::everything)).await;
        // Nothing but the client's leaving can end a statement in the time of this test.
        let client = Client::with_options(
            &database,
            HttpOptions {
                request_timeout: Duration::from_secs(300),
                ..HttpOptions::default()
            },
        );
        let running = Running::start(client.routes(), 100).await;
        let mut locked = Locked::new(&database).await;
        let patient = tokio::spawn({
            let client = client.clone();
            async move { client.query(Side::B, QUERY, json!({})).await }
        });
        locked.until_waiting(1).await;
        // More often than the pool has connections, which must all stay of use.
        for _ in 0..6 {
            let leaving = ask(&running, Side::A).await;
            locked.until_waiting(2).await;
            drop(leaving);
            let left = Instant::now();
            locked.until_waiting(1).await;
            // PostgreSQL would find out by itself in some seconds more.
            assert!(
                left.elapsed() < Duration::from_secs(2),
                "{:?}",
                left.elapsed()
            );
        }
        locked.release().await;
        let answer = patient.await.expect("no panic");
        assert!(is_of(&answer, Side::B), "who stayed is answered: {answer}");
        let asked = (0..16).map(|_| client.query(Side::A, QUERY, json!({})));
        for answer in futures_util::future::join_all(asked).await {
            assert!(is_of(&answer, Side::A), "{answer}");
        }
    });
}

#[test]
fn a_statement_stops_when_the_time_of_its_request_is_over() {
    if !native() {
        return;
    }
    run(async {
        let database = database::create(Some(seed::everything)).await;
        let client = Client::with_options(
            &database,
            HttpOptions {
                request_timeout: Duration::from_secs(1),
                ..HttpOptions::default()
            },
        );
        let mut locked = Locked::new(&database).await;
        for _ in 0..3 {
            let asked = (0..3).map(|_| client.ask(Side::A, QUERY, json!({})));
            for (status, answer) in futures_util::future::join_all(asked).await {
                assert_eq!(status, 504, "{answer}");
                assert_eq!(answer["errors"][0]["extensions"]["code"], "TIMEOUT");
                assert_eq!(answer.get("data"), None);
            }
            locked.until_waiting(0).await;
        }
        locked.release().await;
        let answer = client.query(Side::A, QUERY, json!({})).await;
        assert!(is_of(&answer, Side::A), "{answer}");
    });
}

/// On both kinds of servers: wherever a request is dropped, the next one finds a clean connection.
#[test]
fn a_request_dropped_anywhere_leaves_nothing_behind() {
    run(async {
        let database = database::create(Some(seed::everything)).await;
        let client = Client::new(&database);
        for step in 0..60 {
            let dropped = client.ask(Side::A, QUERY, json!({}));
            let _ = tokio::time::timeout(Duration::from_micros(step * 150), dropped).await;
            if step % 6 == 5 {
                let asked = (0..4).map(|_| client.query(Side::B, QUERY, json!({})));
                for answer in futures_util::future::join_all(asked).await {
                    assert!(is_of(&answer, Side::B), "{answer}");
                }
            }
        }
        // No transaction of a dropped request is open behind the gateway's back.
        let open = "select count(*) from pg_stat_activity where datname = current_database() \
            and pid <> pg_backend_pid() and state like 'idle in transaction%'";
        let mut left = i64::MAX;
        for _ in 0..200 {
            left = database.admin(open).await[0].get(0);
            if left == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("{left} transactions are open");
    });
}
