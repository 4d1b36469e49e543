//! The way of an operation: compile, unless that was done before -> plan -> load -> write.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::parser::types::OperationType;

use super::budget::Budget;
use super::compiled::{Compiled, Key};
use super::document::{Chosen, Document};
use super::load::{self, Loaded, Reading};
use super::plan::{Plan, PlanContext, Settled, Source, Variables};
use super::role_schemas::RoleSchema;
use super::root;
use super::sizes::Known;
use super::write::Writer;
use super::{Answer, Cost, Engine, Operation, Terms, forbidden, validate};
use crate::db::Db;
use crate::error::{Code, Error};
use crate::kept::LARGEST;
use crate::rate::{Account, Unit};
use crate::session::Session;
use crate::telemetry::SPANS;

/// A compiled operation and what a request gives to it.
struct Bound {
    compiled: Arc<Compiled>,
    variables: Variables,
    /// What the schema answers to `__schema` and `__type`, as JSON by response key.
    introspected: HashMap<String, String>,
}

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
        let bound = match self.bind(session, operation, terms.introspection).await {
            Ok(bound) => bound,
            Err(errors) => return errors.into(),
        };
        let mut cost = Cost::default();
        let answer = self.query(
            db,
            session,
            &bound,
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

    /// The compiled operation with the values of its variables.
    async fn bind(
        &self,
        session: Option<&Session>,
        operation: Operation<'_>,
        introspection: bool,
    ) -> Result<Bound, Vec<Error>> {
        let Operation {
            document,
            name,
            variables,
        } = operation;
        let chosen = document.choose(name).map_err(|error| vec![error])?;
        if !introspection && let Some(location) = document.asks_schema() {
            let message = "Introspection is disabled; of the introspection fields only `__typename` can be selected.";
            return Err(vec![Error::new(Code::Forbidden, message).at(location)]);
        }
        let role_schema = match session {
            Some(session) => self.schemas.of(session.role),
            None => self.schemas.whole(),
        };
        let coerced = validate::coerce(&role_schema.types, chosen.operation, variables);
        let settled = chosen.inputs.settle(&self.catalog, coerced.as_ref().ok());
        let key = Key {
            document: document.id(),
            operation: chosen.index,
            schema: role_schema.from,
            settled: chosen.inputs.key(&settled),
        };
        let known = coerced.is_ok().then(|| self.operations.get(&key)).flatten();
        if let Some(session) = session {
            let (schemas, role) = (&self.schemas, session.role);
            match known {
                Some(_) => {
                    forbidden::check_variables(schemas, role, chosen.operation, variables)?;
                }
                None => {
                    let document = document.parsed();
                    forbidden::check(schemas, role, document, chosen.operation, variables)?;
                }
            }
        }
        let variables = coerced.map_err(|error| vec![error])?;
        let (compiled, introspected) = match known {
            Some(compiled) => (compiled, HashMap::new()),
            None => {
                let source = (document, name, &chosen);
                // In a box, as what is seldom done should not make every request's future larger.
                let made = Box::pin(self.compile(role_schema, source, &variables, &settled));
                let (compiled, introspected) = made.await?;
                // What the schema answers is not kept, so neither is the question. A document that
                // is too large to be kept is another one in the next request.
                if document.asks_schema().is_none() && document.bytes() <= LARGEST {
                    self.operations.keep(key, &compiled);
                }
                (compiled, introspected)
            }
        };
        Ok(Bound {
            compiled,
            variables,
            introspected,
        })
    }

    /// Validates an operation and compiles it.
    async fn compile(
        &self,
        RoleSchema { schema, types, .. }: &RoleSchema,
        (document, name, chosen): (&Document, Option<&str>, &Chosen<'_>),
        variables: &Variables,
        settled: &Settled,
    ) -> Result<(Arc<Compiled>, HashMap<String, String>), Vec<Error>> {
        let mut given = async_graphql::Variables::default();
        given.extend(variables.clone());
        let introspected = validate::validate(
            (schema, types),
            document.parsed(),
            name,
            given,
            Some(&self.limits),
        )
        .await?;
        let kind = chosen.operation.ty;
        let root_type = match (kind, types.root(kind)) {
            (OperationType::Query, Some(root_type)) => root_type,
            _ => {
                return Err(vec![Error::new(
                    Code::BadRequest,
                    "Only queries are supported.",
                )]);
            }
        };
        let source = Source {
            document: document.parsed(),
            operation: chosen.operation,
            root_type,
            inputs: chosen.inputs,
            settled,
        };
        let compiled = root::compile(&self.catalog, &source).map_err(|error| vec![error])?;
        Ok((Arc::new(compiled.into()), introspected))
    }

    fn plan(&self, bound: &Bound, session: &Session, sizes: &Known<'_>) -> Result<Plan, Error> {
        let compiled = &bound.compiled;
        let context = PlanContext {
            catalog: &self.catalog,
            statements: &compiled.statements,
            variables: &bound.variables,
            session,
            limits: self.limits,
            sizes,
        };
        tracing::debug_span!(target: SPANS, "plan")
            .in_scope(|| root::plan(&context, &compiled.fields, compiled.lists))
    }

    async fn query(
        &self,
        db: &Db,
        session: Option<&Session>,
        bound: &Bound,
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
        let Bound {
            compiled,
            introspected,
            ..
        } = bound;
        budget.keep(introspected.values().map(String::len).sum())?;
        let mut sizes = self.sizes.of(session.workspace);
        let mut plan = self.plan(bound, session, &sizes)?;
        if !known && !root::asks_schema_only(&compiled.fields) {
            return Err(Error::unauthenticated(
                "This needs a token: send the header `Authorization: Bearer <token>`.",
            ));
        }
        // Each turn knows the tables that the one before did not, so there are two at most.
        while !plan.unsized_tables.is_empty() {
            let tables = &plan.unsized_tables;
            Box::pin(sizes.load(db, session, &self.catalog, tables)).await?;
            plan = self.plan(bound, session, &sizes)?;
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
            statements: &self.statements,
            statistics: &statistics,
            budget: &budget,
        };
        let loaded = if plan.nodes.is_empty() {
            Loaded::default()
        } else {
            let scope = || {
                let mut scope = db.read(session);
                if plan.generic {
                    scope = scope.generic_plans();
                }
                if plan.short {
                    scope = scope.short();
                }
                scope
            };
            load::load(&plan, scope, reading).await?
        };
        *cost = cost.read(loaded.spent);
        let mut writer = Writer::new(&plan, &loaded.rows, &budget);
        let written = root::write(&mut writer, &compiled.fields, introspected, session.role);
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

#[cfg(test)]
// It executes operations of the real model, which the engine itself does not name.
#[path = "../../tests/unit/binding.rs"]
mod tests;
