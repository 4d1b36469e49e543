//! Opens connections to the database, in the form of settings that its server takes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use wire::{Config, Connection, Event, Keep, Limits, Rows, Settings, Statement, Values};

use super::form::Form;
use super::{DbOptions, GATEWAY_ROLE};

/// How long one address may take until it lets the gateway in.
const CONNECT: Duration = Duration::from_secs(3);
/// How long the server may take to answer what is asked of every new connection.
const CHECK: Duration = Duration::from_secs(3);
/// Most bytes of one row, and of all rows between the beginning and the end of a transaction. The
/// limits of the operation come first; these are for a server that sends what nobody asked for.
const LARGEST_ROW: usize = 64 << 20;
const LARGEST_ANSWER: usize = 2 << 30;

/// Unqualified names are those of the views that the gateway reads. Types and operators of
/// extensions are in `public`.
pub(super) const SEARCH_PATH: &str = "read, public";

/// A connection, and how the settings of a scope are sent on it.
pub(super) struct Member {
    pub connection: Connection,
    pub form: Form,
}

/// Opens connections.
pub(super) struct Login {
    config: Config,
    limits: Limits,
    keep: Keep,
    statement_timeout: Duration,
    /// Whether this is the only connection that the server takes.
    alone: bool,
    /// Whether the server was found to refuse settings at the start of a connection.
    refuses: AtomicBool,
}

impl Login {
    /// # Errors
    /// A sentence without the URL's password when the URL cannot be used.
    pub fn new(options: &DbOptions) -> Result<Self, String> {
        let config = Config::parse(&options.url)
            .map_err(|error| error.to_string())?
            .with_application_name("tessera");
        Ok(Self {
            config,
            limits: Limits {
                connect: CONNECT,
                message: LARGEST_ROW,
                ..Limits::default()
            },
            keep: Keep {
                named: options.prepared_statements,
                ..Keep::default()
            },
            statement_timeout: options.statement_timeout,
            alone: options.max_connections == 1,
            refuses: AtomicBool::new(false),
        })
    }

    /// A connection that is ready for scopes.
    ///
    /// # Errors
    /// Why the server does not take it.
    pub async fn open(&self) -> Result<Member, wire::Error> {
        self.open_for(LARGEST_ANSWER).await
    }

