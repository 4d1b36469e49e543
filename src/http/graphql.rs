//! The endpoint `/graphql`.

use std::sync::Arc;
use std::time::Instant;

use async_graphql::Name;
use async_graphql::parser::types::{ExecutableDocument, OperationType};
use async_graphql::parser::{Error as ParseError, parse_query};
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tracing::Instrument;
use tracing::field::Empty;

use super::Gateway;
use super::accept::{Form, is_json};
use super::request::{GraphqlRequest, Malformed, Parameters};
use crate::auth::Credentials;
use crate::engine::{Answer, Operation, choose};
use crate::error::{Code, Error, Location};
use crate::guard;
use crate::session::Session;
use crate::telemetry::{self, Outcome, SPANS, metrics};

const X_WORKSPACE: HeaderName = HeaderName::from_static("x-workspace");

pub async fn post(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let request = if is_json(&headers) {
        match body {
            Ok(body) => GraphqlRequest::from_body(&body),
            Err(rejection) => Err(Malformed::new(
                rejection.status(),
                format!("The body cannot be read: {}.", rejection.body_text()),
            )),
        }
    } else {
        // A browser form can send the other types without asking first, so none is guessed at.
        Err(Malformed::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "The header `Content-Type` must be `application/json`, in UTF-8.",
        ))
    };
    traced(&gateway, &headers, request, true).await
}

pub async fn get(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
    parameters: Result<Query<Parameters>, QueryRejection>,
) -> Response {
    let request = match parameters {
        Ok(Query(parameters)) => GraphqlRequest::from_parameters(parameters),
        Err(rejection) => Err(Malformed::new(
            StatusCode::BAD_REQUEST,
            format!(
                "The query string cannot be read: {}.",
                rejection.body_text()
            ),
        )),
    };
    traced(&gateway, &headers, request, false).await
}

/// [`answer`] as a span of a trace, which may have begun with the caller.
async fn traced(
    gateway: &Gateway,
    headers: &HeaderMap,
    request: Result<GraphqlRequest, Malformed>,
    may_mutate: bool,
) -> Response {
    let span = tracing::debug_span!(
        target: SPANS,
        "graphql",
        otel.kind = "server",
        graphql.operation.name = Empty,
        graphql.document = Empty,
        tessera.workspace = Empty,
        tessera.outcome = Empty,
    );
    telemetry::adopt(&span, headers);
    answer(gateway, headers, request, may_mutate)
        .instrument(span)
        .await
}

async fn answer(
    gateway: &Gateway,
    headers: &HeaderMap,
    request: Result<GraphqlRequest, Malformed>,
    may_mutate: bool,
) -> Response {
    let started = Instant::now();
    let Some(form) = Form::negotiate(headers) else {
        let error = Error::new(
            Code::BadRequest,
            "The header `Accept` must allow `application/graphql-response+json` or `application/json`.",
        );
        return respond(Form::Json, StatusCode::NOT_ACCEPTABLE, &error.into());
    };
    let mut request = match request {
        Ok(request) => request,
        Err(Malformed(status, error)) => return respond(form, status, &error.into()),
    };
    let credentials = Credentials {
        authorization: text(headers, &header::AUTHORIZATION),
        workspace: text(headers, &X_WORKSPACE),
    };
    let session = match session(gateway, headers, credentials).await {
        Ok(session) => session,
        Err(error) => {
            let status = refusal(error.code).unwrap_or(StatusCode::UNAUTHORIZED);
            let answer = error.into();
            log(&request, None, started, &answer);
            return respond(form, status, &answer);
        }
    };
    let (answer, status) = execute(gateway, session.as_ref(), &mut request, may_mutate).await;
    log(&request, session.as_ref(), started, &answer);
    let status = status.unwrap_or_else(|| status_of(form, &answer));
    respond(form, status, &answer)
}

async fn session(
    gateway: &Gateway,
    headers: &HeaderMap,
    credentials: Credentials<'_>,
) -> Result<Option<Session>, Error> {
    if credentials.authorization.is_none() && headers.contains_key(header::AUTHORIZATION) {
        return Err(Error::unauthenticated(
            "The header `Authorization` is not plain text.",
        ));
    }
    let session = gateway.auth.session(&gateway.db, credentials).await?;
    if session.is_none() && !gateway.options.open_introspection {
        return Err(Error::unauthenticated(
            "This needs a token: send the header `Authorization: Bearer <token>`.",
        ));
    }
    Ok(session)
}

