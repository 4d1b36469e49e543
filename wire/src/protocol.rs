//! What was asked of the server and not answered yet, and what its messages mean in that order.
//! It does no input or output itself.

use std::collections::{BTreeMap, VecDeque};

use fallible_iterator::FallibleIterator;
use postgres_protocol::message::backend::{self, Message, RowDescriptionBody};

use crate::cache::{Cache, Name, UNNAMED};
use crate::error::Error;
use crate::event::{Column, Event, Rows, Transaction};
use crate::inbox::{Head, Inbox};
use crate::row::Row;
use crate::server_error::ServerError;
use crate::settings::Keep;
use crate::statement::Statement;

/// Most parameters whose value is remembered; PostgreSQL reports about fifteen.
const MOST_PARAMETERS: usize = 100;

/// One answer to come.
#[derive(Debug)]
pub(crate) enum Step {
    Close(Name),
    /// With the statement, if it is kept.
    Parse(Option<(Statement, Name)>),
    Bind(Name),
    Describe,
    Execute(Rows),
    Sync,
}

pub(crate) struct Protocol {
    pub(crate) cache: Cache,
    pub(crate) steps: VecDeque<Step>,
    pub(crate) parameters: BTreeMap<String, String>,
    /// Whether rows are thrown away, and limits with them.
    pub(crate) draining: bool,
    /// Most bytes of the answers up to a Sync.
    cap: usize,
    /// Bytes of the answers since the last Sync.
    spent: usize,
    /// The statement that is answered.
    statement: usize,
    /// The name of its prepared form.
    name: Name,
    /// The number of columns of its rows, once known.
    width: Option<usize>,
}

impl Protocol {
    pub(crate) fn new(keep: Keep, cap: usize, parameters: BTreeMap<String, String>) -> Self {
        Self {
            cache: Cache::new(keep),
            steps: VecDeque::new(),
            parameters,
            draining: false,
            cap,
            spent: 0,
            statement: 0,
            name: UNNAMED,
            width: None,
        }
    }

    /// Takes back what was asked and is not sent, up to the first so many steps.
    pub(crate) fn withdraw(&mut self, keep: usize) {
        while self.steps.len() > keep {
            match self.steps.pop_back() {
                Some(Step::Parse(Some((statement, name)))) => self.cache.refute(&statement, name),
                Some(Step::Close(name)) => self.cache.close_again(name),
                _ => {}
            }
        }
    }

    /// From now on somebody else counts the bytes of answers.
    pub(crate) fn lift_cap(&mut self) {
        self.cap = usize::MAX;
    }

    /// How many statements were answered since the last Sync.
    pub(crate) fn answered(&self) -> usize {
        self.statement
    }

    /// The next thing that the messages in the inbox tell; none if more must be read first.
    ///
    /// After an error of the exchange's limit the messages go on where they were.
    pub(crate) fn next(&mut self, inbox: &mut Inbox) -> Result<Option<Event>, Error> {
        while let Some(head) = inbox.head()? {
            if !self.draining {
                self.spent = self.spent.saturating_add(head.length);
                if self.spent > self.cap {
                    return Err(Error::TooLarge {
                        what: "what the server answered",
                        limit: self.cap,
                    });
                }
            }
            if let Some(event) = self.message(head, inbox)? {
                return Ok(Some(event));
            }
        }
        Ok(None)
    }

    fn message(&mut self, head: Head, inbox: &mut Inbox) -> Result<Option<Event>, Error> {
        let front = self.steps.front();
        match (head.tag, front) {
            (backend::DATA_ROW_TAG, Some(Step::Execute(rows))) => {
                if self.draining || *rows == Rows::Discard {
                    inbox.skip(head);
                    return Ok(None);
                }
                let row = Row::read(inbox.take(head))?;
                if *self.width.get_or_insert(row.len()) != row.len() {
                    return Err(Error::protocol("a row has another number of columns"));
                }
                let statement = self.statement;
                Ok(Some(Event::Row { statement, row }))
            }
            (backend::BIND_COMPLETE_TAG, Some(Step::Bind(name))) => {
                self.name = *name;
                self.empty(head, inbox)
            }
            (backend::PARSE_COMPLETE_TAG, Some(Step::Parse(kept))) => {
                if let Some((statement, name)) = kept {
                    self.cache.confirm(statement, *name);
                }
                self.empty(head, inbox)
            }
            (backend::CLOSE_COMPLETE_TAG, Some(Step::Close(_))) => self.empty(head, inbox),
            (backend::COMMAND_COMPLETE_TAG, Some(Step::Execute(_))) => {
                let affected = affected(inbox.body(head))?;
                inbox.skip(head);
                Ok(Some(self.done(affected)))
            }
            (backend::EMPTY_QUERY_RESPONSE_TAG, Some(Step::Execute(_))) => {
                self.check_empty(head)?;
                inbox.skip(head);
                Ok(Some(self.done(0)))
            }
            (backend::READY_FOR_QUERY_TAG, Some(Step::Sync)) => {
                let transaction = transaction(inbox.body(head))?;
                inbox.skip(head);
                self.steps.pop_front();
                self.spent = 0;
                self.statement = 0;
                Ok(Some(Event::Ready(transaction)))
            }
            (backend::NO_DATA_TAG, Some(Step::Describe)) => {
                self.check_empty(head)?;
                inbox.skip(head);
                self.steps.pop_front();
                self.width = Some(0);
                Ok(self.columns(Vec::new()))
            }
            (backend::ROW_DESCRIPTION_TAG, Some(Step::Describe)) => {
                let Message::RowDescription(description) = inbox.parse(head)? else {
                    return Err(unexpected(head, "a description of rows"));
                };
                self.steps.pop_front();
                let columns = columns(&description)?;
                self.width = Some(columns.len());
                Ok(self.columns(columns))
            }
            (backend::ERROR_RESPONSE_TAG, _) => self.failed(head, inbox).map(Some),
            _ => self.aside(head, inbox),
        }
    }

