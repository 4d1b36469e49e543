//! The way of an operation: compile, unless that was done before -> plan -> load -> write.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use serde_json::Map;

use super::budget::Budget;
use super::compiled::{Compiled, Key, Mutation};
use super::document::{Chosen, Document};
use super::explain::{Explain, Sent};
use super::load::{self, Loaded, Reading};
use super::plan::{Plan, PlanContext, Settled, Source, Variables};
use super::role_schemas::Validating;
use super::root;
use super::sizes::Known;
use super::write::Writer;
use super::{Answer, Cost, Engine, OnError, Operation, Terms, forbidden, mutation, validate};
use crate::db::Db;
use crate::error::{Code, Error};
use crate::kept::LARGEST;
use crate::rate::{Account, Unit};
use crate::session::{Role, Session};
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
        let document = operation.document;
        let mut answer = self.answer(db, session, operation, terms).await;
        for error in &mut answer.errors {
            document.locate(error);
        }
        answer
    }

    async fn answer(
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
        if let Some(mutation) = &bound.compiled.mutation {
            let answer = Box::pin(self.mutate(db, session, (mutation, &bound), terms, &mut cost));
            let mut answer = answer.await.unwrap_or_else(Answer::from);
            answer.cost = cost;
            return answer;
        }
        let answer = self.query(
            db,
            session,
            &bound,
            (
                terms.account,
                Budget::new(self.limits, terms.held),
                (terms.on_error, terms.explain),
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
        // Without a session the whole schema may be asked about.
        let role = session.map_or(Role::System, |session| session.role);
        let types = &self.schemas.whole().types;
        let may_give = session.map_or(Ok(()), |session| {
            forbidden::check_variables(&self.schemas, session.role, chosen.operation, &variables)
        });
        let coerced = validate::coerce(types, chosen.operation, variables);
        let coerced = coerced.map_err(|errors| self.hidden(role, errors));
        let settled = chosen.inputs.settle(&self.catalog, coerced.as_ref().ok());
        let key = Key {
            document: document.id(),
            operation: chosen.index,
            schema: self.schemas.least_like(role),
            settled: chosen.inputs.key(&settled),
        };
        let known = coerced.is_ok().then(|| self.operations.get(&key)).flatten();
        if let (Some(session), None) = (session, &known) {
            let given = may_give.err().unwrap_or_default();
            forbidden::check(&self.schemas, session.role, document.parsed(), given)?;
        } else {
            may_give?;
        }
        let variables = coerced?;
        let (compiled, introspected) = match known {
            Some(compiled) => (compiled, HashMap::new()),
            None => {
                let source = (document, name, &chosen);
                // In a box, as what is seldom done should not make every request's future larger.
                let made = Box::pin(self.compile(role, source, &variables, &settled));
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

    /// The errors without hints that name what the role's schema lacks.
    fn hidden(&self, role: Role, mut errors: Vec<Error>) -> Vec<Error> {
        for error in &mut errors {
            self.schemas.hide(role, error);
        }
        errors
    }

    /// Validates an operation and compiles it.
    async fn compile(
        &self,
        role: Role,
        (document, name, chosen): (&Document, Option<&str>, &Chosen<'_>),
        variables: &Variables,
        settled: &Settled,
    ) -> Result<(Arc<Compiled>, HashMap<String, String>), Vec<Error>> {
        let own = match document.asks_schema() {
            Some(_) => self.schemas.own(role).await.map_err(|error| vec![error])?,
            None => None,
        };
        let Validating { schema, types } = match &own {
            Some(own) => own,
            None => self.schemas.whole(),
        };
        let mut given = async_graphql::Variables::default();
        given.extend(variables.clone());
        let mut introspected =
            validate::validate((schema, types), document, name, given, Some(&self.limits))
                .await
                .map_err(|errors| self.hidden(role, errors))?;
        let kind = chosen.operation.ty;
        let root_type = match (kind, types.root(kind)) {
            (OperationType::Query | OperationType::Mutation, Some(root_type)) => root_type,
            _ => {
                return Err(vec![Error::new(
                    Code::BadRequest,
                    "Only queries and mutations are supported.",
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
        mutation::tell(&source, &mut introspected);
        let compiled = match kind {
            OperationType::Mutation => {
                let dry = mutation::is_dry(chosen.operation);
                mutation::compile(&self.catalog, &source)
                    .map(|compiled| Compiled::mutation(compiled, dry))
            }
            _ => root::compile(&self.catalog, &source).map(Compiled::from),
        };
        let compiled = compiled.map_err(|error| vec![error])?;
        Ok((Arc::new(compiled), introspected))
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

    async fn mutate(
        &self,
        db: &Db,
        session: Option<&Session>,
        (mutation, bound): (&Mutation, &Bound),
        terms: Terms<'_>,
        cost: &mut Cost,
    ) -> Result<Answer, Error> {
        let session = session.ok_or_else(unauthenticated)?;
        let budget = Budget::new(self.limits, terms.held);
        let writing = mutation::Writing {
            catalog: &self.catalog,
            limits: self.limits,
            sizes: &self.sizes,
            statements: &self.statements,
            db,
            session,
            variables: &bound.variables,
            budget: &budget,
            on_error: terms.on_error,
            account: terms.account,
            about: terms.about,
            key: terms.idempotency_key,
            dry: mutation.dry,
        };
        let executed = mutation::execute(&writing, &mutation.roots, cost).await?;
        let mut data = executed.data;
        let held = budget.finish(&mut data, executed.errors.len());
        let mut extensions = Map::new();
        if executed.replayed {
            let replayed = serde_json::json!({ "replayed": true });
            extensions.insert("idempotency".to_owned(), replayed);
        }
        Ok(Answer {
            data: Some(data),
            errors: executed.errors,
            held: Some(held),
            extensions,
            ..Answer::default()
        })
    }

    async fn query(
        &self,
        db: &Db,
        session: Option<&Session>,
        bound: &Bound,
        (account, budget, (on_error, explain), cost): (
            Option<&Account<'_>>,
            Budget,
            (OnError, Option<Explain>),
            &mut Cost,
        ),
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
        let statistics = db.statistics();
        let mut sizes = self.sizes.of(session.workspace, &statistics);
        let mut plan = self.plan(bound, session, &sizes)?;
        if !known && !root::asks_schema_only(&compiled.fields) {
            return Err(unauthenticated());
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
        let sent = explain.map(|_| Sent::default());
        let reading = Reading {
            catalog: &self.catalog,
            caller: session.into(),
            statements: &self.statements,
            statistics: &statistics,
            budget: &budget,
            sent: sent.as_ref(),
        };
        let loaded = if plan.nodes.is_empty() {
            Loaded::default()
        } else {
            let scope = || {
                let mut scope = db.read(session);
                if plan.generic {
                    scope = scope.generic_plans();
                }
                if plan.approximate {
                    scope = scope.approximate();
                }
                if plan.short {
                    scope = scope.short();
                }
                scope
            };
            load::load(&plan, scope, reading).await?
        };
        *cost = cost.read(loaded.spent);
        let mut writer = Writer::new(&plan, &loaded.rows, &budget, on_error);
        let written = root::write(&mut writer, &compiled.fields, introspected, session.role);
        let (mut data, errors) = writer.finish(written)?;
        drop(loaded);
        let held = budget.finish(&mut data, errors.len());
        let mut extensions = Map::new();
        if let (Some(sent), Some(explain)) = (sent, explain) {
            let statements = (&compiled.statements[..], &plan);
            let told = sent.tell(&self.catalog, statements, explain, || db.read(session));
            extensions.insert("explain".to_owned(), Box::pin(told).await?);
        }
        Ok(Answer {
            data: Some(data),
            errors,
            held: Some(held),
            extensions,
            ..Answer::default()
        })
    }
}

fn unauthenticated() -> Error {
    Error::unauthenticated("This needs a token: send the header `Authorization: Bearer <token>`.")
}

#[cfg(test)]
// It executes operations of the real model, which the engine itself does not name.
#[path = "../../tests/unit/binding.rs"]
mod tests;