/// Answers a request; a status is set where the answer alone does not tell it.
async fn execute(
    gateway: &Gateway,
    session: Option<&Session>,
    request: &mut GraphqlRequest,
    may_mutate: bool,
) -> (Answer, Option<StatusCode>) {
    let text = match guard::scan(&request.query) {
        Ok(text) => text,
        Err(error) => return (error.into(), None),
    };
    let document = match parse_query(text) {
        Ok(document) => document,
        Err(error) => return (parse_failure(&error).into(), None),
    };
    // An operation that cannot be chosen is the engine's to refuse.
    if request.operation_name.is_none() {
        request.operation_name = only_name(&document);
    }
    let mutates = choose(&document, request.operation_name.as_deref())
        .is_ok_and(|operation| operation.ty != OperationType::Query);
    if mutates && !may_mutate {
        let error = Error::new(
            Code::BadRequest,
            "A GET request may only query; send other operations with POST.",
        );
        return (error.into(), Some(StatusCode::METHOD_NOT_ALLOWED));
    }
    if let Err(error) = guard::check(&document) {
        return (error.into(), None);
    }
    let operation = Operation {
        document: &document,
        name: request.operation_name.as_deref(),
        variables: request.variables.clone(),
    };
    (
        gateway
            .engine
            .execute(&gateway.db, session, operation)
            .await,
        None,
    )
}

/// The name of the document's only operation, which needs no choosing.
fn only_name(document: &ExecutableDocument) -> Option<String> {
    let mut operations = document.operations.iter();
    let (name, _) = operations.next()?;
    operations
        .next()
        .is_none()
        .then(|| name.map(Name::to_string))?
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn parse_failure(error: &ParseError) -> Error {
    let message = error.to_string();
    // The parser draws the place over several lines; the last one says what it is missing.
    let message = message.rsplit("  = ").next().unwrap_or(&message).trim();
    let mut failure = Error::new(
        Code::GraphqlParseFailed,
        format!("The document cannot be read: {message}."),
    );
    failure.locations = error
        .positions()
        .map(|position| Location {
            line: position.line,
            column: position.column,
        })
        .collect();
    failure
}

/// The status of errors that concern the request as a whole, in either form.
fn refusal(code: Code) -> Option<StatusCode> {
    match code {
        Code::Unauthenticated => Some(StatusCode::UNAUTHORIZED),
        Code::Forbidden => Some(StatusCode::FORBIDDEN),
        Code::Unavailable => Some(StatusCode::SERVICE_UNAVAILABLE),
        Code::Timeout => Some(StatusCode::GATEWAY_TIMEOUT),
        Code::Internal => Some(StatusCode::INTERNAL_SERVER_ERROR),
        _ => None,
    }
}

fn status_of(form: Form, answer: &Answer) -> StatusCode {
    if answer.data.is_some() {
        return StatusCode::OK;
    }
    let refused = answer.errors.first().and_then(|error| refusal(error.code));
    refused.unwrap_or(match form {
        Form::Response => StatusCode::BAD_REQUEST,
        Form::Json => StatusCode::OK,
    })
}

fn respond(form: Form, status: StatusCode, answer: &Answer) -> Response {
    let mut body = Vec::with_capacity(answer.data.as_ref().map_or(0, Vec::len) + 64);
    body.push(b'{');
    if !answer.errors.is_empty() {
        let errors: serde_json::Value = answer.errors.iter().map(Error::to_json).collect();
        body.extend_from_slice(b"\"errors\":");
        body.extend_from_slice(errors.to_string().as_bytes());
    }
    if let Some(data) = &answer.data {
        if body.len() > 1 {
            body.push(b',');
        }
        body.extend_from_slice(b"\"data\":");
        body.extend_from_slice(data);
    }
    body.push(b'}');
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(form.content_type()),
    );
    // Answers differ by token and form; no cache on the way may mix them up.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    match status {
        StatusCode::UNAUTHORIZED => {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        StatusCode::METHOD_NOT_ALLOWED => {
            headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        _ => {}
    }
    response
}

/// One line for each operation, and its numbers: never a token, never the value of a variable.
fn log(request: &GraphqlRequest, session: Option<&Session>, started: Instant, answer: &Answer) {
    let duration = started.elapsed();
    let outcome = match (&answer.data, answer.errors.is_empty()) {
        (None, _) => Outcome::Refused,
        (Some(_), true) => Outcome::Ok,
        (Some(_), false) => Outcome::Partial,
    };
    let name = request.operation_name.as_deref();
    metrics().operation(name, outcome, &answer.errors, duration);
    let operation: String = name.unwrap_or_default().chars().take(100).collect();
    let workspace = session.map(|session| tracing::field::display(session.workspace));
    tracing::Span::current()
        .record("graphql.operation.name", &*operation)
        .record("tessera.workspace", &workspace)
        .record("tessera.outcome", outcome.name());
    tracing::info!(
        target: "tessera::operation",
        operation,
        workspace,
        user = session.map(|session| tracing::field::display(session.user)),
        milliseconds = duration.as_secs_f64() * 1000.0,
        errors = answer.errors.len(),
        code = answer.errors.first().map(|error| error.code.name()),
        "operation"
    );
}
