//! Measures one row by its key, with the settings that it needs: on connections of one caller at a
//! time, on shared ones, and beside them a bare statement of tokio-postgres without any settings.
//!
//! Each is asked for a short time in turns. Of the turns in which other work took least of the
//! machine, a third of all, the middle one is printed.
//!
//! `cargo run --release -p wire --example round_trips -- <url of an administrator> [turns]`

use std::error::Error;
use std::fs;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use wire::{
    Ask, Config, Connection, Event, QueueLimits, Rows, Settings, Shared, Statement, Values,
};

const ROWS: u64 = 100_000;
const WORKSPACES: u64 = 20;
const CONNECTIONS: usize = 10;
const SELECT: &str = "select id, number, status, total, placed_at from wire_bench.orders \
                      where workspace_id = $1 and id = $2";
const SETTINGS: &str = "select set_config('app.workspace_id', $1, true), \
                        set_config('app.user_id', $2, true), set_config('app.role', $3, true)";
const UUID: u32 = 2950;
const TEXT: u32 = 25;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// A workspace and an order in it, made of a number.
fn keys(number: u64) -> ([u8; 16], [u8; 16]) {
    let uuid = |value: u64| u128::from(value).to_be_bytes();
    (uuid(number % WORKSPACES), uuid(number))
}

async fn prepare(url: &str) -> Result<()> {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
    tokio::spawn(connection);
    let made = client
        .query_opt(
            "select 1 from pg_namespace where nspname = 'wire_bench'",
            &[],
        )
        .await?;
    if made.is_some() {
        return Ok(());
    }
    client
        .batch_execute(&format!(
            "create schema wire_bench;
             create table wire_bench.orders (
               workspace_id uuid, id uuid, number text not null, status text not null,
               total numeric not null, placed_at timestamptz not null, primary key (workspace_id, id));
             insert into wire_bench.orders
               select lpad(to_hex(n % {WORKSPACES}), 32, '0')::uuid, lpad(to_hex(n), 32, '0')::uuid,
                 'ORDER-' || n, 'paid', n * 1.01, now() from generate_series(0, {ROWS} - 1) n;
             alter table wire_bench.orders enable row level security;
             create policy own on wire_bench.orders
               using (workspace_id = current_setting('app.workspace_id')::uuid);
             do $$ begin create role wire_bench_gateway; exception when duplicate_object then null; end $$;
             grant usage on schema wire_bench to wire_bench_gateway;
             grant select on wire_bench.orders to wire_bench_gateway;
             analyze wire_bench.orders"
        ))
        .await?;
    client.batch_execute("vacuum wire_bench.orders").await?;
    Ok(())
}

/// Things that one caller at a time has.
struct Pool<T> {
    free: Mutex<Vec<T>>,
    places: Semaphore,
}

impl<T> Pool<T> {
    fn new(things: Vec<T>) -> Self {
        Self {
            places: Semaphore::new(things.len()),
            free: Mutex::new(things),
        }
    }

    async fn with<O>(&self, work: impl AsyncFnOnce(&mut T) -> Result<O>) -> Result<O> {
        let _place = self.places.acquire().await?;
        let mut thing = self.free.lock().unwrap().pop().expect("as many as places");
        let outcome = work(&mut thing).await;
        self.free.lock().unwrap().push(thing);
        outcome
    }
}

/// A value that is sent as it is.
#[derive(Debug)]
struct Raw([u8; 16]);

