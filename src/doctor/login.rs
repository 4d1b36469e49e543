//! Checks the login of the URL and the role `gateway`: enough privileges, and no more.

use sqlx::{PgConnection, Row};

use super::Target;
use super::report::Report;

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
    let row = sqlx::query(
        "select r.rolname::text, r.rolsuper, r.rolbypassrls, r.rolcreaterole or r.rolcreatedb, \
         pg_has_role(r.oid, 'gateway', case when current_setting('server_version_num')::int4 >= 160000 \
           then 'SET' else 'MEMBER' end), \
         not r.rolsuper and pg_has_role(r.oid, 'model_owner', 'MEMBER'), \
         exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace \
           where c.relowner = r.oid and n.nspname in ('public', 'read', 'app', 'mv', 'part')) \
         from pg_roles r where r.rolname = current_user",
    )
    .fetch_one(connection)
    .await?;
    let name: String = row.try_get(0)?;
    let mut strong: Vec<&str> = Vec::new();
    if row.try_get(1)? {
        strong.push("is a superuser");
    }
    if row.try_get(2)? {
        strong.push("bypasses row level security");
    }
    if row.try_get(3)? {
        strong.push("may create roles or databases");
    }
    if row.try_get(5)? {
        strong.push("may act as model_owner");
    }
    if row.try_get(6)? {
        strong.push("owns tables of the model");
    }
    if !row.try_get::<bool, _>(4)? {
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
    let mend =
        "use a separate login: `create role tessera login password '…'; grant gateway to tessera`";
    if target.settings.server.development {
        report.warning(CHECK, found, mend);
    } else {
        report.problem(CHECK, found, mend);
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
