//! PostgreSQL killed with -9 under load, and started again.

use std::time::{Duration, Instant};

use super::gateway::Gateway;
use super::load::{Load, good, refused};
use super::on_own_server;

/// How soon the gateway serves again once the database takes connections.
const SERVING_AGAIN: Duration = Duration::from_secs(1);
/// How late the health may follow the truth: it repeats a good answer for half a second, and a
/// check under way takes what it takes.
const HEALTH_LATE: Duration = Duration::from_millis(1500);
/// How long a health check may take.
const HEALTH_PATIENCE: Duration = Duration::from_millis(2500);

#[test]
fn a_killed_database_makes_refusals_and_is_served_again_within_a_second() {
    on_own_server(async |server| {
        let gateway = Gateway::start(&server.url(), &["--pool-size", "8"], &[]).await;
        let load = Load::start(&gateway, 24).await;
        let mut outages: Vec<(Instant, Instant)> = Vec::new();
        for _ in 0..3 {
            load.more(200, good).await;
            let killed = Instant::now();
            server.kill();
            // Long enough for every caller, and for the memory of memberships to run out.
            load.more(24 * 12, refused).await;
            let accepting = server.start().await;
            outages.push((killed, accepting));
            load.more(1, good).await;
        }
        load.more(200, good).await;
        let (records, health) = load.stop().await;

        for &(killed, accepting) in &outages {
            let first = records
                .iter()
                .filter(|record| record.sent > killed && good(&record.outcome))
                .map(|record| record.answered)
                .filter(|&answered| answered + Duration::from_millis(50) > accepting)
                .min()
                .expect("a good answer after the outage");
            let late = first.saturating_duration_since(accepting);
            eprintln!("serving again {late:?} after the database");
            assert!(late < SERVING_AGAIN, "{late:?}");
        }
        let slowest = records
            .iter()
            .map(|record| record.took())
            .max()
            .expect("answers");
        eprintln!("{} answers, the slowest {slowest:?}", records.len());
        assert!(slowest < Duration::from_secs(6), "{slowest:?}");

        for (sent, answered, status) in health {
            assert!(answered - sent < HEALTH_PATIENCE, "{:?}", answered - sent);
            let during = |&(killed, accepting): &(Instant, Instant)| {
                sent > killed + HEALTH_LATE && answered < accepting
            };
            let around = |&(killed, accepting): &(Instant, Instant)| {
                answered > killed && sent < accepting + HEALTH_LATE
            };
            if outages.iter().any(during) {
                assert_eq!(status, Some(503), "ready during an outage");
            } else if !outages.iter().any(around) {
                assert_eq!(status, Some(200), "not ready without an outage");
            }
        }
    });
}
