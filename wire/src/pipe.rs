//! Moves bytes both ways at once, so that neither side waits for the other to read.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWrite};
use tokio::time::Instant;

use crate::alarm::Alarm;
use crate::error::Error;
use crate::inbox::Inbox;
use crate::stream::Stream;

/// A buffer for sending that was larger is given back once it is sent.
const KEPT: usize = 256 * 1024;

pub(crate) struct Pipe {
    pub(crate) stream: Stream,
    pub(crate) inbox: Inbox,
    pub(crate) outbox: BytesMut,
    /// How much of the outbox is sent.
    sent: usize,
    /// Whether the stream may still hold back something of it.
    unflushed: bool,
    /// Why nothing more can be sent. What the server said before is read first: it may say why.
    refused: Option<io::Error>,
    /// Bytes that were to be sent after that.
    given_up: usize,
    alarm: Alarm,
}

impl Pipe {
    pub(crate) fn new(stream: Stream, message_cap: usize) -> Self {
        Self {
            stream,
            inbox: Inbox::new(message_cap),
            outbox: BytesMut::new(),
            sent: 0,
            unflushed: false,
            refused: None,
            given_up: 0,
            alarm: Alarm::default(),
        }
    }

    /// Whether all is sent that should be.
    pub(crate) fn is_sent(&self) -> bool {
        self.outbox.is_empty() && !self.unflushed
    }

    /// How many bytes of the outbox never went out, though nothing more will.
    pub(crate) fn unsent(&self) -> usize {
        self.outbox.len() - self.sent + self.given_up
    }

    /// Sends what is to be sent. Ready once all is, or nothing more can be.
    pub(crate) fn poll_send(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.refused.is_some() {
            return self.give_up();
        }
        while self.sent < self.outbox.len() {
            let rest = &self.outbox[self.sent..];
            match Pin::new(&mut self.stream).poll_write(context, rest) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(0)) => return self.refuse(io::ErrorKind::WriteZero.into()),
                Poll::Ready(Ok(bytes)) => {
                    self.sent += bytes;
                    self.unflushed = true;
                }
                Poll::Ready(Err(error)) => return self.refuse(error),
            }
        }
        if self.sent > 0 {
            self.sent = 0;
            if self.outbox.capacity() > KEPT {
                self.outbox = BytesMut::new();
            }
            self.outbox.clear();
        }
        if self.unflushed {
            match Pin::new(&mut self.stream).poll_flush(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(())) => self.unflushed = false,
                Poll::Ready(Err(error)) => return self.refuse(error),
            }
        }
        Poll::Ready(())
    }

    fn refuse(&mut self, error: io::Error) -> Poll<()> {
        self.refused = Some(error);
        self.give_up()
    }

    fn give_up(&mut self) -> Poll<()> {
        self.given_up += self.outbox.len() - self.sent;
        self.outbox.clear();
        self.sent = 0;
        self.unflushed = false;
        Poll::Ready(())
    }

    /// Reads what is there. Ready once something came, with an error if nothing will.
    pub(crate) fn poll_fill(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let room = self.inbox.room();
        let read = pin!(self.stream.read_buf(room)).poll(context);
        match read {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Ok(0)) => Poll::Ready(Err(match self.refused.take() {
                Some(error) => Error::io("sending to the server", error),
                None => Error::closed("reading from the server"),
            })),
            Poll::Ready(Ok(bytes)) => {
                self.inbox.filled(bytes);
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => {
                Poll::Ready(Err(Error::io("reading from the server", error)))
            }
        }
    }

    /// Sends and reads until something more came.
    pub(crate) async fn exchange(&mut self, deadline: Instant, what: &str) -> Result<(), Error> {
        poll_fn(|context| {
            let _ = self.poll_send(context);
            if let Poll::Ready(read) = self.poll_fill(context) {
                return Poll::Ready(read);
            }
            self.alarm
                .poll(context, deadline)
                .map(|()| Err(Error::Late(what.to_owned())))
        })
        .await
    }

    /// Sends all that is to be sent, and reads nothing.
    pub(crate) async fn send(&mut self, deadline: Instant, what: &str) -> Result<(), Error> {
        poll_fn(|context| {
            if self.poll_send(context).is_ready() {
                return Poll::Ready(match self.refused.take() {
                    None => Ok(()),
                    Some(error) => Err(Error::io(what, error)),
                });
            }
            self.poll_alarm(context, deadline, what)
        })
        .await
    }

    pub(crate) fn poll_alarm(
        &mut self,
        context: &mut Context<'_>,
        deadline: Instant,
        what: &str,
    ) -> Poll<Result<(), Error>> {
        let rung = self.alarm.poll(context, deadline);
        rung.map(|()| Err(Error::Late(what.to_owned())))
    }

    /// Reads what has come by now, without waiting.
    pub(crate) fn look(&mut self) -> Result<(), Error> {
        let mut context = Context::from_waker(Waker::noop());
        match self.poll_fill(&mut context) {
            Poll::Pending => Ok(()),
            Poll::Ready(read) => read,
        }
    }
}
