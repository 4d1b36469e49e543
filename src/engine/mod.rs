//! The engine: catalog -> schema, and for each request plan -> load -> write. It names no table.

mod budget;
pub mod catalog;
mod connection;
mod cost;
mod declare;
mod filter;
mod forbidden;
mod load;
mod names;
mod opaque;
mod order;
mod plan;
mod role_schemas;
mod root;
mod row;
mod scalar;
mod schema;
mod select;
mod sizes;
mod validate;
mod write;

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::Variables;
use async_graphql::parser::types::{ExecutableDocument, OperationType};
use serde_json::{Map, Value};

use self::budget::Budget;
use self::catalog::Catalog;
pub use self::cost::Cost;
use self::load::{Loaded, Reading};
pub use self::plan::choose;
use self::plan::{Document, Output, Plan, PlanContext};
use self::role_schemas::{RoleSchema, RoleSchemas};
use self::root::{RootFields, RootPart};
use self::sizes::{Known, Sizes};
use self::write::Writer;
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
    schemas: Arc<RoleSchemas>,
    limits: Limits,
    sizes: Sizes,
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
            schemas: Arc::new(RoleSchemas::new(catalog.clone())?),
            catalog,
            limits,
            sizes: Sizes::new(),
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
        self.schemas.whole().schema.sdl_with_options(options)
    }

    /// Validates every operation of a document, whatever its variables will be.
    ///
    /// # Errors
    /// `GRAPHQL_VALIDATION_FAILED` with the places in the document.
    pub async fn check_all(&self, document: &ExecutableDocument) -> Result<(), Vec<Error>> {
        let RoleSchema { schema, types, .. } = self.schemas.whole();
        for (name, _) in document.operations.iter() {
            let name = name.map(|name| name.as_str());
            let validated =
                validate::validate((schema, types), document, name, Variables::default(), None);
            validated.await?;
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
        let RoleSchema { schema, types, .. } = self.schemas.whole();
        // The document is judged by itself; values of variables cannot make it better or worse.
        let validated =
            validate::validate((schema, types), document, name, Variables::default(), None);
        let mut errors = validated.await.err().unwrap_or_default();
        let coerced = plan::choose(document, name)
            .and_then(|operation| validate::coerce(types, operation, &variables));
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
            let message = "Introspection is disabled; of the introspection fields only `__typename` can be selected.";
            return Error::new(Code::Forbidden, message).at(location).into();
        }
        let RoleSchema { schema, types, .. } = match session {
            Some(session) => {
                let (schemas, role) = (&self.schemas, session.role);
                match forbidden::check(schemas, role, document, operation, &variables) {
                    Ok(schema) => schema,
                    Err(errors) => return errors.into(),
                }
            }
            None => self.schemas.whole(),
        };
        let variables = match validate::coerce(types, operation, &variables) {
            Ok(variables) => variables,
            Err(error) => return error.into(),
        };
        let introspected = match validate::validate(
            (schema, types),
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
        let root_type = match (operation.ty, types.root(operation.ty)) {
            (OperationType::Query, Some(root_type)) => root_type,
            _ => return Error::new(Code::BadRequest, "Only queries are supported.").into(),
        };
        let document = Document::new(document, operation, root_type, &variables);
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

    fn plan(
        &self,
        document: &Document<'_>,
        session: &Session,
        sizes: &Known<'_>,
    ) -> Result<(Plan, RootFields), Error> {
        let context = PlanContext {
            catalog: &self.catalog,
            document,
            session,
            limits: self.limits,
            sizes,
        };
        tracing::debug_span!(target: SPANS, "plan").in_scope(|| root::plan(&context))
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
        let mut sizes = self.sizes.of(session.workspace);
        let (mut plan, mut fields) = self.plan(document, session, &sizes)?;
        let schema_only = fields.iter().all(|field| {
            matches!(
                field.output,
                Output::TypeName(_) | Output::Part(RootPart::Introspection(_))
            )
        });
        if !known && !schema_only {
            return Err(Error::unauthenticated(
                "This needs a token: send the header `Authorization: Bearer <token>`.",
            ));
        }
        // Each turn knows the tables that the one before did not, so there are two at most.
        while !plan.unsized_tables.is_empty() {
            let tables = &plan.unsized_tables;
            sizes.load(db, session, &self.catalog, tables).await?;
            (plan, fields) = self.plan(document, session, &sizes)?;
        }
        budget.keep(usize::try_from(plan.bytes).unwrap_or(usize::MAX))?;
        *cost = Cost::of(&plan);
        if let Some(account) = account {
            account.take(Unit::Cost, cost.requested)?;
        }
        let statistics = db.statistics();
        let reading = Reading {
            catalog: &self.catalog,
            caller: session.into(),
            statistics: &statistics,
            budget: &budget,
        };
        let loaded = if plan.nodes.is_empty() {
            Loaded::default()
        } else {
            match load::load(&plan, db.read(session).await?, reading).await {
                // Reads change nothing, so what lost its connection is read once more, whole.
                Err(error) if error.code == Code::Unavailable && !budget.is_full() => {
                    budget.restart();
                    load::load(&plan, db.read(session).await?, reading).await?
                }
                loaded => loaded?,
            }
        };
        *cost = cost.read(loaded.spent);
        let mut writer = Writer::new(&plan, &loaded.rows, &budget);
        let written = root::write(&mut writer, &fields, &introspected);
        let (mut data, errors) = writer.finish(written)?;
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