impl ToSql for Raw {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut bytes::BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn Error + Sync + Send>> {
        out.extend_from_slice(&self.0);
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A value that is received as it is.
struct Received<'a>(&'a [u8]);

impl<'a> tokio_postgres::types::FromSql<'a> for Received<'a> {
    fn from_sql(
        _: &Type,
        raw: &'a [u8],
    ) -> std::result::Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// CPU seconds of this process, and of all processes of a server.
fn cpu(postmaster: &str) -> (f64, f64) {
    let spent = |path: String| {
        let stat = fs::read_to_string(path).ok()?;
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks = fields[11].parse::<f64>().ok()? + fields[12].parse::<f64>().ok()?;
        Some((fields[1] == postmaster, ticks / 100.0))
    };
    let own = spent("/proc/self/stat".to_owned()).map_or(0.0, |(_, seconds)| seconds);
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let server = all
        .filter_map(|entry| spent(format!("{}/stat", entry.path().display())))
        .filter(|(is_child, _)| *is_child)
        .map(|(_, seconds)| seconds)
        .sum();
    (own, server)
}

/// CPU seconds of everything on the machine.
fn everything() -> f64 {
    let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
    let line = stat.lines().next().unwrap_or_default();
    let fields: Vec<f64> = line
        .split_whitespace()
        .skip(1)
        .filter_map(|field| field.parse().ok())
        .collect();
    // All but idling and waiting for disks.
    let busy = fields.iter().take(8).sum::<f64>() - fields.iter().skip(3).take(2).sum::<f64>();
    busy / 100.0
}

/// The process whose children serve connections.
async fn postmaster(connection: &mut Connection) -> Result<String> {
    let process = connection.cancel_token().ok_or("no key")?.process();
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let fields = stat.rsplit_once(')').ok_or("no process")?.1;
    Ok(fields
        .split_whitespace()
        .nth(1)
        .unwrap_or_default()
        .to_owned())
}

type Asking = Pin<Box<dyn Future<Output = Result<usize>> + Send>>;
type Way = Arc<dyn Fn(u64) -> Asking + Send + Sync>;

/// What came of one turn, or the middle of many.
#[derive(Clone, Copy)]
struct Measured {
    rate: f64,
    p50: f64,
    p99: f64,
    own: f64,
    server: f64,
    /// CPU seconds that others took meanwhile.
    others: f64,
}

/// Lets many clients ask for some time.
async fn measure(ask: &Way, clients: u64, postmaster: &str) -> Result<Measured> {
    const TURN: Duration = Duration::from_millis(400);
    let (before, all, start) = (cpu(postmaster), everything(), Instant::now());
    let tasks: Vec<_> = (0..clients)
        .map(|client| {
            let ask = Arc::clone(ask);
            tokio::spawn(async move {
                let mut times = Vec::new();
                let mut number = client * 7919;
                while start.elapsed() < TURN {
                    number = (number + 104_729) % ROWS;
                    let asked = Instant::now();
                    assert!(ask(number).await? > 40, "no row");
                    times.push(asked.elapsed());
                }
                Ok::<_, Box<dyn Error + Send + Sync>>(times)
            })
        })
        .collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await??);
    }
    let (taken, all, after) = (
        start.elapsed().as_secs_f64(),
        everything() - all,
        cpu(postmaster),
    );
    let (own, server) = (after.0 - before.0, after.1 - before.1);
    times.sort_unstable();
    let count = times.len() as f64;
    let at = |part: f64| times[((count - 1.0) * part) as usize].as_secs_f64() * 1000.0;
    Ok(Measured {
        rate: count / taken,
        p50: at(0.5),
        p99: at(0.99),
        own: own * 1000.0 / count,
        server: server * 1000.0 / count,
        others: all - own - server,
    })
}

