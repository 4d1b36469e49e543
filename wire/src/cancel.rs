//! Stops what runs on a connection, from beside it.

use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use postgres_protocol::message::frontend;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use crate::config::Tcp;
use crate::connect::address::{Address, open};
use crate::connect::encrypt::{Encrypt, Tls, negotiate};
use crate::error::Error;

/// How the server of a connection was reached.
pub(crate) struct Route {
    pub(crate) address: Address,
    /// Present if the connection is encrypted.
    pub(crate) tls: Option<Tls>,
    pub(crate) tcp: Tcp,
}

/// The key to what runs on one connection. A copy is cheap.
///
/// It stops whatever runs there when the server gets to it: whoever cancels must not give the
/// connection to somebody else before [`CancelToken::cancel`] has returned and the exchange is
/// drained. A shared connection has none, as it would hit others.
#[derive(Clone)]
pub struct CancelToken {
    process: i32,
    secret: i32,
    route: Arc<Route>,
}

impl CancelToken {
    pub(crate) fn new((process, secret): (i32, i32), route: Arc<Route>) -> Self {
        Self {
            process,
            secret,
            route,
        }
    }

    /// The number of the process that serves the connection, as `pg_stat_activity` shows it.
    pub fn process(&self) -> i32 {
        self.process
    }

    /// Asks the server, over a connection of its own that is encrypted as the first one is, and
    /// returns once it has passed the request on. The server does not tell whether there was
    /// something to stop; what was stopped ends with SQLSTATE 57014.
    ///
    /// # Errors
    /// [`Error::Late`] after `patience`, or why the server cannot be reached.
    pub async fn cancel(&self, patience: Duration) -> Result<(), Error> {
        timeout(patience, self.ask())
            .await
            .unwrap_or_else(|_| Err(Error::Late("cancelling a statement".to_owned())))
    }

    async fn ask(&self) -> Result<(), Error> {
        let failed = |error| Error::io("cancelling a statement", error);
        let socket = open(&self.route.address, &self.route.tcp)
            .await
            .map_err(failed)?;
        let tls = self.route.tls.as_ref();
        let encrypt = if tls.is_some() {
            Encrypt::Must
        } else {
            Encrypt::Never
        };
        let mut stream = negotiate(socket, tls, encrypt).await?;
        let mut request = BytesMut::new();
        frontend::cancel_request(self.process, self.secret, &mut request);
        stream.write_all(&request).await.map_err(failed)?;
        stream.flush().await.map_err(failed)?;
        // The server closes once it has passed the request on, and need not do so politely.
        let mut rest = [0; 64];
        while stream.read(&mut rest).await.is_ok_and(|bytes| bytes > 0) {}
        Ok(())
    }
}

impl std::fmt::Debug for CancelToken {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "CancelToken({})", self.process)
    }
}
