//! The endpoint `/graphql`.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_graphql::Name;
use async_graphql::parser::types::{ExecutableDocument, OperationType};
use axum::body::Bytes;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use tracing::field::{DisplayValue, Empty, display};
use tracing::{Instrument, Span};
use uuid::Uuid;

use super::Gateway;
use super::context::Context;
use super::request::{Asked, GraphqlRequest, Malformed};
use super::respond::{refuse, respond, respond_all};
use super::{rate_headers, status};
use crate::db::{About, Db};
use crate::engine::{Answer, Explain, Operation, Terms, choose};
use crate::error::{Code, Error};
use crate::guard;
use crate::rate::{Account, Unit};
use crate::session::{Role, Session};
use crate::telemetry::{self, Flood, Outcome, SPANS, metrics};

/// With the value 1 the answer tells the statements of the operation, with the value `plan` how
/// PostgreSQL plans them, too.
const X_GRAPHQL_EXPLAIN: &str = "x-graphql-explain";
/// Makes a mutation of one root field safe to repeat.
const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// With the value 1 the answer tells what the operation cost.
const X_GRAPHQL_COST: &str = "x-graphql-cost";

/// Bytes of a request's answers, and of what is read for them, that are never counted with those
/// of others, so that large answers cannot crowd out small ones.
const FREE: usize = 64 * 1024;

/// Callers without a good token can be many, and their lines say little.
static REFUSED: Flood = Flood::new(10, Duration::from_secs(5), |requests| {
    tracing::info!(
        target: "tessera::operation",
        requests,
        "more requests were refused because of their token, workspace or membership"
    );
});

/// The caller: the session with its account at the rate limits; none without a token.
type Asking<'a> = Option<(&'a Session, &'a Account<'a>)>;

/// Answers a request that was admitted, and whose body is there.
pub async fn answer(
    gateway: &Gateway,
    context: &Context,
    session: Option<&Session>,
    parts: &Parts,
    body: Bytes,
) -> Response {
    let posted = parts.method == Method::POST;
    let asked = if posted {
        Asked::from_body(&body, gateway.options.max_batch)
    } else {
        Asked::from_query(parts.uri.query().unwrap_or_default())
    };
    // What is held for it is given back before anything is waited for.
    drop(body);
    let call = Call {
        gateway,
        context,
        headers: &parts.headers,
        db: gateway.db.until(context.deadline),
        may_mutate: posted,
        span: span(context, &parts.headers),
    };
    pin!(call.steps(session, asked))
        .instrument(call.span.clone())
        .await
}

/// The span of a trace, which may have begun with the caller.
fn span(context: &Context, headers: &HeaderMap) -> Span {
    let span = tracing::debug_span!(
        target: SPANS,
        "graphql",
        otel.kind = "server",
        request.id = %context.id,
        graphql.operation.name = Empty,
        tessera.workspace = Empty,
        tessera.outcome = Empty,
    );
    telemetry::adopt(&span, headers);
    span
}

/// One HTTP request on its way through the steps.
struct Call<'a> {
    gateway: &'a Gateway,
    context: &'a Context,
    headers: &'a HeaderMap,
    /// The database for as long as the caller waits.
    db: Db,
    may_mutate: bool,
    span: Span,
}

