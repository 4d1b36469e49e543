//! How to reach a server and who to be there, from a URL as libpq reads it.

pub(crate) mod auth;
mod error;
mod fields;
pub(crate) mod hosts;
mod passfile;
pub(crate) mod privacy;
pub(crate) mod secret;
pub(crate) mod ssl;
pub(crate) mod target;
mod url;

use std::fmt;
use std::path::Path;
use std::time::Duration;

pub use error::ConfigError;

use crate::tls::Client;
use auth::{ChannelBinding, Methods};
use fields::Fields;
use hosts::Host;
use secret::Secret;
use ssl::Ssl;
use target::Target;

/// A database URL, understood. `Debug` and `Display` show no password.
#[derive(Clone)]
pub struct Config {
    pub(crate) hosts: Vec<Host>,
    pub(crate) user: String,
    pub(crate) password: Option<Secret>,
    pub(crate) database: String,
    pub(crate) application_name: Option<String>,
    pub(crate) options: Option<String>,
    pub(crate) ssl: Ssl,
    /// None where TLS is off.
    pub(crate) tls: Option<Client>,
    pub(crate) channel_binding: ChannelBinding,
    pub(crate) methods: Methods,
    pub(crate) target: Target,
    pub(crate) shuffles: bool,
    /// How long one address may take to answer; none leaves it to [`crate::Settings`].
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) tcp: Tcp,
}

/// What the operating system is told about a TCP connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tcp {
    pub(crate) keepalives: bool,
    pub(crate) idle: Option<Duration>,
    pub(crate) interval: Option<Duration>,
    pub(crate) count: Option<u32>,
    pub(crate) user_timeout: Option<Duration>,
}

impl Config {
    /// Reads a URL: `postgres://user:password@host:port,host:port/database?parameter=value`, with
    /// every parameter of libpq 18. The environment and the files in the home folder are not
    /// looked at; the files that the URL names are read now: certificates, key, passwords.
    ///
    /// Where libpq would take something from the environment, it is like this: a URL without a
    /// user is refused; without a host, a socket in `/var/run/postgresql` or `/tmp` is used, or
    /// else `localhost`; `sslmode=verify-full` without `sslrootcert` trusts the authorities of the
    /// operating system. `connect_timeout=0` leaves the limit to [`crate::Settings`].
    ///
    /// # Errors
    /// A sentence that names the parameter and says what to do, without the password.
    pub fn parse(url: &str) -> Result<Self, ConfigError> {
        let fields = Fields::new(url::split(url)?)?;
        refuse(&fields)?;
        let user = fields.text("user").ok_or_else(|| {
            ConfigError::new("the database URL names no user: write postgres://user@host/database")
        })?;
        let database = fields.text("dbname").unwrap_or_else(|| user.clone());
        let mut hosts = hosts::hosts(&fields)?;
        let password = fields.get("password").map(Secret::new);
        if let (None, Some(path)) = (&password, fields.get("passfile")) {
            passfile::read(Path::new(path), &mut hosts, &database, &user)?;
        }
        let ssl = Ssl::parse(&fields, &hosts)?;
        let binding = [
            ("disable", ChannelBinding::Disable),
            ("prefer", ChannelBinding::Prefer),
            ("require", ChannelBinding::Require),
        ];
        let seconds = |name| -> Result<Option<Duration>, ConfigError> {
            let seconds = fields.positive(name)?;
            Ok(seconds.map(|seconds| Duration::from_secs(seconds.into())))
        };
        let user_timeout = fields.positive("tcp_user_timeout")?;
        Ok(Self {
            application_name: fields
                .text("application_name")
                .or_else(|| fields.text("fallback_application_name")),
            options: fields.text("options"),
            tls: Client::new(&ssl)?,
            channel_binding: fields.word("channel_binding", &binding, ChannelBinding::Prefer)?,
            methods: Methods::parse(&fields)?,
            target: fields.word("target_session_attrs", target::WORDS, Target::Any)?,
            shuffles: fields.word(
                "load_balance_hosts",
                &[("disable", false), ("random", true)],
                false,
            )?,
            connect_timeout: seconds("connect_timeout")?,
            tcp: Tcp {
                keepalives: fields.number("keepalives")?.unwrap_or(1) != 0,
                idle: seconds("keepalives_idle")?,
                interval: seconds("keepalives_interval")?,
                count: fields.positive("keepalives_count")?,
                user_timeout: user_timeout.map(|ms| Duration::from_millis(ms.into())),
            },
            hosts,
            user,
            password,
            database,
            ssl,
        })
    }

    /// The name of the user that the server is asked to let in.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The name of the database.
    pub fn database(&self) -> &str {
        &self.database
    }

    /// The same, under a name that `pg_stat_activity` shows.
    #[must_use]
    pub fn with_application_name(mut self, name: impl Into<String>) -> Self {
        self.application_name = Some(name.into());
        self
    }
}

/// Refuses what the protocol or this crate cannot do.
fn refuse(fields: &Fields) -> Result<(), ConfigError> {
    if let Some(encoding) = fields.get("client_encoding") {
        let plain = encoding.to_ascii_lowercase().replace(['-', '_'], "");
        if !["utf8", "unicode", "auto"].contains(&plain.as_str()) {
            return Err(ConfigError::new(format!(
                "`client_encoding` in the database URL must be UTF8, not {encoding:?}: \
                 texts are sent and read as UTF-8"
            )));
        }
    }
    fields.word("gssencmode", &[("disable", ()), ("prefer", ())], ())?;
    let off = ["false", "off", "no", "0"].map(|word| (word, ()));
    fields.word("replication", &off, ())?;
    fields.word("min_protocol_version", &[("3.0", ())], ())?;
    let newest = ["3.0", "3.2", "latest"].map(|word| (word, ()));
    fields.word("max_protocol_version", &newest, ())
}

impl fmt::Debug for Config {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Config")
            .field("hosts", &self.hosts)
            .field("user", &self.user)
            .field("password", &self.password)
            .field("database", &self.database)
            .field("application_name", &self.application_name)
            .field("options", &self.options)
            .field("ssl", &self.ssl)
            .field("channel_binding", &self.channel_binding)
            .field("methods", &self.methods)
            .field("target", &self.target)
            .field("shuffles", &self.shuffles)
            .field("connect_timeout", &self.connect_timeout)
            .field("tcp", &self.tcp)
            .finish()
    }
}

impl fmt::Display for Config {
    /// The servers, the database and the user, for logs.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts: Vec<String> = self.hosts.iter().map(Host::to_string).collect();
        let Self { user, database, .. } = self;
        write!(
            formatter,
            "database {database:?} as {user:?} at {}",
            hosts.join("; ")
        )
    }
}
