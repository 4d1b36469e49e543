//! Connections that are cut in the middle of a statement, and a network that falls silent.

use std::time::{Duration, Instant};

use super::gateway::Gateway;
use super::load::{Load, good, refused};
use super::proxy::{Network, Proxy};
use super::{on_own_server, until};

#[test]
fn terminated_connections_are_replaced_unseen() {
    on_own_server(async |server| {
        // Permits for all callers, so that a slow machine refuses nobody for another reason.
        let flags = ["--pool-size", "8", "--max-concurrent", "48"];
        let gateway = Gateway::start(&server.url(), &flags, &[]).await;
        let load = Load::start(&gateway, 24).await;
        load.more(100, good).await;
        for _ in 0..20 {
            let cut = server
                .number(
                    "select count(pg_terminate_backend(pid)) from pg_stat_activity \
                     where usename = 'tessera'",
                )
                .await;
            assert!(cut > 0, "the gateway has connections");
            load.more(60, good).await;
        }
        let refusals = load.count(refused);
        let (records, health) = load.stop().await;
        eprintln!("{refusals} of {} requests were refused", records.len());
        // A read that meets two cuts in a row is refused; one that meets one is not.
        assert!(refusals * 20 < records.len(), "{refusals} refusals");
        assert!(health.iter().all(|(_, _, status)| *status == Some(200)));
    });
}

#[test]
fn messages_cut_anywhere_give_no_wrong_answer() {
    on_own_server(async |server| {
        let proxy = Proxy::start(server.port).await;
        let url = server
            .url()
            .replace(&format!(":{}/", server.port), &format!(":{}/", proxy.port));
        let gateway = Gateway::start(&url, &["--pool-size", "8"], &[]).await;
        let load = Load::start(&gateway, 12).await;
        load.more(100, good).await;
        proxy.set(Network::Cutting);
        server
            .number(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity \
                 where usename = 'tessera'",
            )
            .await;
        load.more(300, |_| true).await;
        assert!(load.count(refused) > 0, "the cuts hurt");
        proxy.set(Network::Sound);
        let sound = Instant::now();
        load.more(100, good).await;
        let (records, _) = load.stop().await;
        let late = records
            .iter()
            .filter(|record| record.sent > sound + Duration::from_secs(5))
            .filter(|record| refused(&record.outcome))
            .count();
        assert_eq!(late, 0, "refused long after the network was sound again");
    });
}

#[test]
fn a_silent_network_makes_refusals_in_time() {
    on_own_server(async |server| {
        let proxy = Proxy::start(server.port).await;
        let url = server
            .url()
            .replace(&format!(":{}/", server.port), &format!(":{}/", proxy.port));
        let flags = ["--pool-size", "8", "--statement-timeout", "2"];
        let gateway = Gateway::start(&url, &flags, &[]).await;
        let load = Load::start(&gateway, 12).await;
        load.more(100, good).await;
        proxy.set(Network::Silent);
        until("the health tells", Duration::from_secs(6), async || {
            gateway.ready().await == Some(503)
        })
        .await;
        load.more(60, refused).await;
        proxy.set(Network::Sound);
        let sound = Instant::now();
        load.more(1, good).await;
        let late = sound.elapsed();
        load.more(100, good).await;
        let (records, _) = load.stop().await;
        let slowest = records
            .iter()
            .map(|record| record.took())
            .max()
            .expect("answers");
        eprintln!("serving again after {late:?}, the slowest answer {slowest:?}");
        // One attempt of the probe may just have begun: it waits for a second.
        assert!(late < Duration::from_secs(3), "{late:?}");
        // The limit of a statement, its grace, and one more attempt to begin.
        assert!(slowest < Duration::from_secs(12), "{slowest:?}");
    });
}
