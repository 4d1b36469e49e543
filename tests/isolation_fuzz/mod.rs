//! Random queries never show anything of another workspace or of another user's rows: with both
//! locks on a row, and with either one removed.
//!
//! Each query runs over all data and over the same data without what the caller may not see. The
//! answers must be equal to the byte, and the statements, too.

mod data;
mod judge;
mod run;
mod writes;

use std::collections::BTreeSet;
use std::time::Instant;

use serde_json::json;
use tessera::app;
use tessera::engine::{Engine, Limits};
use tessera::session::Role;

use self::data::Eyes;
use self::run::{Findings, Round};
use crate::harness::client::{Client, token, token_of};
use crate::harness::database::{Database, NATIVE, create};
use crate::harness::generate::{Generator, Pools, Schema};
use crate::harness::run;
use crate::harness::seed::{self, Side};

/// Queries of a run in which there are enough to meet everything.
const MANY: usize = 10_000;
/// Queries on the embedded server, so that a newcomer's test run stays short.
const FEW: usize = 420;
/// Within so many queries a gateway without locks must be found out.
const CANARY: usize = 50;

/// Which locks are on.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Locks {
    Both,
    /// Only the views of the database: statements carry no filter.
    Views,
    /// Only the filter of the statements: the views are open.
    Filter,
    /// No lock at all, to show that the test can fail.
    None,
}

/// Whose token asks.
struct Caller {
    name: &'static str,
    eyes: Eyes,
    role: Role,
}

const OWNER: Caller = Caller {
    name: "the owner",
    eyes: Eyes::Owner,
    role: Role::Owner,
};
const MEMBER: Caller = Caller {
    name: "a member",
    eyes: Eyes::Member,
    role: Role::Member,
};
const VIEWER: Caller = Caller {
    name: "a viewer",
    eyes: Eyes::Member,
    role: Role::Viewer,
};
const SHARED: Caller = Caller {
    name: "a member of both",
    eyes: Eyes::Shared,
    role: Role::Member,
};

impl Caller {
    fn token(&self) -> String {
        let user = Side::A.id("users", self.eyes.user());
        token_of(user, &[(Side::A, self.role)])
    }

    /// Others, whose ids, texts and cursors the caller has got hold of.
    fn others(&self) -> Vec<String> {
        let mut others = vec![token(Side::B)];
        if self.eyes != Eyes::Owner {
            others.push(token(Side::A));
        }
        others
    }

    /// What the caller is shown of the schema.
    async fn schema(&self, client: &Client, whole: &Schema) -> Schema {
        let asked = "{ __schema { types { name fields { name } inputFields { name } } } }";
        let answer = client.query_as(&self.token(), asked, json!({})).await;
        let types = answer["data"]["__schema"]["types"].as_array();
        let mut shown = BTreeSet::new();
        for one in types.expect("types") {
            let name = one["name"].as_str().expect("a name");
            for fields in ["fields", "inputFields"] {
                let fields = one[fields].as_array().into_iter().flatten();
                let names = fields.filter_map(|field| field["name"].as_str());
                shown.extend(names.map(|field| format!("{name}.{field}")));
            }
        }
        whole.only(&shown)
    }
}

fn engine(locks: Locks) -> Engine {
    let mut catalog = app::catalog().expect("the model fits together");
    if matches!(locks, Locks::Views | Locks::None) {
        for table in &mut catalog.tables {
            table.has_workspace = false;
            table.rule = None;
            for column in &mut table.columns {
                column.guard = None;
            }
        }
    }
    Engine::new(catalog, Limits::default()).expect("a schema")
}

fn setting(name: &str) -> Option<u64> {
    let value = std::env::var(name).ok().filter(|value| !value.is_empty())?;
    Some(value.parse().expect("a number"))
}

fn client(database: &Database, locks: Locks) -> Client {
    Client::with(database, engine(locks), |gateway| {
        gateway.options.max_batch = 10;
    })
}

/// What a caller knows: the schema as far as it is shown, and values out of answers.
#[derive(Default)]
struct Knowledge {
    schema: Schema,
    roots: Vec<String>,
    pools: Pools,
}

