//! Batches of statements: what is sent, what is told, and what errors leave behind.

use std::time::Duration;

use support::{connected, message};
use wire::{Error, Event, Exchange, Keep, Limits, Rows, Settings, Statement, Transaction, Values};

mod support;

/// Everything that an exchange still tells, in short.
async fn told(exchange: &mut Exchange<'_>) -> Vec<String> {
    let mut told = Vec::new();
    while let Some(event) = exchange.next().await.unwrap() {
        told.push(short(&event));
    }
    told
}

fn short(event: &Event) -> String {
    match event {
        Event::Columns { statement, columns } => {
            let names: Vec<&str> = columns.iter().map(|column| &*column.name).collect();
            format!("{statement} columns {}", names.join(","))
        }
        Event::Row { statement, row } => {
            let value = |column| row.get(column).map(String::from_utf8_lossy);
            let values: Vec<_> = (0..row.len()).map(value).collect();
            format!("{statement} {values:?}")
        }
        Event::Done {
            statement,
            affected,
        } => format!("{statement} done {affected}"),
        Event::Failed { statement, error } => format!("{statement} failed {}", error.code),
        Event::Ready(Transaction::None) => "ready".to_owned(),
        Event::Ready(state) => format!("ready {state:?}"),
    }
}

fn tags(sent: &[support::scripted::Sent]) -> String {
    sent.iter().map(|sent| char::from(sent.tag)).collect()
}

fn values(texts: &[&str]) -> Values {
    texts.iter().map(|text| text.as_bytes()).collect()
}

#[tokio::test]
async fn one_batch_is_one_message() {
    let (mut connection, mut server) = connected(&Settings::default()).await;
    let settings = Statement::new("select set_config('a', $1, true)", [25]);
    let query = Statement::new("select 1", []);
    for again in [false, true] {
        let mut exchange = connection.exchange().unwrap();
        assert_eq!(
            exchange
                .add(&settings, &values(&["w"]), Rows::Discard)
                .unwrap(),
            0
        );
        assert_eq!(exchange.add(&query, &Values::new(), Rows::Read).unwrap(), 1);
        exchange.sync();
        let serve = async {
            let sent = server.until(b'S').await;
            let expected = if again { "BEBES" } else { "PBEPBES" };
            assert_eq!(tags(&sent), expected);
            let parse = [message::parsed()];
            let parse = if again { &[][..] } else { &parse };
            let answers = [
                parse,
                &[
                    message::bound(),
                    message::row(&[Some(b"w")]),
                    message::complete("SELECT 1"),
                ],
                parse,
                &[
                    message::bound(),
                    message::row(&[Some(b"x"), None, Some(b"")]),
                    message::notice("by the way"),
                    message::row(&[None, None, None]),
                    message::parameter("in_hot_standby", "on"),
                    message::complete("SELECT 2"),
                    message::ready(),
                ],
            ];
            server.send_all(&answers.concat()).await;
            sent
        };
        let (told, sent) = tokio::join!(told(&mut exchange), serve);
        assert_eq!(
            told,
            [
                "0 done 1",
                "1 [Some(\"x\"), None, Some(\"\")]",
                "1 [None, None, None]",
                "1 done 2",
                "ready"
            ]
        );
        if !again {
            assert_eq!(
                (sent[0].text(0), sent[0].text(1)),
                ("s1".to_owned(), settings.text().to_owned())
            );
            // Unnamed portal, the statement, values and columns in the binary form.
            assert_eq!(
                sent[1].body,
                b"\0s1\0\0\x01\0\x01\0\x01\0\0\0\x01w\0\x01\0\x01"
            );
        }
        assert!(connection.is_idle());
    }
    assert_eq!(connection.parameter("in_hot_standby"), Some("on"));
    assert_eq!(connection.kept_statements().0, 2);
}

