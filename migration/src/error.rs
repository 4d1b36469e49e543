//! Why a migration could not be done, each in one sentence that says what to do next.

use sea_orm_migration::DbErr;
use sea_orm_migration::sea_orm::RuntimeErr;

#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    #[error("the database URL is invalid; write it as postgres://user:password@host:port/database")]
    InvalidUrl,
    #[error(
        "no PostgreSQL server responds at {place} ({reason}); check that the server runs, and check host and port"
    )]
    Unreachable { place: String, reason: String },
    #[error(
        "the server at {place} refused the login of `{user}`; check user and password in the database URL"
    )]
    LoginRefused { place: String, user: String },
    #[error(
        "the server at {place} has no database `{database}`; create it, or correct the name in the database URL"
    )]
    NoSuchDatabase { place: String, database: String },
    #[error("PostgreSQL {found} found; Tessera needs 15 or newer")]
    ServerTooOld { found: String },
    #[error(
        "the extension `vector` (pgvector) is not installed on this server; install the package (for instance postgresql-17-pgvector) and run `tessera migrate` again"
    )]
    VectorMissing,
    #[error(
        "the extension `vector` is in the schema `{schema}`, which Tessera does not use; run `alter extension vector set schema public` and then `tessera migrate` again"
    )]
    VectorElsewhere { schema: String },
    #[error(
        "the schema `{schema}` belongs to `{owner}`, but Tessera needs it; migrate a separate database"
    )]
    SchemaTaken { schema: String, owner: String },
    #[error("the role `{user}` may not {doing}; {remedy}")]
    MissingPrivilege {
        user: String,
        doing: String,
        remedy: String,
    },
    #[error(
        "the database has the migration {name}, which this version does not know; use the newer version of Tessera that applied it"
    )]
    NewerDatabase { name: String },
    #[error("the migration {name} failed and was rolled back: {source}")]
    Failed { name: String, source: DbErr },
    #[error("the database returned an error: {0}")]
    Database(#[from] DbErr),
}

/// The five characters by which PostgreSQL classifies an error.
pub(crate) fn sqlstate(error: &DbErr) -> Option<String> {
    let (DbErr::Exec(RuntimeErr::SqlxError(inner))
    | DbErr::Query(RuntimeErr::SqlxError(inner))
    | DbErr::Conn(RuntimeErr::SqlxError(inner))) = error
    else {
        return None;
    };
    let code = inner.as_database_error()?.code()?;
    Some(code.into_owned())
}

pub(crate) const INSUFFICIENT_PRIVILEGE: &str = "42501";
