//! The settings that the documentation shows for the tokens of four providers, with tokens as these providers
//! make them.

use std::io::Write;

use axum::http::StatusCode;
use serde_json::{Value, json};
use tessera::auth::AuthOptions;
use tessera::config::{Flags, Settings};

use super::issuer::{SIGNERS, claims};
use super::{Reply, ask_with};
use crate::harness::client::Client;
use crate::harness::database::seeded;
use crate::harness::run;
use crate::harness::seed::Side;

const PAGE: &str = include_str!("../../docs/tokens.md");

/// The settings under a provider's name in the documentation, with a key of the tests for the provider's.
fn settings(provider: &str) -> AuthOptions {
    let (_, section) = PAGE
        .split_once(&format!("**{provider}**"))
        .expect("the page speaks of the provider");
    let (_, block) = section
        .split_once("```toml\n")
        .expect("a block of settings");
    let (block, _) = block.split_once("```").expect("the end of the block");
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(block.as_bytes()).expect("written");
    let flags = Flags {
        config: Some(file.path().to_owned()),
        ..Flags::default()
    };
    let options = Settings::read(&flags)
        .expect("the page's settings are right")
        .auth;
    assert!(options.jwks.is_some() && !options.audiences.is_empty() || provider == "Clerk");
    assert!(!options.issuers.is_empty(), "{provider}");
    AuthOptions {
        jwks: None,
        public_keys: SIGNERS[1].read(),
        ..options
    }
}

/// Sends a token with these claims, and time and issuer as the settings ask.
async fn ask_as(provider: &str, mut sent: Value) -> Reply {
    let options = settings(provider);
    sent["exp"] = claims()["exp"].clone();
    sent["iss"] = json!(options.issuers[0]);
    if let (Some(audience), true) = (options.audiences.first(), sent["aud"].is_null()) {
        sent["aud"] = json!(audience);
    }
    let client = Client::with_auth(seeded().await, options);
    ask_with(&client, &SIGNERS[1].sign(&SIGNERS[1].header(), &sent)).await
}

async fn assert_role(provider: &str, claims: Value, role: &str) {
    let reply = ask_as(provider, claims.clone()).await;
    assert_eq!(reply.status, StatusCode::OK, "{claims}: {}", reply.text);
    assert_eq!(reply.json()["data"]["viewer"]["role"], role, "{claims}");
}

#[test]
fn auth0() {
    run(async {
        let workspace = Side::A.workspace().to_string();
        let sent = |role: &str| {
            json!({
                "sub": "auth0|507f1f77bcf86cd799439011",
                "https://tessera.example/user_id": Side::A.user(),
                "https://tessera.example/workspaces": { &workspace: role },
                "aud": ["https://api.tessera.example", "https://tenant.eu.auth0.com/userinfo"],
                "azp": "my_client_id",
                "scope": "openid profile",
            })
        };
        assert_role("Auth0", sent("admin"), "ADMIN").await;
        let mut plain = sent("admin");
        plain
            .as_object_mut()
            .expect("claims")
            .remove("https://tessera.example/user_id");
        let reply = ask_as("Auth0", plain).await;
        reply.assert_unauthenticated("no user of ours");
        assert!(
            reply
                .message()
                .contains("/https:~1~1tessera.example~1user_id"),
            "{}",
            reply.text
        );
    });
}

#[test]
fn keycloak() {
    run(async {
        let sent = |roles: Value| {
            json!({
                "sub": "f3f5d2b0-3b1f-4b43-8b1a-5f2f7a1f1c11",
                "tessera_user": Side::A.user(),
                "typ": "Bearer",
                "workspaces": ["alpha slug 1"],
                "realm_access": {"roles": ["offline_access", "uma_authorization", "owner"]},
                "resource_access": {
                    "tessera": {"roles": roles},
                    "account": {"roles": ["manage-account", "view-profile"]},
                },
            })
        };
        assert_role(
            "Keycloak",
            sent(json!(["uma_protection", "viewer", "staff"])),
            "STAFF",
        )
        .await;
        let reply = ask_as("Keycloak", sent(json!(["uma_protection"]))).await;
        reply.assert_unauthenticated("no role of ours");
    });
}

#[test]
fn clerk() {
    run(async {
        let sent = |role: &str| {
            json!({
                "v": 2,
                "sub": "user_2xKq0bq4bXb1a2b3c4d5e6f7g8h",
                "sid": "sess_2xKq",
                "azp": "https://app.tessera.example",
                "o": {"id": "org_2xKq", "slg": "alpha slug 1", "rol": role, "per": "read,write"},
                "tessera_user": Side::A.user(),
            })
        };
        assert_role("Clerk", sent("admin"), "ADMIN").await;
        assert_role("Clerk", sent("member"), "MEMBER").await;
        assert_role("Clerk", sent("billing"), "VIEWER").await;
        let reply = ask_as("Clerk", sent("org:unheard")).await;
        reply.assert_unauthenticated("a role that is not mapped");
    });
}

#[test]
fn supabase() {
    run(async {
        let sent = |metadata: Value| {
            json!({
                "sub": Side::A.user(),
                "aud": "authenticated",
                "role": "authenticated",
                "aal": "aal1",
                "email": "owner@example.com",
                "app_metadata": metadata,
                "user_metadata": {"workspace_id": Side::B.workspace(), "workspace_role": "owner"},
                "is_anonymous": false,
            })
        };
        let workspace = Side::A.workspace();
        let metadata =
            json!({"provider": "email", "workspace_id": workspace, "workspace_role": "manager"});
        assert_role("Supabase", sent(metadata), "MANAGER").await;
        let reply = ask_as("Supabase", sent(json!({"provider": "email"}))).await;
        reply.assert_unauthenticated("no workspace but that which users write themselves");
    });
}
