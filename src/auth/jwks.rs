//! The issuer's keys: fetched in the background, cached, and fetched again in time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, watch};

use super::fetch::{JwksUrl, Source};
use super::jwk::KeySet;
use super::key::{Key, too_many};
use super::token::MOST_TRIED;
use crate::telemetry::metrics;

/// Bounds of what the server may say about how long its keys may be kept.
const SHORTEST_LIFETIME: Duration = Duration::from_secs(60);
const LONGEST_LIFETIME: Duration = Duration::from_secs(3600);
/// Longest pause after a failure.
const LONGEST_RETRY: Duration = Duration::from_secs(60);

/// Most requests that wait for a fetch at a time before any keys are known.
const MOST_AT_FIRST: usize = 64;
/// Most requests with an unknown key that wait for a fetch at a time, and how long. The issuer may
/// hang, and tokens with unknown keys cost nothing to make.
const MOST_WITH_UNKNOWN_KEY: usize = 8;
const PATIENCE_WITH_UNKNOWN_KEY: Duration = Duration::from_secs(1);

/// Where the issuer's keys are, and when they are fetched.
#[derive(Clone, Debug)]
pub struct JwksOptions {
    pub url: JwksUrl,
    /// After how long keys are fetched again if the server does not say.
    pub lifetime: Duration,
    /// How long fetched keys stay in use if they cannot be fetched again; none is unlimited.
    pub max_age: Option<Duration>,
    /// How long after a fetch a token with an unknown key causes no other one.
    pub pause: Duration,
    /// Pause after a first failure; it doubles with each further one, up to a minute.
    pub retry: Duration,
    /// How long one fetch may take.
    pub timeout: Duration,
    /// How long a request waits for the first fetch.
    pub patience: Duration,
}

impl JwksOptions {
    pub fn new(url: JwksUrl) -> Self {
        Self {
            url,
            lifetime: Duration::from_secs(600),
            max_age: Some(Duration::from_secs(86_400)),
            pause: Duration::from_secs(30),
            retry: Duration::from_secs(1),
            timeout: Duration::from_secs(5),
            patience: Duration::from_secs(3),
        }
    }
}

#[derive(Debug)]
pub(super) struct Jwks {
    options: JwksOptions,
    source: Source,
    state: Mutex<State>,
    /// Places for requests that wait for a fetch.
    at_first: Semaphore,
    with_unknown_key: Semaphore,
}

#[derive(Debug)]
struct State {
    /// The last set that could be used. It stays when the server fails.
    known: Option<Known>,
    /// When the keys are fetched again.
    due: Instant,
    /// Until then no request causes a fetch.
    rests_until: Instant,
    /// Fetches that failed since the last good one.
    failures: u32,
    /// Why the last fetch failed.
    error: Option<String>,
    /// The fetch under way; its other side is dropped when it has ended.
    flight: Option<watch::Receiver<()>>,
}

#[derive(Debug)]
struct Known {
    set: Arc<KeySet>,
    fetched: Instant,
}

/// What a request knows about the keys after it looked for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Looked {
    /// They are as new as they get at the moment.
    Settled,
    /// A fetch is under way, and the request did not wait for its end.
    UnderWay,
}

impl Jwks {
    pub(super) fn new(options: JwksOptions) -> Self {
        let now = Instant::now();
        Self {
            source: Source::new(options.url.clone(), options.timeout),
            options,
            state: Mutex::new(State {
                known: None,
                due: now,
                rests_until: now,
                failures: 0,
                error: None,
                flight: None,
            }),
            at_first: Semaphore::new(MOST_AT_FIRST),
            with_unknown_key: Semaphore::new(MOST_WITH_UNKNOWN_KEY),
        }
    }

    pub(super) fn url(&self) -> &JwksUrl {
        &self.options.url
    }

    pub(super) fn max_age(&self) -> Option<Duration> {
        self.options.max_age
    }

    /// The keys that may be used; none when they were never fetched, or too long ago.
    pub(super) fn known(&self) -> Option<Arc<KeySet>> {
        let state = self.lock();
        let known = state.known.as_ref()?;
        (!self.is_too_old(known)).then(|| Arc::clone(&known.set))
    }

    fn is_too_old(&self, known: &Known) -> bool {
        let longest = self.options.max_age;
        longest.is_some_and(|longest| known.fetched.elapsed() >= longest)
    }

    /// Sees to it that the keys are fetched because a token asks for one that is not known, unless
    /// that was done just now. All requests wait for the same fetch, which goes on when they have
    /// left. Once keys are known only a few wait, and for a moment: the first tokens of a new key
    /// are good at once, and a flood of made-up keys holds nothing.
    pub(super) async fn look_again(self: &Arc<Self>) -> Looked {
        let Some(flight) = self.fly(false) else {
            return Looked::Settled;
        };
        let (places, patience) = if self.known().is_none() {
            (&self.at_first, self.options.patience)
        } else {
            let patience = self.options.patience.min(PATIENCE_WITH_UNKNOWN_KEY);
            (&self.with_unknown_key, patience)
        };
        let Ok(_place) = places.try_acquire() else {
            return Looked::UnderWay;
        };
        match tokio::time::timeout(patience, landed(flight)).await {
            Ok(()) => Looked::Settled,
            Err(_) => Looked::UnderWay,
        }
    }

