//! Random mutations: what the caller may not see changes nothing about them, and they change nothing
//! of it.
//!
//! Each is run as `@dryRun` over all data and over the data that the caller may see, and must come
//! to the same. Then some are run in earnest, after which the rows of the other workspace are what
//! they were.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::data::MARKS;
use super::judge::{Seen, judge};
use super::{Caller, Knowledge, Locks, MEMBER, OWNER, World};
use crate::harness::client::Client;
use crate::harness::database::Database;
use crate::harness::generate::{Generator, Kind, Mutation, Request};
use crate::harness::run;
use crate::harness::seed::{self, Side};

/// Mutations of each round on a native server, and on the embedded one.
const MANY: usize = 300;
const FEW: usize = 60;

/// Everything of a workspace as one text.
async fn state(database: &Database, side: Side) -> String {
    let mut parts = Vec::new();
    for table in entity::facts::TABLES {
        let own = table.kind == entity::facts::TableKind::Table && table.has_workspace;
        // The logs of what was written elsewhere are no rows of this workspace.
        if own {
            parts.push(format!(
                "select '{0}' as name, md5(coalesce(string_agg(t::text, '|' order by t.id), '')) as sum \
                 from public.{0} t where workspace_id = '{1}'",
                table.name,
                side.workspace()
            ));
        }
    }
    let query = format!(
        "select string_agg(name || ' ' || sum, E'\\n' order by name) from ({}) s",
        parts.join(" union all ")
    );
    let rows = database.admin_in("", &query).await;
    rows[0].get(0)
}

async fn seen(client: &Client, token: &str, request: &Request) -> Seen {
    let (status, answer) = client.post_body(Some(token), &request.body()).await;
    Seen {
        status: status.as_u16(),
        body: answer.to_string(),
        ..Seen::default()
    }
}

/// A key that must be unique tells that it is taken, whoever has it: the model has such keys over all
/// workspaces, and over the rows of all users of one.
fn tells_by_design(seen: &Seen) -> bool {
    seen.body
        .contains("A value that must be unique is already in use.")
}

/// What a round came to.
#[derive(Default)]
struct Totals {
    mutations: usize,
    written: usize,
    read: usize,
    forbidden: usize,
    used: BTreeSet<String>,
}

impl World {
    async fn writes(
        &self,
        caller: &Caller,
        knowledge: &Knowledge,
        locks: Locks,
        totals: &mut Totals,
    ) {
        let Some(round) = self.prepare(caller, knowledge, locks, 0) else {
            return;
        };
        let native = self.members.is_some();
        let number = if native { MANY } else { FEW };
        let before = state(&self.all, Side::B).await;
        let names: Vec<String> = round
            .schema
            .fields("Mutation")
            .iter()
            .map(|field| field.name.to_string())
            // A catalog without workspaces cannot say whose a new row is.
            .filter(|name| {
                let creates = name.starts_with("create") || name.starts_with("upsert");
                locks != Locks::Views || !creates
            })
            .collect();
        for index in 0..number {
            // In an order in which every table comes soon.
            let name = &names[index * 37 % names.len()];
            let seed = self.seed * 1_000_003 + index as u64;
            let generator = || Generator::new(round.schema, round.pools, seed);
            let Mutation { request, used, .. } = generator().mutation(name, Kind::DryRun);
            let one = seen(&round.subject, &round.token, &request).await;
            let other = seen(&round.twin, &round.token, &request).await;
            let told = tells_by_design(&one) || tells_by_design(&other);
            let sent = request.body().to_string();
            if let Some(wrong) = judge(&sent, &one, &other, round.marks).filter(|_| !told) {
                panic!("{}: {sent}: {wrong}: {}", round.title, one.body);
            }
            totals.mutations += 1;
            totals.forbidden += usize::from(one.body.contains("FORBIDDEN"));
            totals.used.extend(used);
        }
        let after = state(&self.all, Side::B).await;
        assert_eq!(before, after, "{}: rows of B have changed", round.title);
    }

    /// The same in earnest, over all data: nothing of others shows, and none of it changes.
    async fn in_earnest(&self, caller: &Caller, knowledge: &Knowledge, totals: &mut Totals) {
        let Some(round) = self.prepare(caller, knowledge, Locks::Both, 0) else {
            return;
        };
        // Not half of them are written.
        let number = 2 * if self.members.is_some() { MANY } else { FEW };
        let before = state(&self.all, Side::B).await;
        let fields = round.schema.fields("Mutation");
        for index in 0..number {
            let name = fields[index * 41 % fields.len()].name.as_str();
            let seed = self.seed * 2_000_003 + index as u64;
            let generator = Generator::new(round.schema, round.pools, seed);
            let Mutation { request, row, .. } = generator.mutation(name, Kind::Mutation);
            let sent = request.body().to_string();
            // What the caller writes is shown again.
            if MARKS.iter().any(|mark| sent.contains(mark)) {
                continue;
            }
            let done = seen(&round.subject, &round.token, &request).await;
            if let Some(wrong) = judge(&sent, &done, &done, round.marks) {
                panic!("{}: {sent}: {wrong}: {}", round.title, done.body);
            }
            let answer: Json = serde_json::from_str(&done.body).expect("JSON");
            let payload = &answer["data"][name];
            if payload["errors"] != json!([]) {
                continue;
            }
            totals.written += 1;
            // What a mutation returns is what a query returns after it.
            if let Some((field, mut again)) = row.filter(|_| !name.starts_with("delete")) {
                again.variables[Mutation::ROW] = payload[&field]["id"].clone();
                let read = seen(&round.subject, &round.token, &again).await;
                let read: Json = serde_json::from_str(&read.body).expect("JSON");
                assert_eq!(read["data"][&field], payload[&field], "{sent}");
                totals.read += 1;
            }
        }
        let after = state(&self.all, Side::B).await;
        assert_eq!(before, after, "{}: rows of B have changed", round.title);
    }
}

#[test]
fn random_mutations_touch_nothing_of_others() {
    run(async {
        let world = World::new().await;
        let mut totals = Totals::default();
        let owner = world.knowledge(&OWNER).await;
        world.writes(&OWNER, &owner, Locks::Both, &mut totals).await;
        let member = world.knowledge(&MEMBER).await;
        world
            .writes(&MEMBER, &member, Locks::Both, &mut totals)
            .await;
        world
            .writes(&OWNER, &owner, Locks::Views, &mut totals)
            .await;
        world.all.admin_script(&seed::opened()).await;
        world
            .writes(&OWNER, &owner, Locks::Filter, &mut totals)
            .await;
        world.in_earnest(&OWNER, &owner, &mut totals).await;
        println!(
            "{} mutations, {} written in earnest, {} read again, {} forbidden, {} fields",
            totals.mutations,
            totals.written,
            totals.read,
            totals.forbidden,
            totals.used.len()
        );
        assert!(
            totals.written >= 5 && totals.read > 0,
            "too few are written"
        );
    });
}
