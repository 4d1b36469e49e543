//! Where a token may stand: in one header, once.

use axum::http::StatusCode;

use super::issuer::{SIGNERS, options};
use super::{Reply, ask, ask_at};
use crate::harness::client::Client;
use crate::harness::database::seeded;
use crate::harness::run;
use crate::harness::seed::Side;

async fn client() -> Client {
    Client::with_auth(seeded().await, options())
}

#[test]
fn a_token_in_another_place_is_not_seen() {
    run(async {
        let client = client().await;
        let token = SIGNERS[0].token();
        let bearer = format!("Bearer {token}");
        let cookie = format!("access_token={token}; token={token}; authorization={bearer}");
        for (name, value) in [
            ("cookie", &cookie),
            ("x-api-key", &token),
            ("x-auth-token", &token),
            ("x-access-token", &token),
            ("x-forwarded-authorization", &bearer),
            ("proxy-authorization", &bearer),
            ("sec-websocket-protocol", &token),
        ] {
            let reply = ask(&client, &[(name, value.as_bytes())]).await;
            assert_eq!(
                reply.status,
                StatusCode::UNAUTHORIZED,
                "{name}: {}",
                reply.text
            );
            assert!(!reply.text.contains(&token), "{name}");
        }
        for name in ["access_token", "token", "jwt", "authorization"] {
            let reply = ask_at(&client, &format!("/graphql?{name}={token}"), &[]).await;
            assert_eq!(
                reply.status,
                StatusCode::UNAUTHORIZED,
                "{name}: {}",
                reply.text
            );
        }
    });
}

#[test]
fn the_header_must_read_bearer_and_one_token() {
    run(async {
        let client = client().await;
        let token = SIGNERS[0].token();
        for (case, value) in [
            ("no scheme", token.clone()),
            ("basic", "Basic YTpi".to_owned()),
            ("basic with the token", format!("Basic {token}")),
            ("another scheme", format!("DPoP {token}")),
            ("a scheme that begins so", format!("Bearerx {token}")),
            ("nothing", String::new()),
            ("only the scheme", "Bearer".to_owned()),
            ("only spaces", "Bearer    ".to_owned()),
            ("a tab", format!("Bearer\t{token}")),
            ("a colon", format!("Bearer: {token}")),
            ("quotes", format!("Bearer \"{token}\"")),
            ("two tokens", format!("Bearer {token} {token}")),
            (
                "two tokens with a comma",
                format!("Bearer {token}, Bearer {token}"),
            ),
            ("twice the scheme", format!("Bearer Bearer {token}")),
            (
                "a space within",
                format!("Bearer {}", token.replacen('.', ". ", 1)),
            ),
        ] {
            let reply = ask(&client, &[("authorization", value.as_bytes())]).await;
            reply.assert_unauthenticated(case);
            assert!(!reply.text.contains(&token), "{case}");
        }
        let latin = [b"Bearer ", token.as_bytes(), b"\xe9"].concat();
        let reply = ask(&client, &[("authorization", &latin)]).await;
        reply.assert_unauthenticated("no ASCII");
        for scheme in ["Bearer", "bearer", "BEARER", "Bearer  "] {
            let value = format!("{scheme} {token}");
            let reply = ask(&client, &[("authorization", value.as_bytes())]).await;
            assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
        }
    });
}

#[test]
fn a_header_that_is_there_twice_is_refused() {
    run(async {
        let client = client().await;
        let good = format!("Bearer {}", SIGNERS[0].token());
        let good = ("authorization", good.as_bytes());
        for other in [
            good,
            ("authorization", b"Basic YTpi"),
            ("authorization", b""),
        ] {
            for both in [[good, other], [other, good]] {
                let reply = ask(&client, &both).await;
                reply.assert_unauthenticated("two tokens");
                assert!(reply.message().contains("more than once"), "{}", reply.text);
            }
        }
        let workspace = Side::A.workspace().to_string();
        let named = ("x-workspace", workspace.as_bytes());
        // The token is good; a client must not fetch another one.
        for headers in [&[good, named, named][..], &[good, ("x-workspace", b"\xff")]] {
            let reply = ask(&client, headers).await;
            assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{}", reply.text);
            assert_eq!(reply.challenge(), "");
            assert!(reply.message().contains("`X-Workspace`"), "{}", reply.text);
        }
        assert_eq!(ask(&client, &[good, named]).await.status, StatusCode::OK);
    });
}

#[test]
fn a_workspace_is_named_as_the_token_names_it() {
    run(async {
        let client = client().await;
        let good = format!("Bearer {}", SIGNERS[0].token());
        let id = Side::A.workspace().to_string();
        let asked = async |name: &str| -> Reply {
            let headers = [
                ("authorization", good.as_bytes()),
                ("x-workspace", name.as_bytes()),
            ];
            ask(&client, &headers).await
        };
        assert_eq!(asked(&id).await.status, StatusCode::OK);
        assert_eq!(asked(&id.to_uppercase()).await.status, StatusCode::OK);
        let both = format!("{id},{id}");
        let other = Side::B.workspace().to_string();
        for name in ["", "*", &both, &other, &id.replace('-', ""), "alpha slug 1"] {
            let reply = asked(name).await;
            assert_eq!(
                reply.status,
                StatusCode::FORBIDDEN,
                "{name}: {}",
                reply.text
            );
        }
    });
}

#[test]
fn a_challenge_tells_a_bad_token_from_none() {
    run(async {
        let client = client().await;
        let good = SIGNERS[0].token();
        let forged = format!("Bearer {}x", &good[..good.len() - 1]);
        for (case, authorization, invalid) in [
            ("none", None, false),
            ("another scheme", Some("Basic YTpi"), false),
            ("nothing", Some(""), false),
            ("no token", Some("Bearer"), true),
            ("no JWT", Some("bearer \"a\\b\""), true),
            ("a forged one", Some(forged.as_str()), true),
        ] {
            let header = authorization.map(|value| ("authorization", value.as_bytes()));
            let reply = ask(&client, header.as_slice()).await;
            reply.assert_unauthenticated(case);
            let expected = match invalid {
                false => "Bearer".to_owned(),
                true => format!(
                    "Bearer error=\"invalid_token\", error_description=\"{}\"",
                    reply.message()
                ),
            };
            assert_eq!(reply.challenge(), expected, "{case}");
        }
        // Another token does not help who may not do something.
        let other = Side::B.workspace().to_string();
        let bearer = format!("Bearer {good}");
        let headers = [
            ("authorization", bearer.as_bytes()),
            ("x-workspace", other.as_bytes()),
        ];
        let reply = ask(&client, &headers).await;
        assert_eq!(reply.status, StatusCode::FORBIDDEN, "{}", reply.text);
        assert_eq!(reply.challenge(), "");
    });
}
