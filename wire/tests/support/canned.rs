//! A server whose answers are known beforehand; what it is sent is not looked at.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What follows the last answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The connection ends.
    Closed,
    /// Nothing, for ever.
    Silent,
    /// These bytes, again and again.
    Endless(Vec<u8>),
}

/// Each stage is readable after one more write of the client.
pub struct Canned {
    bytes: Vec<u8>,
    /// Where each stage ends.
    ends: Vec<usize>,
    at: usize,
    writes: usize,
    end: End,
    /// How many bytes the client took.
    pub taken: Arc<AtomicUsize>,
}

impl Canned {
    pub fn new(stages: &[Vec<u8>], end: End) -> Self {
        let mut ends = Vec::new();
        let mut bytes = Vec::new();
        for stage in stages {
            bytes.extend_from_slice(stage);
            ends.push(bytes.len());
        }
        Self::of(bytes, ends, end)
    }

    pub fn of(bytes: Vec<u8>, ends: Vec<usize>, end: End) -> Self {
        Self {
            bytes,
            ends,
            at: 0,
            writes: 0,
            end,
            taken: Arc::default(),
        }
    }
}

impl AsyncRead for Canned {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let limit = match self.writes.checked_sub(1) {
            None => return Poll::Pending,
            Some(stage) => self.ends.get(stage).copied().unwrap_or(self.bytes.len()),
        };
        let limit = limit.min(self.bytes.len());
        let length = limit.saturating_sub(self.at).min(buffer.remaining());
        if length > 0 {
            let at = self.at;
            buffer.put_slice(&self.bytes[at..at + length]);
            self.at += length;
        } else if self.at < self.bytes.len() {
            return Poll::Pending;
        } else {
            match &self.end {
                End::Closed => return Poll::Ready(Ok(())),
                End::Silent => return Poll::Pending,
                End::Endless(again) => {
                    while buffer.remaining() >= again.len() {
                        buffer.put_slice(again);
                    }
                }
            }
        }
        self.taken
            .fetch_add(buffer.filled().len(), Ordering::Relaxed);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Canned {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.writes += 1;
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
