//! Content negotiation: the media type of a response, and the allowed ones of a request.

use std::cmp::Reverse;

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;

use super::weighted::{self, Weighted};

/// The media type of an answer; `status` says what each one means for its status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `application/graphql-response+json`, which only GraphQL servers send.
    Response,
    /// `application/json`, for clients that do not know the other one.
    Json,
}

impl Form {
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Response => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }

    /// How much a list prefers this form: by its weight, then forms that it names, then the first
    /// in the list. None where the form is not in the list, or excluded.
    fn rank(self, ranges: &[Weighted]) -> Option<(u16, bool, Reverse<usize>)> {
        let matching = ranges.iter().enumerate().filter_map(|(position, range)| {
            let closeness = self.matched_by(range)?;
            Some((closeness, range.weight, Reverse(position)))
        });
        // The range that describes the form most closely decides, whatever the others say.
        let (closeness, weight, position) = matching.max()?;
        let excluded = ranges
            .iter()
            .any(|range| range.weight == 0 && self.matched_by(range) == Some(closeness));
        (!excluded).then_some((weight, closeness >= Closeness::Named, position))
    }

    fn matched_by(self, range: &Weighted) -> Option<Closeness> {
        let own = match self {
            Self::Response => "application/graphql-response+json",
            Self::Json => "application/json",
        };
        let closeness = match range.name.as_str() {
            "*/*" => Closeness::Anything,
            "application/*" => Closeness::Kind,
            name if name == own => Closeness::Named,
            _ => return None,
        };
        // Other parameters mean nothing for these types and are passed over.
        let charsets = range
            .parameters
            .iter()
            .filter(|(name, _)| name == "charset");
        let mut closeness = closeness;
        for (_, charset) in charsets {
            if !is_utf8(charset) {
                return None;
            }
            if closeness == Closeness::Named {
                closeness = Closeness::Exact;
            }
        }
        Some(closeness)
    }
}

/// What the header `Accept` of a request allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The preferred form; none when neither is accepted. Without the header, and where a wildcard
    /// covers both, it is JSON: Apollo Client 3 sends `*/*` and takes errors from answers with
    /// status 200 only.
    pub form: Option<Form>,
    /// The form of refusals. It is [`Form::Response`], which tells that no proxy wrote it, unless
    /// the header excludes that by `q=0`, and JSON not.
    pub refusals: Form,
}

impl Accepted {
    pub fn by(headers: &HeaderMap) -> Self {
        let Some(ranges) = weighted::list(headers, &header::ACCEPT) else {
            return Self {
                form: Some(Form::Json),
                refusals: Form::Response,
            };
        };
        let ranked = [Form::Response, Form::Json]
            .into_iter()
            .filter_map(|form| Some((form.rank(&ranges)?, form)));
        // Of equal ones the last is taken.
        let form = ranked.max_by_key(|(rank, _)| *rank).map(|(_, form)| form);
        let excludes = |form: Form| {
            let excluded = |range: &Weighted| range.weight == 0 && form.matched_by(range).is_some();
            ranges.iter().any(excluded) && form.rank(&ranges).is_none()
        };
        let is_json = excludes(Form::Response) && !excludes(Form::Json);
        Self {
            form,
            refusals: if is_json { Form::Json } else { Form::Response },
        }
    }

    /// Sends a refusal in a form that is not excluded.
    pub fn shape(self, response: &mut Response) {
        let own = Form::Response.content_type();
        if let Some(form) = response.headers_mut().get_mut(header::CONTENT_TYPE)
            && self.refusals == Form::Json
            && *form == *own
        {
            *form = HeaderValue::from_static(Form::Json.content_type());
        }
    }
}

/// How closely a media range describes a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Closeness {
    Anything,
    Kind,
    Named,
    /// Named with its charset.
    Exact,
}

fn is_utf8(charset: &str) -> bool {
    charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8")
}

