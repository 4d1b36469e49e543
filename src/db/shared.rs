//! Connections that short reads share.
//!
//! A batch of one level is complete in itself: its settings are local to its implicit transaction,
//! and an error in it makes the server skip the rest of it alone. So batches of several requests
//! follow each other on one connection without waiting for each other's answers. What waits behind
//! a statement that is slow after all, because somebody locks its table, is asked again on
//! a connection of its own after a short time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::timeout;
use wire::{Ask as Part, QueueLimits, Reply, Rows, Shared};

use super::form::{Form, ScopeSettings};
use super::loss;
use super::pool::Pool;

/// How long a short read may take on a shared connection, together with those before it. It takes
/// a millisecond; this is for when something holds it up.
const SHORT: Duration = Duration::from_millis(250);
/// Most batches that wait for a connection; more take one of their own.
const QUEUE: QueueLimits = QueueLimits {
    batches: 64,
    bytes: 1 << 20,
};
/// Most bytes of the rows of one batch. They are held until the batch is complete, before the
/// operation counts them.
const ANSWER: usize = 128 * 1024;

pub(super) struct SharedConnections {
    pool: Arc<Pool>,
    slots: Box<[Slot]>,
}

#[derive(Default)]
struct Slot {
    shared: Mutex<Option<Shared>>,
    opening: AtomicBool,
}

impl Slot {
    fn get(&self) -> Option<Shared> {
        let shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        shared.clone().filter(|shared| !shared.is_lost())
    }

    fn set(&self, shared: Option<Shared>) {
        *self.shared.lock().unwrap_or_else(PoisonError::into_inner) = shared;
    }
}

impl SharedConnections {
    /// So many connections, which are opened when they are needed.
    pub fn new(pool: Arc<Pool>, number: u32) -> Arc<Self> {
        Arc::new(Self {
            pool,
            slots: (0..number).map(|_| Slot::default()).collect(),
        })
    }

    /// Runs a level whose statements are short. None where it should be asked on a connection of
    /// its own: nothing of it was told to anybody, and it only reads.
    pub async fn run(
        self: &Arc<Self>,
        (settings, left): (&ScopeSettings, Duration),
        level: &[Part<'_>],
    ) -> Option<Result<Reply, wire::Error>> {
        let shared = self.choose()?;
        let settings = ScopeSettings {
            statement_timeout: left.min(SHORT),
            ..*settings
        };
        let values = settings.values();
        let first = Part {
            statement: settings.statement(),
            values: &values,
            rows: Rows::Discard,
        };
        let batch: Vec<Part<'_>> = std::iter::once(first)
            .chain(level.iter().copied())
            .collect();
        match timeout(SHORT, shared.run(&batch)).await.ok()? {
            Ok(reply) => Some(Ok(reply)),
            Err(
                wire::Error::QueueFull | wire::Error::Lost { .. } | wire::Error::TooLarge { .. },
            ) => None,
            Err(error) if loss::is_cancelled(&error) || loss::asks_again(&error) => None,
            Err(error) => Some(Err(error)),
        }
    }

    /// The connection for which the fewest wait. One that is missing is opened beside the requests.
    fn choose(self: &Arc<Self>) -> Option<Shared> {
        let mut least: Option<(usize, Shared)> = None;
        for (index, slot) in self.slots.iter().enumerate() {
            match slot.get() {
                Some(shared) => {
                    let waiting = shared.waiting();
                    if least.as_ref().is_none_or(|(least, _)| waiting < *least) {
                        least = Some((waiting, shared));
                    }
                }
                None if !slot.opening.swap(true, Ordering::AcqRel) => {
                    let all = Arc::clone(self);
                    tokio::spawn(async move { all.open(index).await });
                }
                None => {}
            }
        }
        least.map(|(_, shared)| shared)
    }

    async fn open(&self, index: usize) {
        /// How long the next attempt waits.
        const REST: Duration = Duration::from_secs(1);
        let slot = &self.slots[index];
        let opened = match self.pool.login.open_for(ANSWER).await {
            // Elsewhere a transaction would stay open after an error, for everybody.
            Ok(member) if member.form == Form::Connection => Shared::new(member.connection, QUEUE),
            Ok(member) => {
                member.connection.close().await;
                tracing::debug!("connections are not shared behind this server");
                // It stays so.
                return;
            }
            Err(error) => Err(error),
        };
        match opened {
            Ok(shared) => slot.set(Some(shared)),
            Err(error) => {
                tracing::debug!(%error, "a connection to share cannot be opened");
                tokio::time::sleep(REST).await;
            }
        }
        slot.opening.store(false, Ordering::Release);
    }

    /// Closes them, once what was asked is answered.
    pub fn close(&self) {
        for slot in &self.slots {
            slot.opening.store(true, Ordering::Release);
            slot.set(None);
        }
    }
}