impl Call<'_> {
    /// The steps: form, request, then each operation.
    async fn steps(&self, session: Option<&Session>, asked: Result<Asked, Malformed>) -> Response {
        let Some(form) = self.context.accepted.form else {
            let error = Error::new(
                Code::BadRequest,
                "The header `Accept` must allow `application/graphql-response+json` or `application/json`.",
            );
            return refuse(StatusCode::NOT_ACCEPTABLE, error);
        };
        let asked = match asked {
            Ok(asked) => asked,
            Err(Malformed(status, error)) => return refuse(status, *error),
        };
        let account = session.map(|it| self.gateway.rates.account(it));
        let caller = session.zip(account.as_ref());
        let mut response = match asked {
            Asked::One(request) => {
                let started = self.context.started;
                let (answer, status) = self.operation(caller, request, started, FREE).await;
                let status = status.unwrap_or_else(|| status::of(form, &answer));
                let mut response = respond(form, status, answer);
                if status == StatusCode::METHOD_NOT_ALLOWED {
                    let post = HeaderValue::from_static("POST");
                    response.headers_mut().insert(header::ALLOW, post);
                }
                response
            }
            Asked::Batch(requests) => {
                let mut answers = Vec::with_capacity(requests.len());
                // Together they are as free as one.
                let free = FREE / requests.len().max(1);
                for request in requests {
                    let started = Instant::now();
                    let answer = Box::pin(self.operation(caller, request, started, free));
                    let (answer, _) = answer.await;
                    answers.push(answer);
                }
                respond_all(form, answers)
            }
        };
        rate_headers::add(account.as_ref(), &mut response);
        response
    }

    /// What the caller wants to know of the statements.
    ///
    /// # Errors
    /// `FORBIDDEN` outside of development, for roles below admin.
    fn explain(&self, session: Option<&Session>) -> Result<Option<Explain>, Error> {
        let wanted = self.headers.get(X_GRAPHQL_EXPLAIN);
        let plans = match wanted.map(HeaderValue::as_bytes) {
            Some(b"1") => false,
            Some(b"plan") => true,
            _ => return Ok(None),
        };
        let options = &self.gateway.options;
        let may = session.is_some_and(|session| session.role >= Role::Admin);
        if !may && !options.introspection {
            let message = "The header `X-GraphQL-Explain` requires the role admin or a higher one; leave it out.";
            return Err(Error::new(Code::Forbidden, message));
        }
        Ok(Some(Explain {
            values: options.open_introspection,
            plans,
        }))
    }

    /// Answers one operation and logs it.
    async fn operation(
        &self,
        caller: Asking<'_>,
        mut request: GraphqlRequest,
        started: Instant,
        free: usize,
    ) -> (Answer, Option<StatusCode>) {
        let mut only = None;
        let (mut answer, status) = self.execute(caller, &mut request, &mut only, free).await;
        let name = request.operation_name.as_deref().or(only.as_deref());
        if !self.gateway.options.introspection {
            answer.errors.iter_mut().for_each(|error| error.hint = None);
        }
        let told = self.headers.get(X_GRAPHQL_COST);
        if told.is_some_and(|value| value == "1") {
            let cost = answer.cost.to_json(self.gateway.engine.limits().max_cost);
            answer.extensions.insert("cost".to_owned(), cost);
        }
        let session = caller.map(|(session, _)| session);
        let outcome = count(name, started, &answer);
        if !self.span.is_disabled() {
            self.span
                .record("graphql.operation.name", shortened(name))
                .record("tessera.workspace", workspace_of(session))
                .record("tessera.outcome", outcome.name());
        }
        log(name, session, started, &answer);
        (answer, status)
    }

    /// The steps of one operation: rate, variables, document, method, execute. A status is set
    /// where the answer alone does not tell it, and the name of the document's only operation.
    async fn execute(
        &self,
        caller: Asking<'_>,
        request: &mut GraphqlRequest,
        only: &mut Option<Name>,
        free: usize,
    ) -> (Answer, Option<StatusCode>) {
        let Gateway {
            engine,
            documents,
            options,
            ..
        } = self.gateway;
        let (session, account) = caller.unzip();
        if let Some(account) = account
            && let Err(error) = account.take(Unit::Requests, 1)
        {
            return (error.into(), None);
        }
        if let Err(error) = guard::weigh_variables(&request.variables, engine.limits()) {
            return (error.into(), None);
        }
        let read = |text: &str| guard::read(text, engine.limits());
        let found = match documents.find(&request.document, session, read) {
            Ok(found) => found,
            Err(error) => return (error.into(), None),
        };
        if request.operation_name.is_none() {
            *only = only_name(found.document.parsed());
        }
        // An operation that cannot be chosen is the engine's to refuse.
        let mutates = choose(found.document.parsed(), request.operation_name.as_deref())
            .is_ok_and(|operation| operation.ty != OperationType::Query);
        if mutates && !self.may_mutate {
            let error = Error::new(
                Code::BadRequest,
                "A GET request may only execute a query; send other operations with POST.",
            );
            return (error.into(), Some(StatusCode::METHOD_NOT_ALLOWED));
        }
        let operation = Operation {
            document: &found.document,
            name: request.operation_name.as_deref(),
            variables: std::mem::take(&mut request.variables),
        };
        let explain = match self.explain(session) {
            Ok(explain) => explain,
            Err(error) => return (error.into(), None),
        };
        let key = self.headers.get(IDEMPOTENCY_KEY).filter(|_| mutates);
        let key = key.map(HeaderValue::to_str).transpose();
        let Ok(idempotency_key) = key else {
            let message = "The header `Idempotency-Key` takes visible ASCII characters.";
            return (Error::new(Code::BadRequest, message).into(), None);
        };
        let about = match mutates {
            true => {
                let name = request.operation_name.as_deref().or(only.as_deref());
                About {
                    operation: shortened(name).to_owned(),
                    request_id: self.context.id.to_string(),
                }
            }
            false => About::default(),
        };
        let terms = Terms {
            idempotency_key,
            about: Arc::new(about),
            explain,
            introspection: options.introspection || found.trusted,
            account,
            on_error: request.on_error,
            held: self
                .gateway
                .memory
                .begin(session.map(|it| it.workspace), free),
        };
        let answer = engine.execute(&self.db, session, operation, terms).await;
        if answer.data.is_some() {
            documents.remember(found);
        }
        (answer, None)
    }
}

/// Counts and logs a request that is refused before it is read, for its token or its workspace.
pub(super) fn refused(started: Instant, answer: &Answer) {
    count(None, started, answer);
    if REFUSED.admits() {
        log(None, None, started, answer);
    }
}

/// The numbers of an operation, and how it ended.
fn count(name: Option<&str>, started: Instant, answer: &Answer) -> Outcome {
    let outcome = match (&answer.data, answer.errors.is_empty()) {
        (None, _) => Outcome::Refused,
        (Some(_), true) => Outcome::Ok,
        (Some(_), false) => Outcome::Partial,
    };
    metrics().operation(name, outcome, &answer.errors, started.elapsed());
    outcome
}

/// One line for each operation: never a token, never the value of a variable.
fn log(name: Option<&str>, session: Option<&Session>, started: Instant, answer: &Answer) {
    tracing::info!(
        target: "tessera::operation",
        operation = shortened(name),
        workspace = workspace_of(session),
        user = session.map(|session| display(session.user)),
        milliseconds = telemetry::milliseconds(started.elapsed()),
        errors = answer.errors.len(),
        code = answer.errors.first().map(|error| error.code.name()),
        "operation"
    );
}

/// The first 100 characters of an operation's name.
fn shortened(name: Option<&str>) -> &str {
    let name = name.unwrap_or_default();
    let end = name.char_indices().nth(100);
    end.map_or(name, |(end, _)| &name[..end])
}

fn workspace_of(session: Option<&Session>) -> Option<DisplayValue<Uuid>> {
    session.map(|session| display(session.workspace))
}

/// The name of the document's only operation, which needs no choosing.
fn only_name(document: &ExecutableDocument) -> Option<Name> {
    let mut operations = document.operations.iter();
    let (name, _) = operations.next()?;
    operations.next().is_none().then_some(name)?.cloned()
}