    /// Fetches the keys now.
    ///
    /// # Errors
    /// Why they cannot be fetched.
    pub(super) async fn fetch_now(self: &Arc<Self>) -> Result<Arc<KeySet>, String> {
        if let Some(flight) = self.fly(true) {
            landed(flight).await;
        }
        let state = self.lock();
        match (&state.error, &state.known) {
            (None, Some(known)) => Ok(Arc::clone(&known.set)),
            (Some(error), _) => Err(error.clone()),
            (None, None) => Err("could not be requested".to_owned()),
        }
    }

    /// Fetches the keys whenever they are due, for ever.
    pub(super) async fn keep_fresh(self: Arc<Self>) {
        loop {
            let due = self.lock().due;
            tokio::time::sleep_until(due.into()).await;
            // A request may have been faster.
            if self.lock().due <= Instant::now()
                && let Some(flight) = self.fly(true)
            {
                landed(flight).await;
            }
        }
    }

    /// The fetch under way, or a new one where it is time for one or `now` asks for it.
    fn fly(self: &Arc<Self>, now: bool) -> Option<watch::Receiver<()>> {
        let mut state = self.lock();
        if let Some(flight) = &state.flight
            && flight.has_changed().is_ok()
        {
            return Some(flight.clone());
        }
        if !now && Instant::now() < state.rests_until {
            return None;
        }
        let (airborne, flight) = watch::channel(());
        state.flight = Some(flight.clone());
        let jwks = Arc::clone(self);
        tokio::spawn(async move {
            jwks.fetch().await;
            drop(airborne);
        });
        Some(flight)
    }

    async fn fetch(&self) {
        let fetched = match self.source.fetch().await {
            Ok(document) => KeySet::read(&document.body).map(|set| (set, document.max_age)),
            Err(cause) => Err(cause),
        };
        metrics().keys.fetched(fetched.is_ok());
        let now = Instant::now();
        let mut state = self.lock();
        match fetched {
            Ok((set, server_says)) => {
                let lifetime = server_says.map_or(self.options.lifetime, |age| {
                    age.clamp(SHORTEST_LIFETIME, LONGEST_LIFETIME)
                });
                // There must be time for another try before the keys are too old.
                let longest = self.options.max_age.map(|age| age / 2);
                state.due = now + longest.map_or(lifetime, |longest| lifetime.min(longest));
                state.rests_until = now + self.options.pause;
                let before = state.known.as_ref().map(|known| &*known.set);
                self.tell(before, &set, state.failures > 0);
                state.failures = 0;
                state.error = None;
                metrics().keys.are_known(set.keys.len(), now);
                state.known = Some(Known {
                    set: Arc::new(set),
                    fetched: now,
                });
            }
            Err(cause) => {
                let doublings = state.failures.min(16);
                let wait = (self.options.retry * 2u32.pow(doublings)).min(LONGEST_RETRY);
                state.due = now + wait;
                state.rests_until = now + wait;
                state.failures += 1;
                self.tell_failure(&cause, state.known.as_ref(), wait);
                state.error = Some(cause);
            }
        }
    }

    /// Logs a set that differs from the one before.
    fn tell(&self, before: Option<&KeySet>, set: &KeySet, recovered: bool) {
        let names = |set: &KeySet| -> Vec<String> {
            let name = |key: &Key| {
                let id = key.id.as_deref().unwrap_or("unnamed");
                format!("{} {}", key.algorithm, id.escape_debug())
            };
            set.keys.iter().map(name).collect()
        };
        let url = &self.options.url;
        let (old, new) = (before.map(names), names(set));
        if old.as_ref() != Some(&new) || recovered {
            if new.is_empty() {
                tracing::error!(
                    %url,
                    withdrawn = ?old.unwrap_or_default(),
                    "the issuer's key set is empty, which withdraws all keys; tokens signed with them are refused"
                );
            } else {
                tracing::info!(%url, keys = ?new, "fetched the issuer's keys");
            }
            if let Some(algorithm) = too_many(&set.keys) {
                tracing::warn!(
                    %url,
                    %algorithm,
                    "the issuer's key set has more than {MOST_TRIED} keys of one algorithm; a token without `kid` is tried with the first {MOST_TRIED}"
                );
            }
        }
        if before.map(|before| &before.skipped) != Some(&set.skipped) {
            for skipped in &set.skipped {
                tracing::warn!(%url, skipped, "a key cannot be used and is skipped");
            }
        }
    }

    fn tell_failure(&self, cause: &str, known: Option<&Known>, wait: Duration) {
        let url = &self.options.url;
        let retry_after_seconds = (wait.as_secs_f64() * 10.0).round() / 10.0;
        match known {
            Some(known) if self.is_too_old(known) => tracing::error!(
                %url,
                cause,
                age_seconds = known.fetched.elapsed().as_secs(),
                retry_after_seconds,
                "the issuer's keys cannot be fetched; the known keys are older than jwks_max_age and not used any more"
            ),
            _ => tracing::warn!(
                %url,
                cause,
                known = known.map_or(0, |known| known.set.keys.len()),
                retry_after_seconds,
                "the issuer's keys cannot be fetched; the known keys stay in use"
            ),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change under the lock is complete before anything there can fail.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits for the end of a fetch, however it ends.
async fn landed(mut flight: watch::Receiver<()>) {
    while flight.changed().await.is_ok() {}
}
