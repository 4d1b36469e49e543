//! Against a real server: `TESSERA_TEST_DATABASE_URL` names one and somebody who may do everything.

use std::time::Duration;

use support::Random;
use wire::{
    Ask, Config, Connection, Error, Event, Exchange, Keep, Limits, QueueLimits, Row, Rows,
    ServerError, Settings, Shared, Statement, Transaction, Values,
};

mod support;

/// The server, or none with a word about it.
fn config() -> Option<Config> {
    match std::env::var("TESSERA_TEST_DATABASE_URL") {
        Ok(url) => Some(Config::parse(&url).unwrap()),
        Err(_) => {
            eprintln!("left out: TESSERA_TEST_DATABASE_URL is not set");
            None
        }
    }
}

async fn connect(config: &Config) -> Connection {
    Connection::connect(config, &Settings::default())
        .await
        .unwrap()
}

/// What an exchange told: rows of all statements, and what failed.
#[derive(Debug, Default)]
struct Told {
    rows: Vec<Vec<Row>>,
    affected: Vec<u64>,
    failed: Option<(usize, ServerError)>,
    ready: Option<Transaction>,
}

async fn read(exchange: &mut Exchange<'_>) -> Result<Told, Error> {
    let mut told = Told::default();
    while let Some(event) = exchange.next().await? {
        match event {
            Event::Row { statement, row } => {
                if told.rows.len() <= statement {
                    told.rows.resize(statement + 1, Vec::new());
                }
                told.rows[statement].push(row);
            }
            Event::Done { affected, .. } => told.affected.push(affected),
            Event::Failed { statement, error } => told.failed = Some((statement, *error)),
            Event::Ready(transaction) => told.ready = Some(transaction),
            Event::Columns { .. } => {}
        }
    }
    Ok(told)
}

async fn run(connection: &mut Connection, statements: &[(&Statement, &Values)]) -> Told {
    let mut exchange = connection.exchange().unwrap();
    for (statement, values) in statements {
        exchange.add(statement, values, Rows::Read).unwrap();
    }
    exchange.sync();
    read(&mut exchange).await.unwrap()
}

async fn simple(connection: &mut Connection, text: &str) -> Told {
    run(connection, &[(&Statement::once(text, []), &Values::new())]).await
}

fn value(bytes: &[u8]) -> Values {
    [bytes].into_iter().collect()
}

fn int(row: &Row, column: usize) -> i32 {
    i32::from_be_bytes(row.get(column).unwrap().try_into().unwrap())
}

/// A schema of the test's own.
async fn schema(connection: &mut Connection, name: &str) {
    simple(connection, &format!("drop schema if exists {name} cascade")).await;
    let made = simple(connection, &format!("create schema {name}")).await;
    assert!(made.failed.is_none(), "{made:?}");
}

#[tokio::test]
async fn values_and_rows() {
    let Some(config) = config() else { return };
    let mut connection = connect(&config).await;
    let query = Statement::new(
        "select $1 + 1, $2, null::int, $3, n from generate_series(1, 3) n",
        [23, 25, 1007],
    );
    let mut values = Values::new();
    values.push(Some(&41_i32.to_be_bytes()));
    values.push(Some("wörld".as_bytes()));
    values.push_array(23, [Some(&7_i32.to_be_bytes()[..]), None].into_iter());
    for _ in 0..2 {
        let told = run(&mut connection, &[(&query, &values)]).await;
        assert_eq!(told.affected, [3]);
        let row = &told.rows[0][2];
        assert_eq!((row.len(), int(row, 0), int(row, 4)), (5, 42, 3));
        assert_eq!(row.get(1), Some("wörld".as_bytes()));
        assert_eq!((row.get(2), row.get(5)), (None, None));
        let array = row.get(3).unwrap();
        assert_eq!(&array[..4], 1_i32.to_be_bytes());
        assert_eq!(&array[array.len() - 4..], (-1_i32).to_be_bytes());
    }
    assert_eq!(connection.kept_statements().0, 1);
    // An empty array, and a row of a megabyte.
    let lengths = Statement::new("select cardinality($1), repeat('x', 1000000)", [1007]);
    let mut values = Values::new();
    values.push_array(23, [].into_iter());
    let told = run(&mut connection, &[(&lengths, &values)]).await;
    assert_eq!(int(&told.rows[0][0], 0), 0);
    assert_eq!(told.rows[0][0].get(1).unwrap().len(), 1_000_000);
    assert!(simple(&mut connection, "").await.failed.is_none());
    assert!(connection.is_idle());
    connection.close().await;
}

