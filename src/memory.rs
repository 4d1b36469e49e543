//! The bytes that all requests hold together: large bodies, rows, unsent responses.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use axum::body::Bytes;
use uuid::Uuid;

/// Workspaces whose accounts are looked through for those that are no longer used.
const SWEEP: usize = 1024;

/// What may be held at once, and what is.
///
/// One workspace holds three quarters of it at most, and all requests together seven eighths: the
/// rest is for small responses, so that they are sent while large ones hold what they may.
#[derive(Debug)]
pub struct Memory {
    all: Arc<Account>,
    requests: Arc<Account>,
    workspaces: Mutex<HashMap<Uuid, Weak<Account>>>,
}

/// There is no room for more; what was held before is held still.
#[derive(Debug, PartialEq, Eq)]
pub struct Full;

impl Memory {
    /// Room for `most` bytes.
    pub fn new(most: usize) -> Arc<Self> {
        let all = Account::new(most, None);
        Arc::new(Self {
            requests: Account::new(most - most / 8, Some(&all)),
            all,
            workspaces: Mutex::default(),
        })
    }

    /// Begins to count something that a request holds, for its workspace where that is known. Its
    /// first `free` bytes are never counted, so that what is large cannot crowd out what is small.
    pub fn begin(&self, workspace: Option<Uuid>, free: usize) -> Held {
        self.count(&self.requests, workspace, free)
    }

    /// Begins to count a small response, for its workspace where that is known.
    pub fn begin_small(&self, workspace: Option<Uuid>) -> Held {
        self.count(&self.all, workspace, 0)
    }

    fn count(&self, of: &Arc<Account>, workspace: Option<Uuid>, free: usize) -> Held {
        Held {
            of: Arc::clone(of),
            workspace: workspace.map(|workspace| self.of_workspace(workspace)),
            free,
            counted: 0,
        }
    }

    fn of_workspace(&self, workspace: Uuid) -> Arc<Account> {
        let known = self.workspaces.lock();
        let mut known = known.unwrap_or_else(PoisonError::into_inner);
        if let Some(account) = known.get(&workspace).and_then(Weak::upgrade) {
            return account;
        }
        if known.len() >= SWEEP {
            known.retain(|_, account| account.strong_count() > 0);
        }
        let account = Account::new(self.most() / 4 * 3, None);
        known.insert(workspace, Arc::downgrade(&account));
        account
    }

    /// How many bytes are counted now.
    pub fn held(&self) -> usize {
        self.all.held.load(Ordering::Relaxed)
    }

    /// How many bytes may be counted at once.
    pub fn most(&self) -> usize {
        self.all.most
    }
}

/// A number of bytes with a limit, which count in a larger account, too.
#[derive(Debug)]
struct Account {
    most: usize,
    held: AtomicUsize,
    within: Option<Arc<Self>>,
}

impl Account {
    fn new(most: usize, within: Option<&Arc<Self>>) -> Arc<Self> {
        Arc::new(Self {
            most,
            held: AtomicUsize::new(0),
            within: within.cloned(),
        })
    }

    fn take(&self, more: usize) -> Result<(), Full> {
        let room = |held: usize| held.checked_add(more).filter(|&all| all <= self.most);
        self.held
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, room)
            .map_err(|_| Full)?;
        let within = self.within.as_ref().map_or(Ok(()), |it| it.take(more));
        if within.is_err() {
            self.held.fetch_sub(more, Ordering::Relaxed);
        }
        within
    }

    fn give_back(&self, bytes: usize) {
        self.held.fetch_sub(bytes, Ordering::Relaxed);
        if let Some(within) = &self.within {
            within.give_back(bytes);
        }
    }
}

/// The bytes of one thing; they are given back when it is dropped.
#[derive(Debug)]
pub struct Held {
    of: Arc<Account>,
    workspace: Option<Arc<Account>>,
    free: usize,
    counted: usize,
}

