//! From a URL to a connection: hosts in order, each as its `sslmode` wants.

pub(crate) mod address;
mod authenticate;
pub(crate) mod encrypt;
pub(crate) mod login;
mod order;
mod target;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout, timeout_at};

use crate::cancel::{CancelToken, Route};
use crate::config::Config;
use crate::config::hosts::{Host, Place};
use crate::config::ssl::SslMode;
use crate::connection::Connection;
use crate::error::Error;
use crate::pipe::Pipe;
use crate::settings::Settings;
use crate::stream::{Duplex, Socket, Stream};
use crate::tls::{end_point, server_name};
use address::Address;
use authenticate::Who;
use encrypt::{Encrypt, Tls};
use login::{Refused, Welcome, login};

impl Connection {
    /// Connects to the first server of the URL that is there and of the wanted kind.
    ///
    /// As in libpq, all addresses of all hosts are tried in their order, the next one where a
    /// server is not there, does not answer in time, is starting, or is not of the kind that
    /// `target_session_attrs` asks for; one that refuses the login ends the search. A server whose
    /// TLS fails is passed over, too.
    ///
    /// # Errors
    /// Why the last one that was tried did not do.
    pub async fn connect(config: &Config, settings: &Settings) -> Result<Self, Error> {
        let patience = config.connect_timeout.unwrap_or(settings.limits.connect);
        let mut last = None;
        for round in config.target.rounds() {
            for host in order::hosts(config) {
                let addresses = match timeout(patience, address::resolve(host)).await {
                    Ok(Ok(addresses)) => order::addresses(config, addresses),
                    Ok(Err(error)) => {
                        last = Some(log(error));
                        continue;
                    }
                    Err(_) => {
                        last = Some(log(Error::Late(format!("looking up {host}"))));
                        continue;
                    }
                };
                for address in addresses {
                    let attempt = Attempt {
                        config,
                        settings,
                        host,
                        address: &address,
                        patience,
                    };
                    let found = match attempt.run().await {
                        Ok(connection) => target::check(connection, *round, settings).await,
                        Err(error) => Err(error),
                    };
                    match found {
                        Ok(connection) => return Ok(connection),
                        Err(error) if error.is_lost() => last = Some(log(error)),
                        Err(error) => return Err(error),
                    }
                }
            }
        }
        Err(last.unwrap_or_else(|| Error::Target(config.target.name())))
    }

    /// Logs in over a stream that the caller made. It counts as not encrypted, whatever it is, and
    /// `sslmode` is not looked at. There is no way to cancel what runs on it.
    ///
    /// # Errors
    /// As [`Connection::connect`].
    pub async fn over(
        stream: impl Duplex + 'static,
        config: &Config,
        settings: &Settings,
    ) -> Result<Self, Error> {
        let patience = config.connect_timeout.unwrap_or(settings.limits.connect);
        let stream = Stream::Plain(Socket::Other(Box::new(stream)));
        let mut pipe = Pipe::new(stream, login::MESSAGE);
        let who = Who {
            user: &config.user,
            password: config.password.as_ref(),
            binding: config.channel_binding,
            methods: &config.methods,
            encrypted: false,
            end_point: None,
        };
        let deadline = Instant::now() + patience;
        let parameters = &settings.parameters;
        match login(&mut pipe, config, &who, parameters, deadline).await {
            Ok(welcome) => Ok(Self::new(pipe, settings, welcome.parameters, None)),
            Err(refused) => Err(refused.error),
        }
    }
}

fn log(error: Error) -> Error {
    tracing::debug!(%error, "a server was passed over");
    error
}

/// One address of one host.
struct Attempt<'a> {
    config: &'a Config,
    settings: &'a Settings,
    host: &'a Host,
    address: &'a Address,
    patience: Duration,
}

