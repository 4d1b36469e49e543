//! The permits of requests, and the queue for them. A request is processed only while it has a
//! permit. Workspaces share permits and queue: a free permit goes to the waiting workspaces in turn,
//! and no workspace can fill the queue so that others find no room in it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use uuid::Uuid;

/// How long a request waits for a permit in a burst.
const BURST: Duration = Duration::from_millis(250);
/// How long it waits while other requests of its workspace are refused.
const OVERLOAD: Duration = Duration::from_millis(20);
/// How long a workspace counts as overloaded after the last refusal.
const CALM: Duration = Duration::from_secs(1);
/// How many requests may wait per permit.
const QUEUE: usize = 4;
/// A workspace may have this many times the free part of the queue. So one workspace gets at most
/// three quarters of it, and two get three sevenths each.
const GREED: usize = 3;
/// How many workspaces are remembered that have no request at the moment.
const REMEMBERED: usize = 1024;

/// All permits of one gateway.
pub struct Permits {
    all: usize,
    /// Maximum number of permits of one workspace.
    share: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    taken: usize,
    waiting: usize,
    next: u64,
    shares: HashMap<Uuid, Share>,
    /// The workspaces that wait, the next one first.
    turns: VecDeque<Uuid>,
}

/// What one workspace has of permits and queue.
#[derive(Default)]
struct Share {
    taken: usize,
    queue: VecDeque<(u64, oneshot::Sender<Permit>)>,
    /// Until when its requests wait for [`OVERLOAD`] only.
    overloaded_until: Option<Instant>,
}

impl Share {
    fn is_overloaded(&self, now: Instant) -> bool {
        self.overloaded_until.is_some_and(|until| now < until)
    }
}

/// No permit is free, and none will be soon.
#[derive(Debug)]
pub struct Full;

impl Permits {
    /// `all` permits, of which one workspace may have `share`.
    pub fn new(all: usize, share: usize) -> Arc<Self> {
        Arc::new(Self {
            all,
            share: share.clamp(1, all),
            state: Mutex::default(),
        })
    }

    /// Whether the queue is full for every workspace.
    pub fn is_full(&self) -> bool {
        self.lock().waiting >= self.queue()
    }

    /// Whether a request of the workspace would be refused at once.
    pub fn is_full_for(&self, workspace: Uuid) -> bool {
        let state = self.lock();
        state.shares.get(&workspace).is_some_and(|share| {
            let must_wait = state.taken >= self.all || share.taken >= self.share;
            must_wait && share.queue.len() >= self.room(&state, share)
        })
    }

    /// Takes a permit for a request of the workspace, after waiting for it if necessary.
    ///
    /// # Errors
    /// [`Full`] when the queue has no room, or no permit is free in time.
    pub async fn take(self: &Arc<Self>, workspace: Uuid) -> Result<Permit, Full> {
        let (mut waiter, patience) = match self.enter(workspace) {
            Entered::Permit(permit) => return Ok(permit),
            Entered::Full => return Err(self.refuse(workspace)),
            Entered::Queue(waiter, patience) => (waiter, patience),
        };
        match tokio::time::timeout(patience, &mut waiter.permit).await {
            // The sender is dropped by nobody but the waiter.
            Ok(permit) => permit.map_err(|_| Full),
            Err(_) => Err(self.refuse(workspace)),
        }
    }

    fn enter(self: &Arc<Self>, workspace: Uuid) -> Entered {
        let mut state = self.lock();
        let state = &mut *state;
        if state.shares.len() > REMEMBERED {
            let now = Instant::now();
            state.shares.retain(|_, share| {
                share.taken > 0 || !share.queue.is_empty() || share.is_overloaded(now)
            });
        }
        state.shares.entry(workspace).or_default();
        let room = self.room(state, &state.shares[&workspace]);
        let full = state.waiting >= self.queue();
        let Some(share) = state.shares.get_mut(&workspace) else {
            return Entered::Full;
        };
        // If it has waiting requests while a permit is free, it has its share already.
        if state.taken < self.all && share.taken < self.share && share.queue.is_empty() {
            state.taken += 1;
            share.taken += 1;
            return Entered::Permit(self.permit(workspace));
        }
        if full || share.queue.len() >= room {
            return Entered::Full;
        }
        let patience = if share.is_overloaded(Instant::now()) {
            OVERLOAD
        } else {
            BURST
        };
        let (sender, permit) = oneshot::channel();
        let number = state.next;
        state.next += 1;
        state.waiting += 1;
        if share.queue.is_empty() {
            state.turns.push_back(workspace);
        }
        share.queue.push_back((number, sender));
        let waiter = Waiter {
            of: Arc::clone(self),
            workspace,
            number,
            permit,
        };
        Entered::Queue(waiter, patience)
    }

