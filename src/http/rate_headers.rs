//! The response headers about rate limits.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;

use crate::rate::Account;

const RATELIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const RATELIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// Adds the state of the caller's rate limits, if it has any.
pub fn add(account: Option<&Account<'_>>, response: &mut Response) {
    let Some(fields) = account.and_then(Account::fields) else {
        return;
    };
    // Only some operations of a batch may have been refused; their errors say when to try again.
    let refused = response.status() == StatusCode::TOO_MANY_REQUESTS;
    let headers = response.headers_mut();
    let limit = fields.limit.map(|limit| (RATELIMIT, limit));
    let policy = Some((RATELIMIT_POLICY, fields.policy));
    for (name, value) in policy.into_iter().chain(limit) {
        // Names and numbers of our own are always a value of a header.
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
    if let Some(seconds) = fields.retry_after.filter(|_| refused) {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
}
