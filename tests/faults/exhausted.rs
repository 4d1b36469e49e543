//! A pool whose connections are all at work.

use std::time::Duration;

use sqlx::Executor;

use super::gateway::Gateway;
use super::load::{Caller, Outcome, good};
use super::{on_own_server, until};
use crate::harness::seed::Side;

#[test]
fn an_exhausted_pool_refuses_and_recovers() {
    on_own_server(async |server| {
        // What waits for the lock outlasts the test on a slow machine, too.
        let longer = ["--statement-timeout", "60", "--request-timeout", "60"];
        // Short reads would go on over the connections that they share.
        let pool = ["--pool-size", "4", "--shared-connections", "0"];
        let flags = [&pool[..], &longer[..]].concat();
        let gateway = Gateway::start(&server.url(), &flags, &[]).await;
        let stuck = Caller::new(&gateway, Side::A, "{ orders { nodes { id orderNumber } } }").await;
        let other = Caller::new(&gateway, Side::B, "{ products { nodes { id title } } }").await;

        let mut admin = server.admin().await;
        admin
            .execute("begin; lock table orders in access exclusive mode")
            .await
            .expect("a lock");
        let waiting: Vec<_> = (0..4)
            .map(|_| {
                let caller = stuck.clone();
                tokio::spawn(async move { caller.ask().await })
            })
            .collect();
        until("all four wait", Duration::from_secs(5), async || {
            server
                .number(
                    "select count(*) from pg_stat_activity \
                     where usename = 'tessera' and wait_event_type = 'Lock'",
                )
                .await
                == 4
        })
        .await;

        let refused = other.ask().await;
        assert_eq!(refused.outcome, Outcome::Refused("UNAVAILABLE".to_owned()));
        assert!(
            refused.took() < Duration::from_secs(7),
            "{:?}",
            refused.took()
        );
        // The database is well, and another gateway would do no better.
        assert_eq!(gateway.ready().await, Some(200));

        admin.execute("rollback").await.expect("no lock");
        for task in waiting {
            let record = task.await.expect("no panic");
            assert!(good(&record.outcome), "{record:?}");
        }
        for caller in [&stuck, &other] {
            let record = caller.ask().await;
            assert!(good(&record.outcome), "{record:?}");
        }
    });
}
