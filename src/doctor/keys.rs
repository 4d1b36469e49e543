//! The keys that tokens are verified with. Whatever identity learns to check of them belongs here.

use super::report::Report;
use crate::config::Settings;

const CHECK: &str = "keys";

pub(super) fn check(settings: &Settings, report: &mut Report) {
    // A secret that is too short did not get through the settings.
    match (&settings.auth.secret, settings.server.development) {
        (Some(_), _) => report.ok(CHECK, "a secret for HS256 is configured"),
        (None, true) => report.ok(CHECK, "development makes a secret of its own"),
        (None, false) => report.problem(
            CHECK,
            "nothing is configured to verify tokens with",
            "set --jwt-secret-file or TESSERA_JWT_SECRET to the secret that your issuer signs with",
        ),
    }
}
