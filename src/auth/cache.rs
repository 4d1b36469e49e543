//! Remembers for seconds what the database said about memberships, and asks it once for all who
//! want to know the same.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::{self, BoxFuture, WeakShared};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::generations::Generations;
use crate::db::{Db, Membership};
use crate::error::{Code, Error};

/// Most answers that are kept from one span of their lifetime.
const CAPACITY: usize = 50_000;
/// How long it is believed that somebody is no member: long enough that a flood of such requests
/// is not one of queries, short enough that a new member does not notice.
const ABSENCE: Duration = Duration::from_secs(1);
/// Most questions that the database is asked at a time, so that many new callers at once leave
/// connections to those who are known.
const AT_A_TIME: usize = 8;
/// How long a question waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);

/// Fewest questions under way at which the list of them is swept.
const SWEEP: usize = 64;

type Key = (Uuid, String);
type Answer = Result<Option<Membership>, Error>;
type Question = BoxFuture<'static, Answer>;

pub(super) struct MembershipCache(Arc<Shared>);

struct Shared {
    /// How long a membership is believed.
    lifetime: Duration,
    turns: Semaphore,
    state: Mutex<State>,
}

struct State {
    answers: Generations<Key, (Instant, Option<Membership>)>,
    /// Questions under way. They live as long as somebody waits for them.
    questions: HashMap<Key, WeakShared<Question>>,
    /// Length of that list at which those that nobody waits for any more are taken off.
    sweep_at: usize,
}

impl MembershipCache {
    pub(super) fn new(lifetime: Duration) -> Self {
        Self(Arc::new(Shared {
            lifetime,
            turns: Semaphore::new(AT_A_TIME),
            state: Mutex::new(State {
                answers: Generations::new(lifetime, CAPACITY),
                questions: HashMap::new(),
                sweep_at: SWEEP,
            }),
        }))
    }

    /// The membership of a user in the workspace of an id or slug, no older than the lifetime.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the database cannot be asked.
    pub(super) async fn get_or_ask(&self, db: &Db, user: Uuid, workspace: &str) -> Answer {
        let key = (user, workspace.to_owned());
        let question = {
            let mut state = self.0.lock();
            if let Some(answer) = self.0.fresh(&state, &key) {
                return Ok(answer);
            }
            let under_way = state.questions.get(&key).and_then(WeakShared::upgrade);
            under_way.unwrap_or_else(|| {
                let asked = ask(Arc::clone(&self.0), db.clone(), key.clone());
                let question = asked.boxed().shared();
                state.list(key, &question);
                question
            })
        };
        question.await
    }
}

impl Shared {
    fn fresh(&self, state: &State, key: &Key) -> Option<Option<Membership>> {
        let (since, answer) = state.answers.get(key)?;
        let lifetime = match answer {
            Some(_) => self.lifetime,
            None => self.lifetime.min(ABSENCE),
        };
        (since.elapsed() < lifetime).then(|| answer.clone())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing under the lock can fail halfway.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn list(&mut self, key: Key, question: &future::Shared<Question>) {
        if self.questions.len() >= self.sweep_at {
            self.questions
                .retain(|_, question| question.upgrade().is_some());
            self.sweep_at = SWEEP.max(self.questions.len() * 2);
        }
        if let Some(question) = question.downgrade() {
            self.questions.insert(key, question);
        }
    }
}

async fn ask(shared: Arc<Shared>, db: Db, key: Key) -> Answer {
    let turn = tokio::time::timeout(PATIENCE, shared.turns.acquire()).await;
    let answer = match &turn {
        Ok(_) => {
            // What the database says is as old as the question.
            let since = Instant::now();
            db.membership(key.0, &key.1)
                .await
                .map(|answer| (since, answer))
        }
        Err(_) => Err(Error::new(
            Code::Unavailable,
            "Too many callers are new at the moment; try again shortly.",
        )),
    };
    let mut state = shared.lock();
    state.questions.remove(&key);
    let (since, answer) = answer?;
    if !shared.lifetime.is_zero() {
        state.answers.insert(key, (since, answer.clone()), since);
    }
    Ok(answer)
}
