//! What must be there before the first migration: roles, the extension, schemas.
//!
//! Each part is made only where it is missing, so that a server prepared by its administrator
//! asks no privilege of the user who migrates.

use sea_orm_migration::DbErr;

use crate::connection::Session;
use crate::error::{INSUFFICIENT_PRIVILEGE, MigrateError, sqlstate};
use crate::read_view::READ_SCHEMA;

/// Owns every object, and runs the migrations.
pub(crate) const OWNER: &str = "model_owner";
/// The role that serves requests; row security binds it.
pub(crate) const GATEWAY: &str = "gateway";
/// The role of the login service.
const LOGIN_SERVICE: &str = "authn";

const ROLE_ATTEMPTS: usize = 5;
/// Duplicate object, duplicate key, "tuple concurrently updated".
const JUST_MADE_ELSEWHERE: [&str; 3] = ["42710", "23505", "XX000"];

/// Makes what is missing and takes on the role `model_owner`.
pub(crate) async fn prepare(session: &Session) -> Result<(), MigrateError> {
    let user = current_user(session).await?;
    extension(session, &user).await?;
    for name in ["pg_trgm", "btree_gin"] {
        search_extension(session, name).await?;
    }
    for role in [OWNER, GATEWAY, LOGIN_SERVICE] {
        create_role(session, &user, role).await?;
    }
    for role in [OWNER, GATEWAY] {
        join_role(session, &user, role).await?;
    }
    privileges_of_owner(session, &user).await?;
    for schema in ["app", "mv", "part", READ_SCHEMA] {
        create_schema(session, &user, schema).await?;
    }
    session.run(&format!("set role {OWNER}")).await?;
    Ok(())
}

pub(crate) async fn current_user(session: &Session) -> Result<String, DbErr> {
    Ok(session.text("current_user").await?.unwrap_or_default())
}

async fn extension(session: &Session, user: &str) -> Result<(), MigrateError> {
    let installed_in = "select n.nspname from pg_extension e \
        join pg_namespace n on n.oid = e.extnamespace where e.extname = 'vector'";
    match session.text(installed_in).await?.as_deref() {
        // The embedded server keeps it with the built-in types.
        Some("public" | "pg_catalog") => return Ok(()),
        Some(schema) => {
            return Err(MigrateError::VectorElsewhere {
                schema: schema.to_owned(),
            });
        }
        None => {}
    }
    let available = "exists (select from pg_available_extensions where name = 'vector')";
    if !session.holds(available).await? {
        return Err(MigrateError::VectorMissing);
    }
    session
        .run("create extension vector with schema public")
        .await
        .map_err(|error| {
            explain(
                error,
                user,
                "create the extension `vector`",
                "let a superuser run `create extension vector with schema public` in this database",
            )
        })
}

/// Makes an extension by which searches tolerate typos, or do so faster, where the server has it and
/// the user may.
async fn search_extension(session: &Session, name: &str) -> Result<(), MigrateError> {
    let wanted = format!(
        "exists (select from pg_available_extensions where name = '{name}' and installed_version is null)"
    );
    let create = format!("create extension {name} with schema public");
    if session.holds(&wanted).await?
        && let Err(error) = session.run(&create).await
        && !is_denied(&error)
    {
        return Err(error.into());
    }
    Ok(())
}

async fn create_role(session: &Session, user: &str, role: &str) -> Result<(), MigrateError> {
    let exists = format!("to_regrole('{role}') is not null");
    let plain = format!("create role {role} nologin");
    let made = match role {
        // Managed servers keep this attribute to themselves; policies of the three global tables
        // open them to the login service all the same.
        LOGIN_SERVICE => match ensure(session, &exists, &format!("{plain} bypassrls")).await {
            Err(error) if is_denied(&error) => ensure(session, &exists, &plain).await,
            made => made,
        },
        _ => ensure(session, &exists, &plain).await,
    };
    made.map_err(|error| {
        explain(
            error,
            user,
            &format!("create the role `{role}`"),
            &format!("let an administrator run `{plain}`"),
        )
    })
}

