//! The headers that say who asks. A token is taken from one place alone: it never comes from a
//! cookie, a query string or another header, where caches, logs and other sites could meet it.

use axum::http::{HeaderMap, HeaderName, header};

use crate::auth::Credentials;
use crate::error::Error;

pub(super) const X_WORKSPACE: HeaderName = HeaderName::from_static("x-workspace");

/// Reads the headers `Authorization` and `X-Workspace`.
///
/// # Errors
/// `UNAUTHENTICATED` when one of them is there twice or no text: what stands in front of the
/// gateway might have looked at the other one.
pub(super) fn read(headers: &HeaderMap) -> Result<Credentials<'_>, Error> {
    Ok(Credentials {
        authorization: one(headers, &header::AUTHORIZATION, "Authorization")?,
        workspace: one(headers, &X_WORKSPACE, "X-Workspace")?,
    })
}

fn one<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
    written: &str,
) -> Result<Option<&'a str>, Error> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(Error::unauthenticated(format!(
            "The header `{written}` is sent more than once; send one."
        )));
    }
    value
        .to_str()
        .map(Some)
        .map_err(|_| Error::unauthenticated(format!("The header `{written}` is not plain text.")))
}
