//! The bytes that all requests hold together: large bodies, rows, unsent responses.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Bytes;

/// What may be held at once, and what is.
#[derive(Debug)]
pub struct Memory {
    most: usize,
    held: AtomicUsize,
}

/// There is no room for more; what was held before is held still.
#[derive(Debug, PartialEq, Eq)]
pub struct Full;

impl Memory {
    /// Room for `most` bytes.
    pub fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            most,
            held: AtomicUsize::new(0),
        })
    }

    /// Begins to count something of which the first `free` bytes are never counted, so that what
    /// is large cannot crowd out what is small.
    pub fn begin(self: &Arc<Self>, free: usize) -> Held {
        Held {
            of: Arc::clone(self),
            free,
            counted: 0,
        }
    }

    /// How many bytes are counted now.
    pub fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }

    /// How many bytes may be counted at once.
    pub fn most(&self) -> usize {
        self.most
    }
}

/// The bytes of one thing; they are given back when it is dropped.
#[derive(Debug)]
pub struct Held {
    of: Arc<Memory>,
    free: usize,
    counted: usize,
}

impl Held {
    /// Says that the thing has `length` bytes now. It may shrink, too.
    ///
    /// # Errors
    /// [`Full`] when all things together would hold too much; the length before stays counted.
    pub fn resize(&mut self, length: usize) -> Result<(), Full> {
        let wanted = length.saturating_sub(self.free);
        if wanted <= self.counted {
            self.of
                .held
                .fetch_sub(self.counted - wanted, Ordering::Relaxed);
            self.counted = wanted;
            return Ok(());
        }
        let more = wanted - self.counted;
        let room = |held: usize| held.checked_add(more).filter(|&all| all <= self.of.most);
        self.of
            .held
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, room)
            .map_err(|_| Full)?;
        self.counted = wanted;
        Ok(())
    }

    /// Counts what another thing held as a part of this one.
    pub fn absorb(&mut self, mut other: Self) {
        debug_assert!(Arc::ptr_eq(&self.of, &other.of));
        self.counted += std::mem::take(&mut other.counted);
        self.free += other.free;
    }

    /// The bytes as a body that stays counted until the last of it is sent or thrown away.
    pub fn attach(self, bytes: Vec<u8>) -> Bytes {
        Bytes::from_owner(Attached { bytes, _held: self })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.of.held.fetch_sub(self.counted, Ordering::Relaxed);
    }
}

struct Attached {
    bytes: Vec<u8>,
    _held: Held,
}

impl AsRef<[u8]> for Attached {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_things_are_counted_together_and_small_ones_never() {
        let memory = Memory::new(100);
        let mut large = memory.begin(10);
        assert_eq!(large.resize(110), Ok(()));
        let mut small = memory.begin(10);
        assert_eq!(small.resize(10), Ok(()));
        assert_eq!(small.resize(11), Err(Full));
        assert_eq!(memory.held(), 100, "a refusal counts nothing");
        assert_eq!(large.resize(60), Ok(()));
        assert_eq!(small.resize(60), Ok(()));
        assert_eq!(memory.held(), 100);
        drop((large, small));
        assert_eq!(memory.held(), 0, "what was held is given back");
    }

    #[test]
    fn what_is_joined_is_counted_once() {
        let memory = Memory::new(100);
        let (mut one, mut two) = (memory.begin(10), memory.begin(10));
        assert_eq!((one.resize(40), two.resize(50)), (Ok(()), Ok(())));
        one.absorb(two);
        assert_eq!(memory.held(), 70);
        assert_eq!(one.resize(90), Ok(()));
        assert_eq!(memory.held(), 70, "what was free stays free");
        drop(one);
        assert_eq!(memory.held(), 0);
    }

    #[test]
    fn a_body_is_counted_until_its_last_part_is_gone() {
        let memory = Memory::new(100);
        let mut held = memory.begin(0);
        held.resize(4).unwrap();
        let body = held.attach(b"rows".to_vec());
        let part = body.slice(1..3);
        drop(body);
        assert_eq!((&part[..], memory.held()), (&b"ow"[..], 4));
        drop(part);
        assert_eq!(memory.held(), 0);
    }
}
