//! The headers that identify the caller. A token is only accepted in `Authorization`, never in a
//! cookie, the query string or another header, where caches, logs and other sites could see it.

use axum::http::{HeaderMap, HeaderName, header};

use crate::auth::Credentials;
use crate::error::{Code, Error};

pub(super) const X_WORKSPACE: HeaderName = HeaderName::from_static("x-workspace");

/// Reads the headers `Authorization` and `X-Workspace`.
///
/// # Errors
/// `UNAUTHENTICATED` when the first is sent more than once or is not text, `BAD_REQUEST` when the
/// second is: a program in front of the gateway might have read the other one.
pub(super) fn read(headers: &HeaderMap) -> Result<Credentials<'_>, Error> {
    Ok(Credentials {
        authorization: one(headers, &header::AUTHORIZATION)
            .map_err(|why| Error::unauthenticated(format!("The header `Authorization` {why}")))?,
        workspace: one(headers, &X_WORKSPACE).map_err(|why| {
            Error::new(Code::BadRequest, format!("The header `X-Workspace` {why}"))
        })?,
    })
}

fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, &'static str> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err("was sent more than once; send it once.");
    }
    value.to_str().map(Some).map_err(|_| "is not plain text.")
}
