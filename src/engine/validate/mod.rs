//! Validation and introspection by async-graphql; its execution stops where ours begins. What it
//! lets through although the specification does not, `variables` and `document` look at.

mod document;
mod merge;
mod prepare;
mod reword;
mod suggest;
mod types;
mod variables;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_graphql::dynamic::Schema;
use async_graphql::extensions::{
    Extension, ExtensionContext, ExtensionFactory, NextExecute, NextResolve, ResolveInfo,
};
use async_graphql::parser::types::{ExecutableDocument, Field, OperationType};
use async_graphql::{Positioned, Request, Response, ServerError, ServerResult, Value, Variables};

use super::document::Document;
use super::names::{Named, SchemaField};
use super::plan::choose;
use crate::error::{Error, Location};
use crate::guard::visit::{self, Looked, Next, Parent, Visitor, Walk};
use crate::guard::{Limit, Limits};

pub use self::types::{Kind, Types, named};
pub use self::variables::coerce;

/// Most errors of one document in a response.
const MOST_ERRORS: usize = 20;

/// Whether the operation asks about the schema, so that async-graphql must execute that part, and
/// how many values the answer holds.
struct AsksSchema {
    asks: bool,
    /// The type that the questions are fields of, beside those that are answered elsewhere.
    query: String,
    values: AtomicU64,
    most: u64,
}

/// Validates the document and answers what it asks about the schema, as JSON by response key.
/// Without limits it only validates.
///
/// # Errors
/// `GRAPHQL_VALIDATION_FAILED` with the places in the document; `QUERY_TOO_EXPENSIVE` when the
/// answer about the schema becomes too large.
pub async fn validate(
    (schema, types): (&Schema, &Types),
    document: &Document,
    operation_name: Option<&str>,
    mut variables: Variables,
    limits: Option<&Limits>,
) -> Result<HashMap<String, String>, Vec<Error>> {
    let parsed = document.parsed();
    let mut errors = variables::check_types(types, parsed);
    errors.truncate(MOST_ERRORS);
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut errors = document::check(types, parsed);
    // What async-graphql would say then has no room, and each unknown name costs it a comparison with
    // all that there are.
    if errors.len() >= MOST_ERRORS {
        return Err(in_order(document, errors));
    }
    let asks = Arc::new(AsksSchema {
        asks: limits.is_some()
            && document.asks_schema().is_some()
            && choose(parsed, operation_name).is_ok_and(|one| one.ty == OperationType::Query),
        query: types
            .root(OperationType::Query)
            .unwrap_or_default()
            .to_owned(),
        values: AtomicU64::new(0),
        most: limits.map_or(0, |limits| limits.max_schema_values),
    });
    let mut checked = parsed.clone();
    prepare::prepare(&mut checked, &mut variables);
    let mut request = Request::new(String::new())
        .variables(variables)
        .data(Arc::clone(&asks));
    request.set_parsed_query(checked);
    request.operation_name = operation_name.map(str::to_owned);
    let response = schema.execute(request).await;
    let values = asks.values.load(Ordering::Relaxed);
    if let Some(limits) = limits {
        limits
            .hold(Limit::SchemaValues, values)
            .map_err(|error| vec![error])?;
    }
    // Where our rules found something, the same is not said twice.
    let theirs = response.errors.into_iter();
    let theirs = theirs.filter(|error| {
        let twice = !errors.is_empty() && reword::is_ours(&error.message);
        !twice && !reword::is_about_merging(&error.message)
    });
    errors.extend(theirs.map(reword::convert).collect::<Vec<_>>());
    errors = in_order(document, errors);
    if errors.is_empty()
        && let Err(error) = merge::check(types, parsed)
    {
        errors.push(error);
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut introspected = HashMap::new();
    if asks.asks
        && let Value::Object(members) = response.data
    {
        for (key, value) in members {
            if value != Value::Null {
                let json = serde_json::to_string(&value);
                let json = json.map_err(|error| vec![Error::internal(error)])?;
                introspected.insert(key.to_string(), json);
            }
        }
    }
    Ok(introspected)
}

/// The first errors of a document, each at its place.
fn in_order(document: &Document, mut errors: Vec<Error>) -> Vec<Error> {
    // They come in the order of a hash table, which differs from request to request.
    sort(&mut errors);
    // Some rules are run more than once.
    errors.dedup();
    errors.truncate(MOST_ERRORS);
    for error in &mut errors {
        document.locate(error);
    }
    sort(&mut errors);
    errors
}

fn sort(errors: &mut [Error]) {
    errors.sort_by(|one, other| {
        (&one.locations, &one.message).cmp(&(&other.locations, &other.message))
    });
}

/// Where an operation of the document asks about the schema.
pub fn asks_schema(document: &ExecutableDocument) -> Option<Location> {
    let mut walk = Walk::new(document);
    visit::operations(document)
        .into_iter()
        .find_map(|operation| {
            let set = &operation.node.selection_set.node;
            walk.set(&mut SchemaFields, set, None).err()
        })
}

/// Looks for the fields at the root that ask about the schema.
struct SchemaFields;

impl<'a> Visitor<'a> for SchemaFields {
    /// Where the first one stands.
    type Stop = Location;

    fn field(&mut self, field: &'a Positioned<Field>, _parent: Parent<'a>) -> Looked<'a, Location> {
        match SchemaField::of(&field.node.name.node) {
            Some(_) => Err(field.pos.into()),
            None => Ok(Next::Past),
        }
    }
}

/// The extension that ends async-graphql's work after validation.
pub struct Validated;

impl ExtensionFactory for Validated {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait::async_trait]
impl Extension for Validated {
    async fn execute(
        &self,
        context: &ExtensionContext<'_>,
        operation_name: Option<&str>,
        next: NextExecute<'_>,
    ) -> Response {
        match context.data_opt::<Arc<AsksSchema>>() {
            Some(schema) if schema.asks => next.run(context, operation_name).await,
            _ => Response::new(Value::Null),
        }
    }

    async fn resolve(
        &self,
        context: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        let schema = context.data_opt::<Arc<AsksSchema>>();
        if let Some(schema) = schema
            && info.parent_type == schema.query
            && !info.name.starts_with("__")
        {
            return Ok(None);
        }
        if let Some(schema) = schema
            && schema.values.fetch_add(1, Ordering::Relaxed) >= schema.most
        {
            // The caller gets the error about the limit instead of this one.
            return Err(ServerError::new("too many values", None));
        }
        next.run(context, info).await
    }
}