impl Attempt<'_> {
    /// Connects, in the way that is tried first, or else in the other one.
    async fn run(&self) -> Result<Connection, Error> {
        let is_unix = matches!(self.address, Address::Unix(_));
        let deadline = Instant::now() + self.patience;
        let (first, second) = encrypt::attempts(self.config.ssl.mode, is_unix);
        let refused = match self.once(first, deadline).await {
            Ok(connection) => return Ok(connection),
            Err(refused) => refused,
        };
        let Some(second) = second.filter(|_| refused.by_rule) else {
            return Err(refused.error);
        };
        let other = match self.once(second, deadline).await {
            Ok(connection) => return Ok(connection),
            Err(other) => other,
        };
        // Of the two, the one about the encrypted connection says more, if the server has TLS.
        tracing::debug!(first = %refused.error, second = %other.error, "both ways were refused");
        let second_says_more = second == Encrypt::Must && !matches!(other.error, Error::Tls(_));
        Err(if second_says_more {
            other.error
        } else {
            refused.error
        })
    }

    async fn once(&self, encrypt: Encrypt, deadline: Instant) -> Result<Connection, Refused> {
        let late = || {
            Err(Refused {
                error: Error::Late(format!("connecting to {}", self.host)),
                by_rule: false,
            })
        };
        timeout_at(deadline, self.connect(encrypt, deadline))
            .await
            .unwrap_or_else(|_| late())
    }

    async fn connect(&self, encrypt: Encrypt, deadline: Instant) -> Result<Connection, Refused> {
        let config = self.config;
        let final_error = |error| Refused {
            error,
            by_rule: false,
        };
        let tls = match encrypt {
            Encrypt::Never => None,
            Encrypt::Ask | Encrypt::Must => self.tls().map_err(final_error)?,
        };
        let socket = address::open(self.address, &config.tcp)
            .await
            .map_err(|error| {
                final_error(Error::io(format!("connecting to {}", self.host), error))
            })?;
        let stream = encrypt::negotiate(socket, tls.as_ref(), encrypt)
            .await
            .map_err(|error| Refused {
                error,
                by_rule: true,
            })?;
        let encrypted = stream.is_tls();
        let who = Who {
            user: &config.user,
            password: config.password.as_ref().or(self.host.password.as_ref()),
            binding: config.channel_binding,
            methods: &config.methods,
            encrypted,
            end_point: certificate(&stream),
        };
        let mut pipe = Pipe::new(stream, login::MESSAGE);
        let parameters = &self.settings.parameters;
        let Welcome { parameters, key } = login(&mut pipe, config, &who, parameters, deadline)
            .await
            .map_err(|refused| Refused {
                // Where the server has no TLS, there is no other way to try.
                by_rule: refused.by_rule && encrypted == (encrypt != Encrypt::Never),
                ..refused
            })?;
        let cancel = key.map(|key| {
            let route = Route {
                address: self.address.clone(),
                tls: tls.filter(|_| encrypted),
                tcp: config.tcp.clone(),
            };
            CancelToken::new(key, Arc::new(route))
        });
        Ok(Connection::new(pipe, self.settings, parameters, cancel))
    }

    fn tls(&self) -> Result<Option<Tls>, Error> {
        let Some(client) = &self.config.tls else {
            return Ok(None);
        };
        let (name, address) = match (&self.host.place, self.address) {
            (Place::Network { name, .. }, Address::Tcp(address)) => (name.as_deref(), address),
            (_, Address::Tcp(address)) => (Some("localhost"), address),
            (_, Address::Unix(_)) => return Ok(None),
        };
        let must_match = self.config.ssl.mode == SslMode::VerifyFull;
        Ok(Some(Tls {
            client: client.clone(),
            name: server_name(name, Some(address.ip()), must_match)?,
            direct: self.config.ssl.direct,
        }))
    }
}

/// The digest of the server's certificate.
fn certificate(stream: &Stream) -> Option<Vec<u8>> {
    let Stream::Tls(stream) = stream else {
        return None;
    };
    let (_, session) = stream.get_ref();
    end_point(session.peer_certificates()?.first()?)
}
