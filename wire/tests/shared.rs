//! One connection for many callers: what happens to one of them is of no concern to the others.

use std::time::Duration;

use support::model::Model;
use support::scripted::Server;
use support::{Random, connected, message};
use wire::{
    Ask, Config, Connection, Error, Keep, Limits, QueueLimits, Rows, Settings, Shared, Statement,
    Values,
};

mod support;

fn ask<'a>(statement: &'a Statement, values: &'a Values, rows: Rows) -> Ask<'a> {
    Ask {
        statement,
        values,
        rows,
    }
}

fn value(text: &str) -> Values {
    [text.as_bytes()].into_iter().collect()
}

fn done() -> Vec<u8> {
    [message::bound(), message::complete("SELECT 0")].concat()
}

/// A connection to the model.
async fn modelled(
    settings: &Settings,
    seed: u64,
    set: fn(&mut Model),
) -> (Shared, tokio::task::JoinHandle<u64>) {
    let (client, server) = tokio::io::duplex(1 << 16);
    let config = Config::parse("postgres://u@nowhere/d?sslmode=disable").unwrap();
    let serve = async {
        let mut server = server;
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let length = server.read_u32().await.unwrap();
        server
            .read_exact(&mut vec![0; length as usize - 4])
            .await
            .unwrap();
        server
            .write_all(&[message::ok(), message::ready()].concat())
            .await
            .unwrap();
        server
    };
    let (connection, server) = tokio::join!(Connection::over(client, &config, settings), serve);
    let mut model = Model::new(server, seed);
    set(&mut model);
    let model = tokio::spawn(model.run());
    (
        Shared::new(connection.unwrap(), QueueLimits::default()).unwrap(),
        model,
    )
}

/// One caller: batches of its own workspace, some of which fail or are not waited for.
async fn caller(shared: Shared, name: &'static str, seed: u64, count: u64) -> [u64; 4] {
    let mut random = Random::new(seed);
    let set = Statement::new("set", [25]);
    let fail = Statement::new("fail", []);
    let reads: Vec<Statement> = (0..12)
        .map(|number| Statement::new(format!("read {number}"), [25]))
        .collect();
    let workspace = value(name);
    let (mut good, mut failed, mut stale, mut dropped) = (0, 0, 0, 0);
    for number in 0..count {
        let key = format!("{name} {number}");
        let key = value(&key);
        let empty = Values::new();
        let read = &reads[random.below(reads.len())];
        let mut batch = vec![
            ask(&set, &workspace, Rows::Discard),
            ask(read, &key, Rows::Read),
        ];
        let fails = match random.below(8) {
            0 => Some(0),
            1 => Some(1),
            2 => Some(2),
            _ => None,
        };
        if let Some(at) = fails {
            batch.insert(at, ask(&fail, &empty, Rows::Read));
        }
        let pending = loop {
            match shared.submit(&batch) {
                Ok(pending) => break pending,
                Err(Error::QueueFull) => tokio::task::yield_now().await,
                Err(error) => panic!("{error}"),
            }
        };
        if random.below(10) == 0 {
            drop(pending);
            dropped += 1;
            continue;
        }
        match pending.await {
            Ok(reply) => {
                assert_eq!(fails, None);
                assert!(reply.rows(0).is_empty());
                let rows = reply.rows(1);
                assert_eq!(rows.len() as u64, reply.affected(1));
                for row in rows {
                    assert_eq!(row.get(0), Some(name.as_bytes()), "another's settings");
                    assert_eq!(
                        row.get(1),
                        Some(format!("{name} {number}").as_bytes()),
                        "another's row"
                    );
                }
                good += 1;
            }
            Err(Error::Statement { statement, error }) => match error.code.as_str() {
                "22012" => {
                    assert_eq!(Some(statement), fails);
                    failed += 1;
                }
                "26000" => stale += 1,
                code => panic!("{code}"),
            },
            Err(error) => panic!("{error}"),
        }
    }
    [good, failed, stale, dropped]
}

