//! Whether a token is valid now, and for this gateway.

use std::collections::HashSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::error::Error;

/// End of the year 9999 in seconds. A time beyond it is a mistake, most often milliseconds.
const LAST_SECOND: f64 = 253_402_300_799.0;

/// What a token must say to hold here. An empty set asks for nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct Terms {
    pub(super) issuers: HashSet<String>,
    pub(super) audiences: HashSet<String>,
    /// How far the clocks of issuer and gateway may differ.
    pub(super) leeway: Duration,
}

impl Terms {
    /// Checks the claims at a time, and tells when they end; both in seconds since 1970.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` with a sentence that says which claim does not hold. It tells neither what
    /// the claim holds nor what is asked for.
    pub(super) fn check(&self, claims: &Value, now: f64) -> Result<f64, Error> {
        let refuse = |message: &str| Err(Error::unauthenticated(message));
        let leeway = self.leeway.as_secs_f64();
        let Some(ends) = claims.get("exp") else {
            return refuse("The token has no claim `exp`; tokens must expire.");
        };
        let Some(ends) = seconds(ends) else {
            return refuse(&no_seconds("exp", ends));
        };
        if now >= ends + leeway {
            return refuse("The token has expired; get a new one.");
        }
        if let Some(begins) = claims.get("nbf") {
            let Some(begins) = seconds(begins) else {
                return refuse(&no_seconds("nbf", begins));
            };
            if now + leeway < begins {
                return refuse(
                    "The token is not valid yet. If it is new, the clocks of issuer and gateway differ.",
                );
            }
        }
        if !self.issuers.is_empty() {
            let issuer = claims.get("iss").and_then(Value::as_str);
            if !issuer.is_some_and(|issuer| self.issuers.contains(issuer)) {
                return refuse(
                    "The gateway does not trust the token's issuer: see its claim `iss`.",
                );
            }
        }
        if !self.audiences.is_empty() {
            let meant = match claims.get("aud") {
                Some(Value::String(one)) => self.audiences.contains(one),
                Some(Value::Array(several)) => several
                    .iter()
                    .filter_map(Value::as_str)
                    .any(|one| self.audiences.contains(one)),
                _ => false,
            };
            if !meant {
                return refuse("The token is meant for another service: see its claim `aud`.");
            }
        }
        Ok(ends + leeway)
    }
}

/// The time in seconds since 1970. Microseconds fit into a float until the year 2255.
pub(super) fn now() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
}

fn no_seconds(claim: &str, value: &Value) -> String {
    let perhaps = match value.as_f64() {
        Some(number) if number > LAST_SECOND => " Perhaps it is in milliseconds.",
        _ => "",
    };
    format!(
        "The token's claim `{claim}` must be a number of seconds since 1970, before the year 10000.{perhaps}"
    )
}

/// A time of a claim, which may have a fraction.
fn seconds(value: &Value) -> Option<f64> {
    value.as_f64().filter(|seconds| *seconds <= LAST_SECOND)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(claims: &Value, leeway: u64) -> Result<f64, Error> {
        let terms = Terms {
            leeway: Duration::from_secs(leeway),
            ..Terms::default()
        };
        terms.check(claims, 1000.0)
    }

    #[test]
    fn a_token_holds_from_its_first_moment_until_before_its_last() {
        for (claims, leeway, holds) in [
            (json!({"exp": 1001}), 0, true),
            (json!({"exp": 1000.5}), 0, true),
            (json!({"exp": 1000}), 0, false),
            (json!({"exp": 999.5}), 0, false),
            (json!({"exp": 990}), 30, true),
            (json!({"exp": 970}), 30, false),
            (json!({"exp": 0}), 0, false),
            (json!({"exp": -1}), 300, false),
            (json!({"exp": -1e300}), 300, false),
            (json!({"exp": 253_402_300_799u64}), 0, true),
            (json!({"exp": 253_402_300_800u64}), 0, false),
            (json!({"exp": u64::MAX}), 0, false),
            (json!({"exp": i64::MIN}), 0, false),
            (json!({"exp": 1e300}), 0, false),
            (json!({"exp": "2000"}), 0, false),
            (json!({"exp": null}), 0, false),
            (json!({"exp": [2000]}), 0, false),
            (json!({"exp": true}), 0, false),
            (json!({}), 0, false),
            (json!({"exp": 2000, "nbf": 1000}), 0, true),
            (json!({"exp": 2000, "nbf": 1000.5}), 0, false),
            (json!({"exp": 2000, "nbf": 1030}), 30, true),
            (json!({"exp": 2000, "nbf": 1031}), 30, false),
            (json!({"exp": 2000, "nbf": -5}), 0, true),
            (json!({"exp": 2000, "nbf": 1e300}), 0, false),
            (json!({"exp": 2000, "nbf": "0"}), 0, false),
            (json!({"exp": 2000, "nbf": null}), 0, false),
        ] {
            assert_eq!(check(&claims, leeway).is_ok(), holds, "{claims} {leeway}");
        }
    }

    #[test]
    fn issuer_and_audience_are_checked_where_they_are_set() {
        let terms = Terms {
            issuers: ["https://one/".to_owned(), "https://two/".to_owned()].into(),
            audiences: ["api".to_owned(), "other".to_owned()].into(),
            leeway: Duration::ZERO,
        };
        for (issuer, audience, holds) in [
            (json!("https://one/"), json!("api"), true),
            (json!("https://two/"), json!(["x", "other"]), true),
            (json!("https://one"), json!("api"), false),
            (json!("HTTPS://ONE/"), json!("api"), false),
            (json!(["https://one/"]), json!("api"), false),
            (json!(null), json!("api"), false),
            (json!("https://one/"), json!("API"), false),
            (json!("https://one/"), json!("api other"), false),
            (json!("https://one/"), json!([["api"]]), false),
            (json!("https://one/"), json!([]), false),
            (json!("https://one/"), json!({"api": true}), false),
            (json!("https://one/"), json!(null), false),
        ] {
            let claims = json!({"exp": 9, "iss": issuer, "aud": audience});
            let checked = terms.check(&claims, 0.0);
            assert_eq!(checked.is_ok(), holds, "{claims}");
            if let Err(error) = checked {
                assert!(!error.message.contains("one"), "{error}");
                assert!(!error.message.contains("api"), "{error}");
            }
        }
        assert!(
            terms
                .check(&json!({"exp": 9, "iss": "https://one/"}), 0.0)
                .is_err()
        );
        assert!(terms.check(&json!({"exp": 9, "aud": "api"}), 0.0).is_err());
    }
}
