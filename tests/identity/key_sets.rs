//! Keys that are fetched from the issuer: in time, once for all who wait, and never in place of
//! good ones by bad ones.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Value, json};
use tessera::auth::{Auth, AuthOptions, JwksOptions};
use tessera::telemetry::metrics;

use super::issuer::{SIGNERS, Signer, claims, decode, encode};
use super::key_server::{KeyServer, Manner, options_at, reserve};
use super::{ask_until, ask_with};
use crate::faults::gateway::command;
use crate::harness::client::Client;
use crate::harness::database::seeded;
use crate::harness::run;

fn identity(jwks: JwksOptions) -> AuthOptions {
    AuthOptions {
        jwks: Some(jwks),
        ..AuthOptions::default()
    }
}

async fn client(jwks: JwksOptions) -> Client {
    Client::with_auth(seeded().await, identity(jwks))
}

/// Sends tokens of an unknown key until the server is asked for it.
async fn look_again(client: &Client, server: &KeyServer) {
    let before = server.asked();
    let deadline = Instant::now() + Duration::from_secs(20);
    while server.asked() == before {
        assert!(Instant::now() < deadline, "nobody asks the server");
        let reply = ask_with(client, &SIGNERS[3].token_named("unknown")).await;
        reply.assert_unauthenticated("an unknown key");
    }
}

/// All public keys of the tests under the names `key-1` to `key-3`.
fn everything() -> Vec<Value> {
    let public = SIGNERS.iter().enumerate().skip(1);
    public
        .map(|(number, signer)| signer.entry(&format!("key-{number}")))
        .collect()
}

#[test]
fn tokens_of_each_algorithm_are_checked_with_fetched_keys() {
    run(async {
        let server = KeyServer::start(Manner::Keys(everything()));
        let client = client(server.options()).await;
        for (number, signer) in SIGNERS.iter().enumerate().skip(1) {
            for token in [signer.token_named(&format!("key-{number}")), signer.token()] {
                let reply = ask_with(&client, &token).await;
                assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
            }
            let other = signer.token_named(&format!("key-{}", number % 3 + 1));
            let reply = ask_with(&client, &other).await;
            reply.assert_unauthenticated("the name of another key");
        }
        assert_eq!(server.asked(), 1, "all of it with one fetch");
        let reply = ask_with(&client, &SIGNERS[0].token()).await;
        reply.assert_unauthenticated("HS256 without a secret");
        assert_eq!(
            server.asked(),
            1,
            "a set holds no secret, so none is looked for"
        );
    });
}

