//! Tells of rate limits in the fields of an answer.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::rate::Account;

const RATELIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const RATELIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// Adds what an answer says of the limits of its caller.
pub fn tell(account: &Account<'_>, headers: &mut HeaderMap) {
    let Some(fields) = account.fields() else {
        return;
    };
    let limit = fields.limit.map(|limit| (RATELIMIT, limit));
    let policy = Some((RATELIMIT_POLICY, fields.policy));
    for (name, value) in policy.into_iter().chain(limit) {
        // Names and numbers of our own are always a value of a header.
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
    if let Some(seconds) = fields.retry_after {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
}