#[tokio::test]
async fn settings_end_with_the_batch() {
    let Some(config) = config() else { return };
    let mut connection = connect(&config).await;
    let set = Statement::new("select set_config('app.workspace_id', $1, true)", [25]);
    let get = Statement::new("select current_setting('app.workspace_id', true)", []);
    for workspace in ["one", "other"] {
        let told = run(
            &mut connection,
            &[(&set, &value(workspace.as_bytes())), (&get, &Values::new())],
        )
        .await;
        assert_eq!(told.rows[1][0].get(0), Some(workspace.as_bytes()));
        let told = run(&mut connection, &[(&get, &Values::new())]).await;
        assert!(told.rows[0][0].get(0).unwrap_or_default().is_empty());
    }
    // Settings that are refused: nothing of the rest runs.
    let refused = Statement::new("select set_config('no such setting', $1, true)", [25]);
    let told = run(
        &mut connection,
        &[(&refused, &value(b"x")), (&get, &Values::new())],
    )
    .await;
    assert_eq!(told.failed.unwrap().0, 0);
    assert!(told.rows.is_empty() && connection.is_idle());
}

#[tokio::test]
async fn levels_see_one_snapshot() {
    let Some(config) = config() else { return };
    let mut other = connect(&config).await;
    schema(&mut other, "wire_levels").await;
    simple(&mut other, "create table wire_levels.t as select 1 as n").await;
    let settings = Settings {
        parameters: vec![
            (
                "default_transaction_isolation".to_owned(),
                "repeatable read".to_owned(),
            ),
            ("default_transaction_read_only".to_owned(), "on".to_owned()),
        ],
        ..Settings::default()
    };
    let mut connection = Connection::connect(&config, &settings).await.unwrap();
    let count = Statement::new("select count(*)::int from wire_levels.t", []);
    let mut exchange = connection.exchange().unwrap();
    for level in 0..3 {
        exchange.add(&count, &Values::new(), Rows::Read).unwrap();
        if level < 2 {
            exchange.flush();
        } else {
            exchange.sync();
        }
        let told = read(&mut exchange).await.unwrap();
        assert_eq!(int(&told.rows[level][0], 0), 1);
        simple(&mut other, "insert into wire_levels.t values (2)").await;
    }
    assert!(connection.is_idle());
    let told = simple(&mut connection, "insert into wire_levels.t values (3)").await;
    assert_eq!(told.failed.unwrap().1.code, "25006");
    simple(&mut other, "drop schema wire_levels cascade").await;
}

#[tokio::test]
async fn errors_leave_a_good_connection() {
    let Some(config) = config() else { return };
    let mut connection = connect(&config).await;
    schema(&mut connection, "wire_errors").await;
    simple(
        &mut connection,
        "create table wire_errors.p (id int primary key)",
    )
    .await;
    simple(
        &mut connection,
        "create table wire_errors.c (id int constraint to_p references wire_errors.p deferrable initially deferred)",
    )
    .await;
    let insert = Statement::new("insert into wire_errors.p values ($1)", [23]);
    let fail = Statement::new("select 1 / 0", []);
    let one = value(&1_i32.to_be_bytes());
    let told = run(
        &mut connection,
        &[(&insert, &one), (&fail, &Values::new()), (&insert, &one)],
    )
    .await;
    let (at, error) = told.failed.unwrap();
    assert_eq!(
        (at, error.code.as_str(), told.affected),
        (1, "22012", vec![1])
    );
    let told = simple(&mut connection, "select count(*)::int from wire_errors.p").await;
    assert_eq!(int(&told.rows[0][0], 0), 0, "undone");
    // The key is checked when the transaction ends.
    let told = simple(&mut connection, "insert into wire_errors.c values (5)").await;
    let (at, error) = told.failed.unwrap();
    assert_eq!((at, error.constraint.as_deref()), (1, Some("to_p")));
    assert_eq!(error.table.as_deref(), Some("c"));
    let told = simple(&mut connection, "selec 1").await;
    assert_eq!(told.failed.unwrap().1.position, Some(1));
    assert!(connection.is_idle());
    simple(&mut connection, "drop schema wire_errors cascade").await;
}

