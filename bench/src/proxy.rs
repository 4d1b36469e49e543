//! A proxy in front of PostgreSQL that counts what passes.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, ensure};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;
use url::Url;

use crate::messages::{Conversation, Counts, Frames};

/// Requests of a connection that has not started: encryption by TLS or by GSSAPI.
const ENCRYPTION: [u32; 2] = [80_877_103, 80_877_104];
const LONGEST_START: usize = 10_000;

pub struct Proxy {
    /// The database through the proxy.
    pub url: String,
    counts: Total,
    accepting: AbortHandle,
}

type Total = Arc<Mutex<Counts>>;

impl Proxy {
    /// A proxy in front of the database of this URL.
    pub async fn open(url: &str) -> anyhow::Result<Self> {
        let mut url = Url::parse(url).context("the URL of the database cannot be read")?;
        let host = url
            .host_str()
            .filter(|host| !host.is_empty())
            .context("statements are counted over TCP, so the URL of the database needs a host")?;
        let host = host.trim_matches(['[', ']']).to_owned();
        let target = (host, url.port().unwrap_or(5432));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let replaced =
            url.set_host(Some("127.0.0.1")).is_ok() && url.set_port(Some(address.port())).is_ok();
        ensure!(replaced, "the URL of the database has no host");
        let counts = Total::default();
        let accepting = tokio::spawn(accept(listener, target, counts.clone())).abort_handle();
        Ok(Self {
            url: url.into(),
            counts,
            accepting,
        })
    }

    /// What has passed since it was taken last.
    pub fn take(&self) -> Counts {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut counts)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, target: (String, u16), counts: Total) {
    while let Ok((client, _)) = listener.accept().await {
        let (target, counts) = (target.clone(), counts.clone());
        tokio::spawn(async move {
            // A connection that ends is the business of its two ends.
            let _ = connect(client, &target, counts).await;
        });
    }
}

async fn connect(
    mut client: TcpStream,
    (host, port): &(String, u16),
    counts: Total,
) -> anyhow::Result<()> {
    let mut server = TcpStream::connect((host.as_str(), *port)).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let start = start(&mut client).await?;
    server.write_all(&start).await?;

    let talk = Mutex::new(Conversation::default());
    let hear = |from_client: bool, kind| {
        let mut talk = talk.lock().unwrap_or_else(PoisonError::into_inner);
        if from_client {
            talk.client_sent(kind);
        } else {
            talk.server_sent(kind);
        }
        let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
        *counts += std::mem::take(&mut talk.counts);
    };
    let (client_reads, client_writes) = client.split();
    let (server_reads, server_writes) = server.split();
    tokio::try_join!(
        pass(client_reads, server_writes, |kind| hear(true, kind)),
        pass(server_reads, client_writes, |kind| hear(false, kind)),
    )?;
    Ok(())
}

/// Reads the first message, which has no type, and refuses encryption.
async fn start(client: &mut TcpStream) -> anyhow::Result<Vec<u8>> {
    loop {
        let length = client.read_u32().await?;
        let size = length as usize;
        ensure!((8..LONGEST_START).contains(&size), "this is not PostgreSQL");
        let mut message = vec![0; size];
        message[..4].copy_from_slice(&length.to_be_bytes());
        client.read_exact(&mut message[4..]).await?;
        let wanted = message[4..8].try_into().map(u32::from_be_bytes)?;
        if !ENCRYPTION.contains(&wanted) {
            return Ok(message);
        }
        client.write_all(b"N").await?;
    }
}

/// Passes bytes on until the one end closes, and tells the types of their messages.
async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut hear: impl FnMut(u8),
) -> anyhow::Result<()> {
    let mut frames = Frames::default();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = from.read(&mut buffer).await?;
        if read == 0 {
            return Ok(to.shutdown().await?);
        }
        // Counted first: whoever has the answer finds it counted.
        frames.read(&buffer[..read], &mut hear);
        to.write_all(&buffer[..read]).await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_passes_is_counted_and_unchanged() {
        const START: &[u8] = b"\0\0\0\x09\0\x03\0\0\0";
        const ASKED: &[u8] = b"B\0\0\0\x04E\0\0\0\x04S\0\0\0\x04";
        const ANSWER: &[u8] = b"2\0\0\0\x04C\0\0\0\x05\0Z\0\0\0\x05I";
        let database = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = database.local_addr().expect("an address").port();
        let proxy = Proxy::open(&format!(
            "postgres://someone:secret@127.0.0.1:{port}/bench?sslmode=prefer"
        ))
        .await
        .expect("a proxy");
        assert!(proxy.url.starts_with("postgres://someone:secret@"));
        assert!(proxy.url.ends_with("/bench?sslmode=prefer"));

        let server = tokio::spawn(async move {
            let (mut stream, _) = database.accept().await.expect("a connection");
            let mut seen = vec![0; START.len() + ASKED.len()];
            stream.read_exact(&mut seen).await.expect("a question");
            stream.write_all(ANSWER).await.expect("an answer");
            seen
        });
        let through = Url::parse(&proxy.url)
            .expect("a URL")
            .port()
            .expect("a port");
        let mut client = TcpStream::connect(("127.0.0.1", through))
            .await
            .expect("a connection");
        let mut refused = [0];
        // SSLRequest.
        client
            .write_all(&[0, 0, 0, 8, 4, 210, 22, 47])
            .await
            .expect("sent");
        client.read_exact(&mut refused).await.expect("a refusal");
        assert_eq!(&refused, b"N");
        client.write_all(START).await.expect("sent");
        client.write_all(ASKED).await.expect("sent");
        let mut answer = Vec::new();
        client.read_to_end(&mut answer).await.expect("an answer");
        assert_eq!(answer, ANSWER);
        assert_eq!(server.await.expect("a server"), [START, ASKED].concat());
        let expected = Counts {
            bind: 1,
            execute: 1,
            sync: 1,
            statements: 1,
            round_trips: 1,
            ..Counts::default()
        };
        assert_eq!(proxy.take(), expected);
        assert_eq!(proxy.take(), Counts::default());
    }
}
