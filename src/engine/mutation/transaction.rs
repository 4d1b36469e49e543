//! The transaction of a mutation operation: all of its root fields are written, or none.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use async_graphql_value::ConstValue;

use super::change::{Change, What};
use super::payload::{self, Outcome, Told};
use super::problem::Problem;
use super::replay::{self, Key};
use super::run::{Deletion, Run, Stop};
use super::{Compiled, HashSet, INPUT, PayloadPart, RootMutation, RootWhat, read};
use crate::db::{About, Db, Scope};
use crate::engine::budget::Budget;
use crate::engine::catalog::Catalog;
use crate::engine::load::{self, Loaded, Reading, Rows};
use crate::engine::plan::{
    NodeIndex, Output, Plan, PlanContext, Planned, Variables, json_text, resolve,
};
use crate::engine::select::Statements;
use crate::engine::sizes::{Known, Sizes};
use crate::engine::write::{BEGIN, Writer};
use crate::engine::{Cost, OnError};
use crate::error::{Code, Error, Step};
use crate::guard::Limits;
use crate::rate::{Account, Unit};
use crate::session::Session;

/// How often a transaction is tried that others are in the way of.
const ATTEMPTS: u32 = 8;
/// The pause before the second attempt; it doubles.
const PAUSE: Duration = Duration::from_millis(5);

/// What a mutation needs beside its fields.
pub struct Writing<'a> {
    pub catalog: &'a Catalog,
    pub limits: Limits,
    pub sizes: &'a Sizes,
    pub statements: &'a Statements,
    pub db: &'a Db,
    pub session: &'a Session,
    pub variables: &'a Variables,
    pub budget: &'a Budget,
    pub on_error: OnError,
    pub account: Option<&'a Account<'a>>,
    /// For the log of changes.
    pub about: Arc<About>,
    /// The header that makes the only root field safe to repeat.
    pub key: Option<&'a str>,
    pub dry: bool,
}

/// How a transaction is tried.
#[derive(Clone, Copy)]
struct Way {
    /// Whether one plan of each statement serves all values.
    generic: bool,
    /// Whether statements are sent before those ahead of them are answered.
    ahead: bool,
}

/// The answer: `data` without its end, and errors inside of it.
pub struct Executed {
    pub data: Vec<u8>,
    pub errors: Vec<Error>,
    /// Whether the result of an earlier request was told.
    pub replayed: bool,
}

/// One root field with its input.
struct Root<'a> {
    root: &'a RootMutation,
    mutation: &'a Compiled,
    /// What of the input can be read.
    change: Option<Change>,
    /// What is wrong with it.
    problems: Vec<Problem>,
    key: Option<Key>,
}