#[tokio::test]
async fn levels_share_a_transaction() {
    let (mut connection, mut server) = connected(&Settings::default()).await;
    let statement = Statement::new("select 1", []);
    let mut exchange = connection.exchange().unwrap();
    exchange
        .add(&statement, &Values::new(), Rows::Read)
        .unwrap();
    exchange.flush();
    let answer = |parse: bool| {
        let mut messages = vec![
            message::bound(),
            message::row(&[Some(b"1")]),
            message::complete("SELECT 1"),
        ];
        if parse {
            messages.insert(0, message::parsed());
        }
        messages
    };
    let serve = async {
        assert_eq!(tags(&server.until(b'H').await), "PBEH");
        server.send_all(&answer(true)).await;
    };
    let (first, ()) = tokio::join!(told(&mut exchange), serve);
    assert_eq!(first, ["0 [Some(\"1\")]", "0 done 1"]);
    exchange
        .add(&statement, &Values::new(), Rows::Read)
        .unwrap();
    exchange.sync();
    let serve = async {
        assert_eq!(tags(&server.until(b'S').await), "BES");
        server.send_all(&answer(false)).await;
        server.send(&message::ready()).await;
    };
    let (second, ()) = tokio::join!(told(&mut exchange), serve);
    assert_eq!(second, ["1 [Some(\"1\")]", "1 done 1", "ready"]);
    assert!(matches!(
        exchange.add(&statement, &Values::new(), Rows::Read),
        Err(Error::Busy)
    ));
    assert!(connection.is_idle());
}

#[tokio::test]
async fn an_error_skips_the_rest_alone() {
    let (mut connection, mut server) = connected(&Settings::default()).await;
    let [a, b, c] = ["a", "b", "c"].map(|text| Statement::new(text, []));
    for synced in [true, false] {
        let mut exchange = connection.exchange().unwrap();
        for statement in [&a, &b, &c] {
            exchange.add(statement, &Values::new(), Rows::Read).unwrap();
        }
        if synced {
            exchange.sync();
        } else {
            exchange.flush();
        }
        let serve = async {
            let sent = server.until(if synced { b'S' } else { b'H' }).await;
            // What was prepared before the error stays, the rest is prepared when used again.
            assert_eq!(tags(&sent), if synced { "PBEPBEPBES" } else { "BEPBEPBEH" });
            let parse = if synced {
                message::parsed()
            } else {
                Vec::new()
            };
            server
                .send_all(&[
                    parse,
                    message::bound(),
                    message::complete("SELECT 0"),
                    message::error("ERROR", "42601", "syntax error"),
                ])
                .await;
            if !synced {
                assert_eq!(tags(&server.until(b'S').await), "S");
            }
            server.send(&message::ready()).await;
        };
        let (told, ()) = tokio::join!(told(&mut exchange), serve);
        assert_eq!(told, ["0 done 0", "1 failed 42601", "ready"]);
        assert!(connection.is_idle());
        assert_eq!(connection.kept_statements().0, 1);
    }
}

#[tokio::test]
async fn the_end_of_a_transaction_may_fail() {
    let (mut connection, mut server) = connected(&Settings::default()).await;
    let mut exchange = connection.exchange().unwrap();
    exchange
        .add(&Statement::new("insert", []), &Values::new(), Rows::Read)
        .unwrap();
    exchange.sync();
    let serve = async {
        server.until(b'S').await;
        server
            .send_all(&[
                message::parsed(),
                message::bound(),
                message::complete("INSERT 0 3"),
                message::error("ERROR", "23503", "a deferred key"),
                message::ready(),
            ])
            .await;
    };
    let (told, ()) = tokio::join!(told(&mut exchange), serve);
    assert_eq!(told, ["0 done 3", "1 failed 23503", "ready"]);
}

#[tokio::test]
async fn columns_where_they_are_wished() {
    let (mut connection, mut server) = connected(&Settings::default()).await;
    let mut exchange = connection.exchange().unwrap();
    for text in ["select", "set"] {
        exchange
            .add(&Statement::once(text, []), &Values::new(), Rows::Describe)
            .unwrap();
    }
    exchange.sync();
    let serve = async {
        assert_eq!(tags(&server.until(b'S').await), "PBDEPBDES");
        server
            .send_all(&[
                message::parsed(),
                message::bound(),
                message::description(&["id", "name"]),
                message::row(&[None, None]),
                message::complete("SELECT 1"),
                message::parsed(),
                message::bound(),
                message::message(b'n', &[]),
                message::complete("SET"),
                message::ready(),
            ])
            .await;
    };
    let (told, ()) = tokio::join!(told(&mut exchange), serve);
    assert_eq!(
        told,
        [
            "0 columns id,name",
            "0 [None, None]",
            "0 done 1",
            "1 columns ",
            "1 done 0",
            "ready"
        ]
    );
}

