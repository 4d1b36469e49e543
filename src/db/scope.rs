//! The scope: statements that run as one session over one snapshot, level by level.

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;
use wire::{Ask as Part, Column, Event, Row, Rows, Values};

use super::form::{About, Mode, ScopeSettings};
use super::pool::Lease;
use super::report::{self, Report};
use super::{Db, bind, loss};
use crate::error::Error;
use crate::session::Session;
use crate::sql::Statement;

/// How many connections in a row may turn out dead. After the first the idle ones are thrown away,
/// so the second is a new one.
const ATTEMPTS: u32 = 3;
/// How much longer than the server's own limit a statement may take before the server counts as
/// gone.
const GRACE: Duration = Duration::from_secs(2);

/// A statement as one level of a scope asks for it.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    pub statement: &'a Statement,
    /// Keys that take the place of its second value.
    pub keys: Option<&'a [Uuid]>,
}

impl<'a> Ask<'a> {
    /// A statement without keys.
    pub fn of(statement: &'a Statement) -> Self {
        Self {
            statement,
            keys: None,
        }
    }
}

/// What follows a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Another level may follow, over the same snapshot.
    More,
    /// Nothing: the transaction ends with the level.
    End,
}

/// A transaction in which role and settings of the session hold. Its first level takes a connection
/// and brings the settings, its last one ends it: each level is one round trip, and nothing else is.
///
/// Dropping it ends it, and stops what still runs in PostgreSQL.
pub struct Scope {
    db: Db,
    settings: ScopeSettings,
    mode: Mode,
    /// Whether its statements are short by construction, so that they may share a connection.
    short: bool,
    lease: Option<Lease>,
    state: State,
    ahead: Ahead,
}

/// Statements that are sent with the level after them.
#[derive(Default)]
struct Ahead {
    waiting: Vec<Statement>,
    /// The rows of those that were sent.
    rows: Vec<Vec<Row>>,
    refused: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Open,
    /// It is over, or something failed in it.
    Ended,
}

/// Takes what a level answers; its statements are counted from 0.
type Take<'a> = dyn FnMut(Event) -> Result<(), Error> + Send + 'a;

/// Why a level was given up.
enum Stop {
    Wire(wire::Error),
    /// The one who takes the rows wants no more of them, or the gateway has no connection.
    Other(Error),
}

impl Stop {
    fn into_error(self) -> Error {
        match self {
            Self::Wire(error) => loss::from_wire(&error),
            Self::Other(error) => error,
        }
    }
}

/// Why statements that write were refused. The transaction is over.
#[derive(Debug)]
pub enum Refused {
    /// A constraint or a policy of the database.
    Violation(Violation),
    /// Nothing was committed, and the same may succeed when the transaction is repeated: another one
    /// was in the way, or the connection was lost.
    Again(Error),
    Other(Error),
}

/// What a constraint says.
#[derive(Debug)]
pub struct Violation {
    /// SQLSTATE.
    pub code: String,
    pub constraint: Option<String>,
    /// Of a foreign key, the table whose rows refer.
    pub table: Option<String>,
}

impl Refused {
    /// The error where no constraint can be in the way.
    pub fn into_error(self) -> Error {
        match self {
            Self::Violation(violation) => Error::internal(format!("{violation:?}")),
            Self::Again(error) | Self::Other(error) => error,
        }
    }
}

impl From<Stop> for Refused {
    fn from(stop: Stop) -> Self {
        let error = match stop {
            Stop::Wire(error) => error,
            Stop::Other(error) => return Self::Other(error),
        };
        if let Some(violation) = violation(&error) {
            return Self::Violation(violation);
        }
        let Some(server) = error.server() else {
            return match error.is_lost() {
                true => Self::Again(loss::from_wire(&error)),
                false => Self::Other(loss::from_wire(&error)),
            };
        };
        match server.code.as_str() {
            // A deadlock, and a serialization failure.
            "40P01" | "40001" => Self::Again(Error::conflict()),
            _ if error.is_lost() => Self::Again(loss::from_wire(&error)),
            _ if loss::asks_again(&error) => Self::Again(loss::from_wire(&error)),
            _ => Self::Other(loss::from_wire(&error)),
        }
    }
}

impl From<wire::Error> for Stop {
    fn from(error: wire::Error) -> Self {
        Self::Wire(error)
    }
}

