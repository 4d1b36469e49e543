//! The open connections, and which of them is closed to make room for a new one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::connection::Activity;
use crate::telemetry::{Closed, InFlight, metrics};

/// A connection that has to make room gets this long to close properly.
pub const NOTICE: Duration = Duration::from_millis(250);
/// One of so many connections is closed at a time, so that the list of all is not searched for each
/// new one.
const SHARE: usize = 64;

/// The connections of one listener.
pub struct Connections {
    most: u32,
    free: Arc<Semaphore>,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    next: u64,
    all: HashMap<u64, Arc<Activity>>,
}

impl Connections {
    pub fn new(most: usize) -> Arc<Self> {
        let most = u32::try_from(most.min(Semaphore::MAX_PERMITS)).unwrap_or(u32::MAX);
        Arc::new(Self {
            most,
            free: Arc::new(Semaphore::new(most as usize)),
            open: Mutex::default(),
        })
    }

    /// Takes a slot for a connection. When there is none, the longest idle connections are closed.
    pub async fn open(self: &Arc<Self>, activity: &Arc<Activity>) -> Slot {
        let free = loop {
            let free = Arc::clone(&self.free);
            if let Ok(free) = Arc::clone(&self.free).try_acquire_owned() {
                break free;
            }
            self.make_room();
            if let Ok(Ok(free)) = tokio::time::timeout(NOTICE, free.acquire_owned()).await {
                break free;
            }
        };
        let mut open = self.lock();
        let number = open.next;
        open.next += 1;
        open.all.insert(number, Arc::clone(activity));
        Slot {
            of: Arc::clone(self),
            number,
            _counted: metrics().http_connection(),
            _free: free,
        }
    }

    /// Waits until every connection has ended.
    pub async fn closed(&self) {
        // Nobody closes the semaphore.
        let _ = self.free.acquire_many(self.most).await;
    }

    fn make_room(&self) {
        let open = self.lock();
        let mut dispensable: Vec<_> = open
            .all
            .values()
            .filter_map(|activity| Some((activity.dispensable()?, activity)))
            .collect();
        let wanted = (self.most as usize / SHARE).max(1);
        if wanted < dispensable.len() {
            dispensable.select_nth_unstable_by_key(wanted - 1, |(order, _)| *order);
        }
        for (_, activity) in dispensable.iter().take(wanted) {
            activity.end(Closed::Evicted);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection among those that may be open. Dropping it makes room for another.
pub struct Slot {
    of: Arc<Connections>,
    number: u64,
    _counted: InFlight,
    _free: OwnedSemaphorePermit,
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.of.lock().all.remove(&self.number);
    }
}
