//! Embeddings: the nearest rows as a naive search has them, and their ranks fused with those of words.

use std::collections::HashMap;
use std::sync::Mutex;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use uuid::Uuid;

use super::walk;
use crate::harness::client::Client;
use crate::harness::database::{NATIVE, STATEMENTS, create};
use crate::harness::run;
use crate::harness::seed::{self, Side};

const DIMENSIONS: usize = 768;
const CHUNKS: (&str, &str) = ("memoryChunks", "MemoryChunk");
/// Words of the contents, by number.
const WORDS: [&str; 3] = ["red", "red bag", "blue"];
/// The constant of reciprocal rank fusion.
const FUSION: f64 = 60.0;

/// A row; the same similarity always comes of the same numbers: the first numbers of its embedding, its words, and whether a filter admits it.
#[derive(Clone, Debug)]
struct Chunk {
    embedding: [i8; 3],
    words: usize,
    admitted: bool,
}

fn chunks() -> impl Strategy<Value = Vec<Chunk>> {
    let one = ([-1..2i8, -1..2i8, -1..2i8], 0..WORDS.len(), any::<bool>());
    let one = one.prop_map(|(embedding, words, admitted)| Chunk {
        embedding,
        words,
        admitted,
    });
    prop::collection::vec(one, 1..14)
}

fn vector(first: [i8; 3]) -> Vec<f64> {
    let mut numbers = vec![0.0; DIMENSIONS];
    for (number, value) in numbers.iter_mut().zip(first) {
        *number = f64::from(value);
    }
    numbers
}

fn insert(rows: &[Chunk]) -> (String, Vec<String>) {
    let workspace = Side::A.workspace();
    let mut script = format!("delete from memory_chunks where workspace_id = '{workspace}';\n");
    let mut ids = Vec::new();
    for row in rows {
        let id = Uuid::new_v4().to_string();
        script.push_str(&format!(
            "insert into memory_chunks (workspace_id, id, content, source, embedding) values ('{workspace}', '{id}', '{}', '{}', '{}');\n",
            WORDS[row.words],
            if row.admitted { "yes" } else { "no" },
            json!(vector(row.embedding)),
        ));
        ids.push(id);
    }
    (script, ids)
}

/// The cosine similarity; a vector of zeros is as far as can be.
fn similarity(one: [i8; 3], other: [i8; 3]) -> f64 {
    let dot = |a: [i8; 3], b: [i8; 3]| -> f64 {
        let products = a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(b));
        products.sum()
    };
    let norms = (dot(one, one) * dot(other, other)).sqrt();
    if norms == 0.0 {
        -1.0
    } else {
        dot(one, other) / norms
    }
}

fn cases() -> impl Strategy<Value = (Vec<Chunk>, [i8; 3], bool)> {
    let sought = [-2..3i8, -2..3i8, 1..3i8];
    (chunks(), sought, any::<bool>())
}

fn runner() -> TestRunner {
    TestRunner::new(Config {
        cases: 48,
        failure_persistence: None,
        ..Config::default()
    })
}

fn filter(filtered: bool) -> Value {
    match filtered {
        true => json!({"source": {"eq": "yes"}}),
        false => Value::Null,
    }
}

#[test]
fn the_nearest_rows_are_those_of_a_naive_search() {
    run(async {
        let database = create(Some(seed::accounts)).await;
        let client = Client::new(&database);
        let handle = tokio::runtime::Handle::current();
        tokio::task::block_in_place(|| {
            runner().run(&cases(), |(rows, sought, filtered)| {
                handle.block_on(async {
                    let (script, ids) = insert(&rows);
                    database.admin_script(&script).await;
                    let wanted = |row: &Chunk| row.admitted || !filtered;
                    let expected: HashMap<&str, f64> = rows
                        .iter()
                        .zip(&ids)
                        .filter(|(row, _)| wanted(row))
                        .map(|(row, id)| (id.as_str(), similarity(row.embedding, sought)))
                        .collect();
                    let search = json!({"vector": vector(sought)});
                    let found = walk(&client, CHUNKS, &search, &filter(filtered), false).await;
                    prop_assert_eq!(found.len(), expected.len());
                    for (id, score) in &found {
                        let known = expected.get(id.as_str());
                        prop_assert!(known.is_some_and(|known| (known - score).abs() < 1e-6));
                    }
                    prop_assert!(found.is_sorted_by(|one, other| one.1 >= other.1));
                    let back = walk(&client, CHUNKS, &search, &filter(filtered), true).await;
                    prop_assert_eq!(back, found.clone());
                    // Like one of them: the same without itself, unless its embedding has no direction.
                    let (of, like) = (&rows[0], &ids[0]);
                    let near = walk(
                        &client,
                        CHUNKS,
                        &json!({"like": like}),
                        &filter(filtered),
                        false,
                    )
                    .await;
                    let others = rows
                        .iter()
                        .zip(&ids)
                        .filter(|(row, id)| wanted(row) && *id != like);
                    prop_assert_eq!(near.len(), others.count());
                    for (id, score) in &near {
                        let place = ids.iter().position(|one| one == id).expect("a row");
                        let known = similarity(rows[place].embedding, of.embedding);
                        prop_assert!((known - score).abs() < 1e-6);
                    }
                    Ok(())
                })
            })
        })
        .expect("every search");
    });
}