#[tokio::test]
async fn what_cannot_be_sent_harms_nothing() {
    let (mut connection, mut server) = connected(&Settings::default()).await;
    let mut exchange = connection.exchange().unwrap();
    let zero = Statement::new("select '\0'", []);
    assert!(matches!(
        exchange.add(&zero, &Values::new(), Rows::Read),
        Err(Error::Argument(_))
    ));
    let many: Values = std::iter::repeat_n(&b"x"[..], 70_000).collect();
    let fine = Statement::new("select 1", []);
    assert!(matches!(
        exchange.add(&fine, &many, Rows::Read),
        Err(Error::Argument(_))
    ));
    assert_eq!(exchange.add(&fine, &Values::new(), Rows::Read).unwrap(), 0);
    exchange.sync();
    let serve = async {
        assert_eq!(tags(&server.until(b'S').await), "PBES");
        server
            .send_all(&[
                message::parsed(),
                message::bound(),
                message::complete("SELECT 0"),
                message::ready(),
            ])
            .await;
    };
    let (told, ()) = tokio::join!(told(&mut exchange), serve);
    assert_eq!(told, ["0 done 0", "ready"]);
}

#[tokio::test]
async fn an_exchange_left_half_way_is_seen_and_drained() {
    let (mut connection, mut server) = connected(&Settings::default()).await;
    let statement = Statement::new("select", []);
    for synced in [true, false] {
        let mut exchange = connection.exchange().unwrap();
        exchange
            .add(&statement, &Values::new(), Rows::Read)
            .unwrap();
        if synced {
            exchange.sync();
        } else {
            exchange.flush();
        }
        let serve = async {
            server.until(if synced { b'S' } else { b'H' }).await;
            let first = if synced {
                message::parsed()
            } else {
                Vec::new()
            };
            server
                .send_all(&[first, message::bound(), message::row(&[None])])
                .await;
        };
        let (event, ()) = tokio::join!(exchange.next(), serve);
        assert_eq!(short(&event.unwrap().unwrap()), "0 [None]");
        assert!(!connection.is_idle() && !connection.is_broken());
        assert!(matches!(connection.exchange(), Err(Error::Busy)));
        let serve = async {
            if !synced {
                server.until(b'S').await;
            }
            let row = message::row(&[Some(&[0; 1000])]);
            server.send(&row.repeat(100)).await;
            server
                .send_all(&[message::complete("SELECT 101"), message::ready()])
                .await;
        };
        let (drained, ()) = tokio::join!(connection.drain(Duration::from_secs(5)), serve);
        drained.unwrap();
        assert!(connection.is_idle());
        assert_eq!(connection.kept_statements().0, 1);
    }
}

#[tokio::test]
async fn a_transaction_left_open_is_rolled_back() {
    let (mut connection, mut server) = connected(&Settings::default()).await;
    let mut exchange = connection.exchange().unwrap();
    exchange
        .add(&Statement::once("BEGIN", []), &Values::new(), Rows::Read)
        .unwrap();
    exchange.sync();
    let serve = async {
        server.until(b'S').await;
        server
            .send_all(&[
                message::parsed(),
                message::bound(),
                message::complete("BEGIN"),
                message::message(b'Z', b"T"),
            ])
            .await;
    };
    let (told, ()) = tokio::join!(told(&mut exchange), serve);
    assert_eq!(told, ["0 done 0", "ready Open"]);
    assert!(!connection.is_idle());
    let serve = async {
        assert_eq!(server.until(b'S').await[0].text(1), "ROLLBACK");
        server
            .send_all(&[
                message::parsed(),
                message::bound(),
                message::complete("ROLLBACK"),
                message::ready(),
            ])
            .await;
    };
    let (drained, ()) = tokio::join!(connection.drain(Duration::from_secs(5)), serve);
    drained.unwrap();
    assert!(connection.is_idle());
}

/// Both sides have much to say before either listens.
#[tokio::test]
async fn large_batches_do_not_lock_up() {
    let (client, server) = tokio::io::duplex(4096);
    let mut server = support::scripted::Server::new(server);
    let config = wire::Config::parse("postgres://u@nowhere/d").unwrap();
    let settings = Settings::default();
    let (connection, ()) = tokio::join!(
        wire::Connection::over(client, &config, &settings),
        server.let_in()
    );
    let mut connection = connection.unwrap();
    let mut exchange = connection.exchange().unwrap();
    let statement = Statement::new("select $1", [17]);
    let big = vec![7; 100_000];
    for _ in 0..20 {
        exchange
            .add(&statement, &[&big[..]].into_iter().collect(), Rows::Read)
            .unwrap();
    }
    exchange.sync();
    let serve = async {
        // Each statement is answered in full before the next one is read.
        let mut rows = 0;
        loop {
            match server.receive().await.tag {
                b'P' => server.send(&message::parsed()).await,
                b'B' => server.send(&message::bound()).await,
                b'E' => {
                    server.send(&message::row(&[Some(&big)])).await;
                    server.send(&message::complete("SELECT 1")).await;
                    rows += 1;
                }
                _ => break,
            }
        }
        server.send(&message::ready()).await;
        rows
    };
    let (told, rows) = tokio::join!(told(&mut exchange), serve);
    assert_eq!((told.len(), rows), (41, 20));
    assert!(connection.is_idle());
}