/// One database with everything, and one for each caller with what they see.
struct World {
    schema: Schema,
    seed: u64,
    queries: usize,
    all: Database,
    owners: Database,
    /// None on the embedded server, where a further database costs seconds.
    members: Option<[Database; 2]>,
    /// Number of the next query.
    next: usize,
    total: Findings,
}

impl World {
    async fn new() -> Self {
        let native = std::env::var(NATIVE).is_ok_and(|url| !url.is_empty());
        let schema = Schema::read(&app::sdl().expect("the model fits together"));
        let members = async {
            match native {
                true => Some(tokio::join!(
                    create(Some(data::members_twin)),
                    create(Some(data::shareds_twin))
                )),
                false => None,
            }
        };
        let (all, owners, members) = tokio::join!(
            create(Some(data::both)),
            create(Some(data::owners_twin)),
            members
        );
        let queries = setting("TESSERA_FUZZ_QUERIES").map(|number| number as usize);
        Self {
            schema,
            seed: setting("TESSERA_FUZZ_SEED").unwrap_or(1),
            queries: queries.unwrap_or(if native { MANY } else { FEW }),
            all,
            owners,
            members: members.map(<[Database; 2]>::from),
            next: 0,
            total: Findings::default(),
        }
    }

    async fn knowledge(&self, caller: &Caller) -> Knowledge {
        let client = client(&self.all, Locks::Both);
        let schema = caller.schema(&client, &self.schema).await;
        let mut callers = vec![(&schema, caller.token())];
        callers.extend(
            caller
                .others()
                .into_iter()
                .map(|token| (&self.schema, token)),
        );
        let pools = Pools::harvest(&client, &callers).await;
        let roots = schema.fields("Query");
        Knowledge {
            roots: roots.iter().map(|field| field.name.to_string()).collect(),
            pools,
            schema,
        }
    }

    fn prepare<'r>(
        &'r self,
        caller: &Caller,
        knowledge: &'r Knowledge,
        locks: Locks,
        queries: usize,
    ) -> Option<Round<'r>> {
        let twin = match caller.eyes {
            Eyes::Owner => &self.owners,
            Eyes::Member => &self.members.as_ref()?[0],
            Eyes::Shared => &self.members.as_ref()?[1],
        };
        Some(Round {
            title: format!("{} with {locks:?}", caller.name),
            schema: &knowledge.schema,
            whole: &self.schema,
            pools: &knowledge.pools,
            roots: &knowledge.roots,
            token: caller.token(),
            other: token(Side::B),
            marks: caller.eyes != Eyes::Shared,
            subject: client(&self.all, locks),
            twin: client(twin, locks),
            seed: self.seed,
            first: self.next,
            queries,
        })
    }

    /// Runs so many percent of the queries as the caller; none where the caller has no twin.
    async fn round(
        &mut self,
        caller: &Caller,
        knowledge: &Knowledge,
        locks: Locks,
        percent: usize,
    ) {
        let queries = self.queries * percent / 100;
        let Some(round) = self.prepare(caller, knowledge, locks, queries) else {
            return;
        };
        let started = Instant::now();
        let mut findings = round.run().await;
        if let Some((_, story)) = findings.leak.take() {
            panic!("{story}");
        }
        let seconds = started.elapsed().as_secs_f64();
        println!(
            "{}: {queries} queries in {seconds:.1} s, {:.0}/s; {}",
            round.title,
            queries as f64 / seconds,
            findings.summary()
        );
        self.next += queries;
        self.total.add(findings);
    }

    /// A gateway without any lock is found out soon.
    async fn canary(&self, caller: &Caller, knowledge: &Knowledge) {
        let Some(round) = self.prepare(caller, knowledge, Locks::None, CANARY) else {
            return;
        };
        let (number, _) = round.run().await.leak.expect("the canary sings");
        println!("{}: found out by query {number}", round.title);
    }

    /// What was asked is enough to mean something.
    fn check_coverage(&self) {
        let total = &self.total;
        println!("all: {}", total.summary());
        let share = |part: usize| part * 100 / total.queries.max(1);
        assert!(share(total.with_errors) <= 30, "too many errors");
        assert!(share(total.with_rows) >= 50, "too few rows");
        let missing = |names: Vec<String>| -> Vec<String> {
            names
                .into_iter()
                .filter(|name| !total.used.contains(name))
                .collect()
        };
        let fields = |ty: &str| -> Vec<String> {
            let fields = self.schema.fields(ty);
            fields
                .iter()
                .map(|field| format!("{ty}.{}", field.name))
                .collect()
        };
        let roots = fields("Query");
        if total.queries >= roots.len() {
            assert_eq!(missing(roots), [""; 0], "root fields");
        }
        if total.queries >= MANY / 2 {
            let rows = self.schema.rows();
            let of_rows = rows.iter().flat_map(|row| fields(row)).collect();
            assert_eq!(missing(of_rows), [""; 0], "columns and relations");
            // The operators of all enumerations are one piece of code, so they count as one type.
            let kind = |name: &String| match name.split_once("Operators.") {
                Some((ty, operator)) if self.schema.values(ty).is_some() => {
                    format!("enumeration.{operator}")
                }
                _ => name.clone(),
            };
            let met: BTreeSet<_> = total.used.iter().map(kind).collect();
            let all: BTreeSet<_> = self.schema.operators().iter().map(kind).collect();
            assert_eq!(Vec::from_iter(all.difference(&met)), [""; 0], "operators");
        }
    }
}

