//! Rate limits: never more than was promised, each user and workspace for itself, and answers that
//! say where their callers stand.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use governor::clock::FakeRelativeClock;
use http_body_util::BodyExt;
use proptest::prelude::*;
use serde_json::{Value, json};
use tessera::engine::Limits;
use tessera::rate::{Limiter, Rate, RateOptions, Rates, Taken};
use tessera::session::Role;
use tower::ServiceExt;
use uuid::Uuid;

use crate::harness::client::{Client, token, token_of};
use crate::harness::database::seeded;
use crate::harness::run;
use crate::harness::seed::Side;

fn rate(text: &str) -> Rate {
    text.parse().expect("a rate")
}

fn units(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).expect("above zero")
}

#[derive(Clone, Debug)]
struct Demand {
    pause: u64,
    key: u128,
    units: u32,
}

fn demands() -> impl Strategy<Value = (u32, u32, Vec<Demand>)> {
    (1..5_000_u32, 1..60_u32).prop_flat_map(|(per_minute, burst)| {
        // Pauses from nothing to as long as it takes to fill the bucket.
        let fill = 60_000_000_000 / u64::from(per_minute) * u64::from(burst);
        let demand =
            (0..=fill / 3, 0..3_u128, 1..=burst + 1).prop_map(|(pause, key, units)| Demand {
                pause: if pause % 3 == 0 { 0 } else { pause },
                key,
                units,
            });
        let demands = prop::collection::vec(demand, 1..80);
        (Just(per_minute), Just(burst), demands)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// In any stretch of time at most the burst and what flowed in meanwhile; a refusal tells when
    /// the same is granted and how much would have been, and a bucket knows nothing of another.
    #[test]
    fn never_more_than_the_rate((per_minute, burst, demands) in demands()) {
        run(async {
            let rate = Rate::new(per_minute, burst).expect("a rate");
            let clock = FakeRelativeClock::default();
            let limiter = Limiter::with_clock(rate, clock.clone());
            let alone = |key: u128| {
                let demands = demands.clone();
                async move {
                    let clock = FakeRelativeClock::default();
                    let limiter = Limiter::with_clock(rate, clock.clone());
                    let mut taken = Vec::new();
                    for demand in demands {
                        clock.advance(Duration::from_nanos(demand.pause));
                        if demand.key == key {
                            taken.push(limiter.take(Uuid::from_u128(key), units(demand.units)));
                        }
                    }
                    taken
                }
            };
            let mut now = 0;
            let mut granted: [Vec<(u64, u32)>; 3] = Default::default();
            let mut all: [Vec<Taken>; 3] = Default::default();
            for demand in &demands {
                clock.advance(Duration::from_nanos(demand.pause));
                now += demand.pause;
                let key = demand.key as usize;
                let taken = limiter.take(Uuid::from_u128(demand.key), units(demand.units));
                all[key].push(taken);
                match taken {
                    Taken::Granted { .. } => granted[key].push((now, demand.units)),
                    Taken::Refused { remaining, wait } => {
                        prop_assert!(demand.units <= burst);
                        prop_assert!(remaining < demand.units);
                        prop_assert!(wait > Duration::ZERO);
                        prop_assert!(wait <= rate.refill(demand.units));
                    }
                    Taken::Never => prop_assert!(demand.units > burst),
                }
            }
            for (key, granted) in granted.iter().enumerate() {
                prop_assert_eq!(&all[key], &alone(key as u128).await);
                for (start, (from, _)) in granted.iter().enumerate() {
                    let mut sum = 0;
                    for (to, units) in &granted[start..] {
                        sum += u128::from(*units);
                        let flowed = u128::from(to - from) * u128::from(per_minute);
                        prop_assert!(sum * 60_000_000_000 <= u128::from(burst) * 60_000_000_000 + flowed);
                    }
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_refusal_tells_how_much_is_left_and_when_there_is_more(
        (per_minute, burst, demands) in demands(),
    ) {
        run(async {
            let rate = Rate::new(per_minute, burst).expect("a rate");
            let clock = FakeRelativeClock::default();
            let limiter = Limiter::with_clock(rate, clock.clone());
            let key = Uuid::from_u128(7);
            for demand in demands {
                clock.advance(Duration::from_nanos(demand.pause));
                let Taken::Refused { remaining, wait } = limiter.take(key, units(demand.units)) else {
                    continue;
                };
                // A nanosecond before it is too early.
                clock.advance(wait - Duration::from_nanos(1));
                let early = limiter.take(key, units(demand.units));
                let is_refused = matches!(early, Taken::Refused { wait, .. } if wait == Duration::from_nanos(1));
                prop_assert!(is_refused, "{:?}", early);
                if remaining > 0 {
                    let part = limiter.take(key, units(remaining));
                    let is_granted = matches!(part, Taken::Granted { .. });
                    prop_assert!(is_granted, "{:?}", part);
                    continue;
                }
                clock.advance(Duration::from_nanos(1));
                let late = limiter.take(key, units(demand.units));
                let is_granted = matches!(late, Taken::Granted { .. });
                prop_assert!(is_granted, "{:?}", late);
            }
            Ok(())
        })?;
    }
}

#[test]
fn a_thousand_at_once_get_what_one_would() {
    let limiter = Limiter::with_clock(rate("60:100"), FakeRelativeClock::default());
    let granted = AtomicU32::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for turn in 0..125 {
                    let units = units(1 + turn % 2);
                    if let Taken::Granted { .. } = limiter.take(Uuid::nil(), units) {
                        granted.fetch_add(units.get(), Ordering::Relaxed);
                    }
                }
            });
        }
    });
    assert_eq!(granted.load(Ordering::Relaxed), 100);
}

#[test]
fn full_buckets_are_forgotten() {
    run(async {
        let clock = FakeRelativeClock::default();
        let limiter = Limiter::with_clock(rate("60:60"), clock.clone());
        for key in 0..50_000_u128 {
            // A bucket is full again after a second, when a hundred others were used.
            clock.advance(Duration::from_millis(10));
            limiter.take(Uuid::from_u128(key), units(1));
            assert!(limiter.len() < 3_000, "{}", limiter.len());
        }
        // A bucket that is not full stays.
        let poor = Uuid::from_u128(1 << 100);
        limiter.take(poor, units(60));
        for key in 0..10_000_u128 {
            limiter.take(Uuid::from_u128(key), units(1));
        }
        let taken = limiter.take(poor, units(1));
        assert!(
            matches!(taken, Taken::Refused { remaining: 0, .. }),
            "{taken:?}"
        );
    });
}

async fn client(settings: RateOptions) -> Client {
    let engine = crate::harness::client::engine(Limits::default());
    Client::with(seeded().await, engine, |gateway| {
        gateway.rates = Rates::new(&settings);
    })
}

async fn ask(client: &Client, token: &str, query: &str) -> (StatusCode, HeaderMap, Value) {
    let request = Request::post("/graphql")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .body(Body::from(json!({"query": query}).to_string()))
        .expect("a request");
    let answer = client.router().oneshot(request).await.expect("an answer");
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = answer
        .into_body()
        .collect()
        .await
        .expect("a body")
        .to_bytes();
    (
        status,
        headers,
        serde_json::from_slice(&body).expect("JSON"),
    )
}

fn field<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get(name)
        .map(|value| value.to_str().expect("a text"))
}

const SMALL: &str = "{ customers(first: 1) { nodes { id } } }";

#[test]
fn a_user_who_is_over_the_limit_is_told_when_to_come_again() {
    run(async {
        let client = client(RateOptions {
            user_requests: Some(rate("1:3")),
            workspace_requests: Some(rate("100:100")),
            ..RateOptions::default()
        })
        .await;
        let (owner, other) = (token(Side::A), token(Side::B));
        let member = token_of(Side::A.id("users", 1), &[(Side::A, Role::Viewer)]);
        for (left, query) in [(2, SMALL), (1, "{ nothing }"), (0, "{ broken")] {
            let (status, headers, _) = ask(&client, &owner, query).await;
            assert_eq!(status, StatusCode::OK);
            assert_eq!(
                field(&headers, "ratelimit-policy"),
                Some("\"user-requests\";q=3;w=180, \"workspace-requests\";q=100;w=60")
            );
            let limit = field(&headers, "ratelimit").expect("a field");
            assert!(
                limit.starts_with(&format!("\"user-requests\";r={left};t=")),
                "{limit}"
            );
            assert!(
                limit.contains(&format!("\"workspace-requests\";r={};t=", 97 + left)),
                "{limit}"
            );
            assert_eq!(field(&headers, "retry-after"), None);
        }
        for _ in 0..3 {
            let (status, headers, answer) = ask(&client, &owner, SMALL).await;
            assert_eq!(status, StatusCode::TOO_MANY_REQUESTS, "{answer}");
            let extensions = &answer["errors"][0]["extensions"];
            assert_eq!(extensions["code"], "RATE_LIMITED");
            let wait = extensions["retryAfter"].as_u64().expect("a number");
            assert!((50..=60).contains(&wait), "{answer}");
            assert_eq!(
                field(&headers, "retry-after"),
                Some(wait.to_string().as_str())
            );
            // The refused ones took nothing from the workspace, and its bucket was not asked.
            let limit = format!("\"user-requests\";r=0;t={wait}");
            assert_eq!(field(&headers, "ratelimit"), Some(limit.as_str()));
            assert!(answer.get("data").is_none());
        }
        for (token, left) in [(&member, 96), (&other, 99)] {
            let (status, headers, _) = ask(&client, token, SMALL).await;
            assert_eq!(status, StatusCode::OK);
            let limit = field(&headers, "ratelimit").expect("a field");
            assert!(
                limit.contains(&format!("\"workspace-requests\";r={left};")),
                "{limit}"
            );
        }
    });
}

#[test]
fn a_workspace_shares_its_limit() {
    run(async {
        let client = client(RateOptions {
            workspace_requests: Some(rate("1:2")),
            ..RateOptions::default()
        })
        .await;
        let owner = token(Side::A);
        let member = token_of(Side::A.id("users", 1), &[(Side::A, Role::Viewer)]);
        for (token, expected) in [(&owner, 200), (&member, 200), (&owner, 429), (&member, 429)] {
            let (status, _, answer) = ask(&client, token, SMALL).await;
            assert_eq!(status.as_u16(), expected, "{answer}");
        }
        let (status, _, _) = ask(&client, &token(Side::B), SMALL).await;
        assert_eq!(status, StatusCode::OK);
    });
}

#[test]
fn cost_is_paid_before_anything_is_read() {
    run(async {
        let client = client(RateOptions {
            user_cost: Some(rate("100:300")),
            ..RateOptions::default()
        })
        .await;
        let owner = token(Side::A);
        let hundred = "{ customers(first: 100) { nodes { id } } }";
        let mut last = 300;
        for _ in 0..2 {
            let (status, headers, _) = ask(&client, &owner, hundred).await;
            assert_eq!(status, StatusCode::OK);
            assert_eq!(
                field(&headers, "ratelimit-policy"),
                Some("\"user-cost\";q=300;w=180;qu=\"cost\"")
            );
            let limit = field(&headers, "ratelimit").expect("a field");
            let left = limit.split(';').find_map(|part| part.strip_prefix("r="));
            let left: u32 = left.and_then(|left| left.parse().ok()).expect("a number");
            assert!(
                (last - 110..=last - 100).contains(&left),
                "{limit} after {last}"
            );
            last = left;
        }
        let database = seeded().await;
        let statements = crate::harness::database::STATEMENTS
            .scope(Default::default(), async {
                let (status, headers, answer) = ask(&client, &owner, hundred).await;
                assert_eq!(status, StatusCode::TOO_MANY_REQUESTS, "{answer}");
                assert!(field(&headers, "retry-after").is_some());
                // What costs less than what is left is still granted.
                let (status, _, _) = ask(&client, &owner, "{ __typename }").await;
                assert_eq!(status, StatusCode::OK);
                crate::harness::database::STATEMENTS.with(|all| all.lock().expect("a lock").len())
            })
            .await;
        assert_eq!(statements, 0, "{}", database.url);
        let (status, _, _) = ask(&client, &owner, SMALL).await;
        assert_eq!(status, StatusCode::OK);
        // More than the bucket ever holds is no matter of waiting.
        let (status, headers, answer) = ask(
            &client,
            &owner,
            "{ customers(first: 400) { nodes { id } } }",
        )
        .await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        let extensions = &answer["errors"][0]["extensions"];
        assert_eq!(extensions["code"], "QUERY_TOO_EXPENSIVE", "{answer}");
        assert_eq!(extensions["limit"], 300);
        assert_eq!(field(&headers, "retry-after"), None);
    });
}

#[test]
fn without_limits_and_without_a_session_there_are_no_fields() {
    run(async {
        let (_, headers, _) = ask(&Client::new(seeded().await), &token(Side::A), SMALL).await;
        assert_eq!(field(&headers, "ratelimit-policy"), None);
        assert_eq!(field(&headers, "ratelimit"), None);
        let client = client(RateOptions {
            user_requests: Some(rate("1:1")),
            ..RateOptions::default()
        })
        .await;
        for _ in 0..3 {
            let (status, headers, _) = ask(&client, "nobody", SMALL).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED);
            assert_eq!(field(&headers, "ratelimit"), None);
        }
    });
}

#[test]
fn each_operation_of_a_batch_counts() {
    run(async {
        let settings = RateOptions {
            user_requests: Some(rate("1:4")),
            ..RateOptions::default()
        };
        let engine = crate::harness::client::engine(Limits::default());
        let client = Client::with(seeded().await, engine, |gateway| {
            gateway.rates = Rates::new(&settings);
            gateway.options.max_batch = 5;
        });
        let batch = json!([{"query": SMALL}, {"query": SMALL}, {"query": SMALL}]);
        let token = token(Side::A);
        let codes = |answer: Value| -> Vec<Value> {
            let answers = answer.as_array().expect("answers").clone();
            let codes = answers
                .into_iter()
                .map(|it| it["errors"][0]["extensions"]["code"].clone());
            codes.collect()
        };
        let (status, answer) = client.post_body(Some(&token), &batch).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(codes(answer), [Value::Null, Value::Null, Value::Null]);
        let (status, answer) = client.post_body(Some(&token), &batch).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(
            codes(answer),
            [json!(null), json!("RATE_LIMITED"), json!("RATE_LIMITED")]
        );
    });
}
