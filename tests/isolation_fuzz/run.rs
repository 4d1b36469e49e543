//! Runs random queries over two databases and reports what differs, as small as it can.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::{Request as HttpRequest, header};
use futures_util::future::join_all;
use serde_json::Value as Json;
use tracing::Dispatch;
use tracing::instrument::WithSubscriber;
use tracing_subscriber::EnvFilter;

use super::judge::{Seen, judge, shape};
use crate::harness::client::Client;
use crate::harness::database::STATEMENTS;
use crate::harness::generate::{Document, Generator, Options, Pools, Schema};

/// Requests in flight, for which both processors have work.
const WORKERS: usize = 6;
/// Of so many queries one is asked by somebody else at the same time, ...
const BESIDE: usize = 8;
/// ... one names what the caller may not, ...
const BEYOND: usize = 11;
/// ... and one is a batch.
const BATCHED: usize = 13;
/// Attempts to make a query smaller that shows something.
const ATTEMPTS: usize = 400;

/// The documents of one request.
type Query = Vec<Document>;

/// Who asks what of which databases.
pub struct Round<'r> {
    pub title: String,
    /// What the caller is shown of the schema, and all of it.
    pub schema: &'r Schema,
    pub whole: &'r Schema,
    pub pools: &'r Pools,
    /// The root fields, of which each query takes the next one.
    pub roots: &'r [String],
    pub token: String,
    /// The token of somebody else, who asks the same now and then at the same time.
    pub other: String,
    /// Whether nothing that the caller may see has a mark.
    pub marks: bool,
    /// The client over all data.
    pub subject: Client,
    /// The client over the data that the caller may see.
    pub twin: Client,
    pub seed: u64,
    /// Number of the first query, and how many there are.
    pub first: usize,
    pub queries: usize,
}

/// What a round found.
#[derive(Default)]
pub struct Findings {
    pub with_errors: usize,
    pub with_rows: usize,
    pub forbidden: usize,
    pub queries: usize,
    pub statements: usize,
    /// `Type.field` that were asked for.
    pub used: BTreeSet<String>,
    /// The number of the first query that showed something, and the whole story.
    pub leak: Option<(usize, String)>,
}

impl Findings {
    pub fn add(&mut self, other: Self) {
        self.with_errors += other.with_errors;
        self.with_rows += other.with_rows;
        self.forbidden += other.forbidden;
        self.queries += other.queries;
        self.statements += other.statements;
        self.used.extend(other.used);
        if self.leak.is_none() {
            self.leak = other.leak;
        }
    }
}

