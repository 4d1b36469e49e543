//! A server that sends anything: it ends in an error, never in a panic, an endless wait, or more
//! memory than the limits allow.

use std::sync::atomic::Ordering;
use std::time::Duration;

use support::canned::{Canned, End};
use support::{Random, message};
use wire::{
    Ask, Config, Connection, Error, Event, Limits, QueueLimits, Rows, Settings, Shared, Statement,
    Values,
};

mod support;

const MESSAGE: usize = 20_000;
const EXCHANGE: usize = 100_000;

fn settings() -> Settings {
    Settings {
        limits: Limits {
            message: MESSAGE,
            exchange: EXCHANGE,
            ..Limits::default()
        },
        ..Settings::default()
    }
}

fn config() -> Config {
    Config::parse("postgres://u:secret@nowhere/d?sslmode=disable").unwrap()
}

/// How a conversation may begin and go on, as messages of each stage.
fn conversations() -> Vec<Vec<Vec<Vec<u8>>>> {
    let welcome = vec![
        message::ok(),
        message::parameter("client_encoding", "UTF8"),
        message::parameter("server_version", "18.0"),
        message::key(1, 2),
        message::ready(),
    ];
    let logins = [
        vec![welcome.clone()],
        vec![vec![message::authentication(3, &[])], welcome.clone()],
        vec![vec![message::authentication(5, b"salt")], welcome.clone()],
        vec![
            vec![message::authentication(10, b"SCRAM-SHA-256\0\0")],
            welcome.clone(),
        ],
        vec![vec![message::error("FATAL", "28P01", "no")]],
    ];
    let first = vec![
        message::parsed(),
        message::bound(),
        message::row(&[Some(b"setting")]),
        message::complete("SELECT 1"),
        message::parsed(),
        message::bound(),
        message::description(&["a", "b"]),
        message::row(&[Some(b"one"), None]),
        message::notice("hello"),
        message::row(&[Some(&[7; 300]), Some(b"2")]),
        message::complete("SELECT 2"),
    ];
    let second = vec![
        message::bound(),
        message::parameter("in_hot_standby", "off"),
        message::row(&[None]),
        message::complete("SELECT 1"),
        message::ready(),
    ];
    let failed = vec![
        message::bound(),
        message::error("ERROR", "26000", "no such statement"),
        message::ready(),
    ];
    let mut conversations = Vec::new();
    for login in logins {
        for second in [&second, &failed] {
            conversations.push([login.clone(), vec![first.clone(), second.clone()]].concat());
        }
    }
    conversations
}

/// Changes a conversation here or there.
fn mutate(random: &mut Random, stages: &mut [Vec<Vec<u8>>]) {
    let stage = random.below(stages.len());
    let other = random.below(stages.len());
    let kind = random.below(10);
    let length = stages[stage].len();
    if length == 0 {
        return;
    }
    let index = random.below(length);
    let lengths: [i32; 8] = [i32::MIN, -1, 0, 3, 4, 5, 30_000, i32::MAX];
    let message = &mut stages[stage][index];
    match kind {
        // A byte is another one, is missing, or is one too many.
        0 | 1 => {
            let at = random.below(message.len().max(1));
            if let Some(byte) = message.get_mut(at) {
                *byte = random.next() as u8;
            }
        }
        2 => {
            let at = random.below(message.len() + 1);
            message.truncate(at);
        }
        3 => {
            let at = random.below(message.len() + 1);
            message.insert(at, random.next() as u8);
        }
        // The length of the message, or of something in it, is another one.
        4 | 5 => {
            let at = if kind == 4 {
                1
            } else {
                random.below(message.len().max(5))
            };
            let length = lengths[random.below(lengths.len())].to_be_bytes();
            if let Some(place) = message.get_mut(at..at + 4) {
                place.copy_from_slice(&length);
            }
        }
        // A message comes twice, not at all, or elsewhere.
        6 => {
            let again = message.clone();
            let at = random.below(length + 1);
            stages[stage].insert(at, again);
        }
        7 => drop(stages[stage].remove(index)),
        8 => {
            let moved = stages[stage].remove(index);
            let at = random.below(stages[other].len() + 1);
            stages[other].insert(at, moved);
        }
        // A message that nobody knows, or knows from elsewhere.
        _ => {
            let body: Vec<u8> = (0..random.below(12)).map(|_| random.next() as u8).collect();
            let tags = b"123ACDEGHIKNRSTVWXZcdnstv";
            let tag = match random.below(3) {
                0 => random.next() as u8,
                _ => tags[random.below(tags.len())],
            };
            stages[stage].insert(index, message::message(tag, &body));
        }
    }
}

