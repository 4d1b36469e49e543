//! Checks the keys that tokens are verified with.

use super::report::Report;
use crate::auth::{Auth, KeyReport, MOST_TRIED};
use crate::config::Settings;

const CHECK: &str = "keys";

/// Fetches the issuer's keys where an address is set.
pub(super) async fn check(settings: &Settings, report: &mut Report) {
    if !settings.auth.has_keys() {
        if settings.server.development {
            report.ok(CHECK, "development mode creates its own secret");
        } else {
            report.problem(
                CHECK,
                "no key is configured to verify tokens with",
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
            "until the keys can be fetched, requests with tokens get 503",
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
        let used = match jwks.max_age {
            Some(age) => format!(
                "used for {} s after a fetch (--jwks-max-age)",
                age.as_secs()
            ),
            None => "used without limit (--jwks-max-age=0)".to_owned(),
        };
        found.push(format!("{} keys at {}, {used}", jwks.keys.len(), jwks.url));
        if jwks.keys.is_empty() {
            report.problem(
                CHECK,
                format!("the key set at {} is empty, which withdraws all keys", jwks.url),
                "check at the issuer whether this is intended; meanwhile, tokens that it signs are refused",
            );
        }
        if jwks.max_age.is_none() {
            report.warning(
                CHECK,
                "keys that the issuer withdrew stay in use while its URL cannot be reached",
                "set --jwks-max-age to the seconds for which you accept that",
            );
        }
        if let Some(algorithm) = jwks.too_many {
            report.warning(
                CHECK,
                format!("the issuer has more than {MOST_TRIED} keys for {algorithm}"),
                format!("tokens without `kid` are tried with the first {MOST_TRIED}; let the issuer set `kid`, or remove old keys"),
            );
        }
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
        report.warning(CHECK, warning.clone(), "see docs/tokens.md");
    }
}
