//! Nothing of a caller runs without the caller's settings, whatever becomes of the connection.

mod server;

use sea_orm::EntityTrait;
use tessera::db::{Ask, Db, DbOptions, Row, Then};
use tessera::error::{Code, Error};
use tessera::session::{Role, Session};
use tessera::sql::{Statement, Value};

use self::server::{Exchange, Script, Server};
use crate::harness::client::Client;
use crate::harness::database;
use crate::harness::run;
use crate::harness::seed::{self, Side};

fn session(side: Side) -> Session {
    Session {
        workspace: side.workspace(),
        user: side.user(),
        role: Role::Owner,
    }
}

fn db(server: &Server, shared: u32) -> Db {
    let options = DbOptions {
        max_connections: 2,
        shared_connections: shared,
        ..DbOptions::new(&server.url)
    };
    Db::new(&options).expect("a database")
}

/// Reads two levels in one scope: two rows each.
async fn read(db: &Db, short: bool) -> Result<Vec<String>, Error> {
    let statement = Statement::once("select rows");
    let mut scope = db.read(&session(Side::A));
    if short {
        scope = scope.short();
    }
    let mut rows = Vec::new();
    for then in [Then::More, Then::End] {
        if short && then == Then::More {
            continue;
        }
        let take = |_, row: Row| {
            rows.push(String::from_utf8_lossy(row.get(0).unwrap_or_default()).into_owned());
            Ok(())
        };
        scope.run(&[Ask::of(&statement)], then, take).await?;
    }
    Ok(rows)
}

/// Every exchange that reads begins with the settings of the workspace.
fn check(exchanges: &[Exchange]) {
    for exchange in exchanges {
        if exchange.iter().any(|(text, _)| text.contains("rows")) {
            let (text, values) = &exchange[0];
            assert!(
                text.contains("set_config('app.workspace_id'"),
                "{exchange:?}"
            );
            assert_eq!(values[0], Side::A.workspace().to_string());
        }
    }
}

#[test]
fn a_connection_that_is_cut_after_any_message_shows_all_or_nothing() {
    run(async {
        let all = ["one", "two", "one", "two"];
        let mut refused = 0;
        for cut in 0..20 {
            let server = Server::start(Script {
                cut: Some(cut),
                ..Script::default()
            })
            .await;
            let db = db(&server, 0);
            match read(&db, false).await {
                Ok(rows) => assert_eq!(rows, all, "cut after {cut}"),
                Err(error) => {
                    refused += 1;
                    assert_eq!(error.code, Code::Unavailable, "cut after {cut}: {error}");
                }
            }
            // Whatever happened, the next one is served.
            assert_eq!(read(&db, false).await.expect("rows"), all);
            check(&server.exchanges.lock().expect("no panic"));
        }
        assert!(refused > 0, "some cuts come after rows were handed over");
    });
}

#[test]
fn a_server_that_refuses_the_settings_runs_nothing_else() {
    run(async {
        let server = Server::start(Script {
            refuses: true,
            ..Script::default()
        })
        .await;
        for (shared, short) in [(0, false), (1, true), (1, true)] {
            let db = db(&server, shared);
            let error = read(&db, short).await.expect_err("it is refused");
            assert_eq!(error.code, Code::Internal);
            assert!(!error.message.contains("42501"), "{error}");
        }
        let exchanges = server.exchanges.lock().expect("no panic");
        let ran = exchanges.iter().flatten();
        assert_eq!(ran.filter(|(text, _)| text.contains("rows")).count(), 0);
    });
}

