//! How the settings of a scope reach the server: the one place that knows of both forms.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use uuid::Uuid;
use wire::{Exchange, Rows, Statement, Values};

use super::login::SEARCH_PATH;
use super::{GATEWAY_ROLE, bind};
use crate::session::Session;

/// Lets an index over embeddings go on, in the order of the distance, until the rows of the
/// workspace are enough.
const SCAN: &str = "hnsw.iterative_scan";
const SCAN_MODE: &str = "strict_order";
/// The most rows that it passes on the way.
const PASSED: &str = "hnsw.max_scan_tuples";
pub const MOST_PASSED: u64 = 100_000;

/// The form of the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// The connection itself has the gateway's role, reads one snapshot and does not write. One
    /// statement sets the rest, and it ends with the implicit transaction of the exchange.
    Connection,
    /// An explicit transaction brings everything, in literals. Behind poolers the connection of the
    /// next transaction may be another one, and Citus passes on to its workers what `SET LOCAL`
    /// says, not what `set_config` does.
    Transaction { citus: bool },
}

/// Whether a scope may write.
#[derive(Clone, Debug)]
pub(super) enum Mode {
    Read,
    Write,
    /// For a caller: each statement sees what others have committed before it, so that it waits for
    /// them instead of failing.
    Change(Arc<About>),
}

/// What the log of changes says of an operation beside its caller.
#[derive(Debug, Default)]
pub struct About {
    /// The name of the operation.
    pub operation: String,
    pub request_id: String,
}

impl Mode {
    pub fn is_read(&self) -> bool {
        matches!(self, Self::Read)
    }

    fn begin(&self) -> &'static str {
        match self {
            Self::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            Self::Write => "BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE",
            Self::Change(_) => "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
        }
    }
}

/// For whom statements run, and how long each may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct ScopeSettings {
    pub workspace: Option<Uuid>,
    pub user: Option<Uuid>,
    pub role: &'static str,
    pub statement_timeout: Duration,
    /// Whether plans are made once, for all values.
    pub generic_plans: bool,
    /// Whether an approximate index goes on until it has enough rows of the workspace.
    pub approximate: bool,
}

impl ScopeSettings {
    /// Those of nobody.
    pub fn none(statement_timeout: Duration) -> Self {
        Self {
            workspace: None,
            user: None,
            role: "",
            statement_timeout,
            generic_plans: false,
            approximate: false,
        }
    }

    pub fn of(session: &Session, statement_timeout: Duration) -> Self {
        Self {
            workspace: Some(session.workspace),
            user: Some(session.user),
            role: session.role.name(),
            statement_timeout,
            generic_plans: false,
            approximate: false,
        }
    }

    /// The statement of [`Form::Connection`].
    pub fn statement(&self) -> &'static Statement {
        static APPROXIMATE: LazyLock<Statement> = LazyLock::new(|| {
            settings(&format!(
                ", set_config('{SCAN}', '{SCAN_MODE}', true), set_config('{PASSED}', '{MOST_PASSED}', true)"
            ))
        });
        static SETTINGS: LazyLock<Statement> = LazyLock::new(|| settings(""));
        match self.approximate {
            true => &APPROXIMATE,
            false => &SETTINGS,
        }
    }

    /// Its values.
    pub fn values(&self) -> Values {
        let mut values = Values::new();
        let mut buffer = Uuid::encode_buffer();
        for id in [self.workspace, self.user] {
            let text = id.map(|id| &*id.hyphenated().encode_lower(&mut buffer));
            values.push(Some(text.unwrap_or_default().as_bytes()));
        }
        values.push(Some(self.role.as_bytes()));
        let mut buffer = itoa::Buffer::new();
        values.push(Some(buffer.format(self.milliseconds()).as_bytes()));
        values.push(Some(self.plan_cache_mode().as_bytes()));
        values
    }

    fn plan_cache_mode(&self) -> &'static str {
        if self.generic_plans {
            "force_generic_plan"
        } else {
            "auto"
        }
    }

    /// Zero would be no limit at all.
    fn milliseconds(&self) -> u128 {
        self.statement_timeout.as_millis().max(1)
    }
}

