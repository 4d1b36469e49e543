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
use crate::db::Membership;
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
    /// `ask` is called where nobody has asked the same just now.
    ///
    /// # Errors
    /// Those of `ask`; `UNAVAILABLE` when too many questions wait for their turn.
    pub(super) async fn get_or_ask<F>(
        &self,
        user: Uuid,
        workspace: &str,
        ask: impl FnOnce() -> F,
    ) -> Answer
    where
        F: Future<Output = Answer> + Send + 'static,
    {
        let key = (user, workspace.to_owned());
        let question = {
            let mut state = self.0.lock();
            if let Some(answer) = self.0.fresh(&state, &key) {
                return Ok(answer);
            }
            let under_way = state.questions.get(&key).and_then(WeakShared::upgrade);
            under_way.unwrap_or_else(|| {
                let asked = Arc::clone(&self.0).ask(key.clone(), ask());
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

    async fn ask(self: Arc<Self>, key: Key, question: impl Future<Output = Answer>) -> Answer {
        let turn = tokio::time::timeout(PATIENCE, self.turns.acquire()).await;
        let answer = match &turn {
            Ok(_) => {
                // What the database says is as old as the question.
                let since = Instant::now();
                question.await.map(|answer| (since, answer))
            }
            Err(_) => Err(Error::new(
                Code::Unavailable,
                "Too many callers are new at the moment; try again shortly.",
            )),
        };
        let mut state = self.lock();
        state.questions.remove(&key);
        let (since, answer) = answer?;
        if !self.lifetime.is_zero() {
            let entry = (since, answer.clone());
            state.answers.insert(key, entry, since);
        }
        Ok(answer)
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    use futures_util::future::join_all;
    use tokio::sync::Notify;

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    fn member() -> Option<Membership> {
        Some(Membership {
            workspace: Uuid::nil(),
            role: "member".to_owned(),
        })
    }

    /// Asks, and counts how often the answer had to be looked for.
    async fn ask(
        cache: &MembershipCache,
        user: u128,
        count: &Arc<AtomicUsize>,
        answer: Answer,
    ) -> Answer {
        let count = Arc::clone(count);
        let look = || async move {
            count.fetch_add(1, SeqCst);
            answer
        };
        cache.get_or_ask(Uuid::from_u128(user), "acme", look).await
    }

    #[tokio::test]
    async fn those_who_want_to_know_the_same_ask_once() {
        let cache = MembershipCache::new(LONG);
        let (gate, count) = (Arc::new(Notify::new()), Arc::new(AtomicUsize::new(0)));
        let callers = (0..200).map(|_| {
            let (gate, count) = (Arc::clone(&gate), Arc::clone(&count));
            cache.get_or_ask(Uuid::nil(), "acme", || async move {
                count.fetch_add(1, SeqCst);
                gate.notified().await;
                Ok(member())
            })
        });
        let callers = join_all(callers);
        let (answers, ()) = tokio::join!(callers, async { gate.notify_one() });
        assert!(answers.iter().all(|answer| matches!(answer, Ok(Some(_)))));
        assert_eq!(count.load(SeqCst), 1);
        assert!(ask(&cache, 0, &count, Ok(None)).await.unwrap().is_some());
        assert_eq!(count.load(SeqCst), 1, "and it is remembered");
        assert!(cache.0.lock().questions.is_empty());
    }

    #[tokio::test]
    async fn without_a_lifetime_each_question_is_asked() {
        let cache = MembershipCache::new(Duration::ZERO);
        let count = Arc::new(AtomicUsize::new(0));
        assert!(
            ask(&cache, 1, &count, Ok(member()))
                .await
                .unwrap()
                .is_some()
        );
        assert!(ask(&cache, 1, &count, Ok(None)).await.unwrap().is_none());
        assert_eq!(count.load(SeqCst), 2);
    }

    #[tokio::test]
    async fn an_absence_is_remembered_and_a_failure_is_not() {
        let cache = MembershipCache::new(LONG);
        let count = Arc::new(AtomicUsize::new(0));
        assert!(ask(&cache, 1, &count, Ok(None)).await.unwrap().is_none());
        assert!(ask(&cache, 1, &count, Ok(None)).await.unwrap().is_none());
        assert_eq!(count.load(SeqCst), 1);
        let long_ago = Instant::now().checked_sub(ABSENCE).unwrap();
        let key = (Uuid::from_u128(1), "acme".to_owned());
        cache
            .0
            .lock()
            .answers
            .insert(key, (long_ago, None), long_ago);
        assert!(
            ask(&cache, 1, &count, Ok(member()))
                .await
                .unwrap()
                .is_some(),
            "a new member"
        );
        let failed = Error::new(Code::Unavailable, "down");
        assert!(ask(&cache, 2, &count, Err(failed)).await.is_err());
        assert!(
            ask(&cache, 2, &count, Ok(member()))
                .await
                .unwrap()
                .is_some()
        );
    }

    #[tokio::test]
    async fn few_questions_are_asked_at_a_time_and_the_list_of_them_stays_short() {
        let cache = MembershipCache::new(LONG);
        let count = Arc::new(AtomicUsize::new(0));
        let hang = |user: u128| {
            let count = Arc::clone(&count);
            let question = cache.get_or_ask(Uuid::from_u128(user), "acme", || async move {
                count.fetch_add(1, SeqCst);
                future::pending().await
            });
            Box::pin(question)
        };
        let mut waiting: Vec<_> = (0..1000).map(hang).collect();
        for question in &mut waiting {
            assert!(question.now_or_never().is_none());
        }
        assert_eq!(count.load(SeqCst), AT_A_TIME);
        drop(waiting);
        for user in 5000..5100 {
            assert!(hang(user).now_or_never().is_none());
        }
        let listed = cache.0.lock().questions.len();
        assert!(listed < 200, "{listed}: those who left are swept off");
        assert!(
            ask(&cache, 6000, &count, Ok(member()))
                .await
                .unwrap()
                .is_some(),
            "turns came back"
        );
    }
}
