//! The keys that tokens are verified with. Whatever identity learns to check of them belongs here.

use super::report::Report;
use crate::auth::{Auth, KeyReport};
use crate::config::Settings;

const CHECK: &str = "keys";

/// Fetches the issuer's keys where an address is set.
pub(super) async fn check(settings: &Settings, report: &mut Report) {
    if !settings.auth.has_keys() {
        if settings.server.development {
            report.ok(CHECK, "development makes a secret of its own");
        } else {
            report.problem(
                CHECK,
                "nothing is configured to verify tokens with",
                "set --jwks-url to your issuer's key set, --jwt-public-key to its public key, or --jwt-secret-file (TESSERA_JWT_SECRET) to the secret that it signs with",
            );
        }
        return;
    }
    match Auth::new(settings.auth.clone()).check_keys().await {
        Ok(keys) => tell(&keys, report),
        Err(error) => report.problem(
            CHECK,
            error,
            "until the keys are fetched, the gateway answers requests with tokens by 503",
        ),
    }
}

fn tell(keys: &KeyReport, report: &mut Report) {
    let mut found: Vec<String> = Vec::new();
    if keys.secret {
        found.push("a secret for HS256".to_owned());
    }
    if !keys.public_keys.is_empty() {
        found.push(format!("public keys for {}", keys.public_keys.join(", ")));
    }
    if let Some(jwks) = &keys.jwks {
        found.push(format!("{} keys at {}", jwks.keys.len(), jwks.url));
        for skipped in &jwks.skipped {
            report.warning(
                CHECK,
                format!("a key of the issuer cannot be used: {skipped}"),
                "it matters only if tokens are signed with it",
            );
        }
    }
    report.ok(CHECK, found.join("; "));
    for warning in &keys.warnings {
        report.warning(
            CHECK,
            warning.clone(),
            "see the section on tokens in the README",
        );
    }
}
