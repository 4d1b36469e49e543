//! Responses in GraphQL's format, also those of refused requests.

use axum::body::Bytes;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::accept::Form;
use super::status;
use crate::engine::Answer;
use crate::error::{Code, Error};
use crate::memory::Held;

/// Refuses a request before it is one of GraphQL.
pub fn refuse(status: StatusCode, error: Error) -> Response {
    respond(Form::Response, status, error.into())
}

pub fn respond(form: Form, status: StatusCode, answer: Answer) -> Response {
    let (body, held) = write(answer);
    finish(form, status, sealed(body, held))
}

/// Several answers in the order of their operations. Each is given up as it is copied.
pub fn respond_all(form: Form, answers: Vec<Answer>) -> Response {
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
    finish(form, StatusCode::OK, sealed(body, held))
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
    let form = if status.is_success() {
        form
    } else {
        // The one type that tells that no proxy wrote the answer.
        Form::Response
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, form.content_type()),
        // Answers differ by token and form; no cache on the way may mix them up.
        (header::CACHE_CONTROL, "no-store"),
        (header::VARY, "accept"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    match status {
        StatusCode::UNAUTHORIZED => {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        status::PARTIAL_SUCCESS => {
            response.extensions_mut().insert(status::partial_success());
        }
        _ => {}
    }
    response
}

/// Which methods `/graphql` has.
pub async fn methods() -> Response {
    let allow = HeaderValue::from_static("GET, HEAD, POST, OPTIONS");
    (StatusCode::NO_CONTENT, [(header::ALLOW, allow)]).into_response()
}

/// What is at no path of the gateway.
pub async fn not_found() -> Response {
    let error = Error::new(
        Code::NotFound,
        "This path does not exist; the API is at /graphql.",
    );
    refuse(StatusCode::NOT_FOUND, error)
}

/// A method that the path does not know; the router adds the ones that it does.
pub async fn other_method() -> Response {
    let error = Error::new(
        Code::BadRequest,
        "This path does not allow the method; the response header `Allow` lists the allowed methods.",
    );
    refuse(StatusCode::METHOD_NOT_ALLOWED, error)
}

/// The answer to a panic: a fault of the gateway of which the caller learns nothing.
pub fn failed(cause: &str) -> Response {
    let error = Error::internal(cause);
    respond(
        Form::Response,
        StatusCode::INTERNAL_SERVER_ERROR,
        error.into(),
    )
}
