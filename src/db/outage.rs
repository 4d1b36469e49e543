//! Whether the database can be reached, known from one probe for all requests.
//!
//! Each request alone would try again to connect until its time is over. Every request would be slow
//! during an outage, and its end would be noticed late. Here the first sign of an outage starts
//! a probe. While the server refuses the probe,
//! requests wait for a short time and are refused, and all of them learn at once when it ends.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::pool::Pool;

/// How long one attempt of the probe may take.
const PROBE_PATIENCE: Duration = Duration::from_secs(1);
/// How long the probe rests between two attempts, and so how late the end of an outage is noticed.
const PROBE_REST: Duration = Duration::from_millis(100);
/// A slow pool asks for no more than one probe in this time.
const SUSPICION_REST: Duration = Duration::from_secs(1);

pub(super) struct Outage {
    /// How to reach the server beside the pool; none where it has room for one connection only.
    pool: Option<Arc<Pool>>,
    down: watch::Sender<bool>,
    probing: AtomicBool,
    suspected: Mutex<Option<Instant>>,
}

impl Outage {
    pub fn new(pool: Option<Arc<Pool>>) -> Arc<Self> {
        Arc::new(Self {
            pool,
            down: watch::Sender::new(false),
            probing: AtomicBool::new(false),
            suspected: Mutex::new(None),
        })
    }

    pub fn is_down(&self) -> bool {
        *self.down.borrow()
    }

    /// Tells of the beginning and the end of an outage.
    pub fn watch(&self) -> watch::Receiver<bool> {
        self.down.subscribe()
    }

    /// Something is slow. Under load that is ordinary, so it is looked into once a second at most.
    pub fn suspect(self: &Arc<Self>) {
        let mut suspected = self
            .suspected
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if suspected.is_none_or(|since| since.elapsed() >= SUSPICION_REST) {
            *suspected = Some(Instant::now());
            drop(suspected);
            self.look();
        }
    }

    /// A connection was lost: finds out whether the database went with it.
    pub fn look(self: &Arc<Self>) {
        if self.pool.is_none() || self.probing.swap(true, Ordering::AcqRel) {
            return;
        }
        tokio::spawn(probe(Arc::downgrade(self)));
    }

    /// One attempt to connect; whatever the server answers, it is there.
    ///
    /// # Errors
    /// Why it is not.
    pub async fn attempt(&self) -> Result<(), wire::Error> {
        let Some(pool) = &self.pool else {
            return Ok(());
        };
        match pool.login.probe(PROBE_PATIENCE).await {
            Err(error) if error.is_lost() => Err(error),
            _ => Ok(()),
        }
    }

    fn set(&self, down: bool) -> bool {
        self.down.send_if_modified(|known| {
            let changed = *known != down;
            *known = down;
            changed
        })
    }
}

/// Tries until the database answers. It ends with the last holder of the outage.
async fn probe(outage: Weak<Outage>) {
    loop {
        let Some(outage) = outage.upgrade() else {
            return;
        };
        match outage.attempt().await {
            Ok(()) => {
                outage.probing.store(false, Ordering::Release);
                if outage.set(false) {
                    tracing::info!("the database is available again");
                }
                return;
            }
            Err(error) => {
                if outage.set(true) {
                    tracing::error!(%error, "the database is unavailable");
                }
            }
        }
        drop(outage);
        tokio::time::sleep(PROBE_REST).await;
    }
}
