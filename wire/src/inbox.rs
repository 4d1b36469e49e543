//! What was received and not read yet, message by message.

use bytes::{Buf, Bytes, BytesMut};
use postgres_protocol::message::backend::Message;

use crate::error::Error;

/// The tag and the length of every message.
const HEAD: usize = 5;
/// Bytes asked of the network at once: at first, and while it fills them.
const SMALL: usize = 8 * 1024;
const LARGE: usize = 64 * 1024;

/// What a message that is too large is called in the error.
pub(crate) const ONE_MESSAGE: &str = "one message of the server";

/// A whole message at the front of the inbox.
#[derive(Clone, Copy)]
pub(crate) struct Head {
    pub(crate) tag: u8,
    /// Bytes of all of it.
    pub(crate) length: usize,
}

pub(crate) struct Inbox {
    buffer: BytesMut,
    /// Most bytes of one message.
    cap: usize,
    /// Bytes to ask for with the next read.
    wanted: usize,
    /// Whether the buffer grew for a message that was larger than others.
    grown: bool,
}

impl Inbox {
    pub(crate) fn new(cap: usize) -> Self {
        Self {
            buffer: BytesMut::new(),
            cap,
            wanted: SMALL,
            grown: false,
        }
    }

    pub(crate) fn set_cap(&mut self, cap: usize) {
        self.cap = cap;
    }

    /// Where to read to. The room grows with what is there already, never with what a message says
    /// of its own length.
    pub(crate) fn room(&mut self) -> &mut BytesMut {
        if self.grown && self.buffer.is_empty() {
            // Otherwise it would be filled again and again, and never given back.
            self.grown = false;
            self.buffer = BytesMut::new();
        }
        if self.buffer.capacity() - self.buffer.len() < self.wanted / 2 {
            self.grown |= self.buffer.len() > LARGE;
            self.buffer.reserve(self.wanted.max(self.buffer.len()));
        }
        &mut self.buffer
    }

    /// Learns how much came with one read.
    pub(crate) fn filled(&mut self, bytes: usize) {
        if bytes >= self.wanted / 2 {
            self.wanted = LARGE;
        } else if bytes < SMALL / 8 {
            self.wanted = SMALL;
        }
    }

    /// The message at the front, once all of it is there.
    pub(crate) fn head(&self) -> Result<Option<Head>, Error> {
        let Some((head, _)) = self.buffer.split_first_chunk::<HEAD>() else {
            return Ok(None);
        };
        let [tag, length @ ..] = *head;
        let length = i32::from_be_bytes(length);
        let length = usize::try_from(length)
            .ok()
            .filter(|length| *length >= 4)
            .ok_or_else(|| Error::protocol(format!("a message says that it has {length} bytes")))?;
        // The tag does not count.
        let length = length + 1;
        if length > self.cap {
            return Err(Error::TooLarge {
                what: ONE_MESSAGE,
                limit: self.cap,
            });
        }
        Ok((self.buffer.len() >= length).then_some(Head { tag, length }))
    }

    /// What is in the message at the front.
    pub(crate) fn body(&self, head: Head) -> &[u8] {
        self.buffer.get(HEAD..head.length).unwrap_or_default()
    }

    pub(crate) fn skip(&mut self, head: Head) {
        self.buffer.advance(head.length.min(self.buffer.len()));
    }

    /// Takes what is in the message at the front, without copying it.
    pub(crate) fn take(&mut self, head: Head) -> Bytes {
        let length = head.length.min(self.buffer.len());
        let mut message = self.buffer.split_to(length);
        message.advance(HEAD.min(length));
        message.freeze()
    }

    /// Takes the message at the front apart. For those that come seldom.
    pub(crate) fn parse(&mut self, head: Head) -> Result<Message, Error> {
        let mut message = self.buffer.split_to(head.length.min(self.buffer.len()));
        match Message::parse(&mut message) {
            Ok(Some(message)) => Ok(message),
            Ok(None) => Err(Error::protocol("a message ends too early")),
            Err(error) => Err(Error::protocol(error.to_string())),
        }
    }
}
