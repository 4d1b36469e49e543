//! How long the nearest embeddings of a workspace take to find, exactly and by the index, and how
//! many of them the index finds.

use std::fmt::Write;
use std::time::Instant;

use anyhow::ensure;
use futures_util::SinkExt;
use tokio_postgres::{Client, Statement};
use uuid::Uuid;

use crate::latencies::Latencies;
use crate::random::Random;
use crate::seed::{Kind, id};

/// Embeddings of each workspace.
const WORKSPACES: [u64; 7] = [100, 1_000, 2_000, 5_000, 10_000, 38_900, 50_000];
const DIMENSIONS: usize = 768;
const CLUSTERS: usize = 500;
const QUERIES: u64 = 50;
/// Rows of a page.
const FIRST: usize = 10;

/// The gateway's statement and settings, of `engine/select/search.rs` and `db/form.rs`: a term that
/// the index does not match is exact.
const EXACT: &str = "least(t.embedding <=> $2::text::vector, 2), t.id";
const INDEXED: &str = "t.embedding <=> $2::text::vector, t.id";
/// Without a sort of all rows PostgreSQL uses the index, also where it would not.
const SETTINGS: &str = "set role gateway; set max_parallel_workers_per_gather = 0; \
    set enable_sort = off; set hnsw.iterative_scan = strict_order; set hnsw.max_scan_tuples = 100000";
/// Which rows there are: a filter takes nine of ten.
const FILTERS: [(&str, &str); 2] = [("", "all"), (" and t.source = 'kept'", "one of ten")];

/// The statements of one filter.
struct Statements {
    rows: &'static str,
    exact: Statement,
    indexed: Statement,
}

/// Fills the table, unless an earlier run did, and prints a table of all workspaces.
pub async fn run(database: &Client) -> anyhow::Result<()> {
    let centres = centres();
    fill(database, &centres).await?;
    database.batch_execute(SETTINGS).await?;
    let mut statements = Vec::new();
    for (filter, rows) in FILTERS {
        let ask = |order| {
            format!(
                "select t.id from read.memory_chunks t where t.workspace_id = $1 \
                 and t.embedding is not null{filter} order by {order} limit {FIRST}"
            )
        };
        statements.push(Statements {
            rows,
            exact: database.prepare(&ask(EXACT)).await?,
            indexed: database.prepare(&ask(INDEXED)).await?,
        });
    }
    println!(
        "| embeddings of the workspace | that the filter leaves | exact p50 ms | index p50 ms | index p99 ms | found of {FIRST} | fewest |"
    );
    println!("|--:|---|--:|--:|--:|--:|--:|");
    for (number, embeddings) in (1..).zip(WORKSPACES) {
        for statements in &statements {
            let row = measure(database, number, embeddings, statements, &centres).await?;
            print!("{row}");
        }
    }
    Ok(())
}

/// One row of the table.
async fn measure(
    database: &Client,
    workspace: u64,
    embeddings: u64,
    statements: &Statements,
    centres: &[Vec<f32>],
) -> anyhow::Result<String> {
    let workspace = id(Kind::Workspace, workspace);
    let user = id(Kind::User, 1);
    database
        .batch_execute(&format!(
            "set app.workspace_id = '{workspace}'; set app.user_id = '{user}'; set app.role = 'owner'"
        ))
        .await?;
    let mut random = Random::new(23);
    let (mut exact, mut indexed) = (Latencies::default(), Latencies::default());
    let (mut found, mut wanted, mut fewest) = (0, 0, FIRST);
    // The first question fills the caches and is not counted.
    for query in 0..=QUERIES {
        let sought = text(&embedding(&mut random, centres));
        let ask = async |statement: &Statement, times: &mut Latencies| {
            let started = Instant::now();
            let rows = database.query(statement, &[&workspace, &sought]).await?;
            if query > 0 {
                times.push(started.elapsed());
            }
            let ids = rows.iter().map(|row| row.get(0));
            anyhow::Ok(ids.collect::<Vec<Uuid>>())
        };
        let right = ask(&statements.exact, &mut exact).await?;
        let near = ask(&statements.indexed, &mut indexed).await?;
        let both = right.iter().filter(|id| near.contains(id)).count();
        found += both;
        wanted += right.len();
        fewest = fewest.min(both);
    }
    let mut row = String::new();
    writeln!(
        row,
        "| {embeddings} | {} | {:.1} | {:.1} | {:.1} | {:.3} | {fewest} |",
        statements.rows,
        exact.percentile(0.5),
        indexed.percentile(0.5),
        indexed.percentile(0.99),
        found as f64 / wanted.max(1) as f64,
    )?;
    Ok(row)
}

