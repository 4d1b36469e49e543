//! Reads a GraphQL request from a body or a query string.

use std::fmt;

use async_graphql::Variables;
use async_graphql_value::ConstValue;
use axum::http::StatusCode;
use percent_encoding::percent_decode_str;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::documents::Wanted;
use crate::engine::OnError;
use crate::engine::names::Named;
use crate::error::{Code, Error};
use crate::json::{self, Strict};

/// A request that has the shape of one.
#[derive(Debug)]
pub struct GraphqlRequest {
    pub document: Wanted,
    pub operation_name: Option<String>,
    pub variables: Variables,
    /// What becomes of the data where a field fails.
    pub on_error: OnError,
}

/// What a body or a query string asks for.
#[derive(Debug)]
pub enum Asked {
    One(GraphqlRequest),
    /// An array of requests, answered in their order.
    Batch(Vec<GraphqlRequest>),
}

/// Why something is no request, with the status to answer.
pub struct Malformed(pub StatusCode, pub Box<Error>);

impl Malformed {
    /// What cannot be read at all.
    fn unreadable(message: impl Into<String>) -> Self {
        let error = Error::new(Code::BadRequest, message);
        Self(StatusCode::BAD_REQUEST, Box::new(error))
    }

    /// What can be read and has not the shape of a request.
    fn shape(message: impl Into<String>) -> Self {
        Error::new(Code::BadRequest, message).into()
    }
}

impl From<Error> for Malformed {
    fn from(error: Error) -> Self {
        Self(StatusCode::UNPROCESSABLE_ENTITY, Box::new(error))
    }
}

impl Asked {
    /// Reads a body; an array may hold `max_batch` requests.
    pub fn from_body(body: &[u8], max_batch: usize) -> Result<Self, Malformed> {
        if body.starts_with(b"\xef\xbb\xbf") {
            return Err(Malformed::unreadable(
                "The body begins with a byte order mark; send JSON without one.",
            ));
        }
        match read_json(body, "The body")? {
            Body::Object(members) => GraphqlRequest::from_members(members).map(Self::One),
            Body::Array(requests) => Self::from_array(requests, max_batch),
            Body::Other => Err(Malformed::shape(
                "The request body must be a JSON object with the key `query`.",
            )),
        }
    }

    /// Reads a query string as the members that a body would have.
    pub fn from_query(query: &str) -> Result<Self, Malformed> {
        let mut members = Members::default();
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let (name, value) = (decode(name)?, decode(value)?);
            let what = || format!("The parameter `{name}`");
            let is_new = match name.as_str() {
                "variables" => {
                    // Nothing says the same as no parameter, except for a document.
                    let variables = match value.as_str() {
                        "" => ConstValue::Null,
                        text => read_json::<Strict<_>>(text.as_bytes(), &what())?.0,
                    };
                    members.variables.replace(variables).is_none()
                }
                _ => {
                    let value = match name.as_str() {
                        "query" => Value::String(value),
                        _ if value.is_empty() => Value::Null,
                        "extensions" => read_json::<Strict<_>>(value.as_bytes(), &what())?.0,
                        _ => Value::String(value),
                    };
                    members.others.insert(name, value).is_none()
                }
            };
            if !is_new {
                return Err(Malformed::unreadable(
                    "The query string contains a parameter twice; send each once.",
                ));
            }
        }
        GraphqlRequest::from_members(members).map(Self::One)
    }

    fn from_array(requests: Vec<Body>, max_batch: usize) -> Result<Self, Malformed> {
        if max_batch == 0 {
            return Err(Malformed::shape(
                "Batches are disabled; send one operation per request.",
            ));
        }
        if requests.is_empty() || requests.len() > max_batch {
            return Err(Malformed::shape(format!(
                "The batch has {} operations; it must have 1 to {max_batch}.",
                requests.len()
            )));
        }
        let requests = requests.into_iter().enumerate().map(|(index, request)| {
            let request = match request {
                Body::Object(members) => GraphqlRequest::from_members(members),
                _ => Err(Malformed::shape("It must be a JSON object.")),
            };
            request.map_err(|Malformed(status, mut error)| {
                error.message = format!("Operation {index} of the batch: {}", error.message);
                Malformed(status, error)
            })
        });
        requests.collect::<Result<_, _>>().map(Self::Batch)
    }
}