#[tokio::test]
async fn limits() {
    let settings = Settings {
        limits: Limits {
            message: 1000,
            exchange: 5000,
            ..Limits::default()
        },
        ..Settings::default()
    };
    let statement = Statement::new("select", []);
    let begin = async |row: usize, count: usize| {
        let (mut connection, mut server) = connected(&settings).await;
        let mut exchange = connection.exchange().unwrap();
        exchange
            .add(&statement, &Values::new(), Rows::Read)
            .unwrap();
        exchange.sync();
        let rows = message::row(&[Some(&vec![0; row])]).repeat(count);
        server
            .send_all(&[message::parsed(), message::bound(), rows])
            .await;
        let mut read = 0;
        let error = loop {
            match exchange.next().await {
                Ok(Some(_)) => read += 1,
                Ok(None) => panic!("it ended"),
                Err(error) => break error,
            }
        };
        assert!(matches!(error, Error::TooLarge { .. }), "{error}");
        (connection, server, read)
    };
    // A message that is too large cannot be passed over.
    let (connection, _, read) = begin(2000, 1).await;
    assert!(connection.is_broken() && read == 0);
    // Too many that are not can.
    let (mut connection, mut server, read) = begin(500, 50).await;
    assert!(!connection.is_broken() && !connection.is_idle());
    assert_eq!(read, 9);
    server
        .send_all(&[message::complete("SELECT 50"), message::ready()])
        .await;
    connection.drain(Duration::from_secs(1)).await.unwrap();
    assert!(connection.is_idle());
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_can_still_be_drained() {
    let (mut connection, mut server) = connected(&Settings::default()).await;
    let mut exchange = connection.exchange().unwrap();
    exchange.set_patience(Duration::from_secs(2));
    exchange
        .add(&Statement::new("select", []), &Values::new(), Rows::Read)
        .unwrap();
    exchange.sync();
    let asked = tokio::time::Instant::now();
    assert!(matches!(exchange.next().await, Err(Error::Late(_))));
    assert_eq!(asked.elapsed().as_secs(), 2);
    assert!(!connection.is_idle());
    let late = connection.drain(Duration::from_secs(1)).await;
    assert!(matches!(late, Err(Error::Late(_))));
    assert!(connection.is_broken());
    server.until(b'S').await;
}

#[tokio::test]
async fn a_farewell_is_heard_before_anything_is_sent() {
    let (mut connection, mut server) = connected(&Settings::default()).await;
    assert!(connection.look().is_ok());
    server
        .send(&message::error("FATAL", "57P01", "shutting down"))
        .await;
    drop(server);
    let error = connection.look().unwrap_err();
    assert_eq!(error.server().unwrap().code, "57P01");
    assert!(error.is_lost() && connection.is_broken());
    assert!(connection.exchange().is_err());
    let (mut connection, server) = connected(&Settings::default()).await;
    drop(server);
    assert!(connection.exchange().is_err_and(|error| error.is_lost()));
}

#[tokio::test]
async fn nothing_is_kept_where_nothing_may_be() {
    let settings = Settings {
        keep: Keep {
            named: false,
            ..Keep::default()
        },
        ..Settings::default()
    };
    let (mut connection, mut server) = connected(&settings).await;
    let statement = Statement::new("select", []);
    for _ in 0..2 {
        let mut exchange = connection.exchange().unwrap();
        exchange
            .add(&statement, &Values::new(), Rows::Read)
            .unwrap();
        exchange.sync();
        let serve = async {
            let sent = server.until(b'S').await;
            assert_eq!(
                (tags(&sent).as_str(), sent[0].text(0).as_str()),
                ("PBES", "")
            );
            server
                .send_all(&[
                    message::parsed(),
                    message::bound(),
                    message::complete("SELECT 0"),
                    message::ready(),
                ])
                .await;
        };
        tokio::join!(told(&mut exchange), serve);
    }
    assert_eq!(connection.kept_statements(), (0, 0));
}
