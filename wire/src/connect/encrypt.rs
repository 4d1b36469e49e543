//! Whether a connection is encrypted, and the question to the server before it is.

use bytes::BytesMut;
use postgres_protocol::message::frontend;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::config::ssl::SslMode;
use crate::error::Error;
use crate::stream::{Socket, Stream};
use crate::tls::Client;

/// What one attempt does about TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encrypt {
    Never,
    /// If the server can.
    Ask,
    Must,
}

/// What is tried for an address: first, and when that is refused.
pub(super) fn attempts(mode: SslMode, is_unix: bool) -> (Encrypt, Option<Encrypt>) {
    match mode {
        // As in libpq, nothing is encrypted that does not leave the machine.
        _ if is_unix => (Encrypt::Never, None),
        SslMode::Disable => (Encrypt::Never, None),
        SslMode::Allow => (Encrypt::Never, Some(Encrypt::Must)),
        SslMode::Prefer => (Encrypt::Ask, Some(Encrypt::Never)),
        SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => (Encrypt::Must, None),
    }
}

/// How TLS is to be spoken with a server.
#[derive(Clone)]
pub(crate) struct Tls {
    pub(crate) client: Client,
    pub(crate) name: ServerName<'static>,
    /// Without asking the server first.
    pub(crate) direct: bool,
}

/// Makes the stream of an attempt.
pub(crate) async fn negotiate(
    mut socket: Socket,
    tls: Option<&Tls>,
    encrypt: Encrypt,
) -> Result<Stream, Error> {
    let (Some(tls), Encrypt::Ask | Encrypt::Must) = (tls, encrypt) else {
        return Ok(Stream::Plain(socket));
    };
    if !tls.direct {
        let mut question = BytesMut::new();
        frontend::ssl_request(&mut question);
        let asking = |error| Error::io("asking the server for TLS", error);
        socket.write_all(&question).await.map_err(asking)?;
        // Not a byte more: what follows belongs to TLS, and nothing that somebody put in between
        // may be taken for what came through it.
        match socket.read_u8().await.map_err(asking)? {
            b'S' => {}
            b'N' if encrypt == Encrypt::Ask => return Ok(Stream::Plain(socket)),
            b'N' => {
                return Err(Error::Tls(
                    "the server does not speak TLS (ssl is off), and sslmode asks for it"
                        .to_owned(),
                ));
            }
            // What it says is not shown, as nobody vouches for it yet.
            b'E' => {
                return Err(Error::Tls(
                    "the server answered the question for TLS with an error".to_owned(),
                ));
            }
            _ => return Err(Error::protocol("it is no PostgreSQL server")),
        }
    }
    let stream = tls
        .client
        .handshake(socket, tls.name.clone(), tls.direct)
        .await?;
    Ok(Stream::Tls(Box::new(stream)))
}
