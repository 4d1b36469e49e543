//! A GraphQL request as it stands in a body or a query string.

use async_graphql::Variables;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::documents::Wanted;
use crate::error::{Code, Error};
use crate::json;

/// A request that has the shape of one.
#[derive(Debug)]
pub struct GraphqlRequest {
    pub document: Wanted,
    pub operation_name: Option<String>,
    pub variables: Variables,
}

/// What a body or a query string asks for.
#[derive(Debug)]
pub enum Asked {
    One(GraphqlRequest),
    /// An array of requests, answered in their order.
    Batch(Vec<GraphqlRequest>),
}

/// Why something is no request, with the status to answer.
pub struct Malformed(pub StatusCode, pub Error);

impl Malformed {
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self(status, Error::new(Code::BadRequest, message))
    }

    fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }
}

/// The parameters of a GET request.
#[derive(Deserialize)]
pub struct Parameters {
    query: Option<String>,
    #[serde(rename = "documentId")]
    document_id: Option<String>,
    #[serde(rename = "operationName")]
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

impl Asked {
    /// Reads a body; an array may hold `max_batch` requests.
    pub fn from_body(body: &[u8], max_batch: usize) -> Result<Self, Malformed> {
        if body.starts_with(b"\xef\xbb\xbf") {
            return Err(Malformed::bad(
                "The body begins with a byte order mark; send JSON without one.",
            ));
        }
        let body = json::parse(body)
            .map_err(|error| Malformed::bad(format!("The body is not JSON: {error}.")))?;
        match body {
            Value::Object(members) => GraphqlRequest::from_members(members).map(Self::One),
            Value::Array(requests) => Self::from_array(requests, max_batch),
            _ => Err(Malformed::bad(
                "The body must be a JSON object with the member `query`.",
            )),
        }
    }

    fn from_array(requests: Vec<Value>, max_batch: usize) -> Result<Self, Malformed> {
        if max_batch == 0 {
            return Err(Malformed::bad(
                "Batches are not served; send one operation in a request.",
            ));
        }
        if requests.is_empty() || requests.len() > max_batch {
            return Err(Malformed::bad(format!(
                "The batch has {} operations; it takes from 1 to {max_batch}.",
                requests.len()
            )));
        }
        let requests = requests.into_iter().enumerate().map(|(index, request)| {
            let request = match request {
                Value::Object(members) => GraphqlRequest::from_members(members),
                _ => Err(Malformed::bad("It must be a JSON object.")),
            };
            request.map_err(|Malformed(status, mut error)| {
                error.message = format!("Operation {index} of the batch: {}", error.message);
                Malformed(status, error)
            })
        });
        requests.collect::<Result<_, _>>().map(Self::Batch)
    }
}

impl GraphqlRequest {
    pub fn from_parameters(parameters: Parameters) -> Result<Self, Malformed> {
        let read = |name: &str, text: Option<String>| match text.filter(|text| !text.is_empty()) {
            None => Ok(Value::Null),
            Some(text) => json::parse(text.as_bytes()).map_err(|error| {
                Malformed::bad(format!("The parameter `{name}` is not JSON: {error}."))
            }),
        };
        let mut members = Map::new();
        members.insert("query".to_owned(), parameters.query.into());
        members.insert("documentId".to_owned(), parameters.document_id.into());
        members.insert("operationName".to_owned(), parameters.operation_name.into());
        members.insert(
            "variables".to_owned(),
            read("variables", parameters.variables)?,
        );
        members.insert(
            "extensions".to_owned(),
            read("extensions", parameters.extensions)?,
        );
        Self::from_members(members)
    }

    fn from_members(mut members: Map<String, Value>) -> Result<Self, Malformed> {
        let document = Wanted::take(&mut members)
            .map_err(|error| Malformed(StatusCode::BAD_REQUEST, error))?;
        let operation_name = match members.remove("operationName") {
            Some(Value::String(name)) if !name.is_empty() => Some(name),
            Some(Value::String(_) | Value::Null) | None => None,
            Some(_) => return Err(Malformed::bad("`operationName` must be a text.")),
        };
        let variables = match members.remove("variables") {
            Some(Value::Null) | None => Variables::default(),
            Some(Value::Object(members)) => json::to_variables(members),
            Some(_) => return Err(Malformed::bad("`variables` must be an object.")),
        };
        match members.remove("extensions") {
            Some(Value::Object(_) | Value::Null) | None => {}
            Some(_) => return Err(Malformed::bad("`extensions` must be an object.")),
        }
        Ok(Self {
            document,
            operation_name,
            variables,
        })
    }
}
