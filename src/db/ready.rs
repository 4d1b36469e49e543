//! Whether the gateway can serve requests, for load balancers: current and within two seconds.

use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::acquire::{unreachable, within};
use super::form::{Mode, ScopeSettings};
use super::scope::{Ask, Then};
use super::{Db, loss};
use crate::error::Error;
use crate::sql::Statement;

/// How long the database may take before the gateway counts as not ready.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a good answer is repeated, so that a flood of checks costs two statements a second.
const GOOD_FOR: Duration = Duration::from_millis(500);
/// How long a bad one is: the end of a fault should be told soon.
const BAD_FOR: Duration = Duration::from_millis(100);

/// The last check and its outcome. Whoever checks holds it, and the others wait for the outcome.
#[derive(Default)]
pub(super) struct Checked(Mutex<Option<(Instant, bool)>>);

impl Db {
    /// Whether the database answers and the gateway may act there. A pool whose connections are
    /// all at work does not count against it: load is no reason to send it elsewhere.
    pub async fn is_ready(&self) -> bool {
        let check = async {
            let mut checked = self.inner.checked.0.lock().await;
            if let Some((since, ready)) = *checked {
                let good_for = if ready { GOOD_FOR } else { BAD_FOR };
                if since.elapsed() < good_for {
                    return Ok(ready);
                }
            }
            let ready = within(PATIENCE, self.ping_twice()).await.is_ok();
            *checked = Some((Instant::now(), ready));
            Ok(ready)
        };
        let ready = within(PATIENCE, check).await.unwrap_or(false);
        // An outage that a request noticed is newer than what is remembered.
        ready && !self.inner.outage.is_down()
    }

    /// Connections that are terminated are no outage, as long as new ones are taken.
    async fn ping_twice(&self) -> Result<(), Error> {
        match self.ping().await {
            Err(_) if !self.inner.outage.is_down() => self.ping().await,
            first => first,
        }
    }

    async fn ping(&self) -> Result<(), Error> {
        if self.inner.outage.is_down() {
            return Err(unreachable());
        }
        let (idle, open) = self.inner.pool.connections();
        if idle == 0 && open >= self.inner.pool.most() {
            // Every connection is at work, which tells nothing of the server: it is asked beside
            // the pool. The embedded one is part of this process, and busy with that connection.
            let attempt = self.inner.outage.attempt().await;
            return attempt.map_err(|error| loss::from_wire(&error));
        }
        let read = Statement::once("select 1 from read.workspaces limit 1");
        self.scope(ScopeSettings::none(PATIENCE), Mode::Read)
            .run(&[Ask::of(&read)], Then::End, |_, _| Ok(()))
            .await
    }
}