#[test]
fn behind_a_pooler_each_transaction_brings_its_settings() {
    run(async {
        let server = Server::start(Script {
            pools: true,
            ..Script::default()
        })
        .await;
        // Where settings do not stay, short reads do not share, either.
        let db = db(&server, 1);
        for short in [false, true, true] {
            let rows = read(&db, short).await.expect("rows");
            assert_eq!(rows[..2], ["one", "two"]);
        }
        assert!(!db.passes().await.expect("an answer").settings);
        let exchanges = server.exchanges.lock().expect("no panic");
        let reads = exchanges
            .iter()
            .filter(|exchange| exchange.iter().any(|(text, _)| text.contains("rows")));
        let mut count = 0;
        for exchange in reads {
            count += 1;
            let texts: Vec<&str> = exchange.iter().map(|(text, _)| text.as_str()).collect();
            let workspace = Side::A.workspace();
            assert_eq!(texts[0], "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
            assert_eq!(texts[1], "SET LOCAL ROLE gateway");
            assert!(texts.contains(&&*format!("SET LOCAL app.workspace_id = '{workspace}'")));
            assert_eq!(texts.last(), Some(&"COMMIT"));
        }
        assert_eq!(count, 3);
    });
}

#[test]
fn postgresql_plans_once_what_one_plan_serves() {
    run(async {
        let database = database::seeded().await;
        for generic in [true, false] {
            let text = format!(
                "select id from read.orders where workspace_id = $1 and id > $2 order by id limit 3 -- {generic}"
            );
            let values = [Side::A.workspace(), Side::A.id("orders", 0)];
            let read = Statement::new(text.clone(), values.map(|id| Value::Uuid(Some(id))).into());
            let plans = "select generic_plans, custom_plans from pg_prepared_statements where statement = $1";
            let plans = Statement::new(plans.to_owned(), [Value::Text(text)].into());
            let mut counts = (0, 0);
            for statement in std::iter::repeat_n(&read, 9).chain([&plans]) {
                let mut scope = database.db.read(&session(Side::A));
                if generic {
                    scope = scope.generic_plans();
                }
                let count = |row: &Row, column| {
                    let bytes = row.get(column).and_then(|bytes| bytes.try_into().ok());
                    bytes.map_or(0, i64::from_be_bytes)
                };
                let take = |_, row: Row| {
                    counts = (count(&row, 0), count(&row, 1));
                    Ok(())
                };
                let asked = [Ask::of(statement)];
                scope.run(&asked, Then::End, take).await.expect("rows");
            }
            match generic {
                true => assert!(counts.0 > 0 && counts.1 == 0, "{counts:?}"),
                false => assert!(counts.1 >= 5, "{counts:?}"),
            }
        }
    });
}

#[test]
fn settings_that_a_connection_still_holds_count_for_nothing() {
    run(async {
        let database = database::create(Some(seed::everything)).await;
        let foreign = format!(
            "select set_config('app.workspace_id', '{}', false), set_config('app.role', 'owner', false)",
            Side::B.workspace()
        );
        let mut lent = Vec::new();
        for _ in 0..database.connections() {
            let mut one = database.db.lend().await.expect("a connection");
            let connection = one.connection().expect("it is there");
            let mut exchange = connection.exchange().expect("at rest");
            let statement = wire::Statement::once(foreign.as_str(), []);
            exchange
                .add(&statement, &wire::Values::new(), wire::Rows::Discard)
                .expect("added");
            exchange.sync();
            while exchange.next().await.expect("answered").is_some() {}
            lent.push(one);
        }
        drop(lent);
        let client = Client::new(&database);
        let query = "{ customers { nodes { id } totalCount } }";
        for _ in 0..8 {
            let answer = client.query(Side::A, query, serde_json::json!({})).await;
            let id = &answer["data"]["customers"]["nodes"][0]["id"];
            assert_eq!(*id, Side::A.id("customers", 0).to_string(), "{answer}");
        }
        // Entities name no workspace: the views alone keep them inside.
        let entities = database.db.read(&session(Side::A)).entities();
        let rows = entity::orders::Entity::find().all(&entities).await;
        let rows = rows.expect("rows");
        assert!(!rows.is_empty());
        assert!(
            rows.iter()
                .all(|row| row.workspace_id == Side::A.workspace())
        );
    });
}