#[tokio::test]
async fn two_workspaces_in_a_hundred_thousand_batches() {
    const BATCHES: u64 = 100_000;
    const CALLERS: u64 = 10;
    // Few statements are kept, so that some are closed all the time.
    let settings = Settings {
        keep: Keep {
            statements: 8,
            ..Keep::default()
        },
        ..Settings::default()
    };
    let (shared, model) = modelled(&settings, 42, |model| {
        model.chatter = 50;
        model.forgets = 2000;
    })
    .await;
    let callers: Vec<_> = (0..CALLERS)
        .map(|number| {
            let name = if number % 2 == 0 { "one" } else { "other" };
            tokio::spawn(caller(shared.clone(), name, number + 1, BATCHES / CALLERS))
        })
        .collect();
    let mut sums = [0; 4];
    for caller in callers {
        for (sum, count) in sums.iter_mut().zip(caller.await.unwrap()) {
            *sum += count;
        }
    }
    drop(shared);
    assert_eq!(model.await.unwrap(), BATCHES);
    let [good, failed, stale, dropped] = sums;
    eprintln!(
        "{good} good, {failed} failed, {stale} lost their plan, {dropped} were not waited for"
    );
    assert_eq!(sums.iter().sum::<u64>(), BATCHES);
    assert!(good > BATCHES / 2 && failed > BATCHES / 4 && stale > 0 && dropped > BATCHES / 20);
    // A statement that was lost is prepared again with its next use; few fail in between.
    assert!(stale < BATCHES / 50);
}

#[tokio::test]
async fn a_parse_that_is_not_confirmed_is_of_no_use_to_others() {
    let (connection, mut server) = connected(&Settings::default()).await;
    let shared = Shared::new(connection, QueueLimits::default()).unwrap();
    let [first, second] = ["first", "second"].map(|text| Statement::new(text, []));
    let none = Values::new();
    let batch = [
        ask(&first, &none, Rows::Read),
        ask(&second, &none, Rows::Read),
    ];
    let one = shared.submit(&batch).unwrap();
    let two = shared.submit(&batch[1..]).unwrap();
    let sent = server.until(b'S').await;
    assert_eq!(sent[3].text(0), "s2");
    let sent = server.until(b'S').await;
    assert_eq!(
        (sent[0].tag, sent[0].text(0), sent[0].text(1)),
        (b'P', String::new(), "second".to_owned())
    );
    // The first batch fails before `second` is prepared.
    server
        .send_all(&[
            message::error("ERROR", "42601", "no"),
            message::ready(),
            message::parsed(),
            done(),
            message::ready(),
        ])
        .await;
    assert!(matches!(
        one.await,
        Err(Error::Statement { statement: 0, .. })
    ));
    two.await.unwrap();
    // Now it is prepared under a name of its own.
    let three = shared.submit(&batch[1..]).unwrap();
    assert_eq!(server.until(b'S').await[0].text(0), "s3");
    server
        .send_all(&[message::parsed(), done(), message::ready()])
        .await;
    three.await.unwrap();
    let four = shared.submit(&batch[1..]).unwrap();
    assert_eq!(server.until(b'S').await[0].text(1), "s3");
    server.send_all(&[done(), message::ready()]).await;
    four.await.unwrap();
}

#[tokio::test]
async fn what_is_queued_goes_out_together() {
    let (connection, mut server) = connected(&Settings::default()).await;
    let shared = Shared::new(connection, QueueLimits::default()).unwrap();
    let statement = Statement::once("select", []);
    let none = Values::new();
    let batch = [ask(&statement, &none, Rows::Read)];
    let pending: Vec<_> = (0..5).map(|_| shared.submit(&batch).unwrap()).collect();
    assert_eq!(shared.waiting(), 5);
    for _ in 0..5 {
        server.until(b'S').await;
    }
    let answer = [message::parsed(), done(), message::ready()].concat();
    server.send(&answer.repeat(5)).await;
    for pending in pending {
        pending.await.unwrap();
    }
}

