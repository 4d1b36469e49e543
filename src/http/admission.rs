//! Admission: the fixed sequence of steps that a request for `/graphql` takes before it is processed.
//!
//! 1. The queue has room (503). This comes first, so that a refusal in overload costs least.
//! 2. The page that sends it is permitted to, and it is JSON (403, 415).
//! 3. Its head is within the limits (400, 413, 414, 415, 431).
//! 4. Its token is valid and its caller is a member (401, 403). Without a token it is only accepted
//!    where introspection needs none.
//! 5. Its body arrives (408, 413). Large bodies are only read from members, and counted (503).
//! 6. It takes a permit of those of its workspace (503).
//! 7. It is answered in time (504).
//!
//! Before the last two steps it holds nothing but its own bytes while it waits for its client.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::Request;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use moka::sync::Cache;
use uuid::Uuid;

use super::accept::Form;
use super::bounds::{self, Refused};
use super::context::{Context, RequestId};
use super::credentials::{self, X_WORKSPACE};
use super::delivery::OfWorkspace;
use super::permits::{Permit, Permits};
use super::respond::{Prepared, refuse, respond};
use super::{Gateway, challenge, compress, csrf, graphql, metrics, status};
use crate::engine::Answer;
use crate::error::{Code, Error};
use crate::session::Session;
use crate::telemetry;

/// How often the log reports refused requests.
const REPORT: Duration = Duration::from_secs(5);
/// How many tokens are remembered because requests with them were refused.
const REMEMBERED: u64 = 1024;

/// What the steps share.
pub struct Admission {
    gateway: Arc<Gateway>,
    permits: Arc<Permits>,
    /// Permits to verify a caller.
    verifying: Arc<Permits>,
    refusals: Refusals,
    /// The answer where the queue is full. A refusal must cost much less than what it refuses.
    full: Prepared,
}

impl Admission {
    pub fn new(gateway: Arc<Gateway>) -> Self {
        let options = &gateway.options;
        // A quarter of the permits is left to other workspaces.
        let share = options
            .max_concurrent_per_workspace
            .unwrap_or(options.max_concurrent - options.max_concurrent / 4);
        Self {
            permits: Permits::new(options.max_concurrent, share),
            verifying: Permits::new(options.max_concurrent, share),
            gateway,
            refusals: Refusals::new(),
            full: Prepared::new(StatusCode::SERVICE_UNAVAILABLE, too_many()),
        }
    }

    /// Step 1 for a request of which nothing but its head exists yet: the refusal, if it is one.
    pub fn turn_away(&self, headers: &HeaderMap) -> Option<Response> {
        let token = self.refusals.any().then(|| self.refusals.key(headers));
        if !self.is_full(token) {
            return None;
        }
        self.refusals.count();
        metrics::count_at_once(StatusCode::SERVICE_UNAVAILABLE);
        Some(self.full.respond(RequestId::of(headers)))
    }

    fn is_full(&self, token: Option<u64>) -> bool {
        let known = || self.refusals.tokens.get(&token?);
        self.permits.is_full()
            || known().is_some_and(|workspace| self.permits.is_full_for(workspace))
    }

    /// Steps 1 to 3, which only need the head.
    fn check(&self, parts: &Parts, token: u64) -> Result<(), Refused> {
        if self.is_full(Some(token)) {
            return Err(self.refuse());
        }
        let options = &self.gateway.options;
        csrf::check(parts, &options.cors)?;
        bounds::check(parts, options.max_body)
    }

    /// Step 4. What is known needs no permit. Verifying may query the database, so as many callers are verified at once as there
    /// are permits. The workspace of the request is not known yet, so the permits to verify are
    /// shared by token.
    async fn caller(
        &self,
        headers: &HeaderMap,
        context: &Context,
        token: u64,
    ) -> Result<Result<Option<Session>, Error>, Refused> {
        let known = credentials::read(headers).map(|it| self.gateway.auth.known_session(it));
        if let Ok(Some(session)) = known {
            return Ok(Ok(Some(session)));
        }
        let permit = self.verifying.take(Uuid::from_u64_pair(token, 0)).await;
        let Ok(_permit) = permit else {
            return Err(self.refuse());
        };
        Ok(Box::pin(self.verify(headers, context)).await)
    }

    async fn verify(
        &self,
        headers: &HeaderMap,
        context: &Context,
    ) -> Result<Option<Session>, Error> {
        let gateway = &self.gateway;
        let credentials = credentials::read(headers)?;
        let db = gateway.db.until(context.deadline);
        let session = gateway.auth.session(&db, credentials).await?;
        if session.is_none() && !gateway.options.open_introspection {
            return Err(Error::unauthenticated(
                "This request needs a token: send the header `Authorization: Bearer <token>`.",
            ));
        }
        Ok(session)
    }