impl Db {
    /// The scope in which everything of one query operation is read.
    pub fn read(&self, session: &Session) -> Scope {
        let settings = ScopeSettings::of(session, self.time_left());
        Scope::new(self.clone(), settings, Mode::Read)
    }

    /// The scope in which a mutation operation writes. Nothing is written unless it is committed.
    pub fn write(&self, session: &Session, about: Arc<About>) -> Scope {
        let settings = ScopeSettings::of(session, self.time_left());
        Scope::new(self.clone(), settings, Mode::Change(about))
    }

    /// A scope of the gateway's own statements, of which nobody is told.
    pub(super) fn scope(&self, settings: ScopeSettings, mode: Mode) -> Scope {
        let quiet = Self {
            observer: None,
            ..self.clone()
        };
        Scope::new(quiet, settings, mode)
    }

    /// How long a statement may take: what the caller still waits, or what PostgreSQL grants.
    pub(super) fn time_left(&self) -> Duration {
        let left = self
            .deadline
            .map(|deadline| deadline.saturating_duration_since(std::time::Instant::now()));
        left.map_or(self.inner.statement_timeout, |left| {
            left.min(self.inner.statement_timeout)
        })
    }
}

impl Scope {
    fn new(db: Db, settings: ScopeSettings, mode: Mode) -> Self {
        Self {
            db,
            settings,
            mode,
            short: false,
            lease: None,
            state: State::New,
            ahead: Ahead::default(),
        }
    }

    /// Says that its statements are short by construction: by key, or a bounded page along an
    /// index. They may then share a connection with those of others.
    #[must_use]
    pub fn short(mut self) -> Self {
        self.short = true;
        self
    }

    /// Says that one plan of each statement serves all values, so that PostgreSQL need not make one
    /// for each. It would for most lists: it takes the values for the reason that they are cheap.
    #[must_use]
    pub fn generic_plans(mut self) -> Self {
        self.settings.generic_plans = true;
        self
    }

    /// Says that a statement finds embeddings by an approximate index.
    #[must_use]
    pub fn approximate(mut self) -> Self {
        self.settings.approximate = true;
        self
    }

