//! Every way in which a token can be bad, for every algorithm: one answer, whose text helps the
//! token's owner and gives nothing away.

use axum::http::StatusCode;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Value, json};

use super::issuer::{AUDIENCE, ISSUER, SIGNERS, Signer, claims, claims_with, encode, options};
use super::{ask_with, issuer};
use crate::harness::client::Client;
use crate::harness::database::seeded;
use crate::harness::run;

/// The name of a case, the token, and a word of the text that its owner gets.
type Case = (&'static str, String, &'static str);

fn without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().expect("claims").remove(name);
    claims
}

fn now() -> i64 {
    chrono::Utc::now().timestamp()
}

/// Claims that do not hold, well signed.
fn of_claims(signer: &Signer) -> Vec<Case> {
    let with = |name: &str, value: Value| signer.sign(&signer.header(), &claims_with(name, value));
    let raw = |claims: &str| signer.sign_text(signer.header().to_string(), claims);
    let exp = |value: &str| {
        raw(&claims_with("exp", json!("EXP"))
            .to_string()
            .replace("\"EXP\"", value))
    };
    vec![
        ("expired", with("exp", json!(now() - 31)), "expired"),
        ("expired long ago", with("exp", json!(1)), "expired"),
        ("a negative end", with("exp", json!(-1)), "expired"),
        ("a negative fraction", with("exp", json!(-0.5)), "expired"),
        (
            "no end",
            signer.sign(&signer.header(), &without("exp")),
            "`exp`",
        ),
        ("an end as text", with("exp", json!("9999999999")), "`exp`"),
        ("an end that is null", with("exp", json!(null)), "`exp`"),
        (
            "an end in milliseconds",
            with("exp", json!((now() + 600) * 1000)),
            "milliseconds",
        ),
        (
            "an end as large as can be",
            with("exp", json!(u64::MAX)),
            "`exp`",
        ),
        (
            "an end beyond integers",
            exp("18446744073709551616"),
            "`exp`",
        ),
        ("an end beyond floats", exp("1e400"), "`exp`"),
        ("an end of many digits", exp(&"9".repeat(5000)), "`exp`"),
        ("an end that is NaN", exp("NaN"), "claims cannot be read"),
        (
            "not yet valid",
            with("nbf", json!(now() + 90)),
            "not valid yet",
        ),
        ("a beginning as text", with("nbf", json!("0")), "`nbf`"),
        (
            "trust the token's issuer",
            with("iss", json!("https://evil.example/")),
            "`iss`",
        ),
        (
            "almost the issuer",
            with("iss", json!(ISSUER.trim_end_matches('/'))),
            "`iss`",
        ),
        ("a list of issuers", with("iss", json!([ISSUER])), "`iss`"),
        (
            "no issuer",
            signer.sign(&signer.header(), &without("iss")),
            "`iss`",
        ),
        (
            "another audience",
            with("aud", json!("somebody else")),
            "`aud`",
        ),
        ("other audiences", with("aud", json!(["a", "b"])), "`aud`"),
        (
            "no audience",
            signer.sign(&signer.header(), &without("aud")),
            "`aud`",
        ),
        (
            "no user",
            signer.sign(&signer.header(), &without("sub")),
            "`sub`",
        ),
        (
            "a user who is no id",
            with("sub", json!("auth0|abc")),
            "`sub`",
        ),
        ("a user who is a number", with("sub", json!(7)), "`sub`"),
        (
            "no workspace",
            signer.sign(&signer.header(), &without("workspaces")),
            "contain a workspace",
        ),
        (
            "an empty list of workspaces",
            with("workspaces", json!([])),
            "no workspace",
        ),
        (
            "workspaces of another type",
            with("workspaces", json!(1)),
            "contain a workspace",
        ),
        (
            "an unknown role",
            with("workspaces", json!({"acme": "king"})),
            "role",
        ),
        (
            "a workspace with a zero byte",
            with("workspaces", json!({"a\u{0}b": "owner"})),
            "slug",
        ),
        (
            "a user twice",
            raw(&claims().to_string().replacen(
                '{',
                "{\"sub\":\"00000000-0000-0000-0000-000000000000\",",
                1,
            )),
            "twice",
        ),
        (
            "an end twice, once escaped",
            raw(&claims()
                .to_string()
                .replacen('{', "{\"\\u0065xp\":99999999999,", 1)),
            "twice",
        ),
        (
            "a workspace twice",
            raw(&claims()
                .to_string()
                .replace(":\"owner\"", ":\"viewer\",\"a\":1,\"a\":1")),
            "twice",
        ),
        ("claims that are a list", raw("[]"), "claims cannot be read"),
        (
            "claims that are no JSON",
            raw("hello"),
            "claims cannot be read",
        ),
        (
            "claims with something after them",
            raw(&format!("{} x", claims())),
            "claims cannot be read",
        ),
        (
            "nested deep",
            raw(&claims_with("x", json!("DEEP")).to_string().replace(
                "\"DEEP\"",
                &format!("{}{}", "[".repeat(5000), "]".repeat(5000)),
            )),
            "claims cannot be read",
        ),
        (
            "bad UTF-8",
            signer.sign_text(
                signer.header().to_string(),
                [&claims().to_string().as_bytes()[..20], b"\xff\xfe"].concat(),
            ),
            "claims cannot be read",
        ),
    ]
}

