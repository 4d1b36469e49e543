//! Responses in GraphQL's format, also those of refused requests.

use std::panic::AssertUnwindSafe;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;

use super::accept::Form;
use super::context::{RequestId, X_REQUEST_ID};
use super::status;
use crate::engine::Answer;
use crate::error::{Code, Error};
use crate::memory::Held;

/// About how many headers an answer has, those of the layers around it included.
const HEADERS: usize = 8;

/// Refuses a request before it is one of GraphQL.
pub fn refuse(status: StatusCode, error: Error) -> Response {
    respond(Form::Response, status, error.into())
}

/// The headers and the body of a refusal, for what is written without the library.
pub fn refusal(error: Error) -> (HeaderMap, Vec<u8>) {
    let (body, _) = write(error.into());
    let response = finish(Form::Response, StatusCode::BAD_REQUEST, Bytes::new());
    (response.into_parts().0.headers, body)
}

/// A refusal that is written once and given many times.
pub struct Prepared {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Prepared {
    pub fn new(status: StatusCode, error: Error) -> Self {
        let (body, _) = write(error.into());
        let body = Bytes::from(body);
        let response = finish(Form::Response, status, body.clone());
        let mut headers = response.into_parts().0.headers;
        // The place for the id of each request.
        headers.insert(X_REQUEST_ID, HeaderValue::from_static(""));
        Self {
            status,
            headers,
            body,
        }
    }

    /// The refusal of the request with this id.
    pub fn respond(&self, id: RequestId) -> Response {
        let mut response = Response::new(Body::from(self.body.clone()));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers.clone();
        response.headers_mut().insert(X_REQUEST_ID, id.into());
        response
    }
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

/// The answer as JSON. The data is not copied, unless there are errors, which come first.
fn write(answer: Answer) -> (Vec<u8>, Option<Held>) {
    let data = answer.data;
    let mut body = if answer.errors.is_empty() {
        // An answer has data or errors.
        data.unwrap_or_default()
    } else {
        let mut body = b"{\"errors\":".to_vec();
        for (index, error) in answer.errors.iter().enumerate() {
            body.push(if index == 0 { b'[' } else { b',' });
            // Writing to a vector does not fail.
            let _ = serde_json::to_writer(&mut body, error);
        }
        body.push(b']');
        if let Some([_brace, data @ ..]) = data.as_deref() {
            body.push(b',');
            body.extend_from_slice(data);
        }
        body
    };
    if !answer.extensions.is_empty() {
        body.extend_from_slice(b",\"extensions\":");
        let _ = serde_json::to_writer(&mut body, &answer.extensions);
    }
    body.push(b'}');
    (body, answer.held)
}

fn finish(form: Form, status: StatusCode, body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let form = if status.is_success() {
        form
    } else {
        // The one type that tells that no proxy wrote the answer.
        Form::Response
    };
    let headers = response.headers_mut();
    headers.reserve(HEADERS);
    for (name, value) in [
        (header::CONTENT_TYPE, form.content_type()),
        // Answers differ by token, form and coding; no cache on the way may mix them up.
        (header::CACHE_CONTROL, "no-store"),
        (header::VARY, "accept, accept-encoding"),
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
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, OPTIONS");

/// Tells the methods of `/graphql`.
pub fn methods() -> Response {
    (StatusCode::NO_CONTENT, [(header::ALLOW, METHODS)]).into_response()
}

/// Refuses every other method there.
pub async fn not_one_of_the_methods() -> Response {
    let mut response = other_method().await;
    response.headers_mut().insert(header::ALLOW, METHODS);
    response
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

/// The answer to a fault of the gateway, of which the caller learns nothing.
pub fn failed(cause: &str) -> Response {
    let error = Error::internal(cause);
    respond(
        Form::Response,
        StatusCode::INTERNAL_SERVER_ERROR,
        error.into(),
    )
}

/// 500 where the code panics; the process lives on.
pub async fn without_panics(answer: impl Future<Output = Response>) -> Response {
    let answered = AssertUnwindSafe(answer).catch_unwind().await;
    answered.unwrap_or_else(|panic| {
        let cause = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("a panic without a message");
        failed(cause)
    })
}