/// Runs the root fields in their order.
///
/// # Errors
/// Whatever is no expected failure; nothing is written then, but for `UNAVAILABLE` when the
/// connection was lost while the transaction was committed.
pub async fn execute(
    writing: &Writing<'_>,
    roots: &[RootMutation],
    cost: &mut Cost,
) -> Result<Executed, Error> {
    let statistics = writing.db.statistics();
    let mut sizes = writing.sizes.of(writing.session.workspace, &statistics);
    // Each turn knows the tables that the one before did not, so there are two at most.
    let (read, generic) = loop {
        let (read, plan) = writing.read(roots, &sizes)?;
        if plan.unsized_tables.is_empty() {
            *cost = Cost::of(&plan);
            break (read, plan.generic);
        }
        let tables = &plan.unsized_tables;
        Box::pin(sizes.load(writing.db, writing.session, writing.catalog, tables)).await?;
    };
    if let Some(account) = writing.account {
        account.take(Unit::Cost, cost.requested)?;
    }
    if read.iter().any(|root| !root.problems.is_empty()) {
        let failed = read
            .iter()
            .map(|root| (!root.problems.is_empty()).then(|| root.problems.clone()));
        let failed = (failed.collect(), true);
        return writing.failed(roots, &read, failed, &sizes).await;
    }
    let mut pause = PAUSE;
    let mut way = Way {
        generic,
        ahead: true,
    };
    let mut attempt = 1;
    while attempt <= ATTEMPTS {
        let mut attempt_cost = *cost;
        let attempted = writing.attempt(roots, (&read, way), &sizes, &mut attempt_cost);
        match Box::pin(attempted).await {
            Ok(executed) => {
                *cost = attempt_cost;
                return Ok(executed);
            }
            Err((place, Stop::Problems(problems))) => {
                let failed = (only(place, problems, read.len()), true);
                return writing.failed(roots, &read, failed, &sizes).await;
            }
            Err((place, Stop::Only(problem))) => {
                let failed = (only(place, vec![problem], read.len()), false);
                return writing.failed(roots, &read, failed, &sizes).await;
            }
            Err((_, Stop::Error(error))) => return Err(error),
            Err((_, Stop::StepByStep)) => {
                writing.budget.restart();
                way.ahead = false;
            }
            Err((_, Stop::Again(error))) => {
                if attempt == ATTEMPTS {
                    return Err(error);
                }
                writing.budget.restart();
                // Those who met each other should not meet again.
                let spread = uuid::Uuid::new_v4().as_u128() % 1000;
                let spread = u32::try_from(spread).unwrap_or_default();
                tokio::time::sleep(pause + pause * spread / 1000).await;
                pause *= 2;
                attempt += 1;
            }
        }
    }
    Err(Error::conflict())
}

impl<'a> Writing<'a> {
    fn context<'c>(&'c self, mutation: &'c Compiled, sizes: &'c Known<'c>) -> PlanContext<'c> {
        PlanContext {
            catalog: self.catalog,
            statements: &mutation.statements,
            variables: self.variables,
            session: self.session,
            limits: self.limits,
            sizes,
        }
    }

