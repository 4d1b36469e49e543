//! SIGTERM: load balancers are told, and no request is lost.

use std::time::{Duration, Instant};

use super::gateway::Gateway;
use super::load::{Caller, good};
use super::{on_own_server, until};
use crate::harness::seed::Side;

const QUERY: &str = "{ products { nodes { id title } } }";
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn a_terminated_gateway_says_so_and_answers_what_it_took() {
    on_own_server(async |server| {
        // On a busy machine it takes longer than a statement may by default.
        let longer = ["--statement-timeout", "60", "--request-timeout", "60"];
        let flags = [&["--drain-seconds", "2"], &longer[..]].concat();
        let mut gateway = Gateway::start(&server.url(), &flags, &[]).await;
        let caller = Caller::new(&gateway, Side::A, QUERY).await;
        // A statement that waits is a request under way when the listener closes.
        let mut admin = server.admin().await;
        let lock = "begin; lock table products in access exclusive mode";
        sqlx::Executor::execute(&mut admin, lock)
            .await
            .expect("the lock");
        let under_way = caller.ask();
        let stopping = async {
            // The maintenance job can wait for the table, too.
            let waits = "select count(*) from pg_stat_activity \
                where wait_event_type = 'Lock' and application_name = 'tessera' \
                and query like 'select t.%'";
            let waiting = async || server.number(waits).await == 1;
            until("a statement waits", PATIENCE, waiting).await;
            let terminated = Instant::now();
            gateway.terminate();
            let told = async || gateway.ready().await == Some(503);
            until("readiness says 503", Duration::from_secs(1), told).await;
            let closed = async || gateway.ready().await.is_none();
            until("no connection is taken", PATIENCE, closed).await;
            assert!(terminated.elapsed() >= Duration::from_secs(2));
            sqlx::Executor::execute(&mut admin, "rollback")
                .await
                .expect("the lock is given back");
        };
        let (record, ()) = tokio::join!(under_way, stopping);
        assert!(good(&record.outcome), "{record:?}");
        let ended = async || gateway.ended_well() == Some(true);
        until("the process ends well", PATIENCE, ended).await;
    });
}

#[test]
fn a_second_signal_ends_at_once() {
    on_own_server(async |server| {
        let flags = ["--drain-seconds", "300"];
        let mut gateway = Gateway::start(&server.url(), &flags, &[]).await;
        gateway.terminate();
        let told = async || gateway.ready().await == Some(503);
        until("readiness says 503", Duration::from_secs(5), told).await;
        assert_eq!(gateway.ended_well(), None);
        gateway.terminate();
        let ended = async || gateway.ended_well() == Some(true);
        until("the process ends", Duration::from_secs(5), ended).await;
    });
}
