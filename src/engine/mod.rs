//! The engine: catalog -> schema, and for each request plan -> load -> write. It names no table.

pub mod catalog;
mod cost;
mod load;
mod plan;
mod schema;
mod validate;
mod write;

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::Variables;
use async_graphql::dynamic::Schema;
use async_graphql::parser::types::{ExecutableDocument, OperationType};

use serde_json::{Map, Value};

use self::catalog::Catalog;
pub use self::cost::Cost;
pub use self::plan::choose;
use self::plan::{Context, Document, Output};
use crate::db::Db;
use crate::error::{Code, Error};
pub use crate::guard::Limits;
use crate::session::Session;

/// Answers operations over the tables of a catalog.
#[derive(Clone)]
pub struct Engine {
    catalog: Arc<Catalog>,
    schema: Schema,
    types: Arc<validate::Types>,
    limits: Limits,
}

/// What a caller asks for.
pub struct Operation<'a> {
    pub document: &'a ExecutableDocument,
    pub name: Option<&'a str>,
    pub variables: Variables,
}

/// The answer: `data` is JSON, and absent when nothing was executed.
#[derive(Debug, Default)]
pub struct Answer {
    pub data: Option<Vec<u8>>,
    pub errors: Vec<Error>,
    /// Nothing when the operation was refused before it was planned.
    pub cost: Cost,
    /// Members of `extensions`; without any the answer has none.
    pub extensions: Map<String, Value>,
}

impl From<Error> for Answer {
    fn from(error: Error) -> Self {
        Self {
            errors: vec![error],
            ..Self::default()
        }
    }
}

impl Engine {
    /// Builds the schema of the catalog.
    ///
    /// # Errors
    /// What of the catalog makes no valid schema; a mistake in the code.
    pub fn new(catalog: Catalog, limits: Limits) -> Result<Self, String> {
        let schema =
            schema::build(&catalog, validate::Validated).map_err(|error| error.to_string())?;
        Ok(Self {
            catalog: Arc::new(catalog),
            types: Arc::new(validate::Types::read(&schema.sdl())?),
            schema,
            limits,
        })
    }

    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The schema in the schema definition language, sorted.
    pub fn sdl(&self) -> String {
        let options = async_graphql::SDLExportOptions::new()
            .sorted_fields()
            .sorted_arguments()
            .sorted_enum_items()
            .include_specified_by();
        self.schema.sdl_with_options(options)
    }

    /// What is wrong with an operation as far as the schema tells; nothing is executed.
    pub async fn check(&self, operation: Operation<'_>) -> Vec<Error> {
        let Operation {
            document,
            name,
            variables,
        } = operation;
        let schema = (&self.schema, &*self.types);
        // The document is judged by itself; values of variables cannot make it better or worse.
        let validated = validate::validate(schema, document, name, Variables::default(), None);
        let mut errors = validated.await.err().unwrap_or_default();
        let coerced = plan::choose(document, name)
            .and_then(|operation| validate::coerce(&self.types, operation, &variables));
        errors.extend(coerced.err());
        errors
    }

    /// Validates and answers an operation. Without a session only the schema may be asked about.
    pub async fn execute(
        &self,
        db: &Db,
        session: Option<&Session>,
        operation: Operation<'_>,
    ) -> Answer {
        let Operation {
            document,
            name,
            variables,
        } = operation;
        let operation = match plan::choose(document, name) {
            Ok(operation) => operation,
            Err(error) => return error.into(),
        };
        let variables = match validate::coerce(&self.types, operation, &variables) {
            Ok(variables) => variables,
            Err(error) => return error.into(),
        };
        let schema = (&self.schema, &*self.types);
        let introspected = match validate::validate(
            schema,
            document,
            name,
            variables.clone(),
            Some(&self.limits),
        )
        .await
        {
            Ok(introspected) => introspected,
            Err(errors) => {
                return Answer {
                    errors,
                    ..Answer::default()
                };
            }
        };
        let document = Document::new(document, operation, &variables);
        if document.operation.ty != OperationType::Query {
            return Error::new(Code::BadRequest, "Only queries are served here.").into();
        }
        let mut cost = Cost::default();
        let answer = self.query(db, session, &document, introspected, &mut cost);
        let mut answer = answer.await.unwrap_or_else(Answer::from);
        answer.cost = cost;
        answer
    }

    async fn query(
        &self,
        db: &Db,
        session: Option<&Session>,
        document: &Document<'_>,
        introspected: HashMap<String, String>,
        cost: &mut Cost,
    ) -> Result<Answer, Error> {
        let nobody;
        let (session, known) = match session {
            Some(session) => (session, true),
            None => {
                nobody = Session::nobody();
                (&nobody, false)
            }
        };
        let context = Context {
            catalog: &self.catalog,
            document,
            session,
            limits: self.limits,
        };
        let plan = plan::plan(&context)?;
        let schema_only = plan.fields.iter().all(|field| {
            matches!(
                field.output,
                Output::Introspection { .. } | Output::Literal(_)
            )
        });
        if !known && !schema_only {
            return Err(Error::unauthenticated(
                "This needs a token: send the header `Authorization: Bearer <token>`.",
            ));
        }
        *cost = Cost::of(&plan);
        let loaded = if plan.nodes.is_empty() {
            Vec::new()
        } else {
            load::load(&plan, db.read(session).await?).await?
        };
        *cost = cost.read(&plan, &loaded);
        let (data, errors) = write::write(&plan, &loaded, &introspected);
        Ok(Answer {
            data: Some(data),
            errors,
            ..Answer::default()
        })
    }
}