async fn fill(database: &Client, centres: &[Vec<f32>]) -> anyhow::Result<()> {
    let strangers = "select count(*) from workspaces where slug not like 'nearest-%'";
    let strangers: i64 = database.query_one(strangers, &[]).await?.get(0);
    ensure!(
        strangers == 0,
        "the database holds other workspaces; give the embeddings one of their own"
    );
    let filled = "select count(*) from memory_chunks";
    let filled: i64 = database.query_one(filled, &[]).await?.get(0);
    if u64::try_from(filled)? == WORKSPACES.iter().sum::<u64>() {
        return Ok(());
    }
    let index = "select pg_get_indexdef('ix_memory_chunks_embedding'::regclass)";
    let index: String = database.query_one(index, &[]).await?.get(0);
    // The index is made of all rows at once, which is much faster.
    database
        .batch_execute(
            "set session_replication_role = replica; set role model_owner; \
             truncate users, workspaces cascade; drop index ix_memory_chunks_embedding",
        )
        .await?;
    let user = id(Kind::User, 1);
    database
        .batch_execute(&format!(
            "insert into users (id, email, full_name) values ('{user}', 'owner@nearest.example', 'Owner')"
        ))
        .await?;
    let mut random = Random::new(17);
    let mut number = 0;
    for (workspace, embeddings) in (1..).zip(WORKSPACES) {
        eprintln!("Writing {embeddings} embeddings …");
        let own = id(Kind::Workspace, workspace);
        database
            .batch_execute(&format!(
                "insert into workspaces (id, name, slug, owner_id) values ('{own}', 'Nearest', 'nearest-{workspace}', '{user}')"
            ))
            .await?;
        let sink = database
            .copy_in("copy memory_chunks (workspace_id, id, content, source, embedding) from stdin")
            .await?;
        futures_util::pin_mut!(sink);
        for row in 0..embeddings {
            number += 1;
            let source = if row % 10 == 0 { "kept" } else { "other" };
            let line = format!(
                "{own}\t{}\tChunk {row}\t{source}\t{}\n",
                id(Kind::Item, number),
                text(&embedding(&mut random, centres))
            );
            sink.feed(std::io::Cursor::new(line)).await?;
        }
        sink.finish().await?;
    }
    eprintln!("Building the index …");
    database
        .batch_execute(&format!("set maintenance_work_mem = '1GB'; {index}"))
        .await?;
    database
        .batch_execute("reset role; reset session_replication_role; analyze memory_chunks")
        .await?;
    Ok(())
}

/// Where embeddings of one topic lie.
fn centres() -> Vec<Vec<f32>> {
    let mut random = Random::new(5);
    (0..CLUSTERS)
        .map(|_| (0..DIMENSIONS).map(|_| normal(&mut random)).collect())
        .collect()
}

/// An embedding near one of the centres.
fn embedding(random: &mut Random, centres: &[Vec<f32>]) -> Vec<f32> {
    let centre = &centres[random.below(centres.len() as u64) as usize];
    let near = centre.iter().map(|value| value + normal(random) * 0.5);
    near.collect()
}

/// About normally distributed: a sum of evenly distributed numbers.
fn normal(random: &mut Random) -> f32 {
    let sum: u64 = (0..4).map(|_| random.below(1 << 16)).sum();
    (sum as f32 / 65_536.0 - 2.0) * 1.732
}

fn text(embedding: &[f32]) -> String {
    let mut text = "[".to_owned();
    for (place, value) in embedding.iter().enumerate() {
        let comma = if place > 0 { "," } else { "" };
        // Writing to a text does not fail.
        let _ = write!(text, "{comma}{value:.4}");
    }
    text + "]"
}
