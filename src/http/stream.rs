//! The stream of one client. It notes its activity, gives the refusals of the HTTP library a body,
//! and ends a connection without losing the last response.

use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

use super::connection::Activity;
use super::explained::explained;

/// How long a client that is still sending may go on after the last response, in time and bytes.
/// Closing at once would send it a reset, and a reset discards what it has not read.
pub const LINGERING: Duration = Duration::from_secs(10);
pub const LINGERING_BYTES: usize = 16 * 1024 * 1024;
/// Bytes that are read and dropped with one call.
const PIECE: usize = 16 * 1024;

/// A stream with the activity of its connection.
pub struct Stream<S> {
    stream: S,
    activity: Arc<Activity>,
    refusal: Option<Explained>,
    lingering: Option<Lingering>,
}

/// A refusal that is written instead of the library's own.
struct Explained {
    text: Vec<u8>,
    written: usize,
    /// Length of what it stands for.
    instead_of: usize,
}

/// The time after the last response.
struct Lingering {
    end: Pin<Box<Sleep>>,
    left: usize,
}

impl<S> Stream<S> {
    pub fn new(stream: S, activity: Arc<Activity>) -> Self {
        Self {
            stream,
            activity,
            refusal: None,
            lingering: None,
        }
    }
}

impl<S: AsyncWrite + Unpin> Stream<S> {
    /// Writes an explained refusal where the library begins to write a bare one.
    fn poll_refusal(
        &mut self,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Option<io::Result<usize>>> {
        if self.refusal.is_none() {
            self.refusal = explained(bytes).map(|text| Explained {
                text,
                written: 0,
                instead_of: bytes.len(),
            });
        }
        let Some(refusal) = &mut self.refusal else {
            return Poll::Ready(None);
        };
        while let Some(rest @ [_, ..]) = refusal.text.get(refusal.written..) {
            let written = ready!(Pin::new(&mut self.stream).poll_write(context, rest));
            match written {
                Ok(0) => return Poll::Ready(Some(Err(io::ErrorKind::WriteZero.into()))),
                Ok(written) => refusal.written += written,
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
        let instead_of = refusal.instead_of;
        self.refusal = None;
        Poll::Ready(Some(Ok(instead_of)))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Stream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut self.stream).poll_read(context, buffer);
        let read = &buffer.filled()[before..];
        if !read.is_empty() {
            self.activity.was_read(read);
        }
        outcome
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Stream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = match self.poll_refusal(context, bytes) {
            Poll::Ready(None) => Pin::new(&mut self.stream).poll_write(context, bytes),
            Poll::Ready(Some(outcome)) => Poll::Ready(outcome),
            Poll::Pending => Poll::Pending,
        };
        self.activity.was_written(&outcome);
        outcome
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let first = slices.first().map_or(&[][..], |slice| slice);
        let outcome = match self.poll_refusal(context, first) {
            Poll::Ready(None) => Pin::new(&mut self.stream).poll_write_vectored(context, slices),
            Poll::Ready(Some(outcome)) => Poll::Ready(outcome),
            Poll::Pending => Poll::Pending,
        };
        self.activity.was_written(&outcome);
        outcome
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    /// Tells the client that nothing follows. While it is still sending, what it sends is read and
    /// dropped, within bounds.
    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.lingering.is_none() {
            ready!(Pin::new(&mut this.stream).poll_shutdown(context))?;
            if !this.activity.is_sending() {
                return Poll::Ready(Ok(()));
            }
        }
        let lingering = this.lingering.get_or_insert_with(|| Lingering {
            end: Box::pin(tokio::time::sleep(LINGERING)),
            left: LINGERING_BYTES,
        });
        loop {
            if lingering.end.as_mut().poll(context).is_ready() {
                return Poll::Ready(Ok(()));
            }
            let mut piece = [MaybeUninit::uninit(); PIECE];
            let mut piece = ReadBuf::uninit(&mut piece);
            let read = ready!(Pin::new(&mut this.stream).poll_read(context, &mut piece));
            let read = read.map_or(0, |()| piece.filled().len());
            if read == 0 || read >= lingering.left {
                return Poll::Ready(Ok(()));
            }
            lingering.left -= read;
        }
    }
}