    /// Runs the statements of a level with one message, and hands over their rows as they arrive,
    /// each with the position of its statement in the level. Nothing more is read after an error of
    /// `take`, and the scope is of no use then.
    ///
    /// # Errors
    /// `TIMEOUT`, `UNAVAILABLE` or `INTERNAL`, none of which quotes the database; the error of
    /// `take`.
    pub async fn run(
        &mut self,
        level: &[Ask<'_>],
        then: Then,
        mut take: impl FnMut(usize, Row) -> Result<(), Error> + Send,
    ) -> Result<(), Error> {
        if !self.ahead.waiting.is_empty() {
            let told = self.with_ahead(level, then, &mut take).await;
            return told.map_err(Stop::into_error);
        }
        let values = self.values(level);
        let parts = parts(level, &values);
        if self.state == State::New && then == Then::End && self.short {
            let mut report = Report::new(level);
            let settings = (&self.settings, self.db.time_left());
            if let Some(read) = self.db.inner.shared.run(settings, &parts).await {
                self.state = State::Ended;
                let reply = read.map_err(|error| loss::from_wire(&error))?;
                // The settings came first.
                for index in 0..level.len() {
                    report.done(index, reply.rows(index + 1).len() as u64);
                }
                let rows = reply.into_rows();
                return rows
                    .filter_map(|(number, row)| Some((number.checked_sub(1)?, row)))
                    .try_for_each(|(index, row)| take(index, row));
            }
        }
        self.told(level, &parts, then, &mut take)
            .await
            .map_err(Stop::into_error)
    }

    /// As [`Self::run`], for statements that write: a constraint that refuses them is told as one.
    ///
    /// # Errors
    /// Why they were refused. The transaction is over then.
    pub async fn write(
        &mut self,
        level: &[Ask<'_>],
        then: Then,
        mut take: impl FnMut(usize, Row) -> Result<(), Error> + Send,
    ) -> Result<(), Refused> {
        let told = self.with_ahead(level, then, &mut take).await;
        told.map_err(Refused::from)
    }

    /// Keeps a statement that writes until the next level is sent: it is the first of the same
    /// message. Gives its position among all that were kept.
    pub fn send_ahead(&mut self, statement: Statement) -> usize {
        self.ahead.waiting.push(statement);
        self.ahead.rows.len() + self.ahead.waiting.len() - 1
    }

    /// Whether statements wait for a level.
    pub fn has_waiting(&self) -> bool {
        !self.ahead.waiting.is_empty()
    }

    /// The rows of a statement that was sent ahead; none before it was sent.
    pub fn rows_ahead(&self, position: usize) -> &[Row] {
        self.ahead.rows.get(position).map_or(&[], Vec::as_slice)
    }

    /// Whether a constraint refused a level that had statements ahead. Its error does not tell
    /// which of them was refused.
    pub fn was_refused_ahead(&self) -> bool {
        self.ahead.refused
    }

    /// Runs a level, and before it what waits for it.
    async fn with_ahead(
        &mut self,
        level: &[Ask<'_>],
        then: Then,
        take: &mut (dyn FnMut(usize, Row) -> Result<(), Error> + Send + '_),
    ) -> Result<(), Stop> {
        let ahead = std::mem::take(&mut self.ahead.waiting);
        let all = ahead.iter().map(Ask::of).chain(level.iter().copied());
        let all: Vec<Ask<'_>> = all.collect();
        let values = self.values(&all);
        let parts = parts(&all, &values);
        let mut rows = vec![Vec::new(); ahead.len()];
        let mut take = |statement: usize, row: Row| match rows.get_mut(statement) {
            Some(rows) => {
                rows.push(row);
                Ok(())
            }
            None => take(statement - ahead.len(), row),
        };
        let told = self.told(&all, &parts, then, &mut take).await;
        self.ahead.rows.append(&mut rows);
        told.map_err(|stop| match stop {
            Stop::Wire(error) if !ahead.is_empty() && violation(&error).is_some() => {
                self.ahead.refused = true;
                Stop::Other(Error::conflict())
            }
            stop => stop,
        })
    }

    /// The values of a level, of which the observer is told.
    fn values(&self, level: &[Ask<'_>]) -> Vec<Values> {
        if let Some(observer) = &self.db.observer {
            level.iter().for_each(|ask| observer(&report::sent(ask)));
        }
        let values = level.iter();
        values
            .map(|ask| bind::values(ask.statement, ask.keys))
            .collect()
    }

    /// Commits what was written.
    ///
    /// # Errors
    /// Where the connection is lost meanwhile, nobody knows whether it was committed.
    pub async fn commit(&mut self) -> Result<(), Error> {
        let ended = self.level(&[], Then::End, &mut |_| Ok(())).await;
        ended.map_err(|stop| match stop {
            Stop::Wire(error) if error.is_lost() => {
                tracing::error!(%error, "the connection was lost in a commit");
                loss::in_commit()
            }
            stop => stop.into_error(),
        })
    }

    /// Ends the transaction without writing anything. It is over in the database, too, when this
    /// returns, so that what it held is free.
    pub async fn rollback(&mut self) {
        self.state = State::Ended;
        if let Some(member) = self.lease.as_mut().and_then(Lease::member)
            && let Err(error) = member.connection.drain(GRACE).await
        {
            tracing::debug!(%error, "a connection cannot be used again");
        }
        self.lease = None;
    }

    /// Runs a level of which metrics and spans are told.
    async fn told(
        &mut self,
        level: &[Ask<'_>],
        parts: &[Part<'_>],
        then: Then,
        take: &mut (dyn FnMut(usize, Row) -> Result<(), Error> + Send + '_),
    ) -> Result<(), Stop> {
        let mut report = Report::new(level);
        let mut events = |event| {
            match event {
                Event::Row { statement, row } => take(statement, row)?,
                Event::Done {
                    statement,
                    affected,
                } => report.done(statement, affected),
                Event::Failed { .. } | Event::Columns { .. } | Event::Ready(_) => {}
            }
            Ok(())
        };
        self.level(parts, then, &mut events).await
    }

    /// Runs one statement, and describes the columns of its rows; gives how many rows it read or
    /// changed, too. Others may follow.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub(super) async fn describe(
        &mut self,
        statement: &wire::Statement,
        values: &Values,
    ) -> Result<(Vec<Column>, Vec<Row>, u64), Error> {
        let part = Part {
            statement,
            values,
            rows: Rows::Describe,
        };
        let (mut columns, mut rows, mut count) = (Vec::new(), Vec::new(), 0);
        let mut events = |event| {
            match event {
                Event::Columns { columns: all, .. } => columns = all,
                Event::Row { row, .. } => rows.push(row),
                Event::Done { affected, .. } => count = affected,
                Event::Failed { .. } | Event::Ready(_) => {}
            }
            Ok(())
        };
        self.level(&[part], Then::More, &mut events)
            .await
            .map_err(Stop::into_error)?;
        Ok((columns, rows, count))
    }

    /// Runs a level, on another connection if the first one turns out dead before a row came.
    async fn level(
        &mut self,
        parts: &[Part<'_>],
        then: Then,
        take: &mut Take<'_>,
    ) -> Result<(), Stop> {
        let mut attempts = if self.state == State::New {
            ATTEMPTS
        } else {
            1
        };
        loop {
            attempts -= 1;
            let mut taken = false;
            let mut counted = |event| {
                taken = true;
                take(event)
            };
            let outcome = self.once(parts, then, &mut counted).await;
            if outcome.is_ok() && then == Then::More {
                self.state = State::Open;
                return Ok(());
            }
            if outcome.is_err() && matches!(self.mode, Mode::Change(_)) {
                self.rollback().await;
            }
            self.lease = None;
            let error = match outcome {
                Err(Stop::Wire(error)) => error,
                Err(stop) => {
                    self.state = State::Ended;
                    return Err(stop);
                }
                Ok(()) => {
                    self.state = State::Ended;
                    return Ok(());
                }
            };
            if error.is_lost() {
                self.db.lost();
            }
            // What was written may be there already.
            let again = !taken && attempts > 0 && self.mode.is_read();
            if !again || !loss::is_worth_another(&error) {
                self.state = State::Ended;
                return Err(Stop::Wire(error));
            }
        }
    }

    async fn once(
        &mut self,
        parts: &[Part<'_>],
        then: Then,
        take: &mut Take<'_>,
    ) -> Result<(), Stop> {
        let first = match self.state {
            State::New => true,
            State::Open => false,
            State::Ended => {
                let error = Error::internal("a scope that is over was asked for more");
                return Err(Stop::Other(error));
            }
        };
        if first {
            self.lease = Some(self.db.acquire().await.map_err(Stop::Other)?);
            // It may have waited for the connection.
            let left = self.db.time_left();
            self.settings.statement_timeout = self.settings.statement_timeout.min(left);
        }
        let member = self.lease.as_mut().and_then(Lease::member);
        let Some(member) = member else {
            return Err(Stop::Other(Error::internal("a scope lost its connection")));
        };
        let form = member.form;
        let mut exchange = member.connection.resume()?;
        exchange.set_patience(self.settings.statement_timeout + GRACE);
        if first {
            form.begin(&mut exchange, &self.settings, &self.mode)?;
        }
        let mut offset = None;
        for part in parts {
            let number = exchange.add(part.statement, part.values, part.rows)?;
            offset.get_or_insert(number);
        }
        let offset = offset.unwrap_or_default();
        let own = offset..offset + parts.len();
        match then {
            Then::More => exchange.flush(),
            Then::End => form.end(&mut exchange, &self.mode)?,
        }
        let mut failed = None;
        while let Some(mut event) = exchange.next().await? {
            match &mut event {
                Event::Row { statement, .. }
                | Event::Done { statement, .. }
                | Event::Columns { statement, .. }
                    if own.contains(statement) =>
                {
                    *statement -= offset;
                    take(event).map_err(Stop::Other)?;
                }
                Event::Failed { error, .. } => failed = Some(std::mem::take(&mut **error)),
                _ => {}
            }
        }
        match failed {
            Some(error) => Err(wire::Error::Server(Box::new(error)).into()),
            None => Ok(()),
        }
    }
}

/// What a constraint says: of integrity, numbers out of range, policies, and what is too large for
/// an index.
fn violation(error: &wire::Error) -> Option<Violation> {
    let server = error.server()?;
    let code = server.code.as_str();
    let refuses = code.starts_with("23") || ["22003", "42501", "54000"].contains(&code);
    refuses.then(|| Violation {
        code: code.to_owned(),
        constraint: server.constraint.clone(),
        table: server.table.clone(),
    })
}

/// The statements of a level with their values.
fn parts<'p>(level: &'p [Ask<'_>], values: &'p [Values]) -> Vec<Part<'p>> {
    let parts = level.iter().zip(values).map(|(ask, values)| Part {
        statement: &ask.statement.prepared,
        values,
        rows: Rows::Read,
    });
    parts.collect()
}
