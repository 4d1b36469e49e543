//! Random cases, the same in every run.

use tessera::app;

use super::cases::{Case, SIDE};
use crate::harness::client::{Client, token};
use crate::harness::generate::{Generator, Options, Pools, Schema};

/// The first seed, and how many follow each other.
const SEED: (&str, u64) = ("TESSERA_ORACLE_SEED", 1);
const CASES: (&str, u64) = ("TESSERA_ORACLE_CASES", 400);

/// Queries about what the client's lists hold.
pub async fn cases(client: &Client) -> Vec<Case> {
    let schema = Schema::read(&app::sdl().expect("the schema"));
    let pools = Pools::harvest(
        client,
        &[(&schema, token(SIDE)), (&schema, token(SIDE.other()))],
    )
    .await;
    let first = setting(SEED);
    let seeds = first..first + setting(CASES);
    seeds
        .map(|seed| {
            let options = Options {
                fields: 48,
                // `tests/groups.rs` computes groups once more.
                without_fields: &["groups", "score", "ranks", "highlights"],
                // `tests/search` has naive searches.
                without_arguments: &["search"],
                ..Options::default()
            };
            let request = Generator::new(&schema, &pools, seed)
                .with(options)
                .operation();
            Case {
                name: format!("random: {seed}"),
                outcome: None,
                query: request.query,
                variables: request.variables.as_object().cloned().unwrap_or_default(),
                operation: request.operation_name,
                takes: Vec::new(),
            }
        })
        .collect()
}

fn setting((name, default): (&str, u64)) -> u64 {
    match std::env::var(name) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("{name} takes a number, not `{text}`")),
        Err(_) => default,
    }
}
