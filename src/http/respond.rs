//! Answers in the form of GraphQL, those of refusals included.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::accept::Form;
use crate::engine::Answer;
use crate::error::{Code, Error};

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
    respond(form, status, &error.into())
}

pub fn respond(form: Form, status: StatusCode, answer: &Answer) -> Response {
    let mut body = Vec::with_capacity(answer.data.as_ref().map_or(0, Vec::len) + 64);
    write(&mut body, answer);
    finish(form, status, body)
}

/// Several answers in the order of their operations.
pub fn respond_all(answers: &[Answer]) -> Response {
    let size = answers.iter().filter_map(|answer| answer.data.as_ref());
    let mut body = Vec::with_capacity(size.map(|data| data.len() + 64).sum());
    body.push(b'[');
    for (index, answer) in answers.iter().enumerate() {
        if index > 0 {
            body.push(b',');
        }
        write(&mut body, answer);
    }
    body.push(b']');
    // The other form is defined for single answers alone.
    finish(Form::Json, StatusCode::OK, body)
}

fn write(body: &mut Vec<u8>, answer: &Answer) {
    body.push(b'{');
    if !answer.errors.is_empty() {
        let errors: serde_json::Value = answer.errors.iter().map(Error::to_json).collect();
        body.extend_from_slice(b"\"errors\":");
        body.extend_from_slice(errors.to_string().as_bytes());
    }
    if let Some(data) = &answer.data {
        if !answer.errors.is_empty() {
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
}

fn finish(form: Form, status: StatusCode, body: Vec<u8>) -> Response {
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
    respond(Form::Json, StatusCode::INTERNAL_SERVER_ERROR, &error.into())
}
