//! Refuses requests that a page of another origin can send without a preflight (CSRF).
//!
//! No cookie gives access here: a caller is identified by a bearer token, which no browser adds by
//! itself, so a page of another origin has nobody's rights. It could still use its position, inside a
//! network or on the same machine as a gateway. Two rules prevent that:
//!
//! - POST only accepts `application/json`. No form can send it, and a script of another origin needs a
//!   preflight, which `cors` answers.
//! - A request that the browser marks as coming from another origin is refused unless that origin is
//!   allowed. This covers GET, which needs no preflight; GET also only reads.
//!
//! Browsers mark requests with `Sec-Fetch-Site`, which pages cannot set; older ones with `Origin`. A
//! client that sends neither is no browser, so no page controls it. A header that forces a preflight,
//! such as `Apollo-Require-Preflight`, is accepted but not needed.

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};

use super::accept::is_json;
use super::bounds::Refused;
use super::cors::{Cors, Origins, is_own};
use crate::error::{Code, Error};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// Longest origin that a refusal repeats.
const LONGEST_ORIGIN: usize = 100;

/// Refuses pages of origins that are not allowed, and what is not JSON.
pub fn check(parts: &Parts, allowed: &Cors) -> Result<(), Refused> {
    if is_foreign(&parts.headers, &parts.uri, allowed) {
        let origin = parts.headers.get(header::ORIGIN).map(HeaderValue::to_str);
        let page = match origin {
            Some(Ok(origin)) if origin.len() <= LONGEST_ORIGIN => {
                format!("a page of `{origin}`, which is another origin")
            }
            _ => "a page of another origin".to_owned(),
        };
        let error = Error::new(
            Code::Forbidden,
            format!(
                "The request comes from {page}; the operator can allow origins with the setting `cors_origin` (`--cors-origin`)."
            ),
        );
        return Err(Refused(StatusCode::FORBIDDEN, Box::new(error)));
    }
    if parts.method == Method::POST && !is_json(&parts.headers) {
        return Err(Refused::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "The header `Content-Type` must be `application/json`, in UTF-8.",
        ));
    }
    Ok(())
}

fn is_foreign(headers: &HeaderMap, uri: &Uri, allowed: &Cors) -> bool {
    if allowed.origins == Origins::Any {
        return false;
    }
    let origin = headers.get(header::ORIGIN);
    let own = match headers.get(SEC_FETCH_SITE) {
        // `none` is a person who typed the address.
        Some(site) => site == "same-origin" || site == "none",
        None => origin.is_none_or(|origin| is_own(origin, headers, uri)),
    };
    !own && !origin.is_some_and(|origin| allowed.allow(origin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_tells_where_its_page_comes_from() {
        let shop = Origins::Listed(vec![HeaderValue::from_static("https://shop.example")]);
        let of = |site: &'static str, origin: &'static str, allowed: &Origins| {
            let allowed = &Cors {
                origins: allowed.clone(),
                ..Cors::default()
            };
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static("api.example:8080"));
            if !site.is_empty() {
                headers.insert(SEC_FETCH_SITE, HeaderValue::from_static(site));
            }
            if !origin.is_empty() {
                headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
            }
            is_foreign(&headers, &Uri::from_static("/graphql"), allowed)
        };
        for (site, origin, foreign) in [
            ("", "", false),
            ("none", "", false),
            ("same-origin", "", false),
            ("same-origin", "https://behind-a-proxy.example", false),
            ("same-site", "", true),
            ("cross-site", "", true),
            ("cross-site", "null", true),
            ("cross-site", "https://evil.example", true),
            ("cross-site", "http://api.example:8080", true),
            ("", "https://evil.example", true),
            ("", "null", true),
            ("", "http://api.example:8080", false),
            ("", "https://API.example:8080", false),
            ("", "http://api.example", true),
            ("", "app://api.example:8080", true),
            ("anything else", "", true),
        ] {
            let case = format!("{site} {origin}");
            assert_eq!(of(site, origin, &Origins::None), foreign, "{case}");
            assert_eq!(of(site, origin, &shop), foreign, "{case}");
            assert!(!of(site, origin, &Origins::Any), "{case}");
        }
        let app = "capacitor://localhost".parse().unwrap();
        assert!(!of("cross-site", "capacitor://localhost", &app));
        assert!(of("cross-site", "tauri://localhost", &app));
        assert!(of("cross-site", "http://localhost", &app));
        for site in ["cross-site", "same-site", ""] {
            assert!(!of(site, "https://shop.example", &shop), "{site}");
            assert!(of(site, "https://shop.example", &Origins::None), "{site}");
        }
    }
}