impl Findings {
    fn summary(&self) -> String {
        let percent = |part: usize| 100.0 * part as f64 / self.queries.max(1) as f64;
        format!(
            "{:.1} % with rows, {:.1} % with errors, {} forbidden, {:.1} statements each, {} fields and operators",
            percent(self.with_rows),
            percent(self.with_errors),
            self.forbidden,
            self.statements as f64 / self.queries.max(1) as f64,
            self.used.len()
        )
    }
}

#[test]
fn random_queries_show_nothing_of_others() {
    run(async {
        let mut world = World::new().await;
        let owner = world.knowledge(&OWNER).await;
        let (member, viewer, shared) = match world.members {
            Some(_) => (
                world.knowledge(&MEMBER).await,
                world.knowledge(&VIEWER).await,
                world.knowledge(&SHARED).await,
            ),
            None => Default::default(),
        };
        // On the embedded server the owner asks alone, and more for it.
        let share = |native: usize, embedded: usize| match world.members {
            Some(_) => native,
            None => embedded,
        };
        let shares = [share(28, 40), share(18, 30), share(18, 30)];
        world.round(&OWNER, &owner, Locks::Both, shares[0]).await;
        world.round(&OWNER, &owner, Locks::Views, shares[1]).await;
        world.round(&MEMBER, &member, Locks::Both, 8).await;
        world.round(&VIEWER, &viewer, Locks::Both, 5).await;
        world.round(&SHARED, &shared, Locks::Both, 5).await;
        world.round(&MEMBER, &member, Locks::Views, 6).await;
        world.round(&SHARED, &shared, Locks::Views, 3).await;
        world.all.admin_script(&seed::opened()).await;
        world.round(&OWNER, &owner, Locks::Filter, shares[2]).await;
        world.round(&MEMBER, &member, Locks::Filter, 6).await;
        world.round(&SHARED, &shared, Locks::Filter, 3).await;
        world.canary(&OWNER, &owner).await;
        world.canary(&MEMBER, &member).await;
        world.canary(&SHARED, &shared).await;
        world.check_coverage();
    });
}

/// The generator makes what the specification allows, in the eyes of another implementation.
#[test]
fn random_queries_are_valid() {
    let schema = Schema::read(&app::sdl().expect("the model fits together"));
    let parsed = schema.parsed().clone().validate().expect("a valid schema");
    let pools = Pools::default();
    for seed in 0..2_000 {
        let request = Generator::new(&schema, &pools, seed).operation();
        let checked = apollo_compiler::ExecutableDocument::parse_and_validate(
            &parsed,
            &request.query,
            "query.graphql",
        );
        if let Err(error) = checked {
            panic!("seed {seed}: {}\n{}", request.query, error.errors);
        }
        let again = Generator::new(&schema, &pools, seed).operation();
        assert_eq!(request, again, "seed {seed}");
    }
}
