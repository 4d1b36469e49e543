//! The `WWW-Authenticate` header of a 401 (RFC 6750).
//!
//! A 403 has none: `insufficient_scope` would send clients to the issuer for a token with more
//! rights, but here the role comes from the membership in the database.

use axum::http::{HeaderMap, HeaderValue, header};

/// The header `WWW-Authenticate` of an answer that refuses the credentials of a request. Without
/// a bearer token it names the scheme alone; otherwise it says that the token is no good, and why.
pub fn of(request: &HeaderMap, why: &str) -> HeaderValue {
    let plain = HeaderValue::from_static("Bearer");
    if !request.get_all(header::AUTHORIZATION).iter().any(is_bearer) {
        return plain;
    }
    // The characters that the description may have.
    let allowed = |letter: char| match letter {
        '"' => '\'',
        ' '..='~' if letter != '\\' => letter,
        _ => '?',
    };
    let why: String = why.chars().map(allowed).collect();
    let value = format!("Bearer error=\"invalid_token\", error_description=\"{why}\"");
    HeaderValue::from_str(&value).unwrap_or(plain)
}

fn is_bearer(value: &HeaderValue) -> bool {
    let scheme = value.as_bytes().split(|&byte| byte == b' ').next();
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"bearer"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_bearer_token_can_be_invalid() {
        let of = |values: &[&'static str], why| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::AUTHORIZATION, HeaderValue::from_static(value));
            }
            of(&headers, why).to_str().unwrap().to_owned()
        };
        for none in [
            &[][..],
            &["Basic YTpi"],
            &[""],
            &["Bearerx a"],
            &["Basic Bearer"],
        ] {
            assert_eq!(of(none, "Why."), "Bearer", "{none:?}");
        }
        for sent in [&["Bearer a"][..], &["bearer"], &["Basic YTpi", "BEARER a"]] {
            assert_eq!(
                of(sent, "It has `a\\b`, \"c\"\r\nand \u{e9}."),
                "Bearer error=\"invalid_token\", error_description=\"It has `a?b`, 'c'??and ?.\"",
                "{sent:?}"
            );
        }
    }
}