impl Held {
    /// Says that the thing has `length` bytes now. It may shrink, too.
    ///
    /// # Errors
    /// [`Full`] when its workspace or all things together would hold too much; the length before
    /// stays counted.
    pub fn resize(&mut self, length: usize) -> Result<(), Full> {
        let wanted = length.saturating_sub(self.free);
        if wanted <= self.counted {
            self.give_back(self.counted - wanted);
        } else {
            self.take(wanted - self.counted)?;
        }
        self.counted = wanted;
        Ok(())
    }

    fn take(&self, more: usize) -> Result<(), Full> {
        let Some(workspace) = &self.workspace else {
            return self.of.take(more);
        };
        workspace.take(more)?;
        let taken = self.of.take(more);
        if taken.is_err() {
            workspace.give_back(more);
        }
        taken
    }

    fn give_back(&self, bytes: usize) {
        self.of.give_back(bytes);
        if let Some(workspace) = &self.workspace {
            workspace.give_back(bytes);
        }
    }

    /// Counts what another thing of the same request held as a part of this one.
    pub fn absorb(&mut self, mut other: Self) {
        debug_assert!(Arc::ptr_eq(&self.of, &other.of));
        debug_assert_eq!(
            self.workspace.as_ref().map(Arc::as_ptr),
            other.workspace.as_ref().map(Arc::as_ptr)
        );
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
        self.give_back(self.counted);
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

    const A: Uuid = Uuid::from_u128(1);
    const B: Uuid = Uuid::from_u128(2);

    #[test]
    fn large_things_are_counted_together_and_small_ones_never() {
        let memory = Memory::new(800);
        let mut large = memory.begin(None, 10);
        assert_eq!(large.resize(710), Ok(()));
        let mut small = memory.begin(Some(A), 10);
        assert_eq!(small.resize(10), Ok(()));
        assert_eq!(small.resize(11), Err(Full));
        assert_eq!(memory.held(), 700, "a refusal counts nothing");
        assert_eq!(large.resize(660), Ok(()));
        assert_eq!(small.resize(60), Ok(()));
        assert_eq!(memory.held(), 700);
        drop((large, small));
        assert_eq!(memory.held(), 0, "what was held is given back");
    }

    #[test]
    fn one_workspace_leaves_room_to_others_and_large_things_to_small_ones() {
        let memory = Memory::new(800);
        let mut of_a = [memory.begin(Some(A), 0), memory.begin_small(Some(A))];
        assert_eq!(of_a[0].resize(590), Ok(()));
        assert_eq!(of_a[1].resize(11), Err(Full), "both are of one workspace");
        assert_eq!(of_a[1].resize(10), Ok(()));
        let mut of_b = [memory.begin(Some(B), 0), memory.begin_small(Some(B))];
        assert_eq!(
            of_b[0].resize(111),
            Err(Full),
            "an eighth is for small ones"
        );
        assert_eq!(of_b[0].resize(110), Ok(()));
        assert_eq!(of_b[1].resize(91), Err(Full));
        assert_eq!(of_b[1].resize(90), Ok(()));
        drop(of_a);
        assert_eq!(
            of_b[0].resize(510),
            Ok(()),
            "what is given back is for others"
        );
        assert_eq!(of_b[0].resize(511), Err(Full));
        drop(of_b);
        assert_eq!(memory.held(), 0);
    }

    #[test]
    fn workspaces_that_hold_nothing_are_forgotten() {
        let memory = Memory::new(100);
        for number in 0..3 * SWEEP as u128 {
            drop(memory.begin(Some(Uuid::from_u128(number)), 0));
        }
        assert!(memory.workspaces.lock().unwrap().len() <= SWEEP);
    }

    #[test]
    fn what_is_joined_is_counted_once() {
        let memory = Memory::new(200);
        let (mut one, mut two) = (memory.begin(Some(A), 10), memory.begin(Some(A), 10));
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
        let mut held = memory.begin(None, 0);
        held.resize(4).unwrap();
        let body = held.attach(b"rows".to_vec());
        let part = body.slice(1..3);
        drop(body);
        assert_eq!((&part[..], memory.held()), (&b"ow"[..], 4));
        drop(part);
        assert_eq!(memory.held(), 0);
    }
}
