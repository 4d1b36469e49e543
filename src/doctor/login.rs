//! Checks the login of the URL and the role `gateway`: enough privileges, and no more.

use sqlx::PgConnection;

use super::Target;
use super::report::Report;
use crate::db::{EXCESSIVE_PRIVILEGES, SEPARATE_LOGIN};

pub(super) async fn check(
    target: &Target<'_>,
    connection: &mut PgConnection,
    report: &mut Report,
) -> Result<(), sqlx::Error> {
    if target.embedded {
        report.ok("login", "the embedded database has only its superuser");
    } else {
        login(target, connection, report).await?;
    }
    gateway(connection, report).await
}

async fn login(
    target: &Target<'_>,
    connection: &mut PgConnection,
    report: &mut Report,
) -> Result<(), sqlx::Error> {
    const CHECK: &str = "login";
    let (name, acts): (String, bool) = sqlx::query_as(
        "select r.rolname::text, \
         pg_has_role(r.oid, 'gateway', case when current_setting('server_version_num')::int4 >= 160000 \
           then 'SET' else 'MEMBER' end) \
         from pg_roles r where r.rolname = session_user",
    )
    .fetch_one(&mut *connection)
    .await?;
    let strong: Vec<String> = sqlx::query_scalar(EXCESSIVE_PRIVILEGES)
        .fetch_all(connection)
        .await?;
    if !acts {
        report.problem(
            CHECK,
            format!("`{name}` may not act as gateway"),
            format!("run `grant gateway to \"{name}\"`"),
        );
    }
    if strong.is_empty() {
        report.ok(CHECK, format!("`{name}` has no privileges of its own"));
        return Ok(());
    }
    let found = format!(
        "`{name}` has too many privileges for a gateway: it {}",
        strong.join(", ")
    );
    if target.settings.server.development {
        report.warning(CHECK, found, SEPARATE_LOGIN);
    } else {
        report.problem(CHECK, found, SEPARATE_LOGIN);
    }
    Ok(())
}

async fn gateway(connection: &mut PgConnection, report: &mut Report) -> Result<(), sqlx::Error> {
    const CHECK: &str = "gateway role";
    // Each line: what is wrong, and the statement that mends it.
    let wrong: Vec<(String, String)> = sqlx::query_as(
        "select 'is a superuser', 'alter role gateway nosuperuser' from pg_roles where rolname = 'gateway' and rolsuper \
         union all select 'bypasses row level security', 'alter role gateway nobypassrls' from pg_roles where rolname = 'gateway' and rolbypassrls \
         union all select 'may create roles', 'alter role gateway nocreaterole' from pg_roles where rolname = 'gateway' and rolcreaterole \
         union all select 'may create databases', 'alter role gateway nocreatedb' from pg_roles where rolname = 'gateway' and rolcreatedb \
         union all select 'may replicate, and so read all data', 'alter role gateway noreplication' from pg_roles where rolname = 'gateway' and rolreplication \
         union all select 'may log in', 'alter role gateway nologin' from pg_roles where rolname = 'gateway' and rolcanlogin \
         union all select format('is a member of %s', roleid::regrole), format('revoke %s from gateway', roleid::regrole) \
           from pg_auth_members where member = to_regrole('gateway') \
         union all select format('owns %s', pg_describe_object(classid, objid, objsubid)), 'reassign owned by gateway to model_owner' \
           from pg_shdepend where refclassid = 'pg_authid'::regclass and refobjid = to_regrole('gateway') and deptype = 'o' \
           and dbid = (select oid from pg_database where datname = current_database()) \
         union all select format('may create in schema %s', nspname), format('revoke create on schema %I from gateway, public', nspname) \
           from pg_namespace where nspname in ('public', 'read', 'app', 'mv', 'part') and has_schema_privilege('gateway', oid, 'create') \
         union all select format('may use schema %s', nspname), format('revoke usage on schema %I from gateway, public', nspname) \
           from pg_namespace where nspname in ('mv', 'part') and has_schema_privilege('gateway', oid, 'usage') \
         union all select format('may not use schema %s', nspname), format('grant usage on schema %I to gateway', nspname) \
           from pg_namespace where nspname in ('public', 'read', 'app') and not has_schema_privilege('gateway', oid, 'usage') \
         union all select 'may create schemas', format('revoke create on database %I from gateway, public', current_database()) \
           where has_database_privilege('gateway', current_database(), 'create')",
    )
    .fetch_all(connection)
    .await?;
    if wrong.is_empty() {
        report.ok(
            CHECK,
            "it owns nothing, and row level security applies to it",
        );
    }
    for (found, statement) in wrong {
        report.problem(
            CHECK,
            format!("gateway {found}"),
            format!("as an administrator, run `{statement}`"),
        );
    }
    Ok(())
}
