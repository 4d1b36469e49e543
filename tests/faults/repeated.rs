//! PostgreSQL killed at random moments of keyed mutations, which their callers repeat until they
//! get an answer.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use sqlx::Row;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::gateway::{Gateway, http};
use super::{on_own_server, until};
use crate::harness::client::token;
use crate::harness::seed::Side;

const CLIENTS: usize = 16;
/// How many mutations all of them send, unless the variable says another number.
const MUTATIONS: usize = 1600;
const NUMBER: &str = "TESSERA_TEST_KEYED_MUTATIONS";

const INCREMENT: &str = "mutation ($id: ID!, $key: String!) { p: updateGenre(input: { by: { id: $id }, \
    change: { popularityScore: { increment: 1 } } }) @idempotent(key: $key) { genre { id } errors { code } } }";
const CREATE: &str = "mutation ($name: String!, $key: String!) { p: createGenre(input: { genre: { name: $name, popularityScore: 0 } }) \
    @idempotent(key: $key) { genre { id } errors { code } } }";

/// How long the first answers after a kill may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// What one client has done.
struct Done {
    own: Uuid,
    increments: i64,
    created: HashMap<String, String>,
    repeats: usize,
    replayed: usize,
}

/// Sends a mutation until it gets an answer; gives the id of its row.
async fn insist(gateway: &Requests, query: &str, variables: Value, done: &mut Done) -> String {
    let body = json!({ "query": query, "variables": variables }).to_string();
    loop {
        let answer = gateway.send(body.clone()).await;
        if answer["data"]["p"].is_object() {
            let payload = &answer["data"]["p"];
            assert_eq!(payload["errors"], json!([]), "{answer}");
            let replayed = &answer["extensions"]["idempotency"]["replayed"];
            done.replayed += usize::from(*replayed == true);
            return payload["genre"]["id"].as_str().expect("an id").to_owned();
        }
        let code = answer["errors"][0]["extensions"]["code"].as_str();
        assert!(
            matches!(code, Some("UNAVAILABLE" | "TIMEOUT")),
            "no refusal of a fault: {answer}"
        );
        done.repeats += 1;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

struct Requests {
    http: reqwest::Client,
    address: String,
    side: Side,
}

impl Requests {
    async fn send(&self, body: String) -> Value {
        let request = self.http.post(&self.address);
        let request = request.header("content-type", "application/json");
        let response = request.bearer_auth(token(self.side)).body(body).send();
        let response = response.await.expect("an answer, whatever happens");
        let text = response.text().await.expect("a whole answer");
        serde_json::from_str(&text).expect("JSON")
    }
}

async fn client(requests: Requests, number: usize, mutations: usize, sent: &AtomicUsize) -> Done {
    let mut done = Done {
        own: Uuid::nil(),
        increments: 0,
        created: HashMap::new(),
        repeats: 0,
        replayed: 0,
    };
    let own = json!({"name": format!("own {number}"), "key": format!("own {number}")});
    let own = insist(&requests, CREATE, own, &mut done).await;
    done.own = own.parse().expect("an id");
    for turn in 0..mutations {
        let key = format!("{number} {turn}");
        if turn % 2 == 0 {
            let variables = json!({"id": own, "key": key});
            insist(&requests, INCREMENT, variables, &mut done).await;
            done.increments += 1;
        } else {
            let name = format!("made {number} {turn}");
            let variables = json!({"name": name, "key": key});
            let id = insist(&requests, CREATE, variables, &mut done).await;
            done.created.insert(id, name);
        }
        sent.fetch_add(1, Ordering::Relaxed);
    }
    done
}

#[test]
fn keyed_mutations_happen_exactly_once_however_often_the_database_is_killed() {
    on_own_server(async |server| {
        let all = std::env::var(NUMBER).map_or(MUTATIONS, |number| number.parse().expect(NUMBER));
        let gateway = Gateway::start(&server.url(), &["--pool-size", "8"], &[]).await;
        let sent = Arc::new(AtomicUsize::new(0));
        let mut clients = Vec::new();
        for number in 0..CLIENTS {
            let requests = Requests {
                http: http(),
                address: gateway.address("/graphql"),
                side: [Side::A, Side::B][number % 2],
            };
            let sent = Arc::clone(&sent);
            clients.push(tokio::spawn(async move {
                client(requests, number, all / CLIENTS, &sent).await
            }));
        }
        let mut kills = 0;
        // The last tenth is left to answer what the kills have cut.
        while sent.load(Ordering::Relaxed) < all * 9 / 10
            && !clients.iter().any(JoinHandle::is_finished)
        {
            let moment = u64::try_from(Uuid::new_v4().as_u128() % 600).unwrap_or_default();
            tokio::time::sleep(Duration::from_millis(50 + moment)).await;
            server.kill();
            kills += 1;
            server.start().await;
            let before = sent.load(Ordering::Relaxed);
            // Some are answered between two kills, or it would never end.
            until("mutations are answered again", PATIENCE, async || {
                sent.load(Ordering::Relaxed) >= (before + CLIENTS).min(all * 9 / 10)
            })
            .await;
        }
        let (mut repeats, mut replayed) = (0, 0);
        let mut connection = server.admin().await;
        for client in clients {
            let done = client.await.expect("a client that ends");
            repeats += done.repeats;
            replayed += done.replayed;
            let score: i64 =
                sqlx::query("select popularity_score::bigint from genres where id = $1")
                    .bind(done.own)
                    .fetch_one(&mut connection)
                    .await
                    .expect("the row of the client")
                    .get(0);
            assert_eq!(score, done.increments, "increments of {}", done.own);
            for (id, name) in done.created {
                let rows = sqlx::query("select id::text from genres where name = $1")
                    .bind(&name)
                    .fetch_all(&mut connection)
                    .await
                    .expect("the rows of a name");
                let ids: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
                assert_eq!(ids, [id], "{name}");
            }
        }
        eprintln!("{all} mutations, {kills} kills, {repeats} repeats, {replayed} told again");
        assert!(kills > 1 && repeats > 0);
    });
}
