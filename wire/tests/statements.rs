//! Which statements stay prepared, and what the server is told of the others.

use support::scripted::{Sent, Server};
use support::{connected, message};
use wire::{Connection, Event, Keep, Rows, Settings, Statement, Values};

mod support;

/// Runs statements in one batch at a server that prepares what it is sent; the one with this number
/// fails with this SQLSTATE where it is bound. Gives what was sent, as `P s1 text`, `B s1`, `C s1`.
async fn run(
    connection: &mut Connection,
    server: &mut Server,
    statements: &[&Statement],
    fails: Option<(usize, &str)>,
) -> Vec<String> {
    let mut exchange = connection.exchange().unwrap();
    for statement in statements {
        exchange.add(statement, &Values::new(), Rows::Read).unwrap();
    }
    exchange.sync();
    let serve = async {
        let sent = server.until(b'S').await;
        let mut bound = 0;
        for sent in &sent {
            let answer = match sent.tag {
                b'C' => message::closed(),
                b'P' => message::parsed(),
                b'B' => {
                    bound += 1;
                    match fails {
                        Some((index, code)) if index + 1 == bound => {
                            server.send(&message::error("ERROR", code, "no")).await;
                            break;
                        }
                        _ => message::bound(),
                    }
                }
                b'E' => message::complete("SELECT 0"),
                _ => Vec::new(),
            };
            server.send(&answer).await;
        }
        server.send(&message::ready()).await;
        sent
    };
    let read = async {
        while let Some(event) = exchange.next().await.unwrap() {
            if let Event::Failed { error, .. } = event {
                assert_eq!(error.code, fails.unwrap().1);
            }
        }
    };
    let ((), sent) = tokio::join!(read, serve);
    assert!(connection.is_idle());
    sent.iter().filter_map(short).collect()
}

fn short(sent: &Sent) -> Option<String> {
    Some(match sent.tag {
        b'P' => format!("P {} {}", sent.text(0), sent.text(1)),
        b'B' => format!("B {}", sent.text(1)),
        b'C' => format!("C {}", &sent.text(0)[1..]),
        _ => return None,
    })
}

fn keep(statements: usize, bytes: usize, longest: usize) -> Settings {
    Settings {
        keep: Keep {
            named: true,
            statements,
            bytes,
            longest,
        },
        ..Settings::default()
    }
}

#[tokio::test]
async fn the_one_not_used_for_longest_goes_first() {
    let (mut connection, mut server) = connected(&keep(2, 1000, 100)).await;
    let [a, b, c] = ["a", "b", "c"].map(|text| Statement::new(text, []));
    let mut run =
        async |statements: &[&Statement]| run(&mut connection, &mut server, statements, None).await;
    assert_eq!(run(&[&a, &b]).await, ["P s1 a", "B s1", "P s2 b", "B s2"]);
    // The same text is the same statement, whoever made it.
    assert_eq!(run(&[&Statement::new("a", [])]).await, ["B s1"]);
    assert_eq!(run(&[&c]).await, ["P s3 c", "B s3"]);
    // What went is closed with the next batch, first in it.
    assert_eq!(run(&[&a]).await, ["C s2", "B s1"]);
    assert_eq!(run(&[&b]).await, ["P s4 b", "B s4"]);
    // Other types are another statement.
    let typed = Statement::new("a", [25]);
    assert_eq!(run(&[&a, &typed]).await, ["C s3", "B s1", "P s5 a", "B s5"]);
    assert_eq!(run(&[&a]).await, ["C s4", "B s1"]);
}

#[tokio::test]
async fn bytes_are_counted() {
    let (mut connection, mut server) = connected(&keep(100, 1000, 600)).await;
    let long = |letter: &str| Statement::new(letter.repeat(400), [25, 25]);
    let (a, b, c) = (long("a"), long("b"), long("c"));
    run(&mut connection, &mut server, &[&a, &b], None).await;
    assert_eq!(connection.kept_statements(), (2, 816));
    run(&mut connection, &mut server, &[&c], None).await;
    assert_eq!(connection.kept_statements(), (2, 816));
    let sent = run(&mut connection, &mut server, &[&b], None).await;
    assert_eq!(sent, ["C s1", "B s2"]);
    // One that is too long has no name, and so has one that is not expected again.
    let large = Statement::new("x".repeat(601), []);
    let once = Statement::once("once", []);
    for _ in 0..2 {
        let sent = run(&mut connection, &mut server, &[&large, &once], None).await;
        assert_eq!(sent[1..], ["B ", "P  once", "B "]);
    }
    assert_eq!(connection.kept_statements(), (2, 816));
}

#[tokio::test]
async fn a_stale_plan_is_made_anew() {
    for code in ["0A000", "26000"] {
        let (mut connection, mut server) = connected(&Settings::default()).await;
        let [a, b] = ["a", "b"].map(|text| Statement::new(text, []));
        run(&mut connection, &mut server, &[&a, &b], None).await;
        let failed = run(&mut connection, &mut server, &[&a, &b], Some((1, code))).await;
        assert_eq!(failed, ["B s1", "B s2"]);
        let again = run(&mut connection, &mut server, &[&a, &b], None).await;
        assert_eq!(again, ["C s2", "B s1", "P s3 b", "B s3"], "{code}");
    }
    // Other errors say nothing about the plan.
    let (mut connection, mut server) = connected(&Settings::default()).await;
    let a = Statement::new("a", []);
    run(&mut connection, &mut server, &[&a], None).await;
    run(&mut connection, &mut server, &[&a], Some((0, "22012"))).await;
    assert_eq!(
        run(&mut connection, &mut server, &[&a], None).await,
        ["B s1"]
    );
}

#[tokio::test]
async fn what_was_skipped_is_done_later() {
    let (mut connection, mut server) = connected(&keep(1, 1000, 100)).await;
    let [a, b, c] = ["a", "b", "c"].map(|text| Statement::new(text, []));
    run(&mut connection, &mut server, &[&a], None).await;
    run(&mut connection, &mut server, &[&b], None).await;
    // `a` is to be closed. The server meets an error before it does anything of the batch.
    let mut exchange = connection.exchange().unwrap();
    exchange.add(&c, &Values::new(), Rows::Read).unwrap();
    exchange.sync();
    let serve = async {
        let sent: Vec<_> = server.until(b'S').await.iter().filter_map(short).collect();
        assert_eq!(sent, ["C s1", "P s3 c", "B s3"]);
        server
            .send_all(&[
                message::error("ERROR", "57014", "cancelled"),
                message::ready(),
            ])
            .await;
    };
    let read = async { while exchange.next().await.unwrap().is_some() {} };
    tokio::join!(read, serve);
    let mut sent = run(&mut connection, &mut server, &[&c], None).await;
    sent[..2].sort();
    assert_eq!(sent, ["C s1", "C s2", "P s4 c", "B s4"]);
}

#[tokio::test]
async fn all_may_be_forgotten() {
    let (mut connection, mut server) = connected(&Settings::default()).await;
    let a = Statement::new("a", []);
    run(&mut connection, &mut server, &[&a], None).await;
    connection.forget_statements();
    let sent = run(&mut connection, &mut server, &[&a], None).await;
    assert_eq!(sent, ["P s2 a", "B s2"]);
}