#[tokio::test]
async fn what_is_queued_waits_while_the_server_has_more_to_do() {
    let (connection, mut server) = connected(&Settings::default()).await;
    let shared = Shared::new(connection, QueueLimits::default()).unwrap();
    let statement = Statement::once("select", []);
    let none = Values::new();
    let batch = [ask(&statement, &none, Rows::Read)];
    let mut pending: Vec<_> = (0..4).map(|_| shared.submit(&batch).unwrap()).collect();
    for _ in 0..4 {
        server.until(b'S').await;
    }
    let last = shared.submit(&batch).unwrap();
    let answer = [message::parsed(), done(), message::ready()].concat();
    for _ in 0..2 {
        server.send(&answer).await;
        pending.remove(0).await.unwrap();
        // Everybody had several turns, and nothing came.
        let turns = async {
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            biased;
            _ = server.receive() => panic!("it was sent"),
            () = turns => {}
        }
    }
    // One under way, one queued: now it goes, before the other is answered.
    server.send(&answer).await;
    server.until(b'S').await;
    server.send(&answer.repeat(2)).await;
    for pending in pending {
        pending.await.unwrap();
    }
    last.await.unwrap();
}

#[tokio::test]
async fn the_queue_has_an_end() {
    let (connection, mut server) = connected(&Settings::default()).await;
    let limits = QueueLimits {
        batches: 3,
        bytes: 1 << 20,
    };
    let shared = Shared::new(connection, limits).unwrap();
    let statement = Statement::once("select", []);
    let none = Values::new();
    let batch = [ask(&statement, &none, Rows::Read)];
    let pending: Vec<_> = (0..3).map(|_| shared.submit(&batch).unwrap()).collect();
    assert!(matches!(shared.submit(&batch), Err(Error::QueueFull)));
    let answer = [message::parsed(), done(), message::ready()].concat();
    server.send(&answer.repeat(3)).await;
    for pending in pending {
        pending.await.unwrap();
    }
    assert!(shared.submit(&batch).is_ok());
    for _ in 0..4 {
        server.until(b'S').await;
    }
}

#[tokio::test]
async fn what_cannot_be_sent_leaves_nothing() {
    let (connection, mut server) = connected(&Settings::default()).await;
    let shared = Shared::new(connection, QueueLimits::default()).unwrap();
    let (good, bad) = (Statement::new("good", []), Statement::new("b\0d", []));
    let none = Values::new();
    let batch = [ask(&good, &none, Rows::Read), ask(&bad, &none, Rows::Read)];
    assert!(matches!(shared.submit(&batch), Err(Error::Argument(_))));
    let pending = shared.submit(&batch[..1]).unwrap();
    let sent = server.until(b'S').await;
    assert_eq!((sent.len(), sent[0].text(1).as_str()), (4, "good"));
    server
        .send_all(&[message::parsed(), done(), message::ready()])
        .await;
    pending.await.unwrap();
}

#[tokio::test]
async fn too_much_for_one_is_nothing_to_the_next() {
    let settings = Settings {
        limits: Limits {
            exchange: 2000,
            ..Limits::default()
        },
        ..Settings::default()
    };
    let (connection, mut server) = connected(&settings).await;
    let shared = Shared::new(connection, QueueLimits::default()).unwrap();
    let statement = Statement::once("select", []);
    let none = Values::new();
    let batch = [ask(&statement, &none, Rows::Read)];
    let (one, two) = (
        shared.submit(&batch).unwrap(),
        shared.submit(&batch).unwrap(),
    );
    let row = message::row(&[Some(&[0; 500])]);
    let answer = |count: usize| {
        [
            message::parsed(),
            message::bound(),
            row.repeat(count),
            message::complete("SELECT"),
            message::ready(),
        ]
        .concat()
    };
    for _ in 0..2 {
        server.until(b'S').await;
    }
    server.send_all(&[answer(20), answer(3)]).await;
    assert!(matches!(one.await, Err(Error::TooLarge { .. })));
    assert_eq!(two.await.unwrap().rows(0).len(), 3);
    // What is far too much is not waited for; who waits behind it may ask elsewhere.
    let (one, two) = (
        shared.submit(&batch).unwrap(),
        shared.submit(&batch).unwrap(),
    );
    server.send(&answer(100)).await;
    for lost in [one.await, two.await] {
        assert!(
            matches!(lost, Err(Error::Lost { sent: true, .. })),
            "{lost:?}"
        );
    }
    assert!(shared.is_lost());
}