    /// Takes a message that has nothing but its tag.
    fn empty(&mut self, head: Head, inbox: &mut Inbox) -> Result<Option<Event>, Error> {
        self.check_empty(head)?;
        inbox.skip(head);
        self.steps.pop_front();
        Ok(None)
    }

    fn check_empty(&self, head: Head) -> Result<(), Error> {
        if head.length == 5 {
            return Ok(());
        }
        Err(unexpected(head, "a message without content"))
    }

    fn done(&mut self, affected: u64) -> Event {
        let statement = self.statement;
        self.steps.pop_front();
        self.statement += 1;
        self.width = None;
        Event::Done {
            statement,
            affected,
        }
    }

    fn columns(&self, columns: Vec<Column>) -> Option<Event> {
        (!self.draining).then_some(Event::Columns {
            statement: self.statement,
            columns,
        })
    }

    /// An error: the server skips everything up to the Sync.
    fn failed(&mut self, head: Head, inbox: &mut Inbox) -> Result<Event, Error> {
        let Message::ErrorResponse(body) = inbox.parse(head)? else {
            return Err(unexpected(head, "an error"));
        };
        let error = ServerError::read(body.fields())?;
        if error.is_fatal() {
            return Err(error.into());
        }
        let name = match self.steps.front() {
            None => return Err(Error::protocol(format!("an error unasked: {error}"))),
            Some(Step::Bind(name)) => *name,
            Some(Step::Describe | Step::Execute(_)) => self.name,
            Some(_) => UNNAMED,
        };
        if error.asks_to_prepare_again() {
            self.cache.forget(name);
        }
        while let Some(step) = self.steps.pop_front_if(|step| !matches!(step, Step::Sync)) {
            match step {
                Step::Parse(Some((statement, name))) => self.cache.refute(&statement, name),
                Step::Close(name) => self.cache.close_again(name),
                _ => {}
            }
        }
        self.width = None;
        Ok(Event::Failed {
            statement: self.statement,
            error: Box::new(error),
        })
    }

    /// A message that may come at any time, asked or not.
    fn aside(&mut self, head: Head, inbox: &mut Inbox) -> Result<Option<Event>, Error> {
        match head.tag {
            backend::NOTICE_RESPONSE_TAG => {
                if let Message::NoticeResponse(body) = inbox.parse(head)? {
                    ServerError::read(body.fields())?.log_as_notice();
                }
            }
            backend::PARAMETER_STATUS_TAG => {
                if let Message::ParameterStatus(body) = inbox.parse(head)? {
                    remember(&mut self.parameters, &body)?;
                }
            }
            backend::NOTIFICATION_RESPONSE_TAG => {
                inbox.parse(head)?;
            }
            _ => {
                let expected = match self.steps.front() {
                    None => "nothing",
                    Some(Step::Close(_)) => "the end of a prepared statement",
                    Some(Step::Parse(_)) => "a prepared statement",
                    Some(Step::Bind(_)) => "a bound statement",
                    Some(Step::Describe) => "a description of rows",
                    Some(Step::Execute(_)) => "rows",
                    Some(Step::Sync) => "the end of the exchange",
                };
                return Err(unexpected(head, expected));
            }
        }
        Ok(None)
    }
}

/// Remembers a parameter that the server reports.
pub(crate) fn remember(
    parameters: &mut BTreeMap<String, String>,
    body: &backend::ParameterStatusBody,
) -> Result<(), Error> {
    let text = |text: std::io::Result<&str>| {
        text.map(str::to_owned)
            .map_err(|_| Error::protocol("a parameter is not UTF-8"))
    };
    let (name, value) = (text(body.name())?, text(body.value())?);
    if parameters.len() < MOST_PARAMETERS || parameters.contains_key(&name) {
        parameters.insert(name, value);
    }
    Ok(())
}

fn unexpected(head: Head, expected: &str) -> Error {
    Error::protocol(format!(
        "a message {:?} of {} bytes came where {expected} was expected",
        char::from(head.tag),
        head.length
    ))
}

pub(crate) fn transaction(body: &[u8]) -> Result<Transaction, Error> {
    match body {
        b"I" => Ok(Transaction::None),
        b"T" => Ok(Transaction::Open),
        b"E" => Ok(Transaction::Failed),
        _ => Err(Error::protocol("an unknown state of the transaction")),
    }
}

/// The last word of a tag such as `INSERT 0 5`, if it is a number.
fn affected(body: &[u8]) -> Result<u64, Error> {
    let tag = body
        .strip_suffix(&[0])
        .filter(|tag| !tag.contains(&0))
        .ok_or_else(|| Error::protocol("a command without its end"))?;
    let digits = tag.rsplit(|byte| *byte == b' ').next().unwrap_or_default();
    let mut number: u64 = 0;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return Ok(0);
        }
        number = number
            .saturating_mul(10)
            .saturating_add(u64::from(digit - b'0'));
    }
    Ok(number)
}

fn columns(description: &RowDescriptionBody) -> Result<Vec<Column>, Error> {
    let fields = description.fields().map(|field| {
        Ok(Column {
            name: field.name().to_owned(),
            type_id: field.type_oid(),
        })
    });
    fields
        .collect()
        .map_err(|error| Error::protocol(format!("a description of rows: {error}")))
}