/// Reads JSON of a caller, the only place where that happens.
fn read_json<'de, T: Deserialize<'de>>(text: &'de [u8], what: &str) -> Result<T, Malformed> {
    serde_json::from_slice(text).map_err(|error| {
        let told = error.to_string();
        let is_escape = told.contains("surrogate") || told.contains("hex escape");
        let why = match json::lone_surrogate(text).filter(|_| is_escape) {
            Some(escape) => format!(
                "the escape `{escape}` is half of a surrogate pair, which is no character (line {} column {}); send both halves",
                error.line(),
                error.column()
            ),
            None => told,
        };
        Malformed::unreadable(format!("{what} is not valid JSON: {why}."))
    })
}

/// A name or value of a query string. What stands for no text is refused, not replaced.
fn decode(text: &str) -> Result<String, Malformed> {
    let text = text.replace('+', " ");
    let text = percent_decode_str(&text).decode_utf8().map_err(|_| {
        Malformed::unreadable(
            "The query string is not percent-encoded UTF-8; encode the text as UTF-8.",
        )
    })?;
    Ok(text.into_owned())
}

impl GraphqlRequest {
    /// The one reading of requests, from wherever their members come. Members that are not
    /// specified are ignored.
    fn from_members(members: Members) -> Result<Self, Malformed> {
        let Members {
            variables,
            others: mut members,
        } = members;
        let document = Wanted::take(&mut members)?;
        let operation_name = match members.remove("operationName") {
            Some(Value::String(name)) if !name.is_empty() => Some(name),
            Some(Value::String(_) | Value::Null) | None => None,
            Some(_) => return Err(Malformed::shape("`operationName` must be a string.")),
        };
        let variables = match variables {
            Some(ConstValue::Null) | None => Variables::default(),
            Some(members @ ConstValue::Object(_)) => Variables::from_value(members),
            Some(_) => return Err(Malformed::shape("`variables` must be an object.")),
        };
        let on_error = match members.remove("onError") {
            Some(Value::Null) | None => OnError::default(),
            Some(value) => value.as_str().and_then(OnError::of).ok_or_else(|| {
                Malformed::shape("`onError` must be \"PROPAGATE\", \"NULL\" or \"HALT\".")
            })?,
        };
        match members.remove("extensions") {
            Some(Value::Object(_) | Value::Null) | None => {}
            Some(_) => return Err(Malformed::shape("`extensions` must be an object.")),
        }
        Ok(Self {
            document,
            operation_name,
            variables,
            on_error,
        })
    }
}

/// The members of a request. The variables are read as GraphQL has them.
#[derive(Default)]
struct Members {
    variables: Option<ConstValue>,
    others: Map<String, Value>,
}

/// What a body is.
enum Body {
    Object(Members),
    Array(Vec<Self>),
    /// No request.
    Other,
}

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyBody)
    }
}

struct AnyBody;

impl<'de> Visitor<'de> for AnyBody {
    type Value = Body;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Body, E> {
        Ok(Body::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Body, E> {
        Ok(Body::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Body, E> {
        Ok(Body::Other)
    }

    fn visit_str<E>(self, _: &str) -> Result<Body, E> {
        Ok(Body::Other)
    }

    fn visit_unit<E>(self) -> Result<Body, E> {
        Ok(Body::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Body, A::Error> {
        let mut requests = Vec::new();
        while let Some(request) = sequence.next_element()? {
            requests.push(request);
        }
        Ok(Body::Array(requests))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Body, A::Error> {
        let mut members = Members::default();
        while let Some(json::Key(name)) = entries.next_key()? {
            let is_new = match &*name {
                json::NUMBER => return json::number(&mut entries).map(|_| Body::Other),
                "variables" => {
                    let Strict(value) = entries.next_value()?;
                    members.variables.replace(value).is_none()
                }
                _ => {
                    let Strict(value) = entries.next_value()?;
                    members
                        .others
                        .insert(name.clone().into_owned(), value)
                        .is_none()
                }
            };
            if !is_new {
                return Err(json::twice(&name));
            }
        }
        Ok(Body::Object(members))
    }
}