/// Lets the user who migrates act as the role.
async fn join_role(session: &Session, user: &str, role: &str) -> Result<(), MigrateError> {
    // From 16 on, membership alone does not allow `set role`.
    let right = if session.server_version >= 160_000 {
        "SET"
    } else {
        "MEMBER"
    };
    let may_act = format!("pg_has_role(current_user, '{role}', '{right}')");
    ensure(session, &may_act, &format!("grant {role} to current_user"))
        .await
        .map_err(|error| {
            explain(
                error,
                user,
                &format!("act as the role `{role}`"),
                &format!("let an administrator run `grant {role} to \"{user}\"`"),
            )
        })
}

/// Runs a statement about roles unless it is already so. All databases of a server share its
/// roles, so another migration may be at the same one: then it is looked at again.
async fn ensure(session: &Session, already: &str, statement: &str) -> Result<(), DbErr> {
    let mut attempts = 0;
    while !session.holds(already).await? {
        attempts += 1;
        match session.run(statement).await {
            Err(error) if attempts < ROLE_ATTEMPTS && is_just_made_elsewhere(&error) => {}
            done => return done,
        }
    }
    Ok(())
}

async fn privileges_of_owner(session: &Session, user: &str) -> Result<(), MigrateError> {
    // A concurrent refresh of a view keeps its differences in a temporary table.
    let needs = [
        (
            format!(
                "has_schema_privilege('{OWNER}', 'public', 'create') and has_schema_privilege('{OWNER}', 'public', 'usage')"
            ),
            format!("grant create, usage on schema public to {OWNER}"),
        ),
        (
            format!("has_database_privilege('{OWNER}', current_database(), 'temporary')"),
            format!(
                "do $$ begin execute format('grant temporary on database %I to {OWNER}', current_database()); end $$"
            ),
        ),
    ];
    for (present, grant) in needs {
        if !session.holds(&present).await? {
            session.run(&grant).await?;
        }
        // Without the right to grant, PostgreSQL only warns.
        if !session.holds(&present).await? {
            return Err(not_owner(user));
        }
    }
    Ok(())
}

async fn create_schema(session: &Session, user: &str, schema: &str) -> Result<(), MigrateError> {
    let owner =
        format!("select pg_get_userbyid(nspowner) from pg_namespace where nspname = '{schema}'");
    match session.text(&owner).await? {
        Some(owner) if owner == OWNER => Ok(()),
        Some(owner) => Err(MigrateError::SchemaTaken {
            schema: schema.to_owned(),
            owner,
        }),
        None => session
            .run(&format!("create schema {schema} authorization {OWNER}"))
            .await
            .map_err(|error| match is_denied(&error) {
                true => not_owner(user),
                false => error.into(),
            }),
    }
}

fn not_owner(user: &str) -> MigrateError {
    MigrateError::MissingPrivilege {
        user: user.to_owned(),
        doing: "create schemas and grant on them in this database".to_owned(),
        remedy: format!(
            "migrate as the owner of the database, or let an administrator run `alter database ... owner to \"{user}\"`"
        ),
    }
}

fn explain(error: DbErr, user: &str, doing: &str, remedy: &str) -> MigrateError {
    if is_denied(&error) {
        return MigrateError::MissingPrivilege {
            user: user.to_owned(),
            doing: doing.to_owned(),
            remedy: remedy.to_owned(),
        };
    }
    error.into()
}

fn is_denied(error: &DbErr) -> bool {
    sqlstate(error).as_deref() == Some(INSUFFICIENT_PRIVILEGE)
}

fn is_just_made_elsewhere(error: &DbErr) -> bool {
    sqlstate(error).is_some_and(|code| JUST_MADE_ELSEWHERE.contains(&code.as_str()))
}
