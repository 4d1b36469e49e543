//! Checks the model in the database: its migrations, extension, roles and functions, and that a
//! session without a workspace reads nothing.

use migration::MigrateError;
use sqlx::{AssertSqlSafe, Executor, PgConnection, Row};
use uuid::Uuid;

use super::report::Report;
use crate::db::GATEWAY_ROLE;

const MIGRATE: &str = "as an administrator of the database, run `tessera migrate`";

/// Looks for missing migrations; false when the rest of the model cannot be judged.
pub(super) async fn migrations(url: &str, report: &mut Report) -> bool {
    const CHECK: &str = "migrations";
    match migration::pending(url).await {
        Ok(pending) if pending.is_empty() => {
            report.ok(CHECK, "none is pending");
            true
        }
        Ok(pending) => {
            let found = match &pending[..] {
                [only] => format!("{only} is pending"),
                [first, .., last] => format!("{} are pending, {first} to {last}", pending.len()),
                [] => String::new(),
            };
            report.problem(CHECK, found, MIGRATE);
            false
        }
        Err(error @ MigrateError::NewerDatabase { .. }) => {
            report.problem(
                CHECK,
                error.to_string(),
                "install the version of Tessera that the database was migrated with",
            );
            false
        }
        Err(error) => {
            report.problem(CHECK, error.to_string(), MIGRATE);
            false
        }
    }
}

pub(super) async fn extension(
    connection: &mut PgConnection,
    report: &mut Report,
) -> Result<(), sqlx::Error> {
    const CHECK: &str = "extension";
    let found = sqlx::query(
        "select e.extversion, n.nspname::text from pg_extension e \
         join pg_namespace n on n.oid = e.extnamespace where e.extname = 'vector'",
    )
    .fetch_optional(connection)
    .await?;
    let Some(row) = found else {
        report.problem(
            CHECK,
            "the extension vector (pgvector) is not in this database",
            "install the package of pgvector, and run `create extension vector with schema public`",
        );
        return Ok(());
    };
    let (version, schema): (String, String) = (row.try_get(0)?, row.try_get(1)?);
    if schema == "public" || schema == "pg_catalog" {
        report.ok(CHECK, format!("vector {version}"));
    } else {
        report.problem(
            CHECK,
            format!("vector is in the schema `{schema}`, which the gateway does not use"),
            "run `alter extension vector set schema public`",
        );
    }
    Ok(())
}

/// Looks for the roles; false when the gateway's own is missing.
pub(super) async fn roles(
    connection: &mut PgConnection,
    report: &mut Report,
) -> Result<bool, sqlx::Error> {
    const CHECK: &str = "roles";
    let missing: Vec<String> = sqlx::query_scalar(
        "select name from unnest(array['model_owner', 'gateway', 'authn']) name \
         where to_regrole(name) is null",
    )
    .fetch_all(connection)
    .await?;
    if missing.is_empty() {
        report.ok(CHECK, "model_owner, gateway and authn exist");
    } else {
        report.problem(
            CHECK,
            format!("there is no role {}", missing.join(", ")),
            MIGRATE,
        );
    }
    Ok(!missing.iter().any(|role| role == GATEWAY_ROLE))
}

/// Looks for what policies and jobs call.
pub(super) async fn functions(
    connection: &mut PgConnection,
    report: &mut Report,
) -> Result<(), sqlx::Error> {
    const CHECK: &str = "functions";
    let wrong: Vec<String> = sqlx::query_scalar(
        "select name from unnest(array['workspace_id()', 'user_id()', 'sees_all()', 'role_at_least(text)', \
           'ensure_partitions()', 'refresh_views()', 'rows_per_key()', 'words(text[])', 'search_language(uuid)', \
           'search_query(text)', 'search_condition(text)', 'search_words(text)', 'is_similar(text,text,text[])', \
           'has_similar(text,text[])', 'similarity(text,text[])', 'changes()', 'changes_since(xid8,bigint,integer)', \
           'rotate_change_log()', 'expire_idempotency_keys()']) name \
         where to_regrole('gateway') is null or to_regprocedure('app.' || name) is null \
           or not has_function_privilege('gateway', to_regprocedure('app.' || name), 'execute')",
    )
    .fetch_all(connection)
    .await?;
    if wrong.is_empty() {
        report.ok(CHECK, "the gateway may execute the functions that it needs");
    }
    for name in wrong {
        report.problem(
            CHECK,
            format!("app.{name} is missing, or the gateway may not execute it"),
            format!("run `grant execute on function app.{name} to gateway`; if the function does not exist, restore the database from a backup"),
        );
    }
    Ok(())
}

/// Reads every table as the gateway does, without a workspace and with one that nobody has.
pub(super) async fn nothing_without_a_workspace(
    connection: &mut PgConnection,
    report: &mut Report,
) -> Result<(), sqlx::Error> {
    const CHECK: &str = "isolation";
    let tables = migration::declared().into_iter();
    let tables = tables.map(|table| format!("public.{}", table.name));
    let views = migration::read_views().into_iter();
    let views = views.map(|view| format!("{}.{}", migration::READ_SCHEMA, view.name));
    let tables: Vec<String> = tables.chain(views).collect();
    // Only what it may read; what it lacks is told elsewhere.
    let readable: Vec<String> = sqlx::query_scalar(
        "select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace \
         where to_regrole('gateway') is not null and n.nspname || '.' || c.relname = any($1) \
         and has_schema_privilege('gateway', n.oid, 'usage') \
         and has_any_column_privilege('gateway', c.oid, 'select')",
    )
    .bind(&tables)
    .fetch_all(&mut *connection)
    .await?;
    if readable.is_empty() {
        return Ok(());
    }
    let mut seen: Vec<String> = Vec::new();
    for workspace in [None, Some(Uuid::new_v4())] {
        let setting = workspace.map_or_else(String::new, |workspace| {
            format!("; set local app.workspace_id = '{workspace}'")
        });
        let begin = format!("begin read only; set local role {GATEWAY_ROLE}{setting}");
        let begun = connection.execute(AssertSqlSafe(begin)).await;
        if begun.is_err() {
            // That the login may not act as the gateway is told elsewhere.
            connection.execute("rollback").await?;
            return Ok(());
        }
        let reads: Vec<String> = readable
            .iter()
            .map(|table| format!("select '{table}' where exists (select from {table})"))
            .collect();
        let found: Result<Vec<String>, _> =
            sqlx::query_scalar(AssertSqlSafe(reads.join(" union all ")))
                .fetch_all(&mut *connection)
                .await;
        connection.execute("rollback").await?;
        seen.extend(found?);
    }
    seen.sort();
    seen.dedup();
    if seen.is_empty() {
        report.ok(
            CHECK,
            format!(
                "without a workspace the gateway reads no row of the {} relations that it may read: the tables of the model, and the views through which it reads them",
                readable.len()
            ),
        );
    } else {
        report.problem(
            CHECK,
            format!(
                "without a workspace the gateway reads rows of {}",
                seen.join(", ")
            ),
            "stop the gateway until their policies and views are fixed",
        );
    }
    Ok(())
}
