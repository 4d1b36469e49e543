//! Validation and introspection by async-graphql; its execution stops where ours begins. What it
//! lets through although the specification does not, `variables` and `document` look at.

mod document;
mod types;
mod variables;

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dynamic::Schema;
use async_graphql::extensions::{
    Extension, ExtensionContext, ExtensionFactory, NextExecute, NextResolve, ResolveInfo,
};
use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};
use async_graphql::{
    Name, PathSegment, Request, Response, ServerError, ServerResult, Value, Variables,
};

use super::schema::QUERY;
use crate::error::{Code, Error, Location, Step};

pub use self::types::Types;
pub use self::variables::coerce;

/// Most errors of one document that are told.
const MOST_ERRORS: usize = 20;

/// Whether the operation asks about the schema, so that async-graphql must execute that part.
#[derive(Clone, Copy)]
struct AsksSchema(bool);

/// Validates the document and answers what it asks about the schema, as JSON by response key.
///
/// # Errors
/// `GRAPHQL_VALIDATION_FAILED` with the places in the document.
pub async fn validate(
    (schema, types): (&Schema, &Types),
    document: &ExecutableDocument,
    operation_name: Option<&str>,
    variables: Variables,
) -> Result<HashMap<String, String>, Vec<Error>> {
    let asks = AsksSchema(asks_schema(document));
    let mut request = Request::new(String::new()).variables(variables).data(asks);
    let mut checked = document.clone();
    document::wrap_typename(&mut checked);
    request.set_parsed_query(checked);
    request.operation_name = operation_name.map(str::to_owned);
    let response = schema.execute(request).await;
    if !response.errors.is_empty() {
        let mut errors: Vec<Error> = response.errors.into_iter().map(convert).collect();
        // They come in the order of a hash table, which differs from request to request.
        errors.sort_by(|one, other| {
            (&one.locations, &one.message).cmp(&(&other.locations, &other.message))
        });
        // Some rules are run more than once.
        errors.dedup();
        errors.truncate(MOST_ERRORS);
        return Err(errors);
    }
    let mut errors = document::check(types, document, QUERY);
    errors.truncate(MOST_ERRORS);
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut introspected = HashMap::new();
    if asks.0
        && let Value::Object(members) = response.data
    {
        for (key, value) in members {
            if value != Value::Null {
                introspected.insert(key.to_string(), value.to_json_text()?);
            }
        }
    }
    Ok(introspected)
}

trait ToJsonText {
    fn to_json_text(&self) -> Result<String, Vec<Error>>;
}

impl ToJsonText for Value {
    fn to_json_text(&self) -> Result<String, Vec<Error>> {
        serde_json::to_string(self).map_err(|error| vec![Error::internal(error)])
    }
}

/// A coarse look: a fragment that nothing at the root spreads only costs an idle execution.
fn asks_schema(document: &ExecutableDocument) -> bool {
    fn in_set(set: &SelectionSet, document: &ExecutableDocument) -> bool {
        set.items.iter().any(|selection| match &selection.node {
            Selection::Field(field) => is_schema_field(&field.node.name.node),
            Selection::InlineFragment(inline) => in_set(&inline.node.selection_set.node, document),
            Selection::FragmentSpread(_) => document
                .fragments
                .values()
                .any(|fragment| in_fields(&fragment.node.selection_set.node)),
        })
    }
    fn in_fields(set: &SelectionSet) -> bool {
        set.items.iter().any(|selection| match &selection.node {
            Selection::Field(field) => is_schema_field(&field.node.name.node),
            Selection::InlineFragment(inline) => in_fields(&inline.node.selection_set.node),
            Selection::FragmentSpread(_) => false,
        })
    }
    document
        .operations
        .iter()
        .any(|(_, operation)| in_set(&operation.node.selection_set.node, document))
}

fn is_schema_field(name: &Name) -> bool {
    matches!(name.as_str(), "__schema" | "__type")
}

fn convert(error: ServerError) -> Error {
    let mut converted = Error::new(Code::GraphqlValidationFailed, error.message);
    converted.locations = error
        .locations
        .iter()
        .map(|position| Location {
            line: position.line,
            column: position.column,
        })
        .collect();
    converted.path = error
        .path
        .into_iter()
        .map(|segment| match segment {
            PathSegment::Field(name) => Step::Field(name),
            PathSegment::Index(index) => Step::Index(index),
        })
        .collect();
    converted
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
        match context.data_opt::<AsksSchema>() {
            Some(AsksSchema(true)) => next.run(context, operation_name).await,
            _ => Response::new(Value::Null),
        }
    }

    async fn resolve(
        &self,
        context: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        if info.parent_type == QUERY && !info.name.starts_with("__") {
            return Ok(None);
        }
        next.run(context, info).await
    }
}