impl Round<'_> {
    /// Asks the queries of the round until one shows something.
    pub async fn run(&self) -> Findings {
        let next = AtomicUsize::new(0);
        let leaked = Mutex::new(None::<(usize, Query, String)>);
        let workers = (0..WORKERS).map(|_| async {
            let log = Log::default();
            let dispatch = log.dispatch();
            let mut findings = Findings::default();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let done = lock(&leaked).is_some();
                if number >= self.queries || done {
                    return findings;
                }
                let number = self.first + number;
                let (query, used) = self.query(number);
                let beside = number.is_multiple_of(BESIDE);
                let (seen, wrong) = self.look(&query, &log, &dispatch, beside).await;
                let shape = shape(&seen.body);
                findings.queries += 1;
                findings.with_errors += usize::from(shape.errors);
                findings.with_rows += usize::from(shape.rows);
                findings.forbidden += usize::from(seen.body.contains("\"FORBIDDEN\""));
                findings.statements += seen.statements.len();
                findings.used.extend(used);
                if let Some(wrong) = wrong {
                    let mut leaked = lock(&leaked);
                    if leaked.as_ref().is_none_or(|(known, ..)| number < *known) {
                        *leaked = Some((number, query, wrong));
                    }
                }
            }
        });
        let mut findings = Findings::default();
        for part in join_all(workers).await {
            findings.add(part);
        }
        let leaked = lock(&leaked).take();
        if let Some((number, query, wrong)) = leaked {
            let story = self.story(number, query, wrong).await;
            findings.leak = Some((number, story));
        }
        findings
    }

    /// The query of a number; the same for the same seed, whatever else runs.
    fn query(&self, number: usize) -> (Query, BTreeSet<String>) {
        let schema = match number.is_multiple_of(BEYOND) {
            true => self.whole,
            false => self.schema,
        };
        let documents = match number.is_multiple_of(BATCHED) {
            true => 2 + number % 2,
            false => 1,
        };
        let seed = self
            .seed
            .wrapping_mul(1_000_003)
            .wrapping_add(number as u64);
        let (mut query, mut all) = (Query::new(), BTreeSet::new());
        for place in 0..documents {
            let options = Options {
                root: (place == 0).then(|| self.roots[number % self.roots.len()].clone()),
                ..Options::default()
            };
            let seed = seed.wrapping_add((place as u64) << 48);
            let generator = Generator::new(schema, self.pools, seed).with(options);
            let (document, used) = generator.document();
            query.push(document);
            all.extend(used);
        }
        (query, all)
    }

    async fn look(
        &self,
        query: &Query,
        log: &Log,
        dispatch: &Dispatch,
        beside: bool,
    ) -> (Seen, Option<String>) {
        let sent = body(query).to_string();
        let ask = |client: &Client, token: &str| {
            let client = client.clone();
            let token = format!("Bearer {token}");
            let body = sent.clone();
            async move {
                let request = HttpRequest::post("/graphql")
                    .header(header::CONTENT_TYPE, "application/json")
                    .header(header::AUTHORIZATION, token)
                    .body(Body::from(body))
                    .expect("a request");
                STATEMENTS
                    .scope(Mutex::default(), async {
                        let (status, body) = client.send(request).await;
                        let mut statements =
                            STATEMENTS.with(|statements| std::mem::take(&mut *lock(statements)));
                        // Those of a batch may come in any order.
                        if query.len() > 1 {
                            statements.sort_unstable();
                        }
                        Seen {
                            status: status.as_u16(),
                            body: String::from_utf8(body).expect("the answer is UTF-8"),
                            statements,
                            logs: String::new(),
                        }
                    })
                    .await
            }
        };
        let subject = ask(&self.subject, &self.token).with_subscriber(dispatch.clone());
        let mut seen = if beside {
            // Nothing that one request leaves behind or shares may reach another.
            tokio::join!(ask(&self.subject, &self.other), subject).1
        } else {
            subject.await
        };
        seen.logs = log.take();
        let twin = ask(&self.twin, &self.token).await;
        let wrong = judge(&sent, &seen, &twin, self.marks);
        (seen, wrong)
    }

    /// Makes the query smaller as long as it still shows something, and tells all about it.
    async fn story(&self, number: usize, mut query: Query, wrong: String) -> String {
        let log = Log::default();
        let dispatch = log.dispatch();
        let asked = body(&query);
        let (mut part, mut attempts, mut progress) = (0, 0, false);
        while attempts < ATTEMPTS {
            let Some(smaller) = without(&query, part) else {
                // What had to stay may go now that other parts are gone.
                if !std::mem::take(&mut progress) {
                    break;
                }
                part = 0;
                continue;
            };
            attempts += 1;
            let (_, wrong) = self.look(&smaller, &log, &dispatch, true).await;
            if wrong.is_some() {
                query = smaller;
                progress = true;
            } else {
                part += 1;
            }
        }
        let (seen, small_wrong) = self.look(&query, &log, &dispatch, true).await;
        format!(
            "{}: query {number} of seed {} (TESSERA_FUZZ_SEED={}): {wrong}\n\
             as it was asked: {}\n\
             made smaller: {}\n{}\nthe answer: {} {}\nstatements: {:#?}",
            self.title,
            self.seed,
            self.seed,
            asked,
            body(&query),
            small_wrong.unwrap_or_default(),
            seen.status,
            seen.body,
            seen.statements,
        )
    }
}

/// The body of a request: an object, or the array of a batch.
fn body(query: &Query) -> Json {
    match &query[..] {
        [one] => one.request().body(),
        several => several.iter().map(|one| one.request().body()).collect(),
    }
}

/// The query without the part of this number.
fn without(query: &Query, number: usize) -> Option<Query> {
    if query.len() > 1 {
        if number < query.len() {
            let mut smaller = query.clone();
            smaller.remove(number);
            return Some(smaller);
        }
        // What only shows in a batch is something between its documents.
        return None;
    }
    Some(vec![query[0].without(number)?])
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().expect("no panic while locked")
}

/// The log lines of one worker's requests.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// All lines of the gateway, and of the driver what it says of statements.
    fn dispatch(&self) -> Dispatch {
        let log = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new("info,tessera=trace,wire=debug"))
            .with_ansi(false)
            .with_writer(move || log.clone())
            .finish();
        Dispatch::new(subscriber)
    }

    fn take(&self) -> String {
        let bytes = std::mem::take(&mut *lock(&self.0));
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        lock(&self.0).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