fn middle(turns: &[Measured], of: impl Fn(&Measured) -> f64) -> f64 {
    let mut values: Vec<f64> = turns.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn way<F, Fut>(ask: F) -> Way
where
    F: Fn(u64) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<usize>> + Send + 'static,
{
    Arc::new(move |number| Box::pin(ask(number)))
}

fn by_tokio_postgres(pool: Arc<Pool<(tokio_postgres::Client, tokio_postgres::Statement)>>) -> Way {
    way(move |number| {
        let pool = Arc::clone(&pool);
        async move {
            let (workspace, id) = keys(number);
            pool.with(async |(client, statement)| {
                let row = client
                    .query_one(&*statement, &[&Raw(workspace), &Raw(id)])
                    .await?;
                Ok((0..5)
                    .map(|column| row.get::<_, Received>(column).0.len())
                    .sum())
            })
            .await
        }
    })
}

fn by_connections(pool: Arc<Pool<Connection>>, set: Option<Statement>, select: Statement) -> Way {
    way(move |number| {
        let (pool, set, select) = (Arc::clone(&pool), set.clone(), select.clone());
        async move {
            pool.with(async |connection| one(connection, set.as_ref(), &select, number).await)
                .await
        }
    })
}

fn by_shared(shared: Vec<Shared>, set: Statement, select: Statement) -> Way {
    way(move |number| {
        let shared = shared[number as usize % shared.len()].clone();
        let (set, select) = (set.clone(), select.clone());
        async move {
            let (session, key) = values(number);
            let batch = [
                Ask {
                    statement: &set,
                    values: &session,
                    rows: Rows::Discard,
                },
                Ask {
                    statement: &select,
                    values: &key,
                    rows: Rows::Read,
                },
            ];
            let reply = shared.run(&batch).await?;
            let row = reply.rows(1).first().ok_or("no row")?;
            Ok((0..row.len())
                .filter_map(|column| row.get(column))
                .map(<[u8]>::len)
                .sum())
        }
    })
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments
        .next()
        .ok_or("the URL of an administrator is missing")?;
    let turns: usize = arguments.next().map_or(Ok(15), |text| text.parse())?;
    let only = arguments.next();
    prepare(&url).await?;

    let mut bare = Vec::new();
    for _ in 0..CONNECTIONS {
        let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await?;
        tokio::spawn(connection);
        let statement = client.prepare(SELECT).await?;
        bare.push((client, statement));
    }
    let config = Config::parse(&url)?;
    let parameter = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let settings = Settings {
        parameters: vec![
            parameter("role", "wire_bench_gateway"),
            parameter("default_transaction_isolation", "repeatable read"),
            parameter("default_transaction_read_only", "on"),
        ],
        ..Settings::default()
    };
    // Row security lets nothing through without its settings, so the bare statement runs as the
    // owner.
    let (mut owners, mut exclusive, mut shared) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..CONNECTIONS {
        owners.push(Connection::connect(&config, &Settings::default()).await?);
        exclusive.push(Connection::connect(&config, &settings).await?);
    }
    for _ in 0..4 {
        let connection = Connection::connect(&config, &settings).await?;
        shared.push(Shared::new(connection, QueueLimits::default())?);
    }
    let postmaster = postmaster(&mut owners[0]).await?;
    let set = Statement::new(SETTINGS, [TEXT, TEXT, TEXT]);
    let select = Statement::new(SELECT, [UUID, UUID]);
    let mut ways = vec![
        (
            "tokio-postgres, bare statement".to_owned(),
            by_tokio_postgres(Arc::new(Pool::new(bare))),
        ),
        (
            "wire, bare statement".to_owned(),
            by_connections(Arc::new(Pool::new(owners)), None, select.clone()),
        ),
        (
            "wire, settings and statement".to_owned(),
            by_connections(
                Arc::new(Pool::new(exclusive)),
                Some(set.clone()),
                select.clone(),
            ),
        ),
    ];
    for count in [1, 2, 4] {
        let way = by_shared(shared[..count].to_vec(), set.clone(), select.clone());
        ways.push((format!("wire, {count} shared"), way));
    }
    if let Some(only) = only {
        ways.retain(|(name, _)| *name == only);
    }
    for clients in [16, 64] {
        let mut measured = vec![Vec::new(); ways.len()];
        for _ in 0..turns {
            for ((_, way), measured) in ways.iter().zip(&mut measured) {
                measured.push(measure(way, clients, &postmaster).await?);
            }
        }
        for turns in &mut measured {
            turns.sort_by(|one, other| one.others.total_cmp(&other.others));
            turns.truncate(turns.len().div_ceil(3));
        }
        let limit = middle(&measured[0], |turn| turn.rate);
        for ((name, _), turns) in ways.iter().zip(&measured) {
            let rate = middle(turns, |turn| turn.rate);
            println!(
                "{name:<32} {clients:>2} clients {rate:>6.0}/s {:.2} of the first  p50 {:.2} p99 {:.2} ms  CPU ms {:.4} + {:.4}  others {:.2} s",
                rate / limit,
                middle(turns, |turn| turn.p50),
                middle(turns, |turn| turn.p99),
                middle(turns, |turn| turn.own),
                middle(turns, |turn| turn.server),
                middle(turns, |turn| turn.others),
            );
        }
    }
    Ok(())
}

/// The values of the settings and of the statement.
fn values(number: u64) -> (Values, Values) {
    let (workspace, id) = keys(number);
    let mut session = Values::new();
    let text = format!("{:032x}", u128::from_be_bytes(workspace));
    session.push(Some(text.as_bytes()));
    session.push(Some(b"00000000-0000-0000-0000-000000000001"));
    session.push(Some(b"owner"));
    (session, [&workspace[..], &id[..]].into_iter().collect())
}

async fn one(
    connection: &mut Connection,
    set: Option<&Statement>,
    select: &Statement,
    number: u64,
) -> Result<usize> {
    let (session, key) = values(number);
    let mut exchange = connection.exchange()?;
    if let Some(set) = set {
        exchange.add(set, &session, Rows::Discard)?;
    }
    exchange.add(select, &key, Rows::Read)?;
    exchange.sync();
    let mut size = 0;
    while let Some(event) = exchange.next().await? {
        match event {
            Event::Row { row, .. } => {
                size = (0..row.len())
                    .filter_map(|column| row.get(column))
                    .map(<[u8]>::len)
                    .sum();
            }
            Event::Failed { error, .. } => return Err(error),
            _ => {}
        }
    }
    Ok(size)
}
