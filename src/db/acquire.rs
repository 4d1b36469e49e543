//! From the pool to a connection, despite dead connections and short outages.

use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};

use super::pool::Lease;
use super::{Db, loss};
use crate::error::{Code, Error};
use crate::telemetry::metrics;

/// How long a request waits for the end of an outage before it is refused.
const OUTAGE_PATIENCE: Duration = Duration::from_millis(500);
/// A pool that gives no connection for so long may have lost its server.
const SUSPICIOUS: Duration = Duration::from_millis(300);
/// How long a request rests before it tries once more to open a connection. The probe, which looks
/// whether the database can be reached at all, ends the rest when it knows.
const REST: Duration = Duration::from_millis(50);

impl Db {
    /// A connection for a scope.
    ///
    /// # Errors
    /// `UNAVAILABLE`.
    pub(super) async fn acquire(&self) -> Result<Lease, Error> {
        let asked = Instant::now();
        let lease = match self.inner.pool.take() {
            Some(free) => free,
            None => Box::pin(self.wait(asked)).await?,
        };
        metrics().connection(asked.elapsed());
        Ok(lease)
    }

    async fn wait(&self, asked: Instant) -> Result<Lease, Error> {
        let given_up = asked + self.inner.acquire_timeout;
        let turned_away = asked + OUTAGE_PATIENCE;
        let mut outage = self.inner.outage.watch();
        loop {
            if *outage.borrow_and_update() {
                let over = timeout_at(turned_away, outage.wait_for(|down| !down));
                if over.await.is_err() {
                    return Err(unreachable());
                }
            }
            let acquire = self.inner.pool.acquire();
            tokio::pin!(acquire);
            let suspicious = sleep(SUSPICIOUS);
            tokio::pin!(suspicious);
            let refused = loop {
                tokio::select! {
                    acquired = &mut acquire => match acquired {
                        Ok(lease) => return Ok(lease),
                        Err(error) => break Some(error),
                    },
                    () = &mut suspicious, if !suspicious.is_elapsed() => self.inner.outage.suspect(),
                    _ = outage.wait_for(|down| *down) => break None,
                    () = sleep_until(given_up) => return Err(loss::exhausted()),
                }
            };
            // An outage began: what waits for a place would notice the end of it late.
            let Some(error) = refused else { continue };
            let patient_until = match (error.is_lost(), loss::is_full(&error)) {
                (true, _) => {
                    self.lost();
                    turned_away
                }
                (_, true) => given_up,
                _ => return Err(loss::from_wire(&error)),
            };
            if Instant::now() + REST >= patient_until {
                return Err(loss::from_wire(&error));
            }
            let _ = timeout(REST, outage.wait_for(|down| *down)).await;
        }
    }

    /// A connection died. Those that lie idle are most likely dead too, and a request should not
    /// have to find that out for each of them.
    pub(super) fn lost(&self) {
        self.inner.pool.clear();
        self.inner.outage.look();
    }
}

/// The error of a request during an outage; the outage itself is logged once, not by each.
pub(super) fn unreachable() -> Error {
    Error::new(
        Code::Unavailable,
        "The database cannot be reached at the moment; try again shortly.",
    )
}

/// The outcome of a future that may take so long.
pub(super) async fn within<T>(
    patience: Duration,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    timeout(patience, work)
        .await
        .unwrap_or_else(|_| Err(unreachable()))
}
