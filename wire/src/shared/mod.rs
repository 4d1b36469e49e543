//! One connection that many callers share, each with whole batches.

mod driver;
mod queue;
mod reply;

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use tokio::sync::oneshot;

pub use reply::Reply;

use crate::connection::Connection;
use crate::error::Error;
use crate::event::Rows;
use crate::statement::Statement;
use crate::values::Values;
use driver::Driver;
use queue::{Outcome, Queue};

/// One statement of a batch.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// The statement.
    pub statement: &'a Statement,
    /// Its values.
    pub values: &'a Values,
    /// What becomes of its rows. Descriptions are not handed over.
    pub rows: Rows,
}

/// How much may be queued for a shared connection.
#[derive(Clone, Copy, Debug)]
pub struct QueueLimits {
    /// Most batches that are not answered.
    pub batches: usize,
    /// Bytes that are not sent yet; one batch may go beyond.
    pub bytes: usize,
}

impl Default for QueueLimits {
    fn default() -> Self {
        Self {
            batches: 256,
            bytes: 1 << 20,
        }
    }
}

/// A connection that many callers share. A copy shares the same one; when the last is dropped, the
/// connection is closed.
///
/// Each batch is complete in itself: statements and a Sync, so an error skips the rest of that batch
/// alone, and settings must be local to its transaction (`set_config(…, true)`). What waits behind a
/// long statement waits too, so only short ones belong here, with a statement timeout among their
/// settings. A batch that leaves a transaction open (`BEGIN`) loses the connection for everybody.
#[derive(Clone)]
pub struct Shared(Arc<Handle>);

struct Handle(Arc<Inner>);

struct Inner(Mutex<Queue>);

impl Inner {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    /// Shares a connection. Its limits go on to hold: `exchange` for the rows of each batch, and
    /// `answer` for how long the oldest batch may wait; after that the connection counts as lost.
    ///
    /// Must be called within a Tokio runtime, where a task serves the connection.
    ///
    /// # Errors
    /// [`Error::Busy`] if the connection is not at rest.
    pub fn new(connection: Connection, limits: QueueLimits) -> Result<Self, Error> {
        if !connection.is_idle() {
            return Err(Error::Busy);
        }
        let cap = connection.limits.exchange;
        let mut protocol = connection.protocol;
        // Rows are counted for each batch, and too many of one must not touch the next.
        protocol.lift_cap();
        let inner = Arc::new(Inner(Mutex::new(Queue::new(protocol, limits, cap))));
        let driver = Driver::new(
            connection.pipe,
            Arc::clone(&inner),
            connection.limits.answer,
        );
        tokio::spawn(driver.run());
        Ok(Self(Arc::new(Handle(inner))))
    }

    /// Queues a batch; it is sent whether the answer is awaited or not. An answer that nobody waits
    /// for is read and thrown away.
    ///
    /// # Errors
    /// [`Error::QueueFull`], [`Error::Argument`] for what cannot be sent, or [`Error::Lost`]. In all
    /// cases nothing was sent, and the batch may be asked on another connection.
    pub fn submit(&self, batch: &[Ask<'_>]) -> Result<Pending, Error> {
        let mut queue = self.0.0.lock();
        let answer = queue.push(batch)?;
        let waker = if queue.is_due() {
            queue.waker.take()
        } else {
            // The driver looks again with the next answer.
            None
        };
        drop(queue);
        if let Some(waker) = waker {
            waker.wake();
        }
        Ok(Pending(answer))
    }

    /// Runs a batch and waits for its answer.
    ///
    /// # Errors
    /// As [`Self::submit`] and [`Pending`].
    pub async fn run(&self, batch: &[Ask<'_>]) -> Result<Reply, Error> {
        self.submit(batch)?.await
    }

    /// Whether the connection is lost, so that a new one is needed.
    pub fn is_lost(&self) -> bool {
        self.0.0.lock().lost.is_some()
    }

    /// How many batches are not answered.
    pub fn waiting(&self) -> usize {
        self.0.0.lock().waiting.len()
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Shared({} waiting)", self.waiting())
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let mut queue = self.0.lock();
        queue.closing = true;
        let waker = queue.waker.take();
        drop(queue);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// The answer to a batch, once it is there.
///
/// # Errors
/// [`Error::Statement`] if a statement failed, and [`Error::TooLarge`] if its rows have too many
/// bytes; both concern this batch alone, unless its rows have eight times too many, which loses the
/// connection. [`Error::Lost`] if the connection was lost, with whether
/// the batch was sent.
#[must_use = "the answer is thrown away"]
pub struct Pending(oneshot::Receiver<Outcome>);

impl Future for Pending {
    type Output = Outcome;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Outcome> {
        Pin::new(&mut self.0).poll(context).map(|answer| {
            answer.unwrap_or_else(|_| {
                Err(Error::Lost {
                    // The task is gone with its runtime, so nobody knows.
                    sent: true,
                    cause: "the task of the connection has ended".to_owned(),
                })
            })
        })
    }
}
