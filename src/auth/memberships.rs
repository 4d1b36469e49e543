//! Caches memberships for some seconds. Concurrent callers that need the same membership share one
//! query.

use std::time::{Duration, Instant};

use futures_util::FutureExt;
use moka::future::Cache;
use moka::{Equivalent, Expiry};
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::db::Membership;
use crate::error::{Code, Error};

/// Maximum number of cached results.
const CAPACITY: u64 = 100_000;
/// How long the result "not a member" is cached: long enough that a flood of such requests does not
/// become a flood of queries, short enough that a new member does not notice.
const ABSENCE: Duration = Duration::from_secs(1);
/// Maximum number of concurrent queries, so that many new callers leave database connections to the
/// known ones.
const AT_A_TIME: usize = 8;
/// How long a query waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);

/// A user, and the id or slug of a workspace.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Key(Uuid, String);

/// A key that is only looked for.
#[derive(Hash)]
struct Wanted<'a>(Uuid, &'a str);

impl Equivalent<Key> for Wanted<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        self.0 == key.0 && self.1 == key.1
    }
}

pub(super) struct Memberships {
    results: Cache<Key, Cached>,
    turns: Semaphore,
}

/// The result of a query; no membership if the user is not a member.
#[derive(Clone)]
struct Cached {
    /// When the query began: its result may be that old.
    since: Instant,
    membership: Option<Membership>,
}

/// How long a membership is kept.
struct Lifetime(Duration);

impl Memberships {
    pub(super) fn new(lifetime: Duration) -> Self {
        let results = Cache::builder()
            .max_capacity(CAPACITY)
            .expire_after(Lifetime(lifetime));
        Self {
            results: results.build(),
            turns: Semaphore::new(AT_A_TIME),
        }
    }

    /// The membership of a user in a workspace, where it is cached. A user that is no member is not
    /// told apart from one that is not cached.
    pub(super) fn known(&self, user: Uuid, workspace: &str) -> Option<Membership> {
        let wanted = Wanted(user, workspace);
        self.results.get(&wanted).now_or_never()??.membership
    }

    /// The membership of a user in a workspace, given by id or slug, no older than the lifetime.
    /// `query` is called unless another caller is querying the same. If that caller leaves, one of
    /// those who wait queries instead. All who wait get an error, and it is not cached.
    ///
    /// # Errors
    /// Those of `query`; `UNAVAILABLE` if too many queries wait for their turn.
    pub(super) async fn get_or_query<F>(
        &self,
        user: Uuid,
        workspace: &str,
        query: impl FnOnce() -> F,
    ) -> Result<Option<Membership>, Error>
    where
        F: Future<Output = Result<Option<Membership>, Error>>,
    {
        let result = async {
            let turn = tokio::time::timeout(PATIENCE, self.turns.acquire()).await;
            let _turn = turn.map_err(|_| {
                Error::new(
                    Code::Unavailable,
                    "Too many new callers at the moment; try again shortly.",
                )
            })?;
            Ok::<_, Error>(Cached {
                since: Instant::now(),
                membership: query().await?,
            })
        };
        let key = Key(user, workspace.to_owned());
        match self.results.try_get_with(key, result).await {
            Ok(cached) => Ok(cached.membership),
            Err(error) => Err(Error::clone(&error)),
        }
    }
}

impl Lifetime {
    fn left(&self, cached: &Cached, now: Instant) -> Duration {
        let lifetime = match cached.membership {
            Some(_) => self.0,
            None => self.0.min(ABSENCE),
        };
        lifetime.saturating_sub(now.saturating_duration_since(cached.since))
    }
}

impl Expiry<Key, Cached> for Lifetime {
    fn expire_after_create(&self, _: &Key, cached: &Cached, now: Instant) -> Option<Duration> {
        Some(self.left(cached, now))
    }

