//! The engine: catalog -> schema, and for each request plan -> load -> write. It names no table.

mod access;
mod budget;
mod calendar;
pub mod catalog;
mod cost;
mod load;
mod plan;
mod schema;
mod validate;
mod views;
mod write;

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::Variables;
use async_graphql::parser::types::{ExecutableDocument, OperationType};
use serde_json::{Map, Value};

use self::budget::Budget;
use self::catalog::Catalog;
pub use self::cost::Cost;
pub use self::plan::choose;
use self::plan::{Context, Document, Output};
use self::views::Views;
use crate::db::Db;
use crate::error::{Code, Error};
pub use crate::guard::Limits;
use crate::memory::Held;
use crate::rate::{Account, Unit};
use crate::session::Session;
use crate::telemetry::SPANS;

/// Answers operations over the tables of a catalog.
#[derive(Clone)]
pub struct Engine {
    catalog: Arc<Catalog>,
    views: Arc<Views>,
    limits: Limits,
}

/// What a caller asks for.
pub struct Operation<'a> {
    pub document: &'a ExecutableDocument,
    pub name: Option<&'a str>,
    pub variables: Variables,
}

/// What an operation may do.
pub struct Terms<'a> {
    /// Whether it may ask about the schema.
    pub introspection: bool,
    /// Pays the cost before anything is read; without an account every cost may be paid.
    pub account: Option<&'a Account<'a>>,
    /// Counts what the operation holds.
    pub held: Held,
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
    /// The bytes of `data` and `errors`, until they are sent.
    pub held: Option<Held>,
}

impl From<Vec<Error>> for Answer {
    fn from(errors: Vec<Error>) -> Self {
        Self {
            errors,
            ..Self::default()
        }
    }
}

impl From<Error> for Answer {
    fn from(error: Error) -> Self {
        vec![error].into()
    }
}

impl Engine {
    /// Builds the whole schema of the catalog.
    ///
    /// # Errors
    /// What of the catalog makes no valid schema; a mistake in the code.
    pub fn new(catalog: Catalog, limits: Limits) -> Result<Self, String> {
        let catalog = Arc::new(catalog);
        Ok(Self {
            views: Arc::new(Views::new(catalog.clone())?),
            catalog,
            limits,
        })
    }

    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The whole schema in the schema definition language, sorted.
    pub fn sdl(&self) -> String {
        let options = async_graphql::SDLExportOptions::new()
            .sorted_fields()
            .sorted_arguments()
            .sorted_enum_items()
            .include_specified_by();
        self.views.whole().schema.sdl_with_options(options)
    }

    /// Validates every operation of a document, whatever its variables will be.
    ///
    /// # Errors
    /// `GRAPHQL_VALIDATION_FAILED` with the places in the document.
    pub async fn check_all(&self, document: &ExecutableDocument) -> Result<(), Vec<Error>> {
        let view = self.views.whole();
        let schema = (&view.schema, &view.types);
        for (name, _) in document.operations.iter() {
            let name = name.map(|name| name.as_str());
            validate::validate(schema, document, name, Variables::default(), None).await?;
        }
        Ok(())
    }

    /// What is wrong with an operation as far as the whole schema tells; nothing is executed.
    pub async fn check(&self, operation: Operation<'_>) -> Vec<Error> {
        let Operation {
            document,
            name,
            variables,
        } = operation;
        let view = self.views.whole();
        let schema = (&view.schema, &view.types);
        // The document is judged by itself; values of variables cannot make it better or worse.
        let validated = validate::validate(schema, document, name, Variables::default(), None);
        let mut errors = validated.await.err().unwrap_or_default();
        let coerced = plan::choose(document, name)
            .and_then(|operation| validate::coerce(&view.types, operation, &variables));
        errors.extend(coerced.err());
        errors
    }

    /// Validates and answers an operation. Without a session only the schema may be asked about,
    /// and all of it.
    pub async fn execute(
        &self,
        db: &Db,
        session: Option<&Session>,
        operation: Operation<'_>,
        terms: Terms<'_>,
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
        if !terms.introspection
            && let Some(location) = validate::asks_schema(document)
        {
            let message = "The schema cannot be asked about here: introspection is switched off. `__typename` can be asked for.";
            return Error::new(Code::Forbidden, message).at(location).into();
        }
        let view = match session {
            Some(session) => {
                let (views, role) = (&self.views, session.role);
                match access::check(views, role, document, operation, &variables) {
                    Ok(view) => view,
                    Err(errors) => return errors.into(),
                }
            }
            None => self.views.whole(),
        };
        let variables = match validate::coerce(&view.types, operation, &variables) {
            Ok(variables) => variables,
            Err(error) => return error.into(),
        };
        let schema = (&view.schema, &view.types);
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
            Err(errors) => return errors.into(),
        };
        let document = Document::new(document, operation, &variables);
        if document.operation.ty != OperationType::Query {
            return Error::new(Code::BadRequest, "Only queries are served here.").into();
        }
        let mut cost = Cost::default();
        let answer = self.query(
            db,
            session,
            &document,
            introspected,
            (
                terms.account,
                Budget::new(self.limits, terms.held),
                &mut cost,
            ),
        );
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
        (account, budget, cost): (Option<&Account<'_>>, Budget, &mut Cost),
    ) -> Result<Answer, Error> {
        let nobody;
        let (session, known) = match session {
            Some(session) => (session, true),
            None => {
                nobody = Session::nobody();
                (&nobody, false)
            }
        };
        budget.keep(introspected.values().map(String::len).sum())?;
        let context = Context {
            catalog: &self.catalog,
            document,
            session,
            limits: self.limits,
        };
        let plan = tracing::debug_span!(target: SPANS, "plan").in_scope(|| plan::plan(&context))?;
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
        if let Some(account) = account {
            account.take(Unit::Cost, cost.requested)?;
        }
        let loaded = if plan.nodes.is_empty() {
            Vec::new()
        } else {
            match load::load(&plan, db.read(session).await?, &budget).await {
                // Reads change nothing, so what lost its connection is read once more, whole.
                Err(error) if error.code == Code::Unavailable && !budget.is_full() => {
                    budget.restart();
                    load::load(&plan, db.read(session).await?, &budget).await?
                }
                loaded => loaded?,
            }
        };
        *cost = cost.read(&plan, &loaded);
        let (mut data, errors) = write::write(&plan, &loaded, &introspected, &budget)?;
        drop(loaded);
        let held = budget.finish(&mut data, errors.len());
        Ok(Answer {
            data: Some(data),
            errors,
            held: Some(held),
            ..Answer::default()
        })
    }
}