/// Two levels in one exchange. Whether it came to its end, and the bytes of its rows.
async fn talk(connection: &mut Connection, bytes: &mut usize) -> Result<bool, Error> {
    let (settings, query) = (Statement::new("set", []), Statement::new("select", []));
    let mut exchange = connection.exchange()?;
    exchange.add(&settings, &Values::new(), Rows::Discard)?;
    exchange.add(&query, &Values::new(), Rows::Describe)?;
    exchange.flush();
    let mut ended = false;
    for level in 0..2 {
        while let Some(event) = exchange.next().await? {
            match event {
                Event::Row { statement, row } => {
                    assert!((1..3).contains(&statement));
                    let values = (0..row.len() + 1).filter_map(|column| row.get(column));
                    assert!(values.map(<[u8]>::len).sum::<usize>() <= row.size());
                    *bytes += row.size();
                }
                Event::Ready(_) => ended = true,
                _ => {}
            }
        }
        if level == 0 && !ended {
            exchange.add(&query, &Values::new(), Rows::Read)?;
            exchange.sync();
        }
    }
    Ok(ended)
}

#[tokio::test(start_paused = true)]
async fn a_hundred_thousand_mutated_conversations() {
    let count: u64 =
        std::env::var("TESSERA_FUZZ_CONVERSATIONS").map_or(100_000, |count| count.parse().unwrap());
    let (config, settings) = (config(), settings());
    let conversations = conversations();
    let (mut ended, mut refused, mut lost) = (0, 0, 0);
    for seed in 0..count {
        let mut random = Random::new(seed + 1);
        // Mostly with a simple login that is left whole, so that the batches come to be answered.
        let simple = random.below(3) > 0;
        let kinds = if simple { 2 } else { conversations.len() };
        let mut stages = conversations[random.below(kinds)].clone();
        let whole = if simple { 1 } else { 0 };
        for _ in 0..=random.below(3) {
            mutate(&mut random, &mut stages[whole..]);
        }
        let stages: Vec<Vec<u8>> = stages.iter().map(|stage| stage.concat()).collect();
        let end = if random.below(2) == 0 {
            End::Closed
        } else {
            End::Silent
        };
        let canned = Canned::new(&stages, end);
        let mut connection = match Connection::over(canned, &config, &settings).await {
            Ok(connection) => connection,
            Err(_) => {
                refused += 1;
                continue;
            }
        };
        let mut bytes = 0;
        match talk(&mut connection, &mut bytes).await {
            Ok(true) => ended += 1,
            outcome => {
                assert!(!connection.is_idle(), "seed {seed}: {outcome:?}");
                let drained = connection.drain(Duration::from_secs(1)).await;
                assert_eq!(drained.is_ok(), connection.is_idle(), "seed {seed}");
                lost += 1;
            }
        }
        assert!(bytes <= EXCHANGE, "seed {seed}");
    }
    eprintln!("{ended} came to their end, {refused} did not begin, {lost} were lost on the way");
    // The changes leave some whole and break others, at every stage.
    assert!(ended > count / 20 && refused > count / 20 && lost > count / 20);
}

