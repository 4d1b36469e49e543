//! Checks what searches can do in the database.

use sqlx::PgConnection;

use super::report::Report;

const CHECK: &str = "search";

pub(super) async fn check(
    connection: &mut PgConnection,
    report: &mut Report,
) -> Result<(), sqlx::Error> {
    let (typos, installed, scans): (bool, bool, bool) = sqlx::query_as(
        "select coalesce((select prosrc like '%operator%' from pg_proc \
           where oid = to_regprocedure('app.is_similar(text,text,text[])')), false), \
           exists (select from pg_extension where extname = 'pg_trgm'), \
           exists (select from pg_extension where extname = 'vector' \
             and string_to_array(extversion, '.')::integer[] >= '{0,8}')",
    )
    .fetch_one(connection)
    .await?;
    match (typos, installed) {
        (true, true) => report.ok(CHECK, "words match with typos"),
        (true, false) => report.problem(
            CHECK,
            "searches fail, because the extension pg_trgm was dropped",
            "run `create extension pg_trgm` as an administrator of the database, and then `tessera migrate`",
        ),
        (false, true) => report.warning(
            CHECK,
            "searches tolerate no typos yet, although the extension pg_trgm is there",
            "as an administrator of the database, run `tessera migrate`",
        ),
        (false, false) => report.warning(
            CHECK,
            "searches tolerate no typos, because the extension pg_trgm is not in this database",
            "run `create extension pg_trgm` as an administrator of the database, and then `tessera migrate`",
        ),
    }
    if !scans {
        report.warning(
            CHECK,
            "searches by embedding compare all rows, because pgvector is older than 0.8",
            "install pgvector 0.8 or newer, and run `alter extension vector update`",
        );
    }
    Ok(())
}
