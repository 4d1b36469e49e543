//! Admission: how many requests are worked on, how many wait, and who is turned away.
//!
//! A request is turned away at the door, before its body is read, when the queue is full, and
//! takes a seat once its body is there, so that a slow sender holds none. In a burst it may wait
//! for its seat. Once others are turned away it may wait for a moment only: more
//! work than can be done does not get done by waiting, and those who are let in are answered as
//! fast as ever.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::context::Context;
use super::respond::refuse;
use crate::error::{Code, Error};

/// How long a request waits for a seat in a burst.
const BURST: Duration = Duration::from_millis(250);
/// How long it waits while others are turned away.
const OVERLOAD: Duration = Duration::from_millis(20);
/// How long after the last one was turned away that counts.
const CALM: Duration = Duration::from_secs(1);
/// How often the log tells of requests that were turned away.
const REPORT: Duration = Duration::from_secs(5);

/// The seats of one gateway.
pub struct Admission {
    seats: Semaphore,
    waiting: AtomicUsize,
    /// Places in a burst, and while others are turned away.
    places: (usize, usize),
    clock: Instant,
    /// Until when requests wait for moments only, in milliseconds of the clock.
    overloaded_until: AtomicU64,
    shed: AtomicU64,
    reported: Mutex<(Instant, u64)>,
}

impl Admission {
    /// As many seats, and a queue for four times as many; in overload for half as many, so that
    /// most are turned away at the door, where that costs least.
    pub fn new(seats: usize) -> Self {
        let now = Instant::now();
        Self {
            seats: Semaphore::new(seats.min(Semaphore::MAX_PERMITS)),
            waiting: AtomicUsize::new(0),
            places: (seats.saturating_mul(4), seats.div_ceil(2)),
            clock: now,
            overloaded_until: AtomicU64::new(0),
            shed: AtomicU64::new(0),
            reported: Mutex::new((now, 0)),
        }
    }

    fn is_full(&self) -> bool {
        let (burst, overload) = self.places;
        let places = if self.is_overloaded() {
            overload
        } else {
            burst
        };
        self.waiting.load(Ordering::Relaxed) >= places
    }

    fn is_overloaded(&self) -> bool {
        self.now() < self.overloaded_until.load(Ordering::Relaxed)
    }

    /// A seat, or none when it would take too long.
    async fn seat(&self) -> Option<SemaphorePermit<'_>> {
        if let Ok(seat) = self.seats.try_acquire() {
            return Some(seat);
        }
        if self.is_full() {
            return None;
        }
        let _place = Place::take(&self.waiting);
        let patience = if self.is_overloaded() {
            OVERLOAD
        } else {
            BURST
        };
        let seat = tokio::time::timeout(patience, self.seats.acquire()).await;
        // Nobody closes the semaphore.
        seat.ok()?.ok()
    }

    fn now(&self) -> u64 {
        u64::try_from(self.clock.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn turn_away(&self) -> Response {
        let calm = self.now() + CALM.as_millis() as u64;
        self.overloaded_until.store(calm, Ordering::Relaxed);
        let shed = self.shed.fetch_add(1, Ordering::Relaxed) + 1;
        self.report(shed);
        let error = Error::new(
            Code::Unavailable,
            "The gateway has more requests than it can answer; try again after the time in the header `Retry-After`.",
        );
        refuse(StatusCode::SERVICE_UNAVAILABLE, error)
    }

    /// A line for each one would be work of the kind that there is too much of.
    fn report(&self, shed: u64) {
        let mut reported = self.reported.lock().unwrap_or_else(PoisonError::into_inner);
        let (when, before) = *reported;
        if before == 0 || when.elapsed() >= REPORT {
            *reported = (Instant::now(), shed);
            drop(reported);
            tracing::warn!(
                requests = shed.saturating_sub(before),
                "more requests than can be answered; the others were turned away"
            );
        }
    }
}

/// A place in the queue.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize) -> Self {
        waiting.fetch_add(1, Ordering::Relaxed);
        Self(waiting)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The layer at the door.
pub async fn door(
    State(admission): State<Arc<Admission>>,
    request: Request,
    next: Next,
) -> Response {
    if admission.is_full() {
        return admission.turn_away();
    }
    next.run(request).await
}

/// The layer of the seats and of the deadline: what is not answered by then is dropped, and with
/// it the scope in the database, which stops its statement.
pub async fn seat(
    State(admission): State<Arc<Admission>>,
    request: Request,
    next: Next,
) -> Response {
    let context = request.extensions().get::<Context>().cloned();
    let work = async {
        match admission.seat().await {
            Some(_seat) => next.run(request).await,
            None => admission.turn_away(),
        }
    };
    let Some(context) = context else {
        return work.await;
    };
    match tokio::time::timeout_at(context.deadline.into(), work).await {
        Ok(response) => response,
        Err(_) => {
            let limit = context.deadline.saturating_duration_since(context.started);
            tracing::warn!(
                milliseconds = context.started.elapsed().as_secs_f64() * 1000.0,
                "a request ran out of time and was stopped"
            );
            let error = Error::new(
                Code::Timeout,
                format!(
                    "The request took longer than the {} s that the gateway allows and was stopped; ask for fewer rows or levels.",
                    limit.as_secs_f64()
                ),
            );
            refuse(StatusCode::GATEWAY_TIMEOUT, error)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_burst_waits_and_a_full_queue_does_not() {
        let admission = Admission::new(1);
        let first = admission.seat().await.expect("the seat");
        let waiting = async {
            let seats = (0..4).map(|_| admission.seat());
            futures_util::future::join_all(seats).await
        };
        let late = async {
            // All four are in the queue once this one is asked for.
            tokio::task::yield_now().await;
            assert!(admission.is_full());
            let asked = Instant::now();
            assert!(admission.seat().await.is_none(), "the queue has no place");
            assert!(asked.elapsed() < BURST / 2, "it is told at once");
            drop(first);
        };
        let (seats, ()) = tokio::join!(waiting, late);
        assert!(seats[0].is_some(), "the first in the queue has the seat");
        assert!(
            seats[1..].iter().all(Option::is_none),
            "one seat, one guest"
        );
        assert!(!admission.is_full());
    }

    #[tokio::test]
    async fn overload_makes_impatient() {
        let admission = Admission::new(1);
        let _seat = admission.seat().await.expect("the seat");
        let asked = Instant::now();
        assert!(admission.seat().await.is_none());
        assert!(asked.elapsed() >= BURST, "a burst may wait");
        admission.turn_away();
        let asked = Instant::now();
        assert!(admission.seat().await.is_none());
        assert!(asked.elapsed() < BURST, "the next ones may not");
    }
}