impl Form {
    /// Adds what comes before the statements of a scope; tells how many statements that is.
    pub fn begin(
        self,
        exchange: &mut Exchange<'_>,
        settings: &ScopeSettings,
        mode: &Mode,
    ) -> Result<usize, wire::Error> {
        let mut number = 0;
        match self {
            Self::Connection => {
                if !mode.is_read() {
                    exchange.add(begin(mode), &Values::new(), Rows::Discard)?;
                    number += 1;
                }
                exchange.add(settings.statement(), &settings.values(), Rows::Discard)?;
                number += 1;
            }
            Self::Transaction { citus } => {
                let id = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
                let begin = mode.begin().to_owned();
                let citus =
                    citus.then(|| "SET LOCAL citus.propagate_set_commands = 'local'".to_owned());
                // Two ids, a number and names of our own: nothing needs escaping.
                let rest = [
                    format!("SET LOCAL ROLE {GATEWAY_ROLE}"),
                    format!("SET LOCAL search_path = {SEARCH_PATH}"),
                    format!("SET LOCAL app.workspace_id = '{}'", id(settings.workspace)),
                    format!("SET LOCAL app.user_id = '{}'", id(settings.user)),
                    format!("SET LOCAL app.role = '{}'", settings.role),
                    format!("SET LOCAL statement_timeout = {}", settings.milliseconds()),
                    format!("SET LOCAL plan_cache_mode = {}", settings.plan_cache_mode()),
                ];
                let approximate = settings.approximate.then(|| {
                    [
                        format!("SET LOCAL {SCAN} = {SCAN_MODE}"),
                        format!("SET LOCAL {PASSED} = {MOST_PASSED}"),
                    ]
                });
                let rest = rest.into_iter().chain(approximate.into_iter().flatten());
                for text in std::iter::once(begin).chain(citus).chain(rest) {
                    add(exchange, &mut number, text)?;
                }
            }
        }
        if let Mode::Change(about) = mode {
            static ABOUT: LazyLock<Statement> = LazyLock::new(|| {
                Statement::new(
                    "select set_config('app.operation', $1, true), set_config('app.request_id', $2, true)",
                    [bind::TEXT; 2],
                )
            });
            let mut values = Values::new();
            values.push(Some(about.operation.as_bytes()));
            values.push(Some(about.request_id.as_bytes()));
            exchange.add(&ABOUT, &values, Rows::Discard)?;
            number += 1;
        }
        Ok(number)
    }

    /// Adds what ends the transaction, and ends the exchange.
    pub fn end(self, exchange: &mut Exchange<'_>, mode: &Mode) -> Result<(), wire::Error> {
        if self != Self::Connection || !mode.is_read() {
            static COMMIT: LazyLock<Statement> = LazyLock::new(|| Statement::new("COMMIT", []));
            exchange.add(&COMMIT, &Values::new(), Rows::Discard)?;
        }
        exchange.sync();
        Ok(())
    }
}

fn begin(mode: &Mode) -> &'static Statement {
    static WRITE: LazyLock<Statement> = LazyLock::new(|| Statement::new(Mode::Write.begin(), []));
    static CHANGE: LazyLock<Statement> =
        LazyLock::new(|| Statement::new(Mode::Change(Arc::default()).begin(), []));
    match mode {
        Mode::Change(_) => &CHANGE,
        Mode::Read | Mode::Write => &WRITE,
    }
}

fn settings(more: &str) -> Statement {
    Statement::new(
        format!(
            "select set_config('app.workspace_id', $1, true), set_config('app.user_id', $2, true), \
             set_config('app.role', $3, true), set_config('statement_timeout', $4, true), \
             set_config('plan_cache_mode', $5, true){more}"
        ),
        [bind::TEXT; 5],
    )
}

fn add(exchange: &mut Exchange<'_>, number: &mut usize, text: String) -> Result<(), wire::Error> {
    exchange.add(&Statement::once(text, []), &Values::new(), Rows::Discard)?;
    *number += 1;
    Ok(())
}