    /// The same, where the answers to one exchange have so many bytes at most.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn open_for(&self, answer: usize) -> Result<Member, wire::Error> {
        if self.alone {
            return self.open_alone().await;
        }
        if !self.refuses.load(Ordering::Relaxed) {
            match self.connect(self.parameters(), answer).await {
                Ok(mut connection) => {
                    if let Some(form) = self.check(&mut connection).await? {
                        return Ok(Member { connection, form });
                    }
                    connection.close().await;
                    tracing::info!(
                        "the server passes settings of new connections over, as connection poolers do; each transaction brings its own"
                    );
                }
                Err(error) if refuses_parameters(&error) => {
                    tracing::info!(
                        %error,
                        "the server refuses settings of new connections, as connection poolers do; each transaction brings its own"
                    );
                }
                Err(error) => return Err(error),
            }
            self.refuses.store(true, Ordering::Relaxed);
        }
        Ok(Member {
            connection: self.connect(Vec::new(), answer).await?,
            form: Form::Transaction { citus: false },
        })
    }

    /// The connection of the embedded server, which takes no settings at the start. There is no
    /// pooler before it, so what is set once stays.
    async fn open_alone(&self) -> Result<Member, wire::Error> {
        let mut connection = self.connect(Vec::new(), LARGEST_ANSWER).await?;
        for (name, value) in self.parameters() {
            let quoted = match name.as_str() {
                // A list is no text.
                "search_path" => value,
                _ => format!("'{value}'"),
            };
            let set = Statement::once(format!("set {name} = {quoted}"), []);
            ask(&mut connection, &set).await?;
        }
        Ok(Member {
            connection,
            form: Form::Connection,
        })
    }

    /// Whether the server answers and takes connections; why not.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn probe(&self, patience: Duration) -> Result<(), wire::Error> {
        let config = self.config.clone().with_application_name("tessera probe");
        let settings = Settings {
            limits: Limits {
                connect: patience,
                ..self.limits.clone()
            },
            ..Settings::default()
        };
        let connecting = Connection::connect(&config, &settings);
        let late = || wire::Error::Late("connecting to the server".to_owned());
        let connected = tokio::time::timeout(patience, connecting).await;
        connected.unwrap_or_else(|_| Err(late()))?.close().await;
        Ok(())
    }

    /// What the server is told at the start of a connection.
    fn parameters(&self) -> Vec<(String, String)> {
        let timeout = self.statement_timeout.as_millis().to_string();
        [
            ("role", GATEWAY_ROLE),
            ("search_path", SEARCH_PATH),
            ("default_transaction_isolation", "repeatable read"),
            ("default_transaction_read_only", "on"),
            ("statement_timeout", &timeout),
            // One small plan that started workers took 60 ms.
            ("max_parallel_workers_per_gather", "0"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    async fn connect(
        &self,
        parameters: Vec<(String, String)>,
        answer: usize,
    ) -> Result<Connection, wire::Error> {
        let settings = Settings {
            parameters,
            limits: Limits {
                exchange: answer,
                ..self.limits.clone()
            },
            keep: self.keep.clone(),
        };
        Connection::connect(&self.config, &settings).await
    }

    /// The form that the settings of scopes take here; none where the server did not take those of
    /// the connection, although it let it in.
    async fn check(&self, connection: &mut Connection) -> Result<Option<Form>, wire::Error> {
        let check = format!(
            "select current_setting('role') = '{GATEWAY_ROLE}' \
             and current_setting('transaction_isolation') = 'repeatable read' \
             and current_setting('transaction_read_only') = 'on', \
             exists (select from pg_catalog.pg_extension where extname = 'citus')"
        );
        let answered = ask(connection, &Statement::once(check, [])).await?;
        let [kept, citus] = answered.unwrap_or([false, false]);
        if !kept {
            return Ok(None);
        }
        // Lets PostgreSQL look every two seconds whether the gateway is still there while a
        // statement runs. The gateway stops statements itself; this is for when it was killed or
        // cut off. Not every system that PostgreSQL runs on can look.
        let look = Statement::once("set client_connection_check_interval = '2s'", []);
        if ask(connection, &look).await.is_err() && !connection.is_idle() {
            return Err(wire::Error::Late("a new connection".to_owned()));
        }
        Ok(Some(match citus {
            true => Form::Transaction { citus },
            false => Form::Connection,
        }))
    }
}

/// Whether the server wants no settings at the start. PostgreSQL itself says the same where it
/// does not know one of them.
fn refuses_parameters(error: &wire::Error) -> bool {
    let code = error.server().map(|error| error.code.as_str());
    matches!(code, Some("08P01" | "42704" | "22023" | "0A000"))
}

/// The two booleans of the only row that a statement answers.
pub(super) async fn ask(
    connection: &mut Connection,
    statement: &Statement,
) -> Result<Option<[bool; 2]>, wire::Error> {
    let mut exchange = connection.exchange()?;
    exchange.set_patience(CHECK);
    exchange.add(statement, &Values::new(), Rows::Read)?;
    exchange.sync();
    let mut answer = None;
    let mut failed = None;
    while let Some(event) = exchange.next().await? {
        match event {
            Event::Row { row, .. } => {
                answer = Some([0, 1].map(|column| row.get(column) == Some(&[1])));
            }
            Event::Failed { error, .. } => failed = Some(error),
            _ => {}
        }
    }
    match failed {
        Some(error) => Err(wire::Error::Server(error)),
        None => Ok(answer),
    }
}
