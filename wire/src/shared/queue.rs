//! The batches of a shared connection: what is to be sent, and who waits for which answer.

use std::collections::VecDeque;
use std::task::Waker;

use bytes::BytesMut;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::reply::Reply;
use super::{Ask, QueueLimits};
use crate::encode::Encoder;
use crate::error::Error;
use crate::event::{Event, Transaction};
use crate::inbox::Inbox;
use crate::protocol::Protocol;
use crate::server_error::ServerError;

/// How many times its limit an answer may have until the connection is given up. Up to there it is
/// read and thrown away; what is longer would keep those behind it waiting.
const FAR_BEYOND: usize = 8;

pub(super) type Outcome = Result<Reply, Error>;

/// A caller who waits for the answer to a batch.
pub(super) struct Waiting {
    done: oneshot::Sender<Outcome>,
    /// Where its messages begin, in bytes since the connection was shared.
    start: u64,
    pub(super) asked: Instant,
}

pub(super) struct Queue {
    /// What the driver has not taken yet.
    out: BytesMut,
    /// Bytes that were ever put in there.
    pub(super) end: u64,
    pub(super) waiting: VecDeque<Waiting>,
    /// How many of those, the last ones, the driver has not taken yet.
    unsent: usize,
    /// Wakes the driver. Taken by whoever has something for it.
    pub(super) waker: Option<Waker>,
    /// Whether nobody can ask any more.
    pub(super) closing: bool,
    /// Why the connection is lost.
    pub(super) lost: Option<String>,
    protocol: Protocol,
    limits: QueueLimits,
    /// Most bytes of the rows of one batch.
    cap: usize,
    batch: u64,
    /// What is answered at the moment.
    reply: Reply,
    bytes: usize,
    failed: Option<(usize, Box<ServerError>)>,
}

impl Queue {
    pub(super) fn new(protocol: Protocol, limits: QueueLimits, cap: usize) -> Self {
        Self {
            out: BytesMut::new(),
            end: 0,
            waiting: VecDeque::new(),
            unsent: 0,
            waker: None,
            closing: false,
            lost: None,
            protocol,
            limits,
            cap,
            // Beyond those of the connection when it had one owner.
            batch: u64::MAX / 2,
            reply: Reply::default(),
            bytes: 0,
            failed: None,
        }
    }

    /// Puts a batch in the queue. After an error nothing is left of it.
    pub(super) fn push(&mut self, asks: &[Ask<'_>]) -> Result<oneshot::Receiver<Outcome>, Error> {
        if let Some(cause) = &self.lost {
            let cause = cause.clone();
            return Err(Error::Lost { sent: false, cause });
        }
        if self.waiting.len() >= self.limits.batches || self.out.len() >= self.limits.bytes {
            return Err(Error::QueueFull);
        }
        self.batch += 1;
        let (before, steps) = (self.out.len(), self.protocol.steps.len());
        let mut encoder = Encoder {
            out: &mut self.out,
            steps: &mut self.protocol.steps,
            cache: &mut self.protocol.cache,
            batch: self.batch,
        };
        let encoded = encoder.closes().and_then(|()| {
            asks.iter()
                .try_for_each(|ask| encoder.statement(ask.statement, ask.values, ask.rows))
        });
        if let Err(error) = encoded {
            self.out.truncate(before);
            self.protocol.withdraw(steps);
            return Err(error);
        }
        encoder.sync();
        let (done, answer) = oneshot::channel();
        self.waiting.push_back(Waiting {
            done,
            start: self.end,
            asked: Instant::now(),
        });
        self.unsent += 1;
        self.end += (self.out.len() - before) as u64;
        Ok(answer)
    }

    /// Whether what is queued should go out. While the server still has more to do than what is
    /// queued, sending gains nothing: it answers in order anyway, and what comes together costs both
    /// sides less. It has the other half to do when one half is sent, so it does not wait, either.
    pub(super) fn is_due(&self) -> bool {
        /// So much is worth a call of its own.
        const MUCH: usize = 16 * 1024;
        let under_way = self.waiting.len() - self.unsent;
        self.unsent > 0 && (self.unsent >= under_way || self.out.len() >= MUCH)
    }

    /// Takes what is queued, in exchange for an empty buffer.
    pub(super) fn take(&mut self, buffer: &mut BytesMut) {
        std::mem::swap(buffer, &mut self.out);
        self.unsent = 0;
    }

    /// Reads what came. Whose answers are complete is put into a list, to be told when nobody has
    /// to wait for the queue.
    pub(super) fn read(&mut self, inbox: &mut Inbox, done: &mut Vec<Done>) -> Result<(), Error> {
        loop {
            // Nobody needs the rows of a caller who is gone.
            let front = self.waiting.front();
            self.protocol.draining = front.is_none_or(|waiting| waiting.done.is_closed());
            let Some(event) = self.protocol.next(inbox)? else {
                return Ok(());
            };
            match event {
                Event::Row { row, .. } => {
                    self.bytes = self.bytes.saturating_add(row.size());
                    if self.bytes <= self.cap {
                        self.reply.push(row);
                    } else {
                        self.reply = Reply::default();
                    }
                    if self.bytes / FAR_BEYOND > self.cap {
                        return Err(Error::TooLarge {
                            what: "the answer to a batch, which others wait behind,",
                            limit: self.cap,
                        });
                    }
                }
                Event::Done { affected, .. } => self.reply.end_statement(affected),
                Event::Failed { statement, error } => {
                    self.failed.get_or_insert((statement, error));
                }
                Event::Ready(Transaction::None) => self.finish(done),
                Event::Ready(_) => {
                    return Err(Error::protocol(
                        "a batch left a transaction open on a shared connection",
                    ));
                }
                Event::Columns { .. } => {}
            }
        }
    }

    fn finish(&mut self, done: &mut Vec<Done>) {
        let reply = std::mem::take(&mut self.reply);
        let bytes = std::mem::take(&mut self.bytes);
        let outcome = match self.failed.take() {
            Some((statement, error)) => Err(Error::Statement { statement, error }),
            None if bytes > self.cap => Err(Error::TooLarge {
                what: "the answer to a batch",
                limit: self.cap,
            }),
            None => Ok(reply),
        };
        if let Some(waiting) = self.waiting.pop_front() {
            done.push(Done {
                to: waiting.done,
                outcome,
            });
        }
    }

    /// Ends the queue: everybody who waits is told, and whether their batch was sent.
    pub(super) fn lose(&mut self, cause: &str, sent: u64, done: &mut Vec<Done>) {
        self.lost = Some(cause.to_owned());
        self.out = BytesMut::new();
        self.unsent = 0;
        done.extend(self.waiting.drain(..).map(|waiting| Done {
            to: waiting.done,
            outcome: Err(Error::Lost {
                sent: waiting.start < sent,
                cause: cause.to_owned(),
            }),
        }));
    }
}

/// An answer that is complete.
pub(super) struct Done {
    to: oneshot::Sender<Outcome>,
    outcome: Outcome,
}

impl Done {
    /// Hands it over, to whoever still waits.
    pub(super) fn tell(self) {
        let _ = self.to.send(self.outcome);
    }
}