#[tokio::test]
async fn plans_that_no_longer_fit() {
    let Some(config) = config() else { return };
    let mut connection = connect(&config).await;
    schema(&mut connection, "wire_plans").await;
    simple(
        &mut connection,
        "create table wire_plans.t as select 1 as a",
    )
    .await;
    let all = Statement::new("select * from wire_plans.t", []);
    assert_eq!(
        run(&mut connection, &[(&all, &Values::new())]).await.rows[0][0].len(),
        1
    );
    simple(&mut connection, "alter table wire_plans.t add b int").await;
    let told = run(&mut connection, &[(&all, &Values::new())]).await;
    let error = told.failed.unwrap().1;
    assert_eq!(error.code, "0A000");
    assert!(error.asks_to_prepare_again());
    assert_eq!(
        run(&mut connection, &[(&all, &Values::new())]).await.rows[0][0].len(),
        2
    );
    // Somebody took all of them away, as a pooler's next server does.
    simple(&mut connection, "deallocate all").await;
    let told = run(&mut connection, &[(&all, &Values::new())]).await;
    assert_eq!(told.failed.unwrap().1.code, "26000");
    assert_eq!(
        run(&mut connection, &[(&all, &Values::new())]).await.rows[0][0].len(),
        2
    );
    simple(&mut connection, "drop schema wire_plans cascade").await;
}

/// What is kept here is what PostgreSQL keeps.
#[tokio::test]
async fn kept_statements_agree() {
    let Some(config) = config() else { return };
    let settings = Settings {
        keep: Keep {
            statements: 10,
            ..Keep::default()
        },
        ..Settings::default()
    };
    let mut connection = Connection::connect(&config, &settings).await.unwrap();
    let statements: Vec<Statement> = (0..40)
        .map(|number| Statement::new(format!("select {number}"), []))
        .collect();
    let fail = Statement::new("select 1 / 0", []);
    let mut random = Random::new(7);
    for _ in 0..500 {
        let mut batch: Vec<(&Statement, &Values)> = Vec::new();
        let none = Values::new();
        for _ in 0..=random.below(4) {
            let statement = match random.below(6) {
                0 => &fail,
                _ => &statements[random.below(statements.len())],
            };
            batch.push((statement, &none));
        }
        let told = run(&mut connection, &batch).await;
        assert!(told.failed.is_none_or(|(_, error)| error.code == "22012"));
    }
    // Closes what is still to be closed.
    simple(&mut connection, "select 1").await;
    let told = simple(
        &mut connection,
        "select count(*)::int from pg_prepared_statements",
    )
    .await;
    let there = int(&told.rows[0][0], 0);
    assert_eq!(
        usize::try_from(there).unwrap(),
        connection.kept_statements().0
    );
    assert!(there <= 10);
}

#[tokio::test]
async fn a_statement_is_cancelled() {
    let Some(config) = config() else { return };
    let mut connection = connect(&config).await;
    let token = connection.cancel_token().unwrap().clone();
    // At rest there is nothing to cancel, and nothing happens.
    token.cancel(Duration::from_secs(5)).await.unwrap();
    let mut watcher = connect(&config).await;
    let running = format!(
        "select 1 from pg_stat_activity where pid = {} and wait_event = 'PgSleep'",
        token.process()
    );
    let cancel = async {
        while simple(&mut watcher, &running).await.rows.is_empty() {}
        token.cancel(Duration::from_secs(5)).await.unwrap();
    };
    let (told, ()) = tokio::join!(simple(&mut connection, "select pg_sleep(60)"), cancel);
    assert_eq!(told.failed.unwrap().1.code, "57014");
    assert!(connection.is_idle());
    // The same for one that was given up in the middle.
    let sleep = Statement::once(
        "select n, pg_sleep(n / 2 * 60) from generate_series(1, 3) n",
        [],
    );
    let mut exchange = connection.exchange().unwrap();
    exchange.add(&sleep, &Values::new(), Rows::Read).unwrap();
    exchange.sync();
    let cancel = async { while simple(&mut watcher, &running).await.rows.is_empty() {} };
    tokio::select! {
        biased;
        () = cancel => {}
        _ = exchange.next() => panic!("it ended"),
    }
    assert!(!connection.is_idle());
    token.cancel(Duration::from_secs(5)).await.unwrap();
    connection.drain(Duration::from_secs(5)).await.unwrap();
    assert!(connection.is_idle());
}

