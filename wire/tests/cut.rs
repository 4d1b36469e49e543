//! A connection that ends after each byte, or falls silent there: always an error, and nothing
//! that looks at rest.

use std::time::Duration;

use support::canned::{Canned, End};
use support::message;
use wire::{Config, Connection, Error, Event, Rows, Settings, Statement, Values};

mod support;

/// The answers to a start-up, and to a batch of settings and a query.
fn stages() -> [Vec<u8>; 2] {
    let login = [
        message::ok(),
        message::parameter("client_encoding", "UTF8"),
        message::key(1, 2),
        message::ready(),
    ];
    let batch = [
        message::parsed(),
        message::bound(),
        message::row(&[Some(b"set")]),
        message::complete("SELECT 1"),
        message::parsed(),
        message::bound(),
        message::row(&[Some(b"one"), None]),
        message::notice("hello"),
        message::row(&[Some(b"two"), Some(b"2")]),
        message::complete("SELECT 2"),
        message::ready(),
    ];
    [login.concat(), batch.concat()]
}

/// The rows of the query, how it ended, and the connection if there is one.
async fn talk(config: &Config, canned: Canned) -> (usize, Result<(), Error>, Option<Connection>) {
    let mut connection = match Connection::over(canned, config, &Settings::default()).await {
        Ok(connection) => connection,
        Err(error) => return (0, Err(error), None),
    };
    let mut rows = 0;
    let outcome = batch(&mut connection, &mut rows).await;
    (rows, outcome, Some(connection))
}

async fn batch(connection: &mut Connection, rows: &mut usize) -> Result<(), Error> {
    let mut exchange = connection.exchange()?;
    let settings = Statement::new("select set_config", []);
    let query = Statement::new("select", []);
    exchange.add(&settings, &Values::new(), Rows::Discard)?;
    exchange.add(&query, &Values::new(), Rows::Read)?;
    exchange.sync();
    while let Some(event) = exchange.next().await? {
        if let Event::Row { .. } = event {
            *rows += 1;
        }
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn after_every_byte() {
    let config = Config::parse("postgres://u@nowhere/d?sslmode=disable").unwrap();
    let [login, answers] = stages();
    let all = [login.clone(), answers.clone()].concat();
    let first_row = login.len() + answers.len()
        - [
            message::notice("hello"),
            message::row(&[Some(b"two"), Some(b"2")]),
            message::complete("SELECT 2"),
            message::ready(),
        ]
        .concat()
        .len();
    for cut in 0..=all.len() {
        for end in [End::Closed, End::Silent] {
            let stages = vec![login.len(), all.len()];
            let canned = Canned::of(all[..cut].to_vec(), stages, end.clone());
            let (rows, outcome, connection) = talk(&config, canned).await;
            let whole = cut == all.len();
            assert_eq!(outcome.is_ok(), whole, "{cut} {end:?}: {outcome:?}");
            assert_eq!(connection.is_some(), cut >= login.len(), "{cut} {end:?}");
            assert_eq!(rows > 0, cut >= first_row, "{cut} {end:?}");
            let Some(mut connection) = connection else {
                continue;
            };
            assert_eq!(connection.is_idle(), whole);
            if let Err(error) = outcome {
                assert!(error.is_lost(), "{cut} {end:?}: {error}");
                assert!(connection.drain(Duration::from_secs(1)).await.is_err());
                assert!(connection.is_broken() && !connection.is_idle());
            }
        }
    }
}

/// Settings that fail must end the batch before the query: the server skips it, and should it
/// answer nevertheless, nothing of that is handed over.
#[tokio::test]
async fn nothing_is_read_after_settings_that_failed() {
    let config = Config::parse("postgres://u@nowhere/d?sslmode=disable").unwrap();
    let [login, _] = stages();
    let refused = [
        message::parsed(),
        message::error("ERROR", "42501", "permission denied"),
    ];
    for (rest, is_ok) in [
        (vec![message::ready()], true),
        (
            vec![
                message::parsed(),
                message::bound(),
                message::row(&[None]),
                message::ready(),
            ],
            false,
        ),
        (vec![message::row(&[None]), message::ready()], false),
        (vec![message::complete("SELECT 1"), message::ready()], false),
    ] {
        let answers = [refused.concat(), rest.concat()].concat();
        let canned = Canned::new(&[login.clone(), answers], End::Closed);
        let (rows, outcome, connection) = talk(&config, canned).await;
        assert_eq!(rows, 0);
        assert_eq!(outcome.is_ok(), is_ok, "{outcome:?}");
        assert_eq!(connection.unwrap().is_idle(), is_ok);
    }
}
