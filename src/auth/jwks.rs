//! The issuer's keys: fetched, kept, and fetched anew in time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::fetch::{JwksUrl, Source};
use super::jwk::KeySet;

/// Bounds of what the server may say about how long its keys may be kept.
const SHORTEST_LIFETIME: Duration = Duration::from_secs(60);
const LONGEST_LIFETIME: Duration = Duration::from_secs(3600);
/// Longest pause after a failure.
const LONGEST_RETRY: Duration = Duration::from_secs(60);

/// Where the issuer's keys are, and when they are fetched.
#[derive(Clone, Debug)]
pub struct JwksOptions {
    pub url: JwksUrl,
    /// After how long keys are fetched anew where the server does not say.
    pub lifetime: Duration,
    /// How long after a fetch a token with an unknown key causes no other one.
    pub pause: Duration,
    /// Pause after a first failure; it doubles with each further one, up to a minute.
    pub retry: Duration,
    /// How long one fetch may take.
    pub timeout: Duration,
    /// How long a request waits for a fetch.
    pub patience: Duration,
}

impl JwksOptions {
    pub fn new(url: JwksUrl) -> Self {
        Self {
            url,
            lifetime: Duration::from_secs(600),
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
}

#[derive(Debug)]
struct State {
    /// The last set that could be used. It stays when the server fails.
    known: Option<Arc<KeySet>>,
    /// When the keys are fetched anew.
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
        }
    }

    pub(super) fn url(&self) -> &JwksUrl {
        &self.options.url
    }

    /// The keys as they are known; none when they were never fetched.
    pub(super) fn known(&self) -> Option<Arc<KeySet>> {
        self.lock().known.clone()
    }

    /// Fetches the keys because a token asks for one that is not known, unless that was done just
    /// now. All requests wait for the same fetch, and no longer than their patience; a fetch goes
    /// on when they have left.
    pub(super) async fn look_again(self: &Arc<Self>) {
        if let Some(flight) = self.fly(false) {
            let _ = tokio::time::timeout(self.options.patience, landed(flight)).await;
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
            (None, Some(known)) => Ok(Arc::clone(known)),
            (Some(error), _) => Err(error.clone()),
            (None, None) => Err("could not be asked".to_owned()),
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
        let now = Instant::now();
        let mut state = self.lock();
        match fetched {
            Ok((set, max_age)) => {
                let lifetime = max_age.map_or(self.options.lifetime, |age| {
                    age.clamp(SHORTEST_LIFETIME, LONGEST_LIFETIME)
                });
                state.due = now + lifetime;
                state.rests_until = now + self.options.pause;
                self.tell(state.known.as_deref(), &set, state.failures > 0);
                state.failures = 0;
                state.error = None;
                state.known = Some(Arc::new(set));
            }
            Err(cause) => {
                let doublings = state.failures.min(16);
                let wait = (self.options.retry * 2u32.pow(doublings)).min(LONGEST_RETRY);
                state.due = now + wait;
                state.rests_until = now + wait;
                state.failures += 1;
                tracing::warn!(
                    url = %self.options.url,
                    %cause,
                    known = state.known.as_ref().map_or(0, |set| set.keys.len()),
                    retry_after_seconds = wait.as_secs_f64(),
                    "the keys that tokens are checked with cannot be fetched; those that are known stay in use"
                );
                state.error = Some(cause);
            }
        }
    }

    /// Logs a set that differs from the one before.
    fn tell(&self, before: Option<&KeySet>, set: &KeySet, recovered: bool) {
        let names = |set: &KeySet| -> Vec<String> {
            let name = |key: &super::key::Key| {
                let id = key.id.as_deref().unwrap_or("unnamed");
                format!("{} {}", key.algorithm, id.escape_debug())
            };
            set.keys.iter().map(name).collect()
        };
        let (old, new) = (before.map(names), names(set));
        if old.as_ref() != Some(&new) || recovered {
            tracing::info!(url = %self.options.url, keys = ?new, "fetched the keys that tokens are checked with");
        }
        if before.map(|before| &before.skipped) != Some(&set.skipped) {
            for skipped in &set.skipped {
                tracing::warn!(url = %self.options.url, skipped, "a key cannot be used and is skipped");
            }
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
