//! A connection that one caller at a time talks on.

use std::collections::BTreeMap;
use std::time::Duration;

use postgres_protocol::message::frontend;
use tokio::time::Instant;

use crate::cancel::CancelToken;
use crate::error::Error;
use crate::event::{Event, Transaction};
use crate::exchange::Exchange;
use crate::pipe::Pipe;
use crate::protocol::Protocol;
use crate::settings::{Limits, Settings};

/// How long a farewell to the server may take.
const FAREWELL: Duration = Duration::from_millis(500);

/// A connection to a server, made by [`Connection::connect`] or [`Connection::over`]. Dropping it
/// closes it without a word; PostgreSQL sees that once nothing runs on it any more.
///
/// `COPY` is not spoken: a statement that begins one loses the connection.
pub struct Connection {
    pub(crate) pipe: Pipe,
    pub(crate) protocol: Protocol,
    pub(crate) limits: Limits,
    pub(crate) cancel: Option<CancelToken>,
    /// Whether something was asked whose Sync is not answered yet.
    pub(crate) open: bool,
    /// Whether that Sync was written.
    pub(crate) synced: bool,
    pub(crate) broken: bool,
    pub(crate) transaction: Transaction,
    /// The number of the exchange.
    pub(crate) batch: u64,
}

impl Connection {
    pub(crate) fn new(
        mut pipe: Pipe,
        settings: &Settings,
        parameters: BTreeMap<String, String>,
        cancel: Option<CancelToken>,
    ) -> Self {
        let limits = settings.limits.clone();
        pipe.inbox.set_cap(limits.message);
        let keep = settings.keep.clone();
        Self {
            pipe,
            protocol: Protocol::new(keep, limits.exchange, parameters),
            limits,
            cancel,
            open: false,
            synced: false,
            broken: false,
            transaction: Transaction::None,
            batch: 0,
        }
    }

    /// Whether the connection may be given to somebody else: nothing is under way, no transaction
    /// is open, and as far as is known the server is there.
    pub fn is_idle(&self) -> bool {
        !self.broken && !self.open && self.transaction == Transaction::None && self.pipe.is_sent()
    }

    /// Whether the connection is of no use any more.
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    /// Reads, without waiting, what the server said while nobody asked. A pool calls this before it
    /// hands an idle connection out, and learns of a server that has gone; it costs no system call
    /// unless something came.
    ///
    /// # Errors
    /// [`Error::Busy`] in the middle of an exchange; otherwise why the connection is lost.
    pub fn look(&mut self) -> Result<(), Error> {
        if self.open {
            return Err(Error::Busy);
        }
        self.check()?;
        // What came says more than the end of the stream behind it.
        let looked = self.pipe.look();
        let heard = self.protocol.next(&mut self.pipe.inbox);
        // Nothing was asked, so everything but asides is an error of its own.
        let outcome = heard.map(drop).and(looked);
        self.broken = outcome.is_err();
        outcome
    }

