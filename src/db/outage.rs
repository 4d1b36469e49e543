//! Whether the database can be reached, known from one probe for all requests.
//!
//! The pool alone would retry a refused connection inside each request, at growing intervals, until
//! the request's time is over. Every request would be slow during an outage, and its end would be
//! noticed late. Here the first sign of an outage starts a probe. While the server refuses the probe,
//! requests wait for a short time and are refused, and all of them learn at once when it ends.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection};
use tokio::sync::watch;

use super::loss;

/// How long one attempt of the probe may take.
const PROBE_PATIENCE: Duration = Duration::from_secs(1);
/// How long the probe rests between two attempts, and so how late the end of an outage is noticed.
const PROBE_REST: Duration = Duration::from_millis(100);
/// A slow pool asks for no more than one probe in this time.
const SUSPICION_REST: Duration = Duration::from_secs(1);

pub(super) struct Outage {
    /// How to reach the server beside the pool; none where it has room for one connection only.
    options: Option<PgConnectOptions>,
    down: watch::Sender<bool>,
    probing: AtomicBool,
    suspected: Mutex<Option<Instant>>,
}

impl Outage {
    pub fn new(options: Option<PgConnectOptions>) -> Arc<Self> {
        Arc::new(Self {
            options: options.map(|options| options.application_name("tessera probe")),
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
        if self.options.is_none() || self.probing.swap(true, Ordering::AcqRel) {
            return;
        }
        tokio::spawn(probe(Arc::downgrade(self)));
    }

    /// One attempt to connect; whatever the server answers, it is there.
    ///
    /// # Errors
    /// Why it is not.
    pub async fn attempt(&self) -> Result<(), sqlx::Error> {
        let Some(options) = &self.options else {
            return Ok(());
        };
        let connecting = tokio::time::timeout(PROBE_PATIENCE, options.connect()).await;
        match connecting.unwrap_or_else(|_| Err(loss::no_answer())) {
            Ok(connection) => {
                let _ = tokio::time::timeout(PROBE_PATIENCE, connection.close()).await;
                Ok(())
            }
            Err(error) if loss::is_lost(&error) => Err(error),
            Err(_) => Ok(()),
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
