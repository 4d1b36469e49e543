//! Callers who ask without pause and check every answer, and one who watches the health.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::gateway::{Gateway, http};
use super::until;
use crate::harness::client::token;
use crate::harness::seed::Side;

/// A request without an answer by then hangs.
pub const DEADLINE: Duration = Duration::from_secs(15);

const QUERY: &str = "{ customers(first: 3, orderBy: [{ email: ASC }]) { totalCount nodes { id email \
    orders { totalCount nodes { id orderNumber items { nodes { id quantity } } } } } } \
    products { nodes { id title variants { nodes { sku } } } } }";

/// What came of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The true answer.
    Good,
    /// A well-formed refusal with this code.
    Refused(String),
    /// Anything else.
    Wrong(String),
}

#[derive(Clone, Debug)]
pub struct Record {
    pub sent: Instant,
    pub answered: Instant,
    pub outcome: Outcome,
}

impl Record {
    pub fn took(&self) -> Duration {
        self.answered - self.sent
    }
}

/// Asks and judges the answer by the truth.
#[derive(Clone)]
pub struct Caller {
    http: reqwest::Client,
    address: String,
    side: Side,
    query: Arc<str>,
    truth: Arc<str>,
}

impl Caller {
    /// Takes the gateway's own answer in good days as the truth, once it is plausible.
    pub async fn new(gateway: &Gateway, side: Side, query: &str) -> Self {
        let mut caller = Self {
            http: http(),
            address: gateway.address("/graphql"),
            side,
            query: query.into(),
            truth: "".into(),
        };
        let (status, body) = caller.send().await.expect("an answer");
        assert_eq!(status, 200, "{body}");
        assert!(!body.contains("\"errors\""), "{body}");
        assert!(body.contains(side.mark()), "{body}");
        assert!(!body.contains(side.other().mark()), "{body}");
        caller.truth = body.into();
        caller
    }

    pub async fn ask(&self) -> Record {
        let sent = Instant::now();
        let outcome = match self.send().await {
            Ok((200, body)) if body == *self.truth => Outcome::Good,
            Ok((status, body)) => refusal(status, &body).map_or_else(
                || Outcome::Wrong(format!("{status} {body}")),
                Outcome::Refused,
            ),
            Err(error) => Outcome::Wrong(format!("{error:?}")),
        };
        Record {
            sent,
            answered: Instant::now(),
            outcome,
        }
    }

    async fn send(&self) -> reqwest::Result<(u16, String)> {
        let body = json!({"query": &*self.query}).to_string();
        let response = self
            .http
            .post(&self.address)
            .header("content-type", "application/json")
            .bearer_auth(token(self.side))
            .body(body)
            .send()
            .await?;
        Ok((response.status().as_u16(), response.text().await?))
    }
}

/// The code of an answer that is nothing but one refusal of those that a fault may cause.
fn refusal(status: u16, body: &str) -> Option<String> {
    let answer: Value = serde_json::from_str(body).ok()?;
    let members = answer.as_object()?;
    let [error] = answer["errors"].as_array()?.as_slice() else {
        return None;
    };
    let code = error["extensions"]["code"].as_str()?;
    let fits = matches!((status, code), (503, "UNAVAILABLE") | (504, "TIMEOUT"));
    (fits && members.len() == 1).then(|| code.to_owned())
}

/// Callers of both workspaces at work, and a watcher of the health.
pub struct Load {
    records: Arc<Mutex<Vec<Record>>>,
    health: Arc<Mutex<Vec<(Instant, Instant, Option<u16>)>>>,
    stop: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Load {
    pub async fn start(gateway: &Gateway, callers: usize) -> Self {
        let mut load = Self {
            records: Arc::default(),
            health: Arc::default(),
            stop: Arc::default(),
            tasks: Vec::new(),
        };
        let sides = [
            Caller::new(gateway, Side::A, QUERY).await,
            Caller::new(gateway, Side::B, QUERY).await,
        ];
        for number in 0..callers {
            let caller = sides[number % 2].clone();
            let (records, stop) = (load.records.clone(), load.stop.clone());
            load.tasks.push(tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let record = caller.ask().await;
                    records.lock().expect("no panic").push(record);
                }
            }));
        }
        let (http, address) = (http(), gateway.address("/health/ready"));
        let (health, stop) = (load.health.clone(), load.stop.clone());
        load.tasks.push(tokio::spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                let sent = Instant::now();
                let response = http.get(&address).send().await;
                let status = response.ok().map(|response| response.status().as_u16());
                let sample = (sent, Instant::now(), status);
                health.lock().expect("no panic").push(sample);
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }));
        load
    }

    /// Waits for as many further answers of a kind.
    pub async fn more(&self, count: usize, kind: fn(&Outcome) -> bool) {
        let counted = AtomicUsize::new(self.count(kind));
        let wanted = counted.load(Ordering::Relaxed) + count;
        until("enough answers", Duration::from_secs(60), async || {
            self.count(kind) >= wanted
        })
        .await;
    }

    pub fn count(&self, kind: fn(&Outcome) -> bool) -> usize {
        let records = self.records.lock().expect("no panic");
        records
            .iter()
            .filter(|record| kind(&record.outcome))
            .count()
    }

    /// Stops the callers; none may have had a wrong answer, or none at all.
    pub async fn stop(self) -> (Vec<Record>, Vec<(Instant, Instant, Option<u16>)>) {
        self.stop.store(true, Ordering::Relaxed);
        for task in self.tasks {
            task.await.expect("no panic");
        }
        let records = self.records.lock().expect("no panic").clone();
        let wrong: Vec<&Record> = records
            .iter()
            .filter(|record| matches!(record.outcome, Outcome::Wrong(_)))
            .collect();
        assert!(
            wrong.is_empty(),
            "{} of {} answers are wrong, such as {:?}",
            wrong.len(),
            records.len(),
            wrong[0]
        );
        let health = self.health.lock().expect("no panic").clone();
        (records, health)
    }
}

pub fn good(outcome: &Outcome) -> bool {
    *outcome == Outcome::Good
}

pub fn refused(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Refused(_))
}