#[test]
fn a_public_key_of_a_set_is_no_secret() {
    run(async {
        let mut entries = everything();
        entries.push(SIGNERS[0].entry("shared"));
        let server = KeyServer::start(Manner::Keys(entries));
        let client = client(server.options()).await;
        let header = encode(r#"{"alg":"HS256","kid":"key-3"}"#);
        let message = format!("{header}.{}", encode(claims().to_string()));
        let x = decode(SIGNERS[3].jwk["x"].as_str().expect("a key"));
        let key = EncodingKey::from_secret(&x);
        let signature = crypto::sign(message.as_bytes(), &key, Algorithm::HS256).expect("signed");
        let reply = ask_with(&client, &format!("{message}.{signature}")).await;
        reply.assert_unauthenticated("a public key as a secret");
        let reply = ask_with(&client, &SIGNERS[0].token_named("shared")).await;
        reply.assert_unauthenticated("a secret that everyone can fetch");
    });
}

#[test]
fn entries_that_cannot_be_used_do_not_spoil_the_others() {
    run(async {
        let short = Signer::rs256(1024);
        let entries = vec![
            json!({"kty": "RSA"}),
            short.entry("short"),
            json!({"kty": "EC", "crv": "P-521", "kid": "other"}),
            json!("nonsense"),
            SIGNERS[2].entry("good"),
        ];
        let server = KeyServer::start(Manner::Keys(entries));
        let auth = Auth::new(identity(server.options()));
        let report = auth.check_keys().await.expect("a key");
        let jwks = report.jwks.expect("an address");
        assert_eq!(jwks.keys, [("ES256", Some("good".to_owned()))]);
        assert_eq!(jwks.skipped.len(), 4, "{:?}", jwks.skipped);
        assert!(!jwks.url.contains("hunter2"), "{}", jwks.url);
        let client = client(server.options()).await;
        let reply = ask_with(&client, &short.token_named("short")).await;
        reply.assert_unauthenticated("an RSA key of 1024 bits");
        let reply = ask_with(&client, &SIGNERS[2].token_named("good")).await;
        assert_eq!(reply.status, StatusCode::OK);
    });
}

#[test]
fn many_callers_wait_for_one_fetch() {
    run(async {
        let server = KeyServer::start(Manner::Waiting(everything()));
        let client = client(server.options()).await;
        let token = SIGNERS[2].token_named("key-2");
        let callers = (0..40).map(|_| ask_with(&client, &token));
        let callers = futures_util::future::join_all(callers);
        let (replies, ()) = tokio::join!(callers, async {
            while server.asked() == 0 {
                tokio::task::yield_now().await;
            }
            server.answer();
        });
        for reply in replies {
            assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
        }
        assert_eq!(server.asked(), 1);
    });
}

#[test]
fn a_new_key_is_fetched_and_a_withdrawn_one_is_no_good_any_more() {
    run(async {
        let (old, new) = (&SIGNERS[2], &SIGNERS[3]);
        let server = KeyServer::start(Manner::Keys(vec![old.entry("old")]));
        let client = client(server.options()).await;
        let (of_old, of_new) = (old.token_named("old"), new.token_named("new"));
        assert_eq!(ask_with(&client, &of_old).await.status, StatusCode::OK);
        server.set(Manner::Keys(vec![old.entry("old"), new.entry("new")]));
        ask_until(&client, &of_new, StatusCode::OK).await;
        assert_eq!(ask_with(&client, &of_old).await.status, StatusCode::OK);
        assert_eq!(server.asked(), 2);
        server.set(Manner::Keys(vec![new.entry("new")]));
        look_again(&client, &server).await;
        let reply = ask_until(&client, &of_old, StatusCode::UNAUTHORIZED).await;
        reply.assert_unauthenticated("a withdrawn key");
        assert_eq!(ask_with(&client, &of_new).await.status, StatusCode::OK);
    });
}

#[test]
fn unknown_keys_cause_no_fetch_before_the_pause_is_over() {
    run(async {
        let server = KeyServer::start(Manner::Keys(everything()));
        let options = JwksOptions {
            pause: Duration::from_secs(3600),
            ..server.options()
        };
        let client = client(options).await;
        for number in 0..50 {
            let token = SIGNERS[3].token_named(&format!("made up {number}"));
            let reply = ask_with(&client, &token).await;
            reply.assert_unauthenticated("an unknown key");
            assert!(reply.message().contains("does not know"), "{}", reply.text);
        }
        assert_eq!(server.asked(), 1);
        let reply = ask_with(&client, &SIGNERS[3].token_named("key-3")).await;
        assert_eq!(reply.status, StatusCode::OK, "and the known ones are good");
    });
}

#[test]
fn a_server_that_fails_leaves_the_known_keys_in_use() {
    run(async {
        let elsewhere = KeyServer::start(Manner::Keys(everything()));
        let address = elsewhere.address;
        let failures = [
            Manner::Status(500),
            Manner::Status(404),
            Manner::Status(204),
            Manner::Text(b"<html>come back later</html>".to_vec()),
            Manner::Text(b"{\"keys\": [".to_vec()),
            Manner::Text(b"\xff\xfe\x00".to_vec()),
            Manner::Text(Vec::new()),
            Manner::Text(b"{\"keys\": {}, \"keys\": []}".to_vec()),
            Manner::Text(vec![b' '; 2 << 20]),
            Manner::Text([b"[".repeat(500_000), b"]".repeat(500_000)].concat()),
            Manner::Keys(vec![json!({"kty": "oct", "k": "AAAA"})]),
            Manner::Redirect(format!("http://{address}/moved"), everything()),
            Manner::Redirect("https://127.0.0.1:1/moved".to_owned(), everything()),
            Manner::Redirect("/keys".to_owned(), everything()),
            Manner::Silent,
            Manner::Dripping,
        ];
        let server = KeyServer::start(Manner::Keys(everything()));
        let options = JwksOptions {
            timeout: Duration::from_millis(500),
            ..server.options()
        };
        let good = SIGNERS[3].token_named("key-3");
        let known = client(options.clone()).await;
        assert_eq!(ask_with(&known, &good).await.status, StatusCode::OK);
        for failure in failures {
            server.set(failure.clone());
            let case: String = format!("{failure:?}").chars().take(80).collect();
            look_again(&known, &server).await;
            assert_eq!(
                ask_with(&known, &good).await.status,
                StatusCode::OK,
                "{case}"
            );
            let never = client(options.clone()).await;
            let reply = ask_with(&never, &good).await;
            assert_eq!(
                reply.status,
                StatusCode::SERVICE_UNAVAILABLE,
                "{case}: {}",
                reply.text
            );
            assert_eq!(
                reply.json()["errors"][0]["extensions"]["code"],
                "UNAVAILABLE"
            );
            for secret in ["hunter2", "127.0.0.1", "keys?"] {
                assert!(!reply.text.contains(secret), "{case}: {}", reply.text);
            }
            let error = Auth::new(identity(options.clone())).check_keys().await;
            let error = error.expect_err(&case);
            assert!(!error.contains("hunter2"), "{case}: {error}");
            assert!(
                error.contains(&server.address.to_string()),
                "{case}: {error}"
            );
            // A good fetch in between, or the pauses would grow.
            server.set(Manner::Keys(everything()));
            look_again(&known, &server).await;
        }
        assert_eq!(elsewhere.asked(), 0, "a redirect leads nowhere else");
        server.set(Manner::Redirect("/moved".to_owned(), everything()));
        let moved = client(options).await;
        let reply = ask_with(&moved, &good).await;
        assert_eq!(
            reply.status,
            StatusCode::OK,
            "a redirect within the server is followed"
        );
    });
}

#[test]
fn an_empty_set_withdraws_all_keys() {
    run(async {
        let server = KeyServer::start(Manner::Keys(everything()));
        let client = client(server.options()).await;
        let good = SIGNERS[3].token_named("key-3");
        assert_eq!(ask_with(&client, &good).await.status, StatusCode::OK);
        server.set(Manner::Keys(Vec::new()));
        look_again(&client, &server).await;
        let reply = ask_until(&client, &good, StatusCode::UNAUTHORIZED).await;
        reply.assert_unauthenticated("a withdrawn key");
        server.set(Manner::Keys(everything()));
        ask_until(&client, &good, StatusCode::OK).await;
        // At the start it is no failure either.
        server.set(Manner::Keys(Vec::new()));
        let auth = Auth::new(identity(server.options()));
        let report = auth.check_keys().await.expect("a set");
        assert!(report.jwks.expect("an address").keys.is_empty());
    });
}

#[test]
fn while_the_issuer_hangs_unknown_keys_are_refused_at_once_and_known_ones_are_good() {
    run(async {
        const FLOOD: usize = 200;
        /// Who may wait for the fetch.
        const WAITING: usize = 8;
        let server = KeyServer::start(Manner::Keys(everything()));
        let options = JwksOptions {
            timeout: Duration::from_secs(300),
            patience: Duration::from_secs(300),
            ..server.options()
        };
        let client = client(options).await;
        let good = SIGNERS[3].token_named("key-3");
        assert_eq!(ask_with(&client, &good).await.status, StatusCode::OK);
        server.set(Manner::Silent);
        look_again(&client, &server).await;
        let tokens: Vec<String> = (0..FLOOD)
            .map(|number| SIGNERS[2].token_named(&format!("made up {number}")))
            .collect();
        let started = Instant::now();
        let mut flood: FuturesUnordered<_> = tokens
            .iter()
            .map(|token| ask_with(&client, token))
            .collect();
        for _ in 0..FLOOD - WAITING {
            let reply = flood.next().await.expect("an answer");
            reply.assert_unauthenticated("an unknown key");
            assert!(reply.message().contains("try again"), "{}", reply.text);
        }
        // Good tokens that were not seen before are checked as ever.
        for (number, signer) in SIGNERS.iter().enumerate().skip(1) {
            let other = signer.token_named(&format!("key-{number}"));
            assert_eq!(ask_with(&client, &other).await.status, StatusCode::OK);
        }
        while let Some(reply) = flood.next().await {
            reply.assert_unauthenticated("an unknown key");
        }
        assert!(
            started.elapsed() < Duration::from_secs(100),
            "not the fetch's time"
        );
        assert_eq!(server.asked(), 2, "one fetch for all of them");
    });
}

#[test]
fn keys_that_are_too_old_are_not_used() {
    run(async {
        let server = KeyServer::start(Manner::Keys(everything()));
        let options = |max_age| JwksOptions {
            max_age,
            ..server.options()
        };
        let old = client(options(Some(Duration::from_millis(200)))).await;
        let ever = client(options(None)).await;
        let good = SIGNERS[3].token_named("key-3");
        for client in [&old, &ever] {
            ask_until(client, &good, StatusCode::OK).await;
        }
        server.set(Manner::Status(500));
        let reply = ask_until(&old, &good, StatusCode::SERVICE_UNAVAILABLE).await;
        assert!(reply.headers.contains_key("retry-after"), "{}", reply.text);
        assert_eq!(ask_with(&ever, &good).await.status, StatusCode::OK);
        server.set(Manner::Keys(everything()));
        ask_until(&old, &good, StatusCode::OK).await;
    });
}

#[test]
fn fetches_and_the_age_of_the_keys_are_measured() {
    run(async {
        let server = KeyServer::start(Manner::Keys(everything()));
        let auth = Auth::new(identity(server.options()));
        let value = |metric: &str| -> f64 {
            let text = metrics().text(0, 0);
            let mut values = text
                .lines()
                .filter_map(|line| line.strip_prefix(metric)?.trim().parse().ok());
            values.next().unwrap_or(0.0)
        };
        let ok = "tessera_jwks_fetches_total{outcome=\"ok\"}";
        let failed = "tessera_jwks_fetches_total{outcome=\"failed\"}";
        let before = (value(ok), value(failed));
        auth.check_keys().await.expect("keys");
        server.set(Manner::Status(500));
        auth.check_keys().await.expect_err("no keys");
        // Other tests fetch as well while this one runs.
        assert!(value(ok) > before.0 && value(failed) > before.1);
        assert!(value("tessera_jwks_age_seconds") > 0.0);
        assert!(metrics().text(0, 0).contains("\ntessera_jwks_keys "));
    });
}

#[test]
fn the_doctor_tells_how_long_keys_are_used_and_of_an_empty_set() {
    run(async {
        let server = KeyServer::start(Manner::Keys(everything()));
        let url = format!("http://{}/keys", server.address);
        let doctor = async |flags: &[&str]| {
            let mut command = command();
            command
                .args(["doctor", "--database-url=postgres://x@127.0.0.1:1/x"])
                .args(["--jwks-url", &url])
                .args(flags);
            let output = tokio::task::spawn_blocking(move || command.output()).await;
            let output = output.expect("no panic").expect("the doctor runs");
            String::from_utf8(output.stdout).expect("UTF-8")
        };
        let text = doctor(&[]).await;
        assert!(text.contains("3 keys at"), "{text}");
        assert!(text.contains("used for 86400 s"), "{text}");
        assert!(text.contains("set jwt_issuer"), "{text}");
        assert!(text.contains("set jwt_audience"), "{text}");
        let text = doctor(&["--jwt-issuer=https://a.example", "--jwt-audience=us"]).await;
        assert!(!text.contains("warning  keys"), "{text}");
        let text = doctor(&["--jwks-max-age=0"]).await;
        assert!(text.contains("-> set --jwks-max-age to"), "{text}");
        server.set(Manner::Keys(Vec::new()));
        let text = doctor(&[]).await;
        assert!(text.contains("problem  keys: the key set at"), "{text}");
    });
}

#[test]
fn a_server_that_comes_up_late_is_found() {
    run(async {
        let socket = reserve();
        let address = socket.local_addr().expect("an address");
        let client = client(options_at(address)).await;
        let token = SIGNERS[1].token_named("key-1");
        let reply = ask_with(&client, &token).await;
        assert_eq!(
            reply.status,
            StatusCode::SERVICE_UNAVAILABLE,
            "{}",
            reply.text
        );
        assert!(reply.headers.contains_key("retry-after"));
        let _server = KeyServer::start_on(socket, Manner::Keys(everything()));
        ask_until(&client, &token, StatusCode::OK).await;
    });
}

#[test]
fn a_slow_server_keeps_nobody_longer_than_their_patience() {
    run(async {
        let server = KeyServer::start(Manner::Waiting(everything()));
        let options = JwksOptions {
            patience: Duration::from_millis(50),
            ..server.options()
        };
        let client = client(options).await;
        let token = SIGNERS[1].token_named("key-1");
        let reply = ask_with(&client, &token).await;
        assert_eq!(
            reply.status,
            StatusCode::SERVICE_UNAVAILABLE,
            "{}",
            reply.text
        );
        server.answer();
        ask_until(&client, &token, StatusCode::OK).await;
        assert_eq!(
            server.asked(),
            1,
            "the fetch went on without the one who left"
        );
    });
}

#[test]
fn keys_are_fetched_anew_without_anyone_asking() {
    run(async {
        let server = KeyServer::start(Manner::Keys(everything()));
        let auth = Auth::new(identity(JwksOptions {
            lifetime: Duration::from_millis(10),
            ..server.options()
        }));
        let fresh = tokio::spawn(auth.keep_keys_fresh());
        let until = async |count: usize| {
            let deadline = Instant::now() + Duration::from_secs(20);
            while server.asked() < count {
                assert!(Instant::now() < deadline, "asked {} times", server.asked());
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        until(3).await;
        server.set(Manner::Status(503));
        let failing = server.asked();
        until(failing + 3).await;
        fresh.abort();
    });
}

#[test]
fn without_an_address_there_is_nothing_to_fetch() {
    run(async {
        let auth = Auth::new(super::issuer::options());
        auth.keep_keys_fresh().await;
        let report = auth.check_keys().await.expect("nothing can fail");
        assert!(report.secret && report.jwks.is_none());
        assert_eq!(report.public_keys, ["RS256", "ES256", "EdDSA"]);
        assert!(report.warnings.is_empty(), "{:?}", report.warnings);
    });
}
