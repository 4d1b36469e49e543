//! Which status an answer has.
//!
//! The rules are those of the GraphQL-over-HTTP specification, edition of September 2026 (its
//! repository `graphql/graphql-over-http` at 33765ac of that month), in which the media type
//! `application/graphql-response+json` tells everything by its status:
//!
//! | the answer | status |
//! |---|---|
//! | data without errors | 200 |
//! | data with errors, even where the data is null | 294 Partial Success |
//! | the JSON of the request or the document cannot be parsed | 400 |
//! | no well-formed request, not valid, no such operation, bad variables, too expensive | 422 |
//! | refusals of HTTP's own kinds | 401, 403, 405, 406, 408, 413, 414, 415, 429, 431, 503, 504 |
//!
//! The example in the text that gives 200 to errors of execution contradicts its rule of 294; the
//! rule counts. Every answer that is no success is `application/graphql-response+json`, whatever
//! was accepted, as the text asks for: a client knows then that no proxy wrote it.
//!
//! For clients that accept `application/json` alone, two things differ from the text:
//!
//! - A well-formed request gets its parse, validation and input errors with 200, as the drafts
//!   before 2025 had it; the text now wants the same 4xx. Apollo Client 3 reports any 4xx as a
//!   failure of the network, without the errors of the answer, and react-relay-network-modern
//!   throws at it. Apollo Client 4 and urql accept the new type and take errors from any status.
//! - Data with errors keeps 200: the text recommends 294 beside the new type only.
//!
//! `tests/conformance/audit.mjs` names the audits of `graphql-http` that follow the older text.
//!
//! A list of answers has 200, since none of its operations speaks for the others.

use axum::http::StatusCode;
use hyper::ext::ReasonPhrase;

use super::accept::Form;
use crate::engine::Answer;
use crate::error::Code;

/// 294, which is not registered; HTTP clients take it for 200.
pub const PARTIAL_SUCCESS: StatusCode = match StatusCode::from_u16(294) {
    Ok(status) => status,
    Err(_) => StatusCode::OK,
};

/// What stands after 294 in HTTP/1.1, where other statuses have their registered words.
pub fn partial_success() -> ReasonPhrase {
    ReasonPhrase::from_static(b"Partial Success")
}

/// The status of one answer.
pub fn of(form: Form, answer: &Answer) -> StatusCode {
    let failed = !answer.errors.is_empty();
    match (form, &answer.data, answer.errors.first()) {
        (Form::Response, Some(_), _) if failed => PARTIAL_SUCCESS,
        (_, Some(_), _) | (_, None, None) => StatusCode::OK,
        (form, None, Some(first)) => match of_code(first.code) {
            StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY if form == Form::Json => {
                StatusCode::OK
            }
            status => status,
        },
    }
}

/// The status of an error without data.
pub fn of_code(code: Code) -> StatusCode {
    match code {
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::Forbidden => StatusCode::FORBIDDEN,
        Code::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::Timeout => StatusCode::GATEWAY_TIMEOUT,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        Code::GraphqlParseFailed => StatusCode::BAD_REQUEST,
        Code::Conflict => StatusCode::CONFLICT,
        Code::BadUserInput
        | Code::NotFound
        | Code::UniqueViolation
        | Code::ReferenceViolation
        | Code::CheckViolation
        | Code::Stale
        | Code::RolledBack
        | Code::QueryTooExpensive
        | Code::GraphqlValidationFailed
        | Code::BadRequest
        | Code::PersistedQueryNotFound
        | Code::PersistedQueryNotSupported => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn the_form_and_the_first_error_decide() {
        let answer = |data: Option<&str>, code: Option<Code>| Answer {
            data: data.map(|data| data.as_bytes().to_vec()),
            errors: code.map(|code| Error::new(code, "")).into_iter().collect(),
            ..Answer::default()
        };
        for (data, code, response, json) in [
            (Some("{}"), None, 200, 200),
            (Some("{}"), Some(Code::Internal), 294, 200),
            (Some("null"), Some(Code::BadUserInput), 294, 200),
            (None, Some(Code::GraphqlParseFailed), 400, 200),
            (None, Some(Code::GraphqlValidationFailed), 422, 200),
            (None, Some(Code::BadUserInput), 422, 200),
            (None, Some(Code::BadRequest), 422, 200),
            (None, Some(Code::QueryTooExpensive), 422, 200),
            (None, Some(Code::PersistedQueryNotFound), 422, 200),
            (None, Some(Code::Unauthenticated), 401, 401),
            (None, Some(Code::Forbidden), 403, 403),
            (None, Some(Code::RateLimited), 429, 429),
            (None, Some(Code::Internal), 500, 500),
            (None, Some(Code::Unavailable), 503, 503),
            (None, Some(Code::Timeout), 504, 504),
        ] {
            let answer = answer(data, code);
            assert_eq!(of(Form::Response, &answer).as_u16(), response, "{code:?}");
            assert_eq!(of(Form::Json, &answer).as_u16(), json, "{code:?}");
        }
    }
}
