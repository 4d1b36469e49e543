//! Answers in the form of GraphQL, those of refusals included.

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::accept::Form;
use crate::engine::Answer;
use crate::error::{Code, Error};
use crate::memory::Held;

/// The status of errors that concern the request as a whole, in either form.
pub fn refusal(code: Code) -> Option<StatusCode> {
    match code {
        Code::Unauthenticated => Some(StatusCode::UNAUTHORIZED),
        Code::Forbidden => Some(StatusCode::FORBIDDEN),
        Code::RateLimited => Some(StatusCode::TOO_MANY_REQUESTS),
        Code::Unavailable => Some(StatusCode::SERVICE_UNAVAILABLE),
        Code::Timeout => Some(StatusCode::GATEWAY_TIMEOUT),
        Code::Internal => Some(StatusCode::INTERNAL_SERVER_ERROR),
        _ => None,
    }
}

pub fn status_of(form: Form, answer: &Answer) -> StatusCode {
    if answer.data.is_some() {
        return StatusCode::OK;
    }
    let refused = answer.errors.first().and_then(|error| refusal(error.code));
    refused.unwrap_or(match form {
        Form::Response => StatusCode::BAD_REQUEST,
        Form::Json => StatusCode::OK,
    })
}

/// Refuses a request before it is one of GraphQL, in the form that the caller likes.
pub fn refuse(headers: &HeaderMap, status: StatusCode, error: Error) -> Response {
    let form = Form::negotiate(headers).unwrap_or(Form::Json);
    respond(form, status, error.into())
}

pub fn respond(form: Form, status: StatusCode, answer: Answer) -> Response {
    let (body, held) = write(answer);
    finish(form, status, sealed(body, held))
}

/// Several answers in the order of their operations. Each is given up as it is copied.
pub fn respond_all(answers: Vec<Answer>) -> Response {
    let size = answers.iter().filter_map(|answer| answer.data.as_ref());
    let mut body = Vec::with_capacity(size.map(|data| data.len() + 64).sum());
    let mut held: Option<Held> = None;
    for answer in answers {
        body.push(if body.is_empty() { b'[' } else { b',' });
        let (one, its) = write(answer);
        body.extend_from_slice(&one);
        match (&mut held, its) {
            (Some(held), Some(its)) => held.absorb(its),
            (_, its) => held = held.or(its),
        }
    }
    body.push(b']');
    // The other form is defined for single answers alone.
    finish(Form::Json, StatusCode::OK, sealed(body, held))
}

/// A body that stays counted until it is sent.
fn sealed(body: Vec<u8>, held: Option<Held>) -> Bytes {
    match held {
        Some(held) => held.attach(body),
        None => body.into(),
    }
}

/// The answer as JSON. The data is not copied: what stands around it is put in.
fn write(answer: Answer) -> (Vec<u8>, Option<Held>) {
    let mut before = b"{".to_vec();
    for (index, error) in answer.errors.iter().enumerate() {
        before.extend_from_slice(if index == 0 { b"\"errors\":[" } else { b"," });
        // Writing to a vector does not fail.
        let _ = serde_json::to_writer(&mut before, &error.to_json());
    }
    if !answer.errors.is_empty() {
        before.push(b']');
    }
    if answer.data.is_some() {
        if !answer.errors.is_empty() {
            before.push(b',');
        }
        before.extend_from_slice(b"\"data\":");
    }
    let mut after = Vec::new();
    if !answer.extensions.is_empty() {
        // An answer has errors or data, so something stands before.
        after.extend_from_slice(b",\"extensions\":");
        let _ = serde_json::to_writer(&mut after, &answer.extensions);
    }
    after.push(b'}');
    let mut body = answer.data.unwrap_or_default();
    body.reserve_exact(before.len() + after.len());
    body.splice(0..0, before);
    body.extend_from_slice(&after);
    (body, answer.held)
}

fn finish(form: Form, status: StatusCode, body: Bytes) -> Response {
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(form.content_type()),
    );
    // Answers differ by token and form; no cache on the way may mix them up.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    match status {
        StatusCode::UNAUTHORIZED => {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        _ => {}
    }
    response
}

/// What is at no path of the gateway.
pub async fn not_found(headers: HeaderMap) -> Response {
    let error = Error::new(
        Code::NotFound,
        "There is nothing at this path; the API is at /graphql.",
    );
    refuse(&headers, StatusCode::NOT_FOUND, error)
}

/// A method that the path does not know; the router adds the ones that it does.
pub async fn other_method(headers: HeaderMap) -> Response {
    let error = Error::new(
        Code::BadRequest,
        "This path does not take the method; the header `Allow` of the answer has those that it takes.",
    );
    refuse(&headers, StatusCode::METHOD_NOT_ALLOWED, error)
}

/// The answer to a panic: a fault of the gateway of which the caller learns nothing.
pub fn failed(cause: &str) -> Response {
    let error = Error::internal(cause);
    respond(Form::Json, StatusCode::INTERNAL_SERVER_ERROR, error.into())
}
