//! Whether a connection pooler passes on what the gateway sends.

use super::{Report, Target};
use crate::db::Db;

const CHECK: &str = "connection pooler";

/// Opens a connection as the gateway does, and asks for a prepared statement in several
/// transactions.
pub(super) async fn check(target: &Target<'_>, report: &mut Report) {
    let options = target.settings.db_options(target.url, 2);
    let db = match Db::new(&options) {
        Ok(db) => db,
        Err(error) => {
            report.problem(CHECK, error, "correct the database URL");
            return;
        }
    };
    match db.passes().await {
        Ok(passes) if !passes.statements => report.problem(
            CHECK,
            "prepared statements are lost between transactions",
            "set --prepared-statements to false, or use PgBouncer 1.21 or newer and set its max_prepared_statements",
        ),
        Ok(passes) if passes.settings => {
            report.ok(CHECK, "settings and prepared statements are passed on");
        }
        Ok(_) => report.warning(
            CHECK,
            "settings of new connections are not passed on, so each transaction brings its own, and short reads share no connection",
            "connect to PostgreSQL directly where speed matters",
        ),
        Err(error) => report.problem(
            CHECK,
            format!("a connection cannot be opened as the gateway does: {}", error.message),
            "check the log above, and the log of PostgreSQL",
        ),
    }
    db.close().await;
}