/// Headers that are no good, well signed.
fn of_headers(signer: &Signer) -> Vec<Case> {
    let with = |name: &str, value: Value| {
        let mut header = signer.header();
        header[name] = value;
        signer.sign(&header, &claims())
    };
    let raw = |header: &str| signer.sign_text(header, claims().to_string());
    let name = format!("{:?}", signer.algorithm);
    vec![
        ("no algorithm", raw(r#"{"typ":"JWT"}"#), "`alg`"),
        (
            "an algorithm that is no text",
            with("alg", json!(null)),
            "`alg`",
        ),
        (
            "an unknown algorithm",
            with("alg", json!("XS256")),
            "unsupported",
        ),
        (
            "an algorithm in small letters",
            with("alg", json!(name.to_lowercase())),
            "unsupported",
        ),
        (
            "a stronger algorithm",
            with("alg", json!("HS512")),
            "unsupported",
        ),
        (
            "another padding",
            with("alg", json!("PS256")),
            "unsupported",
        ),
        ("an extension", with("crit", json!(["b64"])), "`crit`"),
        (
            "an empty list of extensions",
            with("crit", json!([])),
            "`crit`",
        ),
        (
            "a name of a key that is no text",
            with("kid", json!(["a"])),
            "`kid`",
        ),
        (
            "another kind of token",
            with("typ", json!("logout+jwt")),
            "`typ`",
        ),
        ("a kind that is no text", with("typ", json!(1)), "`typ`"),
        (
            "an algorithm twice",
            raw(&format!(r#"{{"alg":"none","alg":"{name}"}}"#)),
            "header cannot be read",
        ),
        ("a list", raw("[]"), "header cannot be read"),
        ("no JSON", raw("{"), "header cannot be read"),
        (
            "nested deep",
            raw(&format!(r#"{{"alg":"{name}","x":{}}}"#, "[".repeat(3000))),
            "header cannot be read",
        ),
        (
            "bad UTF-8",
            signer.sign_text(b"{\"alg\":\"\xff\"}", claims().to_string()),
            "header cannot be read",
        ),
    ]
}

/// Tokens that nobody signed so.
fn of_signatures(signer: &Signer) -> Vec<Case> {
    let good = signer.token();
    let parts: Vec<&str> = good.split('.').collect();
    let [header, payload, signature] = parts[..] else {
        panic!("a token has three parts");
    };
    let unsigned = |alg: &str| encode(json!({"alg": alg, "typ": "JWT"}).to_string());
    let others = claims_with("sub", json!(uuid::Uuid::nil()));
    let mut forged: Vec<Case> = vec![
        (
            "alg none",
            format!("{}.{payload}.", unsigned("none")),
            "not signed",
        ),
        (
            "alg NONE with a signature",
            format!("{}.{payload}.{signature}", unsigned("NoNe")),
            "not signed",
        ),
        (
            "the signature cut off",
            format!("{header}.{payload}."),
            "incomplete",
        ),
        (
            "the signature and its dot cut off",
            format!("{header}.{payload}"),
            "incomplete",
        ),
        (
            "truncated",
            good[..good.len() - 5].to_owned(),
            "signature is invalid",
        ),
        (
            "truncated by one",
            good[..good.len() - 1].to_owned(),
            "signature is invalid",
        ),
        (
            "the signature of zeros",
            format!("{header}.{payload}.{}", encode(vec![0; 64])),
            "signature is invalid",
        ),
        (
            "other claims under the signature",
            format!("{header}.{}.{signature}", encode(others.to_string())),
            "signature is invalid",
        ),
        ("padded", format!("{good}="), "signature is invalid"),
        (
            "the header padded",
            format!("{header}=.{payload}.{signature}"),
            "header cannot be read",
        ),
        (
            "a space within",
            format!("{header}.{payload}.{} {}", &signature[..9], &signature[9..]),
            "signature is invalid",
        ),
        (
            "encrypted",
            format!("{good}.{header}.{payload}"),
            "encrypted",
        ),
        ("four parts", format!("{good}.{header}"), "three parts"),
        ("only dots", "..".to_owned(), "header cannot be read"),
        ("garbage", "garbage".to_owned(), "three parts"),
        ("a megabyte", "a".repeat(1 << 20), "too long"),
        (
            "a megabyte of claims",
            signer.sign(
                &signer.header(),
                &claims_with("x", json!("y".repeat(1 << 20))),
            ),
            "too long",
        ),
    ];
    // Bits that no byte needs must be zero, or one token could be written in several ways.
    if let Some(last) = signature
        .chars()
        .last()
        .filter(|_| signature.len() % 4 != 0)
    {
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let place = alphabet.find(last).expect("a letter of base64");
        let next = &alphabet[place + 1..=place + 1];
        let other = format!("{}{next}", &good[..good.len() - 1]);
        forged.push(("bits left over", other, "signature is invalid"));
    }
    let stranger = match signer.algorithm {
        Algorithm::RS256 => Signer::rs256(2048),
        Algorithm::ES256 => Signer::es256(),
        Algorithm::EdDSA => Signer::eddsa(),
        _ => return forged,
    };
    forged.push(("another key", stranger.token(), "signature is invalid"));
    forged.push((
        "another key of a name",
        stranger.token_named("x"),
        "signature is invalid",
    ));
    forged.push((
        "a key that the token brings",
        {
            let mut header = stranger.header();
            header["jwk"] = stranger.jwk.clone();
            header["jku"] = json!("https://evil.example/jwks.json");
            stranger.sign(&header, &claims())
        },
        "signature is invalid",
    ));
    forged.extend(signed_with_public_key(signer));
    forged
}

/// HS256 with the public key for a secret, in each form in which the key is about.
fn signed_with_public_key(signer: &Signer) -> Vec<Case> {
    let message = format!(
        "{}.{}",
        encode(r#"{"alg":"HS256","typ":"JWT"}"#),
        encode(claims().to_string())
    );
    let der = pem_body(&signer.public);
    let members = ["n", "x"]
        .iter()
        .filter_map(|name| signer.jwk[*name].as_str());
    let raw = members.map(issuer::decode);
    [
        signer.public.clone().into_bytes(),
        signer.public.trim_end().as_bytes().to_vec(),
        der,
        signer.jwk.to_string().into_bytes(),
    ]
    .into_iter()
    .chain(raw)
    .map(|secret| {
        let key = EncodingKey::from_secret(&secret);
        let signature = crypto::sign(message.as_bytes(), &key, Algorithm::HS256).expect("signed");
        (
            "the public key as a secret",
            format!("{message}.{signature}"),
            "signature is invalid",
        )
    })
    .collect()
}

fn pem_body(pem: &str) -> Vec<u8> {
    use base64::Engine;
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let engine = base64::engine::general_purpose::STANDARD;
    engine.decode(body).expect("base64")
}

/// What no answer may hold: secret, keys, what is configured, pieces of the token.
fn secrets(token: &str) -> Vec<String> {
    let mut secrets = vec![ISSUER.to_owned(), AUDIENCE.to_owned()];
    for signer in &*SIGNERS {
        secrets.extend(signer.public.lines().map(str::to_owned));
    }
    let parts = token.split('.').filter(|part| part.len() > 8);
    secrets.extend(parts.map(|part| part[..part.len().min(64)].to_owned()));
    secrets
}

#[test]
fn every_bad_token_of_every_algorithm_gets_the_one_answer() {
    run(async {
        let client = Client::with_auth(seeded().await, options());
        let mut cases = 0;
        for signer in &*SIGNERS {
            let good = ask_with(&client, &signer.token()).await;
            assert_eq!(
                good.status,
                StatusCode::OK,
                "{:?}: {}",
                signer.algorithm,
                good.text
            );
            for (case, token, told) in
                [of_claims(signer), of_headers(signer), of_signatures(signer)].concat()
            {
                let case = format!("{:?}, {case}", signer.algorithm);
                let reply = ask_with(&client, &token).await;
                reply.assert_unauthenticated(&case);
                let message = reply.message();
                assert!(message.contains(told), "{case}: {message}");
                for secret in secrets(&token) {
                    assert!(!reply.text.contains(&secret), "{case} tells {secret}");
                }
                cases += 1;
            }
        }
        assert!(cases > 280, "{cases} cases");
    });
}

#[test]
fn what_is_unusual_but_right_is_taken() {
    run(async {
        let client = Client::with_auth(seeded().await, options());
        for signer in &*SIGNERS {
            let header = |name: &str, value: Value| {
                let mut header = signer.header();
                header[name] = value;
                signer.sign(&header, &claims())
            };
            let with =
                |name: &str, value: Value| signer.sign(&signer.header(), &claims_with(name, value));
            for token in [
                header("typ", json!("at+jwt")),
                header("typ", json!("application/AT+JWT")),
                header("kid", json!("whatever the issuer calls it")),
                with("exp", json!(now() - 20)),
                with("exp", json!(now() as f64 + 0.5)),
                with("nbf", json!(now() + 20)),
                with("aud", json!(["other", AUDIENCE])),
                with("x", json!({"sub": 1, "nested": {"sub": 2}})),
            ] {
                let reply = ask_with(&client, &token).await;
                assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
            }
        }
    });
}

#[test]
fn an_algorithm_without_a_key_is_not_served() {
    run(async {
        for (trusted, signer) in SIGNERS.iter().enumerate() {
            let mut options = options();
            if trusted == 0 {
                options.public_keys.clear();
            } else {
                options.secret = None;
                options.public_keys = signer.read();
            }
            let client = Client::with_auth(seeded().await, options);
            for (number, other) in SIGNERS.iter().enumerate() {
                let reply = ask_with(&client, &other.token()).await;
                if number == trusted {
                    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
                    continue;
                }
                reply.assert_unauthenticated("an algorithm without a key");
                assert!(
                    reply.message().contains("has no key for the token"),
                    "{}",
                    reply.text
                );
            }
        }
    });
}