/// A server at the other end of a narrow stream, so that not all of what is queued goes out.
async fn narrow() -> (Shared, Server) {
    let (client, server) = tokio::io::duplex(100);
    let mut server = Server::new(server);
    let config = Config::parse("postgres://u@nowhere/d?sslmode=disable").unwrap();
    let settings = Settings::default();
    let (connection, ()) = tokio::join!(
        Connection::over(client, &config, &settings),
        server.let_in()
    );
    (
        Shared::new(connection.unwrap(), QueueLimits::default()).unwrap(),
        server,
    )
}

#[tokio::test]
async fn a_lost_connection_says_what_was_sent() {
    let (shared, mut server) = narrow().await;
    let statement = Statement::once(
        "select 12345678901234567890123456789012345678901234567890",
        [],
    );
    let none = Values::new();
    let batch = [ask(&statement, &none, Rows::Read)];
    let pending: Vec<_> = (0..4).map(|_| shared.submit(&batch).unwrap()).collect();
    let sent = server.until(b'S').await;
    assert_eq!(sent.len(), 4);
    server
        .send_all(&[message::parsed(), done(), message::ready()])
        .await;
    let mut pending = pending.into_iter();
    pending.next().unwrap().await.unwrap();
    drop(server);
    let mut outcomes = Vec::new();
    for pending in pending {
        match pending.await {
            Err(Error::Lost { sent, .. }) => outcomes.push(sent),
            other => panic!("{other:?}"),
        }
    }
    // Part of the second was on its way; nothing of the last can have been.
    assert!(outcomes[0] && !outcomes[2], "{outcomes:?}");
    assert!(shared.is_lost());
    assert!(matches!(
        shared.submit(&batch),
        Err(Error::Lost { sent: false, .. })
    ));
}

#[tokio::test]
async fn a_farewell_is_told_to_all() {
    let (connection, mut server) = connected(&Settings::default()).await;
    let shared = Shared::new(connection, QueueLimits::default()).unwrap();
    let statement = Statement::once("select", []);
    let none = Values::new();
    let batch = [ask(&statement, &none, Rows::Read)];
    let pending: Vec<_> = (0..3).map(|_| shared.submit(&batch).unwrap()).collect();
    server.until(b'S').await;
    server
        .send(&message::error("FATAL", "57P01", "shutting down"))
        .await;
    for pending in pending {
        let error = pending.await.unwrap_err();
        assert!(
            error.is_lost() && error.to_string().contains("57P01"),
            "{error}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_server_is_given_up() {
    let (connection, mut server) = connected(&Settings::default()).await;
    let shared = Shared::new(connection, QueueLimits::default()).unwrap();
    let statement = Statement::once("select", []);
    let none = Values::new();
    let asked = tokio::time::Instant::now();
    let error = shared
        .run(&[ask(&statement, &none, Rows::Read)])
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Lost { sent: true, .. }));
    assert_eq!(asked.elapsed(), Duration::from_secs(30));
    server.until(b'S').await;
}

#[tokio::test]
async fn a_transaction_left_open_ends_it_for_all() {
    let (connection, mut server) = connected(&Settings::default()).await;
    let shared = Shared::new(connection, QueueLimits::default()).unwrap();
    let statement = Statement::once("BEGIN", []);
    let none = Values::new();
    let batch = [ask(&statement, &none, Rows::Read)];
    let pending = [
        shared.submit(&batch).unwrap(),
        shared.submit(&batch).unwrap(),
    ];
    server.until(b'S').await;
    server
        .send_all(&[message::parsed(), done(), message::message(b'Z', b"T")])
        .await;
    for pending in pending {
        assert!(matches!(pending.await, Err(Error::Lost { .. })));
    }
}

#[tokio::test]
async fn the_last_one_says_farewell() {
    let (connection, mut server) = connected(&Settings::default()).await;
    let shared = Shared::new(connection, QueueLimits::default()).unwrap();
    let statement = Statement::once("select", []);
    let none = Values::new();
    // What was asked is still sent and answered.
    drop(
        shared
            .submit(&[ask(&statement, &none, Rows::Read)])
            .unwrap(),
    );
    drop(shared.clone());
    drop(shared);
    server.until(b'S').await;
    server
        .send_all(&[message::parsed(), done(), message::ready()])
        .await;
    assert_eq!(server.receive().await.tag, b'X');
    assert!(server.try_receive().await.is_none());
}