    fn expire_after_update(
        &self,
        _: &Key,
        cached: &Cached,
        now: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(self.left(cached, now))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    use futures_util::FutureExt;
    use futures_util::future::{self, join_all};
    use tokio::sync::Notify;

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    fn member() -> Option<Membership> {
        Some(Membership {
            workspace: Uuid::nil(),
            role: crate::session::Role::Member,
        })
    }

    /// Asks, and counts how often the answer had to be looked for.
    async fn ask(
        memberships: &Memberships,
        user: u128,
        count: &Arc<AtomicUsize>,
        answer: Result<Option<Membership>, Error>,
    ) -> Result<Option<Membership>, Error> {
        let count = Arc::clone(count);
        let look = || async move {
            count.fetch_add(1, SeqCst);
            answer
        };
        memberships
            .get_or_query(Uuid::from_u128(user), "acme", look)
            .await
    }

    #[tokio::test]
    async fn those_who_want_to_know_the_same_ask_once() {
        let memberships = Memberships::new(LONG);
        let (gate, count) = (Arc::new(Notify::new()), Arc::new(AtomicUsize::new(0)));
        let callers = (0..200).map(|_| {
            let (gate, count) = (Arc::clone(&gate), Arc::clone(&count));
            memberships.get_or_query(Uuid::nil(), "acme", || async move {
                count.fetch_add(1, SeqCst);
                gate.notified().await;
                Ok(member())
            })
        });
        let callers = join_all(callers);
        let (answers, ()) = tokio::join!(callers, async { gate.notify_one() });
        assert!(answers.iter().all(|answer| matches!(answer, Ok(Some(_)))));
        assert_eq!(count.load(SeqCst), 1);
        let again = ask(&memberships, 0, &count, Ok(None)).await.unwrap();
        assert!(again.is_some());
        assert_eq!(count.load(SeqCst), 1, "and it is remembered");
    }

    #[tokio::test]
    async fn who_leaves_takes_nobody_along() {
        let memberships = Memberships::new(LONG);
        let count = Arc::new(AtomicUsize::new(0));
        let mut first = Box::pin(memberships.get_or_query(Uuid::nil(), "acme", future::pending));
        assert!(first.as_mut().now_or_never().is_none());
        let mut second = Box::pin(ask(&memberships, 0, &count, Ok(member())));
        assert!(second.as_mut().now_or_never().is_none(), "it waits");
        assert_eq!(count.load(SeqCst), 0);
        drop(first);
        assert!(second.await.unwrap().is_some());
        assert_eq!(count.load(SeqCst), 1);
    }

    #[tokio::test]
    async fn without_a_lifetime_each_question_is_asked() {
        let memberships = Memberships::new(Duration::ZERO);
        let count = Arc::new(AtomicUsize::new(0));
        let first = ask(&memberships, 1, &count, Ok(member())).await.unwrap();
        assert!(first.is_some());
        let second = ask(&memberships, 1, &count, Ok(None)).await.unwrap();
        assert!(second.is_none());
        assert_eq!(count.load(SeqCst), 2);
    }

    #[tokio::test]
    async fn an_absence_is_remembered_and_a_failure_is_not() {
        let memberships = Memberships::new(LONG);
        let count = Arc::new(AtomicUsize::new(0));
        for _ in 0..2 {
            let absent = ask(&memberships, 1, &count, Ok(None)).await.unwrap();
            assert!(absent.is_none());
        }
        assert_eq!(count.load(SeqCst), 1);
        let failed = Error::new(Code::Unavailable, "down");
        assert!(ask(&memberships, 2, &count, Err(failed)).await.is_err());
        let found = ask(&memberships, 2, &count, Ok(member())).await.unwrap();
        assert!(found.is_some());
    }

    #[test]
    fn an_answer_is_as_old_as_its_question() {
        let lifetime = Lifetime(Duration::from_secs(5));
        let since = Instant::now();
        let left = |membership, later| {
            let later = since + Duration::from_millis(later);
            lifetime.left(&Cached { since, membership }, later)
        };
        assert_eq!(left(member(), 2000), Duration::from_secs(3));
        assert_eq!(left(None, 400), Duration::from_millis(600));
        assert_eq!(left(None, 2000), Duration::ZERO);
    }

    #[tokio::test]
    async fn few_questions_are_asked_at_a_time() {
        let memberships = Memberships::new(LONG);
        let count = Arc::new(AtomicUsize::new(0));
        let hang = |user: u128| {
            let count = Arc::clone(&count);
            let question = memberships.get_or_query(Uuid::from_u128(user), "acme", || async move {
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
        let found = ask(&memberships, 6000, &count, Ok(member())).await.unwrap();
        assert!(found.is_some(), "turns came back");
    }
}