#[tokio::test]
async fn a_killed_backend_says_farewell() {
    let Some(config) = config() else { return };
    let (mut connection, mut killer) = (connect(&config).await, connect(&config).await);
    let process = connection.cancel_token().unwrap().process();
    simple(
        &mut killer,
        &format!("select pg_terminate_backend({process}, 5000)"),
    )
    .await;
    let mut lost = connection.look();
    while lost.is_ok() {
        tokio::task::yield_now().await;
        lost = connection.look();
    }
    assert_eq!(lost.unwrap_err().server().unwrap().code, "57P01");
    assert!(connection.is_broken() && connection.exchange().is_err());
}

#[tokio::test]
async fn which_kind_of_server() {
    let Ok(url) = std::env::var("TESSERA_TEST_DATABASE_URL") else {
        config();
        return;
    };
    let separator = if url.contains('?') { '&' } else { '?' };
    for (kind, found) in [
        ("any", true),
        ("read-write", true),
        ("primary", true),
        ("prefer-standby", true),
        ("standby", false),
        ("read-only", false),
    ] {
        let config =
            Config::parse(&format!("{url}{separator}target_session_attrs={kind}")).unwrap();
        let connected = Connection::connect(&config, &Settings::default()).await;
        match connected {
            Ok(connection) => {
                assert!(found && connection.is_idle(), "{kind}");
                // Its own wish for read-only transactions must not count against a server.
                let settings = Settings {
                    parameters: vec![("default_transaction_read_only".to_owned(), "on".to_owned())],
                    ..Settings::default()
                };
                Connection::connect(&config, &settings).await.unwrap();
            }
            Err(error) => assert!(
                !found && matches!(error, Error::Target(_)),
                "{kind}: {error}"
            ),
        }
    }
}

#[tokio::test]
async fn two_workspaces_on_one_connection() {
    let Some(config) = config() else { return };
    let settings = Settings {
        limits: Limits {
            answer: Duration::from_secs(20),
            ..Limits::default()
        },
        keep: Keep {
            statements: 6,
            ..Keep::default()
        },
        ..Settings::default()
    };
    let connection = Connection::connect(&config, &settings).await.unwrap();
    let shared = Shared::new(connection, QueueLimits::default()).unwrap();
    let callers: Vec<_> = (0..8_u64)
        .map(|number| {
            let shared = shared.clone();
            tokio::spawn(async move {
                let name = if number % 2 == 0 { "one" } else { "other" };
                caller(&shared, name, number).await
            })
        })
        .collect();
    let mut failed = 0;
    for caller in callers {
        failed += caller.await.unwrap();
    }
    assert!(failed > 500, "{failed}");
    assert!(!shared.is_lost());
}

async fn caller(shared: &Shared, name: &str, seed: u64) -> u32 {
    let mut random = Random::new(seed + 1);
    let set = Statement::new(
        "select set_config('app.workspace_id', $1, true), set_config('statement_timeout', '2s', true)",
        [25],
    );
    let reads: Vec<Statement> = (0..10)
        .map(|number| {
            Statement::new(
                format!("select current_setting('app.workspace_id'), $1, {number}"),
                [25],
            )
        })
        .collect();
    let fail = Statement::new("select 1 / 0", []);
    let (workspace, none) = (value(name.as_bytes()), Values::new());
    let mut failed = 0;
    for number in 0..500 {
        let key = format!("{name} {number}");
        let key_value = value(key.as_bytes());
        let ask = |statement, values, rows| Ask {
            statement,
            values,
            rows,
        };
        let read = &reads[random.below(reads.len())];
        let mut batch = vec![
            ask(&set, &workspace, Rows::Discard),
            ask(read, &key_value, Rows::Read),
        ];
        let fails = (random.below(3) == 0).then(|| random.below(3));
        if let Some(at) = fails {
            batch.insert(at, ask(&fail, &none, Rows::Read));
        }
        match shared.run(&batch).await {
            Ok(reply) => {
                assert_eq!(fails, None);
                let row = &reply.rows(1)[0];
                assert_eq!(row.get(0), Some(name.as_bytes()));
                assert_eq!(row.get(1), Some(key.as_bytes()));
            }
            Err(Error::Statement { statement, error }) => {
                assert_eq!((Some(statement), error.code.as_str()), (fails, "22012"));
                failed += 1;
            }
            Err(error) => panic!("{error}"),
        }
    }
    failed
}
