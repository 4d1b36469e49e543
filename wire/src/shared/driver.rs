//! The task that writes what is queued and reads the answers in their order.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use postgres_protocol::message::frontend;
use tokio::time::Instant;

use super::Inner;
use super::queue::Done;
use crate::error::Error;
use crate::pipe::Pipe;

/// How long a farewell to the server may take.
const FAREWELL: Duration = Duration::from_millis(500);

pub(super) struct Driver {
    pipe: Pipe,
    inner: Arc<Inner>,
    /// How long the oldest batch may wait for its answer.
    patience: Duration,
    /// Bytes that were taken from the queue.
    taken: u64,
    /// Whether others had their turn since something was queued.
    yielded: bool,
    done: Vec<Done>,
}

impl Driver {
    pub(super) fn new(pipe: Pipe, inner: Arc<Inner>, patience: Duration) -> Self {
        Self {
            pipe,
            inner,
            patience,
            taken: 0,
            yielded: false,
            done: Vec::new(),
        }
    }

    /// Runs until the connection is lost, or nobody can ask any more and all is answered.
    pub(super) async fn run(mut self) {
        match poll_fn(|context| self.poll(context)).await {
            Ok(()) => {
                frontend::terminate(&mut self.pipe.outbox);
                let deadline = Instant::now() + FAREWELL;
                let _ = self.pipe.send(deadline, "the farewell to the server").await;
            }
            Err(error) => {
                tracing::warn!(%error, "a shared connection is lost");
                let sent = self.taken - self.pipe.unsent() as u64;
                let cause = error.to_string();
                self.inner.lock().lose(&cause, sent, &mut self.done);
                self.tell();
            }
        }
    }

    /// Goes on as far as it can. Ready when there is nothing more to do, ever.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        loop {
            let oldest = {
                let mut queue = self.inner.lock();
                queue.waker = None;
                if self.pipe.outbox.is_empty() && queue.is_due() {
                    // Whoever queues something wakes this task before others that are ready could
                    // queue something, too. What they have goes out with the same call.
                    if !self.yielded {
                        self.yielded = true;
                        context.waker().wake_by_ref();
                        return Poll::Pending;
                    }
                    self.yielded = false;
                    queue.take(&mut self.pipe.outbox);
                    self.taken = queue.end;
                }
                if self.pipe.outbox.is_empty() {
                    if queue.closing && queue.waiting.is_empty() {
                        return Poll::Ready(Ok(()));
                    }
                    queue.waker = Some(context.waker().clone());
                }
                queue.waiting.front().map(|waiting| waiting.asked)
            };
            let waits_to_send = self.pipe.poll_send(context).is_pending();
            match self.pipe.poll_fill(context) {
                Poll::Ready(Ok(())) => {
                    self.read()?;
                    continue;
                }
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {}
            }
            if let Some(oldest) = oldest {
                let late = self.pipe.poll_alarm(
                    context,
                    oldest + self.patience,
                    "the answer to the oldest batch",
                );
                if late.is_ready() {
                    return late;
                }
            }
            if waits_to_send || self.inner.lock().waker.is_some() {
                return Poll::Pending;
            }
            // All was sent, and more may be queued by now.
        }
    }

    fn read(&mut self) -> Result<(), Error> {
        let read = self.inner.lock().read(&mut self.pipe.inbox, &mut self.done);
        self.tell();
        read
    }

    /// Tells callers of their answers. Waking them takes longer than anything in the queue.
    fn tell(&mut self) {
        self.done.drain(..).for_each(Done::tell);
    }
}