#[test]
fn hybrid_ranks_are_the_two_rankings_fused() {
    run(async {
        let database = create(Some(seed::accounts)).await;
        let client = Client::new(&database);
        let handle = tokio::runtime::Handle::current();
        tokio::task::block_in_place(|| {
            runner().run(&cases(), |(rows, sought, filtered)| {
                handle.block_on(async {
                    let (script, _) = insert(&rows);
                    database.admin_script(&script).await;
                    let vector = vector(sought);
                    let legs = [json!({"text": "red bag or red"}), json!({"vector": vector})];
                    let mut fused: HashMap<String, f64> = HashMap::new();
                    for (leg, search) in legs.iter().enumerate() {
                        let mut ranked =
                            walk(&client, CHUNKS, search, &filter(filtered), false).await;
                        // Rows with equal scores are ranked by their keys.
                        ranked.sort_by(|one, other| {
                            let scores = other.1.total_cmp(&one.1);
                            scores.then_with(|| one.0.cmp(&other.0))
                        });
                        prop_assert!(leg == 1 || ranked.iter().all(|(_, score)| *score >= 1.0));
                        for (place, (id, _)) in ranked.into_iter().enumerate() {
                            let rank = place as f64 + 1.0;
                            *fused.entry(id).or_default() += 1.0 / (FUSION + rank);
                        }
                    }
                    let mut expected: Vec<(String, f64)> = fused.into_iter().collect();
                    expected.sort_by(|one, other| {
                        other.1.total_cmp(&one.1).then_with(|| other.0.cmp(&one.0))
                    });
                    let search = json!({"text": "red bag or red", "vector": vector});
                    let found = walk(&client, CHUNKS, &search, &filter(filtered), false).await;
                    prop_assert_eq!(&found, &expected);
                    let back = walk(&client, CHUNKS, &search, &filter(filtered), true).await;
                    prop_assert_eq!(back, found);
                    Ok(())
                })
            })
        })
        .expect("every search");
    });
}

/// Rows of a workspace of which an index finds the nearest: more than are all looked at.
const MANY: usize = 10_500;

fn many() -> String {
    let workspace = Side::A.workspace();
    // The directions differ in few dimensions, as those of texts about few things do.
    format!(
        "{}
drop index ix_memory_chunks_embedding;
select setseed(0.5);
insert into memory_chunks (workspace_id, content, source, embedding)
  select '{workspace}', 'chunk ' || n, case when n % 10 = 0 then 'yes' else 'no' end,
    ((select array_agg(random() - 0.5) from generate_series(1, 8) d where n > 0) || array_fill(0::float8, array[760]))::real[]::vector
  from generate_series(1, {MANY}) n;
create index ix_memory_chunks_embedding on public.memory_chunks using hnsw (embedding vector_cosine_ops);
analyze memory_chunks;",
        seed::accounts()
    )
}

#[test]
fn an_index_finds_the_nearest_rows_of_a_large_workspace() {
    if std::env::var_os(NATIVE).is_none() {
        // The embedded server takes minutes to build the index.
        return;
    }
    run(async {
        let database = create(Some(many)).await;
        database.db.read_statistics().await.expect("statistics");
        let client = Client::new(&database);
        let sought: Vec<f64> = (0..DIMENSIONS)
            .map(|place| {
                if place < 8 {
                    0.25 - place as f64 / 16.0
                } else {
                    0.0
                }
            })
            .collect();
        let query = "query ($s: HybridSearch, $where: MemoryChunkFilter, $after: String) {
            memoryChunks(search: $s, where: $where, first: 20, after: $after) { edges { score node { id } } pageInfo { endCursor } } }";
        for filter in [Value::Null, json!({"source": {"eq": "yes"}})] {
            let ask = async |after: Value| {
                let variables = json!({"s": {"vector": sought}, "where": filter, "after": after});
                let asked = STATEMENTS.scope(Mutex::default(), async {
                    let answer = client.query(Side::A, query, variables).await;
                    let sent = STATEMENTS.with(|log| log.lock().expect("unlocked").join("\n"));
                    (answer["data"]["memoryChunks"].clone(), sent)
                });
                asked.await
            };
            let (near, sent) = ask(Value::Null).await;
            assert!(!sent.contains("least("), "an index is used: {sent}");
            let ids = |page: &Value| -> Vec<String> {
                let edges = page["edges"].as_array().expect("edges").iter();
                edges
                    .map(|edge| edge["node"]["id"].as_str().expect("an id").to_owned())
                    .collect()
            };
            let (next, sent) = ask(near["pageInfo"]["endCursor"].clone()).await;
            assert!(sent.contains("least("), "a later page is exact: {sent}");
            let only = if filter.is_null() {
                ""
            } else {
                "where source = 'yes'"
            };
            let exact = format!(
                "select string_agg(id::text, ' ' order by distance, id) from (select id, embedding <=> '{}' as distance from memory_chunks {only} order by 2, 1 limit 40) e",
                json!(sought)
            );
            let exact: String = database.admin_in("select 1", &exact).await[0].get(0);
            let exact: Vec<&str> = exact.split(' ').collect();
            let found = ids(&near);
            assert_eq!(found.len(), 20);
            let right = found
                .iter()
                .filter(|id| exact[..20].contains(&id.as_str()))
                .count();
            assert!(right >= 17, "{right} of the 20 nearest");
            assert!(ids(&next).iter().all(|id| !found.contains(id)));
        }
    });
}