    fn queue(&self) -> usize {
        self.all.saturating_mul(QUEUE)
    }

    /// How many requests of one workspace may wait.
    fn room(&self, state: &State, share: &Share) -> usize {
        let free = self.queue().saturating_sub(state.waiting);
        let room = free.saturating_mul(GREED);
        if share.is_overloaded(Instant::now()) {
            // Most are refused without waiting, which costs least.
            room.min(self.all.div_ceil(2))
        } else {
            room
        }
    }

    fn refuse(&self, workspace: Uuid) -> Full {
        let mut state = self.lock();
        let share = state.shares.entry(workspace).or_default();
        share.overloaded_until = Some(Instant::now() + CALM);
        Full
    }

    fn permit(self: &Arc<Self>, workspace: Uuid) -> Permit {
        Permit {
            of: Some(Arc::clone(self)),
            workspace,
        }
    }

    /// Returns a permit, and gives the free permits to the workspaces whose turn it is.
    fn give_back(self: &Arc<Self>, workspace: Uuid) {
        let mut state = self.lock();
        let state = &mut *state;
        state.taken -= 1;
        if let Some(share) = state.shares.get_mut(&workspace) {
            share.taken -= 1;
        }
        let mut passed = 0;
        while state.taken < self.all && passed < state.turns.len() {
            let Some(next) = state.turns.pop_front() else {
                break;
            };
            let Some(share) = state.shares.get_mut(&next) else {
                continue;
            };
            if share.taken >= self.share {
                state.turns.push_back(next);
                passed += 1;
                continue;
            }
            if let Some((_, sender)) = share.queue.pop_front() {
                state.waiting -= 1;
                match sender.send(self.permit(next)) {
                    Ok(()) => {
                        state.taken += 1;
                        share.taken += 1;
                        passed = 0;
                    }
                    // The request has left, and the permit was not counted as taken.
                    Err(mut permit) => permit.of = None,
                }
            }
            if !share.queue.is_empty() {
                state.turns.push_back(next);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Entered {
    Permit(Permit),
    Queue(Waiter, Duration),
    Full,
}

/// One request in the queue. Dropping it also returns a permit that it was given but did not take.
struct Waiter {
    of: Arc<Permits>,
    workspace: Uuid,
    number: u64,
    permit: oneshot::Receiver<Permit>,
}

impl Drop for Waiter {
    fn drop(&mut self) {
        let mut state = self.of.lock();
        let state = &mut *state;
        let Some(share) = state.shares.get_mut(&self.workspace) else {
            return;
        };
        // Numbers grow along the queue.
        if let Ok(index) = share
            .queue
            .binary_search_by_key(&self.number, |(number, _)| *number)
        {
            share.queue.remove(index);
            state.waiting -= 1;
            if share.queue.is_empty() {
                state.turns.retain(|workspace| *workspace != self.workspace);
            }
        }
    }
}

/// The right of one request to be processed. Dropping it returns it.
pub struct Permit {
    of: Option<Arc<Permits>>,
    workspace: Uuid,
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(permits) = self.of.take() {
            permits.give_back(self.workspace);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::Poll;

    use futures_util::future::join_all;

    use super::*;

    const A: Uuid = Uuid::from_u128(1);
    const B: Uuid = Uuid::from_u128(2);

    #[tokio::test]
    async fn a_burst_waits_and_a_full_queue_does_not() {
        let permits = Permits::new(1, 1);
        let first = permits.take(A).await.expect("a permit");
        let waiting = async { join_all((0..3).map(|_| permits.take(A))).await };
        let late = async {
            // All three are in the queue once this one is asked for.
            tokio::task::yield_now().await;
            assert!(permits.is_full_for(A));
            assert!(!permits.is_full(), "others have room");
            let asked = Instant::now();
            assert!(permits.take(A).await.is_err(), "the queue has no room");
            assert!(asked.elapsed() < BURST / 2, "it is told at once");
            drop(first);
        };
        let (taken, ()) = tokio::join!(waiting, late);
        assert!(taken[0].is_ok(), "the first in the queue has a permit");
        assert!(taken[1..].iter().all(Result::is_err), "it keeps it");
        drop(taken);
        let state = permits.lock();
        assert_eq!((state.taken, state.waiting, state.turns.len()), (0, 0, 0));
    }

    #[tokio::test]
    async fn overload_makes_impatient_and_others_do_not_pay_for_it() {
        let permits = Permits::new(1, 1);
        let _permit = permits.take(A).await.expect("a permit");
        let timed = async |workspace| {
            let asked = Instant::now();
            assert!(permits.take(workspace).await.is_err());
            asked.elapsed()
        };
        assert!(timed(A).await >= BURST, "a burst may wait");
        assert!(timed(A).await < BURST, "the next ones may not");
        assert!(timed(B).await >= BURST, "another workspace may");
    }

    #[tokio::test]
    async fn workspaces_take_turns() {
        let permits = Permits::new(4, 4);
        let mut taken = Vec::new();
        for _ in 0..4 {
            taken.push(permits.take(A).await.expect("alone it may have all"));
        }
        let mut of_a: Vec<_> = (0..8).map(|_| Box::pin(permits.take(A))).collect();
        let mut of_b: Vec<_> = (0..2).map(|_| Box::pin(permits.take(B))).collect();
        for waiting in of_a.iter_mut().chain(&mut of_b) {
            assert!(futures_util::poll!(waiting).is_pending());
        }
        taken.clear();
        for (waiting, first) in [(&mut of_a, 2), (&mut of_b, 2)] {
            for (index, waiting) in waiting.iter_mut().enumerate() {
                let polled = futures_util::poll!(waiting);
                assert_eq!(polled.is_ready(), index < first, "{index}");
                if let Poll::Ready(permit) = polled {
                    taken.push(permit.expect("a permit"));
                }
            }
        }
        // With nobody else waiting all that is free is for the one that waits.
        taken.clear();
        for waiting in &mut of_a[2..6] {
            assert!(futures_util::poll!(waiting).is_ready());
        }
    }

    #[tokio::test]
    async fn a_workspace_has_its_share_and_no_more() {
        let permits = Permits::new(4, 3);
        let mut taken = Vec::new();
        for _ in 0..3 {
            taken.push(permits.take(A).await.expect("its share"));
        }
        let waiting = permits.take(A);
        let others = async {
            tokio::task::yield_now().await;
            let other = permits.take(B).await;
            assert!(other.is_ok(), "one permit is left to others");
            drop(other);
            // A permit that is given back by another is not for who has its share.
            assert_eq!(permits.lock().waiting, 1);
            taken.pop();
        };
        let (waited, ()) = tokio::join!(waiting, others);
        assert!(waited.is_ok(), "its own permit is");
    }

    #[tokio::test]
    async fn who_leaves_the_queue_leaves_nothing_behind() {
        let permits = Permits::new(1, 1);
        let permit = permits.take(A).await.expect("a permit");
        for workspace in [A, B] {
            let mut waiting = Box::pin(permits.take(workspace));
            assert!(futures_util::poll!(&mut waiting).is_pending());
        }
        // One who was given the permit and left before it noticed.
        let mut waiting = Box::pin(permits.take(B));
        assert!(futures_util::poll!(&mut waiting).is_pending());
        drop(permit);
        assert_eq!(permits.lock().taken, 1);
        drop(waiting);
        let state = permits.lock();
        assert_eq!((state.taken, state.waiting, state.turns.len()), (0, 0, 0));
    }
}
