//! Random queries never show anything of another workspace or of another user's rows: with both
//! locks on a row, and with either one removed.
//!
//! Each query runs over all data and over the same data without what the caller may not see. The
//! answers must be equal to the byte, and the statements, too.

mod data;
mod judge;
mod run;

use std::time::Instant;

use tessera::app;
use tessera::engine::{Engine, Limits};
use tessera::session::Role;

use self::data::Eyes;
use self::run::{Findings, Round};
use crate::harness::client::{Client, token, token_of};
use crate::harness::database::{Database, NATIVE, create};
use crate::harness::generate::{Generator, Pools, Schema};
use crate::harness::run;
use crate::harness::seed::Side;
use crate::privacy::BILLING;

/// Queries of a run in which there are enough to meet everything.
const MANY: usize = 20_000;
/// Queries on the embedded server, so that a newcomer's test run stays short.
const FEW: usize = 420;
/// Within so many queries a gateway without locks must be found out.
const CANARY: usize = 50;

/// Which locks are on.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Locks {
    Both,
    /// Only row level security: statements carry no filter.
    Policies,
    /// Only the filter of the statements: the database has no policies.
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
}

fn engine(locks: Locks) -> Engine {
    let mut catalog = app::catalog().expect("the model fits together");
    if matches!(locks, Locks::Policies | Locks::None) {
        for table in &mut catalog.tables {
            table.has_workspace = false;
            // The rules of bills and of their log stand in the gateway alone.
            let gateways = BILLING.contains(&table.name.as_str()) || table.name == "audit_logs";
            if locks == Locks::None || !gateways {
                table.predicate = None;
            }
        }
    }
    Engine::new(catalog, Limits::default()).expect("a schema")
}

fn setting(name: &str) -> Option<u64> {
    let value = std::env::var(name).ok().filter(|value| !value.is_empty())?;
    Some(value.parse().expect("a number"))
}

/// One database with everything, and one for each caller with what they see.
struct World {
    schema: Schema,
    roots: Vec<String>,
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
        let roots = schema.fields("Query");
        let roots = roots.iter().map(|field| field.name.to_string()).collect();
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
            roots,
            seed: setting("TESSERA_FUZZ_SEED").unwrap_or(1),
            queries: queries.unwrap_or(if native { MANY } else { FEW }),
            all,
            owners,
            members: members.map(<[Database; 2]>::from),
            next: 0,
            total: Findings::default(),
        }
    }

    fn twin(&self, caller: &Caller) -> Option<&Database> {
        match caller.eyes {
            Eyes::Owner => Some(&self.owners),
            Eyes::Member => self.members.as_ref().map(|twins| &twins[0]),
            Eyes::Shared => self.members.as_ref().map(|twins| &twins[1]),
        }
    }

    async fn pools(&self, caller: &Caller) -> Pools {
        let client = Client::with_engine(&self.all, engine(Locks::Both));
        Pools::harvest(&self.schema, &client, &caller.token(), &caller.others()).await
    }

    /// Runs so many percent of the queries as the caller; none where the caller has no twin.
    async fn round(&mut self, caller: &Caller, pools: &Pools, locks: Locks, percent: usize) {
        let Some(twin) = self.twin(caller) else {
            return;
        };
        let queries = self.queries * percent / 100;
        let started = Instant::now();
        let round = Round {
            title: format!("{} with {locks:?}", caller.name),
            schema: &self.schema,
            pools,
            roots: &self.roots,
            token: caller.token(),
            other: token(Side::B),
            marks: caller.eyes != Eyes::Shared,
            subject: Client::with_engine(&self.all, engine(locks)),
            twin: Client::with_engine(twin, engine(locks)),
            seed: self.seed,
            first: self.next,
            queries,
        };
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
    async fn canary(&self, caller: &Caller, pools: &Pools) {
        let Some(twin) = self.twin(caller) else {
            return;
        };
        let round = Round {
            title: format!("{} without locks", caller.name),
            schema: &self.schema,
            pools,
            roots: &self.roots,
            token: caller.token(),
            other: token(Side::B),
            marks: caller.eyes != Eyes::Shared,
            subject: Client::with_engine(&self.all, engine(Locks::None)),
            twin: Client::with_engine(twin, engine(Locks::None)),
            seed: self.seed,
            first: 0,
            queries: CANARY,
        };
        let findings = round.run().await;
        let (number, story) = findings.leak.expect("the canary sings");
        println!("{}: found out by query {number}", round.title);
        println!("{}", story.lines().take(3).collect::<Vec<_>>().join("\n"));
    }

    /// What was asked is enough to mean something.
    fn check_coverage(&self) {
        let total = &self.total;
        println!("all: {}", total.summary());
        let answered = total.queries - total.forbidden;
        assert!(total.with_data * 100 >= answered * 60, "too many errors");
        assert!(total.with_rows * 100 >= answered * 40, "too few rows");
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
        if total.queries >= self.roots.len() {
            assert_eq!(missing(fields("Query")), [""; 0], "root fields");
        }
        let operators = self.schema.operators();
        if total.queries >= MANY / 2 {
            let rows = self.schema.rows();
            let of_rows = rows.iter().flat_map(|row| fields(row)).collect();
            assert_eq!(missing(of_rows), [""; 0], "columns and relations");
            assert_eq!(missing(operators), [""; 0], "operators");
        }
    }
}

impl Findings {
    fn summary(&self) -> String {
        let percent = |part: usize| 100.0 * part as f64 / self.queries.max(1) as f64;
        format!(
            "{:.1} % with data and no errors, {:.1} % with rows, {:.1} % with errors, {} forbidden, {:.1} statements each, {} fields and operators",
            percent(self.with_data),
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
        let owner = world.pools(&OWNER).await;
        let (member, shared) = match world.members {
            Some(_) => (world.pools(&MEMBER).await, world.pools(&SHARED).await),
            None => Default::default(),
        };
        // On the embedded server the owner asks alone, and more for it.
        let share = |native: usize, embedded: usize| match world.members {
            Some(_) => native,
            None => embedded,
        };
        let shares = [share(28, 40), share(18, 30), share(18, 30)];
        world.round(&OWNER, &owner, Locks::Both, shares[0]).await;
        world
            .round(&OWNER, &owner, Locks::Policies, shares[1])
            .await;
        world.round(&MEMBER, &member, Locks::Both, 8).await;
        world.round(&VIEWER, &member, Locks::Both, 5).await;
        world.round(&SHARED, &shared, Locks::Both, 5).await;
        world.round(&MEMBER, &member, Locks::Policies, 6).await;
        world.round(&SHARED, &shared, Locks::Policies, 3).await;
        world.all.admin_script(&data::open()).await;
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
