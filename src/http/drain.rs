//! Stops the service without losing a request: first `/health/ready` returns 503 until load balancers
//! notice, then no connection is accepted any more, then open requests are finished.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::time::sleep;

use super::serve::{Bounds, serve};
use super::{Gateway, HttpOptions, Routes};

/// How much longer than a request may take is waited for the last answers to be sent.
const SENDING: Duration = Duration::from_secs(5);

/// What asks the gateway to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// A person, who waits for it.
    Person,
    /// A service manager. Load balancers may not know yet.
    Manager,
}

/// How the service ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Every request has its answer.
    Finished,
    /// Some requests did not end in time.
    Late,
    /// A second signal said not to wait.
    AtOnce,
}

/// Serves until a signal comes, and until the service has ended then. It is an error if it ends
/// by itself.
///
/// # Errors
/// A sentence for the operator.
pub async fn serve_until(
    listener: TcpListener,
    routes: impl Into<Routes>,
    bounds: Bounds,
    gateway: &Gateway,
    signals: &mut mpsc::Receiver<Signal>,
) -> Result<Ended, String> {
    let (stop, stopped) = watch::channel(false);
    let mut service = tokio::spawn(serve(listener, routes.into(), bounds, stopped));
    let signal = tokio::select! {
        ended = &mut service => return Err(format!("the server stopped unexpectedly: {ended:?}")),
        signal = signals.recv() => signal,
    };
    gateway.draining.store(true, Ordering::Relaxed);
    let HttpOptions {
        drain,
        request_timeout,
        ..
    } = gateway.options;
    if signal == Some(Signal::Manager) && !drain.is_zero() {
        tracing::info!(
            seconds = drain.as_secs(),
            "stopping; /health/ready returns 503 and connections are still accepted"
        );
        tokio::select! {
            () = sleep(drain) => {}
            _ = signals.recv() => return Ok(Ended::AtOnce),
        }
    }
    tracing::info!("stopping; open requests are finished first");
    let _ = stop.send(true);
    tokio::select! {
        _ = &mut service => Ok(Ended::Finished),
        _ = signals.recv() => Ok(Ended::AtOnce),
        () = sleep(request_timeout + SENDING) => {
            tracing::warn!("some requests did not end in time");
            Ok(Ended::Late)
        }
    }
}