    /// Begins an exchange. Nothing is sent yet.
    ///
    /// # Errors
    /// [`Error::Busy`] if an exchange was left half way; [`Connection::drain`] ends it. Otherwise
    /// why the connection is lost: what the exchange would have sent was not sent.
    pub fn exchange(&mut self) -> Result<Exchange<'_>, Error> {
        self.look()?;
        self.batch += 1;
        Ok(Exchange::new(self))
    }

    /// Goes on with an exchange whose answers up to its last Flush were all read: what is added now
    /// belongs to the same transaction. Where nothing is open it begins one.
    ///
    /// # Errors
    /// [`Error::Busy`] if answers are still to come or the exchange was told to end; otherwise why
    /// the connection is lost.
    pub fn resume(&mut self) -> Result<Exchange<'_>, Error> {
        if !self.open {
            return self.exchange();
        }
        self.check()?;
        if self.is_answering() || self.synced {
            return Err(Error::Busy);
        }
        let statements = self.protocol.answered();
        Ok(Exchange::resumed(self, statements))
    }

    /// Whether answers are still to come, and so something may run.
    pub fn is_answering(&self) -> bool {
        !self.protocol.steps.is_empty()
    }

    /// Ends an exchange that was left half way, reading and throwing away what is still to come;
    /// a transaction that was left open is rolled back. Afterwards the connection is at rest.
    /// It does not stop what runs: see [`Connection::cancel_token`].
    ///
    /// # Errors
    /// [`Error::Late`] if it takes longer than `patience`, and whatever loses the connection; it is
    /// to be closed then.
    pub async fn drain(&mut self, patience: Duration) -> Result<(), Error> {
        let deadline = Instant::now() + patience;
        self.protocol.draining = true;
        let drained = self.drain_until(deadline).await;
        self.protocol.draining = false;
        self.broken |= drained.is_err();
        drained
    }

    async fn drain_until(&mut self, deadline: Instant) -> Result<(), Error> {
        self.check()?;
        while self.open {
            self.sync();
            self.next(deadline).await?;
        }
        if self.transaction != Transaction::None {
            let rollback = crate::Statement::once("ROLLBACK", []);
            let mut exchange = Exchange::new(self);
            exchange.add(&rollback, &crate::Values::new(), crate::Rows::Discard)?;
            exchange.sync();
            while self.open {
                self.next(deadline).await?;
            }
        }
        if self.is_idle() {
            return Ok(());
        }
        Err(Error::protocol("a transaction does not end with ROLLBACK"))
    }

    /// Writes the Sync of what was asked, once.
    pub(crate) fn sync(&mut self) {
        if !self.synced {
            self.synced = true;
            self.encoder().sync();
        }
    }

    pub(crate) fn encoder(&mut self) -> crate::encode::Encoder<'_> {
        crate::encode::Encoder {
            out: &mut self.pipe.outbox,
            steps: &mut self.protocol.steps,
            cache: &mut self.protocol.cache,
            batch: self.batch,
        }
    }

    /// The next event; none when all is answered that was asked.
    pub(crate) async fn next(&mut self, deadline: Instant) -> Result<Option<Event>, Error> {
        self.check()?;
        let outcome = self.wait(deadline).await;
        match &outcome {
            Ok(Some(Event::Ready(transaction))) => {
                self.transaction = *transaction;
                self.open = false;
                self.synced = false;
            }
            Ok(Some(Event::Failed { .. })) => self.sync(),
            Ok(_) | Err(Error::Late(_)) => {}
            Err(Error::TooLarge { what, .. }) if *what != crate::inbox::ONE_MESSAGE => {}
            Err(_) => self.broken = true,
        }
        outcome
    }

    async fn wait(&mut self, deadline: Instant) -> Result<Option<Event>, Error> {
        loop {
            if let Some(event) = self.protocol.next(&mut self.pipe.inbox)? {
                return Ok(Some(event));
            }
            if self.protocol.steps.is_empty() {
                return Ok(None);
            }
            self.pipe
                .exchange(deadline, "the answer of the server")
                .await?;
        }
    }

    fn check(&self) -> Result<(), Error> {
        if self.broken {
            return Err(Error::closed("using a connection that was lost before"));
        }
        Ok(())
    }

    /// What stops the statement that runs on this connection; none if the server gave no key, or
    /// the connection goes over a stream that the caller made.
    pub fn cancel_token(&self) -> Option<&CancelToken> {
        self.cancel.as_ref()
    }

    /// A parameter as the server last reported it, such as `server_version`.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.protocol.parameters.get(name).map(String::as_str)
    }

    /// Whether the connection is encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.pipe.stream.is_tls()
    }

    /// How many statements are kept prepared, and how many bytes they have.
    pub fn kept_statements(&self) -> (usize, usize) {
        (self.protocol.cache.len(), self.protocol.cache.bytes())
    }

    /// To be called after the server was told to forget prepared statements (`DISCARD ALL`).
    pub fn forget_statements(&mut self) {
        self.protocol.cache.clear();
    }

    /// Says farewell to the server and closes the connection, within half a second.
    pub async fn close(mut self) {
        if self.broken {
            return;
        }
        frontend::terminate(&mut self.pipe.outbox);
        let deadline = Instant::now() + FAREWELL;
        if let Err(error) = self.pipe.send(deadline, "the farewell to the server").await {
            tracing::debug!(%error, "a connection was closed without a farewell");
        }
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Connection")
            .field("cancel", &self.cancel)
            .field("is_idle", &self.is_idle())
            .field("is_broken", &self.broken)
            .finish_non_exhaustive()
    }
}