/// The same on a shared connection: everybody who waits is told something.
#[tokio::test(start_paused = true)]
async fn mutated_answers_to_shared_batches() {
    let (config, settings) = (config(), settings());
    let login = [message::ok(), message::ready()].concat();
    let batch = vec![
        message::parsed(),
        message::bound(),
        message::row(&[Some(b"setting")]),
        message::complete("SELECT 1"),
        message::parsed(),
        message::bound(),
        message::row(&[Some(b"value"), None]),
        message::complete("SELECT 1"),
        message::ready(),
    ];
    let failed = vec![
        message::parsed(),
        message::error("ERROR", "22012", "no"),
        message::ready(),
    ];
    let (set, read) = (Statement::once("set", []), Statement::once("read", []));
    let none = Values::new();
    let ask = |statement, rows| Ask {
        statement,
        values: &none,
        rows,
    };
    let batches = [ask(&set, Rows::Discard), ask(&read, Rows::Read)];
    let mut outcomes = [0; 3];
    for seed in 0..20_000 {
        let mut random = Random::new(seed + 1);
        let mut answers = vec![[batch.clone(), failed.clone(), batch.clone()].concat()];
        for _ in 0..random.below(3) {
            mutate(&mut random, &mut answers);
        }
        let end = match random.below(2) {
            0 => End::Closed,
            _ => End::Silent,
        };
        let canned = Canned::new(&[login.clone(), answers[0].concat()], end);
        let connection = Connection::over(canned, &config, &settings).await.unwrap();
        let shared = Shared::new(connection, QueueLimits::default()).unwrap();
        let pending: Vec<_> = (0..3).map(|_| shared.submit(&batches).unwrap()).collect();
        for pending in pending {
            match pending.await {
                Ok(reply) => {
                    assert!(reply.rows(0).is_empty());
                    outcomes[0] += 1;
                }
                Err(Error::Statement { .. } | Error::TooLarge { .. }) => outcomes[1] += 1,
                Err(Error::Lost { sent, .. }) => {
                    assert!(sent);
                    outcomes[2] += 1;
                }
                Err(error) => panic!("seed {seed}: {error}"),
            }
        }
    }
    eprintln!("{outcomes:?} answered, failed, lost");
    assert!(outcomes.iter().all(|count| *count > 5000));
}

#[tokio::test(start_paused = true)]
async fn what_never_ends() {
    let (config, settings) = (config(), settings());
    let login = [message::ok(), message::ready()].concat();
    let begun = [message::parsed(), message::bound()].concat();
    let endless = [
        message::notice("again"),
        message::parameter("name", "value"),
        message::row(&[Some(&[0; 100])]),
        message::message(b'A', b"\0\0\0\0channel\0payload\0"),
    ];
    for again in endless {
        // In the middle of a batch.
        let canned = Canned::new(&[login.clone(), begun.clone()], End::Endless(again.clone()));
        let taken = canned.taken.clone();
        let mut connection = Connection::over(canned, &config, &settings).await.unwrap();
        let mut exchange = connection.exchange().unwrap();
        exchange
            .add(&Statement::new("a", []), &Values::new(), Rows::Read)
            .unwrap();
        exchange.sync();
        let error = loop {
            match exchange.next().await {
                Ok(Some(_)) => {}
                Ok(None) => panic!("it ended"),
                Err(error) => break error,
            }
        };
        assert!(matches!(error, Error::TooLarge { .. }), "{error}");
        let taken = taken.load(Ordering::Relaxed);
        assert!(taken <= EXCHANGE + 128 * 1024, "{taken}");
        // At the start.
        let canned = Canned::new(&[message::ok()], End::Endless(again));
        let taken = canned.taken.clone();
        assert!(Connection::over(canned, &config, &settings).await.is_err());
        let taken = taken.load(Ordering::Relaxed);
        assert!(taken <= (1 << 20) + 128 * 1024, "{taken}");
    }
}

/// A message says that it is huge, and comes slowly: only what came is held.
#[tokio::test(start_paused = true)]
async fn lengths_that_are_lies() {
    let (config, settings) = (config(), settings());
    let login = [message::ok(), message::ready()].concat();
    for length in [i32::MIN, -1, 0, 3, MESSAGE as i32 + 1, i32::MAX] {
        let lie = [&b"D"[..], &length.to_be_bytes(), b"xx"].concat();
        let batch = [message::parsed(), message::bound(), lie.clone()].concat();
        let canned = Canned::new(&[login.clone(), batch], End::Silent);
        let mut connection = Connection::over(canned, &config, &settings).await.unwrap();
        let mut exchange = connection.exchange().unwrap();
        exchange
            .add(&Statement::new("a", []), &Values::new(), Rows::Read)
            .unwrap();
        exchange.sync();
        let error = exchange.next().await.unwrap_err();
        assert!(
            matches!(error, Error::TooLarge { .. } | Error::Protocol(_)),
            "{error}"
        );
        assert!(connection.is_broken());
        let canned = Canned::new(&[lie], End::Silent);
        assert!(Connection::over(canned, &config, &settings).await.is_err());
    }
}