    /// Step 6.
    async fn permit(&self, session: Option<&Session>, token: u64) -> Result<Permit, Refused> {
        // Callers without a token share permits as if they were one workspace.
        let workspace = session.map_or(Uuid::nil(), |session| session.workspace);
        let permit = self.permits.take(workspace).await;
        permit.map_err(|_| {
            if session.is_some() {
                self.refusals.tokens.insert(token, workspace);
            }
            self.refuse()
        })
    }

    /// Takes a request through the steps.
    pub async fn admit(&self, context: &Context, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let token = self.refusals.key(&parts.headers);
        if let Err(refused) = self.check(&parts, token) {
            return refused.respond();
        }
        let verified = pin!(self.caller(&parts.headers, context, token));
        let session = match within(context, verified).await.flatten() {
            Ok(Ok(session)) => session,
            Ok(Err(error)) => return unknown_caller(&parts.headers, context, error),
            Err(refused) => return refused.respond(),
        };
        let session = session.as_ref();
        let body = match bounds::read(body, &self.gateway, session, context).await {
            Ok(body) => body,
            Err(refused) => return refused.respond(),
        };
        let work = pin!(async {
            let _permit = match self.permit(session, token).await {
                Ok(permit) => permit,
                Err(refused) => return refused.respond(),
            };
            let gateway = &*self.gateway;
            let mut response = graphql::answer(gateway, context, session, &parts, body).await;
            let headers = &parts.headers;
            if compress::pays(headers, &response) {
                let compressed = compress::compressed(headers, &gateway.memory, response);
                response = Box::pin(compressed).await;
            }
            if let Some(session) = session {
                let of = OfWorkspace(session.workspace);
                response.extensions_mut().insert(of);
            }
            response
        });
        match within(context, work).await {
            Ok(response) => response,
            Err(late) => late.respond(),
        }
    }

    fn refuse(&self) -> Refused {
        self.refusals.count();
        Refused(StatusCode::SERVICE_UNAVAILABLE, Box::new(too_many()))
    }
}

fn too_many() -> Error {
    Error::new(
        Code::Unavailable,
        "The gateway has too many requests; try again after the time in the header `Retry-After`.",
    )
}

/// What is not done by the deadline is dropped, and with it the scope in the database, which stops
/// its statement.
async fn within<T>(context: &Context, work: impl Future<Output = T>) -> Result<T, Refused> {
    let done = tokio::time::timeout_at(context.deadline.into(), work).await;
    done.map_err(|_| {
        let limit = context.deadline.saturating_duration_since(context.started);
        tracing::warn!(
            milliseconds = telemetry::milliseconds(context.started.elapsed()),
            "a request exceeded its timeout and was cancelled"
        );
        let error = Error::new(
            Code::Timeout,
            format!(
                "The request took longer than the allowed {} s and was cancelled; request fewer rows or levels.",
                limit.as_secs_f64()
            ),
        );
        Refused(StatusCode::GATEWAY_TIMEOUT, Box::new(error))
    })
}

fn unknown_caller(headers: &HeaderMap, context: &Context, error: Error) -> Response {
    // What is not about the caller is about the headers.
    let status = match status::of_code(error.code) {
        StatusCode::UNPROCESSABLE_ENTITY => StatusCode::BAD_REQUEST,
        status => status,
    };
    let challenge = challenge::of(headers, &error.message);
    let answer = Answer::from(error);
    graphql::refused(context.started, &answer);
    let mut response = respond(Form::Response, status, answer);
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

impl Refused {
    fn respond(self) -> Response {
        let Self(status, error) = self;
        refuse(status, *error)
    }
}

/// The requests that were refused in overload.
struct Refusals {
    number: AtomicU64,
    reported: Mutex<(Instant, u64)>,
    /// The workspaces of valid tokens, so that the next request with one can be refused without
    /// verifying it.
    tokens: Cache<u64, Uuid>,
    hasher: RandomState,
}

impl Refusals {
    fn new() -> Self {
        Self {
            number: AtomicU64::new(0),
            reported: Mutex::new((Instant::now(), 0)),
            tokens: Cache::new(REMEMBERED),
            hasher: RandomState::new(),
        }
    }

    /// Whether a request was ever refused; otherwise no token is remembered.
    fn any(&self) -> bool {
        self.number.load(Ordering::Relaxed) > 0
    }

    /// Identifies the token and the workspace that is chosen with it.
    fn key(&self, headers: &HeaderMap) -> u64 {
        let value = |name| headers.get(name).map(HeaderValue::as_bytes);
        self.hasher
            .hash_one((value(&AUTHORIZATION), value(&X_WORKSPACE)))
    }

    /// A log line for each refusal would add to the overload.
    fn count(&self) {
        let number = self.number.fetch_add(1, Ordering::Relaxed) + 1;
        let mut reported = self.reported.lock().unwrap_or_else(PoisonError::into_inner);
        let (when, before) = *reported;
        if before == 0 || when.elapsed() >= REPORT {
            *reported = (Instant::now(), number);
            drop(reported);
            tracing::warn!(
                requests = number.saturating_sub(before),
                "overload: some requests were refused"
            );
        }
    }
}
