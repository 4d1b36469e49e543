//! A connection that stays open: the smallest HTTP client that serves the purpose, so that the
//! one who measures takes little of the machine.

use std::net::SocketAddr;

use anyhow::{Context, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(256 * 1024),
        })
    }

    /// Sends a request and reads the body of its answer, which must be a 200.
    pub async fn ask(&mut self, request: &[u8]) -> anyhow::Result<&[u8]> {
        let (status, head) = self.exchange(request).await?;
        if status != 200 {
            bail!("{}", String::from_utf8_lossy(&self.buffer));
        }
        Ok(&self.buffer[head..])
    }

    /// Sends a request and reads its answer: the status, and where the body begins.
    pub async fn exchange(&mut self, request: &[u8]) -> anyhow::Result<(u16, usize)> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let mut scanned = 0;
        let head = loop {
            self.more().await?;
            let found = self.buffer[scanned..]
                .windows(4)
                .position(|window| window == b"\r\n\r\n");
            if let Some(found) = found {
                break scanned + found + 4;
            }
            scanned = self.buffer.len().saturating_sub(3);
        };
        let text = std::str::from_utf8(&self.buffer[..head])?.to_ascii_lowercase();
        let length: usize = text
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"))
            .context("the answer has no length")?
            .trim()
            .parse()?;
        while self.buffer.len() < head + length {
            self.more().await?;
        }
        let status = text.get(9..12).context("the answer has no status")?;
        Ok((status.parse()?, head))
    }

    async fn more(&mut self) -> anyhow::Result<()> {
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            bail!("the server closed the connection");
        }
        Ok(())
    }
}