    /// Reads all inputs, and plans what the payloads ask for, for its cost.
    fn read<'r>(
        &self,
        roots: &'r [RootMutation],
        sizes: &Known<'_>,
    ) -> Planned<(Vec<Root<'r>>, Plan)> {
        let mut read = Vec::new();
        // What finds rows by their keys has one plan for all values.
        let mut all = Plan {
            generic: true,
            ..Plan::default()
        };
        for root in roots {
            let RootWhat::Write(mutation) = &root.what else {
                continue;
            };
            let placed = |mut error: Error| {
                error.path.insert(0, Step::Field(root.key.clone()));
                error.at(root.location)
            };
            let context = self.context(mutation, sizes);
            let (change, problems) = read::read(&context, mutation).map_err(placed)?;
            let key = self.key(mutation).map_err(placed)?;
            let mut own = change.as_ref().map_or(0, |change| {
                change
                    .rows()
                    .saturating_add(change.statements(self.catalog))
            });
            if asks_changed(mutation) || key.is_some() {
                own = own.saturating_add(1);
            }
            if key.is_some() {
                own = own.saturating_add(replay::STATEMENTS);
            }
            let shown = change.as_ref().map_or(0, shown);
            let plan =
                payload::plan(&context, mutation, &Outcome::default(), shown).map_err(placed)?;
            all.cost = all.cost.saturating_add(plan.cost).saturating_add(own);
            all.unsized_tables.extend(plan.unsized_tables);
            all.generic &= plan.generic && !change.as_ref().is_some_and(Change::filters);
            read.push(Root {
                root,
                mutation,
                change,
                problems,
                key,
            });
        }
        if self.key.is_some() && read.len() != 1 {
            return Err(Error::new(
                Code::BadRequest,
                "The header `Idempotency-Key` needs an operation with one root field; use the directive `@idempotent` on each field.",
            ));
        }
        self.limits.hold(crate::guard::Limit::Cost, all.cost)?;
        Ok((read, all))
    }

    fn key(&self, mutation: &Compiled) -> Planned<Option<Key>> {
        let given = match &mutation.idempotent {
            Some(literal) => match resolve(literal, self.variables).as_deref() {
                Some(ConstValue::String(key)) => Some(key.clone()),
                _ => None,
            },
            None => self.key.map(str::to_owned),
        };
        let Some(key) = given else { return Ok(None) };
        let table = self.catalog.table(mutation.table);
        let field = Catalog::mutation_name(table, mutation.command);
        let arguments = mutation.arguments.with(self.variables);
        let input: Cow<'_, ConstValue> = arguments.required(INPUT)?;
        Key::new(key, &field, &input).map(Some)
    }

    fn run(&self, scope: Scope) -> Run<'_> {
        Run::new(self.catalog, self.statements, self.session, scope)
    }

    /// Runs the whole transaction once.
    async fn attempt(
        &self,
        roots: &[RootMutation],
        (read, way): (&[Root<'_>], Way),
        sizes: &Known<'_>,
        cost: &mut Cost,
    ) -> Result<Executed, (usize, Stop)> {
        let mut scope = self.db.write(self.session, Arc::clone(&self.about));
        if way.generic {
            scope = scope.generic_plans();
        }
        let mut run = self.run(scope);
        run.goes_ahead = way.ahead;
        let mut executed = Executed {
            data: Vec::new(),
            errors: Vec::new(),
            replayed: false,
        };
        let mut written = Vec::with_capacity(read.len());
        for (place, root) in read.iter().enumerate() {
            match self.root(&mut run, root, sizes, cost, &mut executed).await {
                Ok(data) => written.push(data),
                Err(stop) => {
                    let refused = run.scope.was_refused_ahead();
                    run.scope.rollback().await;
                    return Err((place, if refused { Stop::StepByStep } else { stop }));
                }
            }
        }
        executed.data = joined(roots, written.into_iter());
        if self.dry {
            run.scope.rollback().await;
        } else {
            let place = read.len().saturating_sub(1);
            let committed = run.scope.commit().await;
            committed.map_err(|error| (place, Stop::Error(error)))?;
        }
        cost.statements += run.sent;
        cost.actual += u64::from(run.sent);
        Ok(executed)
    }

    /// Writes and reads for one root field; gives its payload as JSON.
    async fn root(
        &self,
        run: &mut Run<'_>,
        root: &Root<'_>,
        sizes: &Known<'_>,
        cost: &mut Cost,
        executed: &mut Executed,
    ) -> Result<Vec<u8>, Stop> {
        let Some(change) = &root.change else {
            return Err(Stop::Error(Error::internal("an input that cannot be read")));
        };
        let mutation = root.mutation;
        if let Some(key) = &root.key
            && let Some(kept) = run.replay(key).await?
        {
            executed.replayed = true;
            let outcome = Outcome::replayed(self.catalog, kept);
            let (loaded, plan) = self.load(run, mutation, &outcome, sizes, cost).await?;
            return self.write(root, &plan, &loaded.rows, &outcome, executed);
        }
        let (mut outcome, deletion) = run.perform(change).await?;
        let (mut loaded, plan) = self.load(run, mutation, &outcome, sizes, cost).await?;
        if let Some(deletion) = deletion {
            self.delete(run, (mutation, &plan), &deletion, &mut loaded, cost)
                .await?;
        }
        if asks_changed(mutation) || root.key.is_some() {
            let written = outcome.written.iter().flat_map(|written| &written.rows);
            let own: Vec<uuid::Uuid> = written.flatten().copied().collect();
            (outcome.changed, outcome.changed_more) = run.changed(&own).await?;
        }
        if let Some(key) = &root.key {
            outcome.prepare_to_keep(self.catalog);
            if let Some(written) = &outcome.written {
                run.remember(key, written).await?;
            }
        }
        run.settle().await?;
        self.write(root, &plan, &loaded.rows, &outcome, executed)
    }

    /// Deletes what was read, and reads anew what the payload asks for after it.
    async fn delete(
        &self,
        run: &mut Run<'_>,
        (mutation, plan): (&Compiled, &Plan),
        deletion: &Deletion,
        loaded: &mut Loaded,
        cost: &mut Cost,
    ) -> Result<(), Stop> {
        run.delete(mutation.table, deletion).await?;
        let queries = mutation
            .payload
            .iter()
            .filter_map(|field| match &field.output {
                Output::Part(PayloadPart::Query(_, nodes)) => Some(nodes.clone()),
                _ => None,
            });
        let after_it: Vec<NodeIndex> = queries.flatten().collect();
        if after_it.is_empty() {
            return Ok(());
        }
        let after = self.read_plan(run, plan, cost).await?;
        for node in after_it {
            loaded.rows[node] = Arc::clone(&after.rows[node]);
        }
        Ok(())
    }

    async fn load(
        &self,
        run: &mut Run<'_>,
        mutation: &Compiled,
        outcome: &Outcome,
        sizes: &Known<'_>,
        cost: &mut Cost,
    ) -> Result<(Loaded, Plan), Stop> {
        let context = self.context(mutation, sizes);
        let many = outcome.written.as_ref().map_or(0, |written| written.count);
        let plan = payload::plan(&context, mutation, outcome, many as u64)?;
        let loaded = self.read_plan(run, &plan, cost).await?;
        Ok((loaded, plan))
    }

    async fn read_plan(
        &self,
        run: &mut Run<'_>,
        plan: &Plan,
        cost: &mut Cost,
    ) -> Result<Loaded, Stop> {
        if plan.nodes.is_empty() {
            return Ok(Loaded::default());
        }
        let statistics = self.db.statistics();
        let reading = self.reading(&statistics);
        let loaded = Box::pin(load::load_within(plan, &mut run.scope, reading)).await;
        let loaded = loaded.map_err(|error| match error.code {
            // Nothing is committed yet.
            Code::Unavailable if !self.budget.is_full() => Stop::Again(error),
            _ => Stop::Error(error),
        })?;
        *cost = cost.read_more(loaded.spent);
        Ok(loaded)
    }

    fn reading<'r>(&'r self, statistics: &'r crate::db::Statistics) -> Reading<'r> {
        Reading {
            catalog: self.catalog,
            caller: self.session.into(),
            statements: self.statements,
            statistics,
            budget: self.budget,
            sent: None,
        }
    }

    /// The payload as JSON.
    fn write(
        &self,
        root: &Root<'_>,
        plan: &Plan,
        rows: &[Arc<Rows>],
        outcome: &Outcome,
        executed: &mut Executed,
    ) -> Result<Vec<u8>, Stop> {
        let told = Told {
            mutation: root.mutation,
            outcome,
            catalog: self.catalog,
            role: self.session.role,
        };
        let mut writer = Writer::new(plan, rows, self.budget, self.on_error);
        let written = payload::write(&mut writer, &told);
        let (mut data, errors) = writer.finish(written)?;
        data.drain(..BEGIN.len());
        if data == b"null" {
            // A payload is never null.
            let error = errors.into_iter().next();
            return Err(Stop::Error(
                error.unwrap_or_else(|| Error::internal("a payload that is null")),
            ));
        }
        executed.errors.extend(errors.into_iter().map(|mut error| {
            error.path.insert(0, Step::Field(root.root.key.clone()));
            error
        }));
        self.budget.keep(data.len())?;
        Ok(data)
    }

    /// What is wrong with an input that has failed, all at once: what was met first, and what the
    /// database says of the rest.
    async fn all_problems(
        &self,
        root: &Root<'_>,
        mut problems: Vec<Problem>,
    ) -> Result<Vec<Problem>, Error> {
        let Some(change) = &root.change else {
            return Ok(problems);
        };
        let mut run = self.run(self.db.read(self.session));
        let more = match run.examine(change).await {
            Ok(more) => {
                run.scope.commit().await?;
                more
            }
            // It was in the way of what was met first, or is again.
            Err(Stop::Problems(more)) => more,
            Err(Stop::Only(problem)) => vec![problem],
            Err(Stop::Error(error) | Stop::Again(error)) => return Err(error),
            Err(Stop::StepByStep) => return Err(Error::conflict()),
        };
        let mut told: HashSet<_> = problems.iter().map(Problem::about).collect();
        let more = more.into_iter();
        problems.extend(more.filter(|problem| told.insert(problem.about())));
        Ok(problems)
    }

    /// The payloads of an operation that has failed: nothing was written.
    async fn failed(
        &self,
        roots: &[RootMutation],
        read: &[Root<'_>],
        (problems, examines): (Failed, bool),
        sizes: &Known<'_>,
    ) -> Result<Executed, Error> {
        let first = problems
            .iter()
            .position(Option::is_some)
            .unwrap_or_default();
        let because = &read[first].root.key;
        let mut executed = Executed {
            data: Vec::new(),
            errors: Vec::new(),
            replayed: false,
        };
        let mut written = Vec::with_capacity(read.len());
        for (root, problems) in read.iter().zip(problems) {
            let problems = match problems {
                Some(problems) if examines => self.all_problems(root, problems).await?,
                Some(problems) => problems,
                None => vec![Problem::rolled_back(because)],
            };
            let outcome = Outcome::failed(problems);
            let context = self.context(root.mutation, sizes);
            let plan = payload::plan(&context, root.mutation, &outcome, 0)?;
            let rows = match payload::reads_when_failed(root.mutation, &outcome) {
                true => {
                    let statistics = self.db.statistics();
                    let reading = self.reading(&statistics);
                    let scope = || self.db.read(self.session);
                    load::load(&plan, scope, reading).await?.rows
                }
                false => vec![Arc::default(); plan.nodes.len()],
            };
            let data = self.write(root, &plan, &rows, &outcome, &mut executed);
            written.push(data.map_err(|stop| match stop {
                Stop::Error(error) | Stop::Again(error) => error,
                Stop::Problems(_) | Stop::Only(_) | Stop::StepByStep => {
                    Error::internal("problems while they are written")
                }
            })?);
        }
        executed.data = joined(roots, written.into_iter());
        Ok(executed)
    }
}

/// What is wrong with each root field; none with one that was well.
type Failed = Vec<Option<Vec<Problem>>>;

fn only(place: usize, problems: Vec<Problem>, fields: usize) -> Failed {
    let mut failed = vec![None; fields];
    failed[place] = Some(problems);
    failed
}

/// The most rows that a payload shows of what was written.
fn shown(change: &Change) -> u64 {
    match &change.what {
        What::Create { tops, .. } => tops.len() as u64,
        What::UpdateMany { max, .. } | What::DeleteMany { max, .. } => *max,
        What::Update | What::Upsert { .. } | What::Delete { .. } => 1,
    }
}

fn asks_changed(mutation: &Compiled) -> bool {
    mutation.payload.iter().any(|field| {
        matches!(
            field.output,
            Output::Part(PayloadPart::Changed(_) | PayloadPart::ChangedMore)
        )
    })
}

/// The payloads under their response keys.
fn joined(roots: &[RootMutation], mut written: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut data = BEGIN.to_vec();
    data.push(b'{');
    for (index, root) in roots.iter().enumerate() {
        if index > 0 {
            data.push(b',');
        }
        data.extend_from_slice(json_text(&root.key).as_bytes());
        data.push(b':');
        match root.what {
            RootWhat::TypeName => {
                data.extend_from_slice(json_text(super::MUTATION).as_bytes());
            }
            RootWhat::Write(_) => data.extend(written.next().unwrap_or_else(|| b"null".to_vec())),
        }
    }
    data.push(b'}');
    data
}
