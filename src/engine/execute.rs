//! The way of an operation: validate -> plan -> load -> write.

use std::collections::HashMap;

use async_graphql::parser::types::OperationType;

use super::budget::Budget;
use super::load::{self, Loaded, Reading};
use super::plan::{self, Document, Output, Plan, PlanContext};
use super::role_schemas::RoleSchema;
use super::root::{self, RootFields, RootPart};
use super::sizes::Known;
use super::write::Writer;
use super::{Answer, Cost, Engine, Operation, Terms, forbidden, validate};
use crate::db::Db;
use crate::error::{Code, Error};
use crate::rate::{Account, Unit};
use crate::session::Session;
use crate::telemetry::SPANS;

impl Engine {
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
            load::load(&plan, || db.read(session), reading).await?
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
