//! The connections, each of one scope at a time.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::login::{Login, Member};

/// How long each step of stopping a statement may take. What does not stop in this time is left
/// to `client_connection_check_interval`, or else to `statement_timeout`.
const PATIENCE: Duration = Duration::from_secs(2);

pub(super) struct Pool {
    pub login: Login,
    /// Connections that nobody has, the one that was used last at the end.
    free: Mutex<Vec<Member>>,
    places: Arc<Semaphore>,
    most: u32,
    /// How many are leased.
    leased: AtomicU32,
    closed: AtomicBool,
    /// How long the server may take to end what is left of a scope where it cannot be cancelled.
    patience: Duration,
}

/// A connection for as long as one scope has it.
pub(super) struct Lease {
    member: Option<Member>,
    pool: Arc<Pool>,
    place: Option<OwnedSemaphorePermit>,
}

impl Pool {
    pub fn new(login: Login, most: u32, patience: Duration) -> Arc<Self> {
        Arc::new(Self {
            login,
            free: Mutex::default(),
            places: Arc::new(Semaphore::new(most as usize)),
            most,
            leased: AtomicU32::new(0),
            closed: AtomicBool::new(false),
            patience,
        })
    }

    /// The most connections that scopes have at once.
    pub fn most(&self) -> u32 {
        self.most
    }

    /// How many connections nobody has, and how many there are.
    pub fn connections(&self) -> (usize, u32) {
        let free = self.free().len();
        let leased = self.leased.load(Ordering::Relaxed);
        (free, leased + u32::try_from(free).unwrap_or(u32::MAX))
    }

    /// A connection that is open and at rest, if there is one now.
    pub fn take(self: &Arc<Self>) -> Option<Lease> {
        let place = Arc::clone(&self.places).try_acquire_owned().ok()?;
        let member = self.pop()?;
        Some(self.lease(member, place))
    }

    /// Waits for a place, and gives the connection that was used last, or a new one.
    ///
    /// # Errors
    /// Why no connection can be opened.
    pub async fn acquire(self: &Arc<Self>) -> Result<Lease, wire::Error> {
        let place = Arc::clone(&self.places).acquire_owned().await;
        let place = place.map_err(|_| wire::Error::Io {
            doing: "using the database".to_owned(),
            error: std::io::Error::other("the gateway is stopping"),
        })?;
        let member = match self.pop() {
            Some(member) => member,
            None => self.login.open().await?,
        };
        Ok(self.lease(member, place))
    }

    /// The connection that was used last of those that are still there.
    fn pop(&self) -> Option<Member> {
        loop {
            let mut member = self.free().pop()?;
            match member.connection.look() {
                Ok(()) => return Some(member),
                Err(error) => tracing::debug!(%error, "an idle connection was lost"),
            }
        }
    }

    fn lease(self: &Arc<Self>, member: Member, place: OwnedSemaphorePermit) -> Lease {
        self.leased.fetch_add(1, Ordering::Relaxed);
        Lease {
            member: Some(member),
            pool: Arc::clone(self),
            place: Some(place),
        }
    }

    /// Throws the idle connections away.
    pub fn clear(&self) {
        self.free().clear();
    }

    fn put(&self, member: Member) {
        if !self.closed.load(Ordering::Acquire) {
            self.free().push(member);
        }
    }

    /// Closes every connection once the scopes that have them are done.
    pub async fn close(&self) {
        self.closed.store(true, Ordering::Release);
        let all = self.places.acquire_many(self.most).await;
        let free = std::mem::take(&mut *self.free());
        for member in free {
            member.connection.close().await;
        }
        drop(all);
        self.places.close();
    }

    fn free(&self) -> MutexGuard<'_, Vec<Member>> {
        // A list of connections is valid at every moment.
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lease {
    /// The connection. It is taken by `drop` alone.
    pub fn member(&mut self) -> Option<&mut Member> {
        self.member.as_mut()
    }
}

impl Drop for Lease {
    /// Gives the connection back if it is at rest. What still runs is stopped in PostgreSQL.
    fn drop(&mut self) {
        self.pool.leased.fetch_sub(1, Ordering::Relaxed);
        let Some(member) = self.member.take() else {
            return;
        };
        if member.connection.is_idle() {
            self.pool.put(member);
            return;
        }
        if member.connection.is_broken() {
            return;
        }
        // Without a runtime the process is ending, and PostgreSQL sees its connections close.
        if let Ok(runtime) = Handle::try_current() {
            let (pool, place) = (Arc::clone(&self.pool), self.place.take());
            runtime.spawn(async move {
                pool.clean(member).await;
                drop(place);
            });
        }
    }
}

impl Pool {
    /// Ends what is left of a scope. Its place is free only afterwards, so the server never has
    /// more to do than the pool has places.
    async fn clean(&self, mut member: Member) {
        let connection = &mut member.connection;
        let cancelled = match connection.cancel_token().cloned() {
            Some(token) if connection.is_answering() && self.most > 1 => {
                match token.cancel(PATIENCE).await {
                    Ok(()) => {
                        tracing::debug!("a statement was cancelled, because its request is gone")
                    }
                    Err(error) => tracing::warn!(
                        %error,
                        "a statement cannot be cancelled; it ends when PostgreSQL notices that the connection is closed"
                    ),
                }
                true
            }
            _ => false,
        };
        let patience = if self.most > 1 {
            PATIENCE
        } else {
            self.patience
        };
        match connection.drain(patience).await {
            // A pooler may pass a cancellation on late, and it would stop what runs then.
            Ok(()) if cancelled => {}
            Ok(()) => self.put(member),
            Err(error) => tracing::debug!(%error, "a connection cannot be used again"),
        }
    }
}