/// Whether a body of this content type is JSON in UTF-8.
pub fn is_json(headers: &HeaderMap) -> bool {
    let Some(Ok(value)) = headers
        .get(header::CONTENT_TYPE)
        .map(|value| value.to_str())
    else {
        return false;
    };
    let mut parts = value.split(';').map(str::trim);
    let json = parts
        .next()
        .is_some_and(|name| name.eq_ignore_ascii_case("application/json"));
    json && parts.all(|parameter| match parameter.split_once('=') {
        Some((name, charset)) if name.trim().eq_ignore_ascii_case("charset") => {
            is_utf8(charset.trim().trim_matches('"'))
        }
        _ => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name.clone(), HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn the_form_is_the_one_that_is_preferred() {
        const RESPONSE: Option<Form> = Some(Form::Response);
        const JSON: Option<Form> = Some(Form::Json);
        for (accept, expected) in [
            (&[][..], JSON),
            (&[""], JSON),
            (&[" , "], JSON),
            (&["*/*"], JSON),
            (&["application/*"], JSON),
            (&["text/html, */*;q=0.1"], JSON),
            (&["application/json"], JSON),
            (&["application/graphql-response+json"], RESPONSE),
            (
                &["APPLICATION/GraphQL-Response+JSON; Charset=\"UTF-8\""],
                RESPONSE,
            ),
            // As the specification recommends it, as Apollo Client 4 sends it, and as urql does.
            (
                &["application/graphql-response+json, application/json;q=0.9"],
                RESPONSE,
            ),
            (
                &["application/graphql-response+json,application/json;q=0.9"],
                RESPONSE,
            ),
            (
                &[
                    "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed",
                ],
                RESPONSE,
            ),
            (
                &["application/json, application/graphql-response+json"],
                JSON,
            ),
            (
                &["application/json;q=0.5, application/graphql-response+json;q=0.6"],
                RESPONSE,
            ),
            (
                &[
                    "application/json;q=0.5",
                    "application/graphql-response+json;q=0.4",
                ],
                JSON,
            ),
            (&["*/*, application/graphql-response+json"], RESPONSE),
            (
                &["*/*;q=0.8, application/graphql-response+json;q=0.7"],
                JSON,
            ),
            (&["*/*, application/json;q=0"], RESPONSE),
            (&["application/json;q=0, application/*;q=0.1"], RESPONSE),
            (&["*/*, application/graphql-response+json;q=0"], JSON),
            (&["*/*;q=0, application/json"], JSON),
            (&["application/json; profile=\"a,b;q=0\""], JSON),
            (
                &["application/json; charset=latin1, application/graphql-response+json;q=0.1"],
                RESPONSE,
            ),
            (
                &["application/json;q=oops, application/graphql-response+json;q=0.1"],
                RESPONSE,
            ),
            (&["application/json;q=0.1, application/*;q=0.9"], RESPONSE),
            (
                &["application/json;q=0.2, */*;q=0.8, application/graphql-response+json;q=0.1"],
                JSON,
            ),
            (
                &["application/*;q=0.3, */*, application/json;q=0.2"],
                RESPONSE,
            ),
            (&["application/json;q=0, application/json"], None),
            (
                &["application/json, application/json;charset=utf-8;q=0"],
                None,
            ),
            (
                &["application/json;q=0, application/json;charset=utf-8"],
                JSON,
            ),
            (&["application/*;q=0, */*"], None),
            (&["application/*;q=0, application/json;q=0.1, */*"], JSON),
            (&["*/*;q=0"], None),
            (&["application/json;q=0"], None),
            (
                &["application/json;q=0.000, application/graphql-response+json; q=0"],
                None,
            ),
            (&["application/json; charset=latin1"], None),
            (&["application/graphql+json"], None),
            (&["text/html", "image/*"], None),
            (&["json"], None),
            (&["application/json/x"], None),
            (&["application"], None),
        ] {
            let headers = headers(header::ACCEPT, accept);
            assert_eq!(Accepted::by(&headers).form, expected, "{accept:?}");
        }
        let garbage = HeaderValue::from_bytes(b"application/json\xff").unwrap();
        let headers = HeaderMap::from_iter([(header::ACCEPT, garbage)]);
        assert_eq!(Accepted::by(&headers).form, None);
    }

    #[test]
    fn a_refusal_has_no_form_that_is_excluded() {
        for (accept, expected) in [
            ("", Form::Response),
            ("application/json", Form::Response),
            ("text/html", Form::Response),
            (
                "application/graphql-response+json;q=0, application/json",
                Form::Json,
            ),
            ("application/graphql-response+json;q=0", Form::Json),
            ("application/*;q=0, application/json", Form::Json),
            ("*/*;q=0, application/json", Form::Json),
            ("*/*;q=0", Form::Response),
            ("*/*;q=0, application/graphql-response+json", Form::Response),
            (
                "application/graphql-response+json;q=0.001, */*;q=0",
                Form::Response,
            ),
        ] {
            let headers = headers(header::ACCEPT, &[accept]);
            assert_eq!(Accepted::by(&headers).refusals, expected, "{accept}");
        }
    }

    #[test]
    fn a_body_is_json_in_one_encoding() {
        for (value, expected) in [
            ("application/json", true),
            ("Application/JSON ; charset=utf-8", true),
            ("application/json;charset=\"UTF-8\"", true),
            ("application/json; Charset=utf8", true),
            ("application/json; odata=verbose", true),
            ("application/json;", true),
            ("application/json; charset=latin1", false),
            ("application/json; charset = utf-16", false),
            ("application/json; charset=utf-8; charset=utf-16", false),
            ("application/json; charset=", false),
            ("application/json, text/plain", false),
            ("application/graphql+json", false),
            ("application/graphql-response+json", false),
            ("application/graphql", false),
            ("text/json", false),
            ("", false),
        ] {
            let headers = headers(header::CONTENT_TYPE, &[value]);
            assert_eq!(is_json(&headers), expected, "{value}");
        }
        assert!(!is_json(&HeaderMap::new()));
    }
}
