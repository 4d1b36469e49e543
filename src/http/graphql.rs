//! The endpoint `/graphql`.

use std::sync::Arc;
use std::time::Instant;

use async_graphql::parser::types::OperationType;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::Gateway;
use super::accept::{Form, is_json};
use super::request::{GraphqlRequest, Malformed, Parameters};
use crate::auth::Credentials;
use crate::engine::{Answer, Operation, choose};
use crate::error::{Code, Error};
use crate::guard;
use crate::session::Session;

const X_WORKSPACE: HeaderName = HeaderName::from_static("x-workspace");
/// With the value 1 the answer tells what it cost.
const X_GRAPHQL_COST: HeaderName = HeaderName::from_static("x-graphql-cost");

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
    answer(&gateway, &headers, request, true).await
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
    answer(&gateway, &headers, request, false).await
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
    let request = match request {
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
            log(&request, None, started, std::slice::from_ref(&error));
            let status = refusal(error.code).unwrap_or(StatusCode::UNAUTHORIZED);
            return respond(form, status, &error.into());
        }
    };
    let (mut answer, status) = execute(gateway, session.as_ref(), &request, may_mutate).await;
    if text(headers, &X_GRAPHQL_COST) == Some("1") {
        let cost = answer.cost.to_json(gateway.engine.limits().max_cost);
        answer.extensions.insert("cost".to_owned(), cost);
    }
    log(&request, session.as_ref(), started, &answer.errors);
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
    request: &GraphqlRequest,
    may_mutate: bool,
) -> (Answer, Option<StatusCode>) {
    let limits = gateway.engine.limits();
    let document = match guard::admit(&request.query, &request.variables, limits) {
        Ok(document) => document,
        Err(error) => return (error.into(), None),
    };
    // An operation that cannot be chosen is the engine's to refuse.
    let mutates = choose(&document, request.operation_name.as_deref())
        .is_ok_and(|operation| operation.ty != OperationType::Query);
    if mutates && !may_mutate {
        let error = Error::new(
            Code::BadRequest,
            "A GET request may only query; send other operations with POST.",
        );
        return (error.into(), Some(StatusCode::METHOD_NOT_ALLOWED));
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

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
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
    if !answer.extensions.is_empty() {
        // An answer has errors or data, so something stands before.
        body.extend_from_slice(b",\"extensions\":");
        let extensions = serde_json::Value::Object(answer.extensions.clone());
        body.extend_from_slice(extensions.to_string().as_bytes());
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

/// One line for each operation: never a token, never the value of a variable.
fn log(request: &GraphqlRequest, session: Option<&Session>, started: Instant, errors: &[Error]) {
    let operation = request.operation_name.as_deref().unwrap_or_default();
    tracing::info!(
        target: "tessera::operation",
        operation = %operation.chars().take(100).collect::<String>(),
        workspace = session.map(|session| tracing::field::display(session.workspace)),
        user = session.map(|session| tracing::field::display(session.user)),
        milliseconds = started.elapsed().as_secs_f64() * 1000.0,
        errors = errors.len(),
        code = errors.first().map(|error| error.code.name()),
        "operation"
    );
}
