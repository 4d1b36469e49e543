//! Accounts of users, by id or e-mail address.

use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::email;
use super::error::AccountError;
use super::similar;

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: Uuid,
    /// In lower case.
    pub email: String,
    /// False once the account is closed.
    pub is_active: bool,
}

const BY_ID: &str = "select id, email, is_active from users where id = $1";
const BY_EMAIL: &str = "select id, email, is_active from users where email = lower($1)";

/// Finds an account by its id or its e-mail address, whatever the case of either.
///
/// # Errors
/// `NoUser`, which names addresses like the one that is unknown.
pub async fn user(connection: &mut PgConnection, who: &str) -> Result<User, AccountError> {
    let found = match who.trim().parse::<Uuid>() {
        Ok(id) => by_id(connection, id).await?,
        Err(_) => by_email(connection, email::check(who)?).await?,
    };
    if let Some(user) = found {
        return Ok(user);
    }
    let emails: Vec<String> = sqlx::query_scalar("select email from users order by email")
        .fetch_all(connection)
        .await?;
    let similar = similar::similar(who, &emails);
    Err(AccountError::NoUser {
        user: who.trim().to_owned(),
        known: match similar.is_empty() {
            true => String::new(),
            false => format!(" (similar: {})", similar.join(", ")),
        },
    })
}

async fn by_id(connection: &mut PgConnection, id: Uuid) -> Result<Option<User>, sqlx::Error> {
    let row = sqlx::query(BY_ID)
        .bind(id)
        .fetch_optional(connection)
        .await?;
    row.map(|row| read(&row)).transpose()
}

pub(super) async fn by_email(
    connection: &mut PgConnection,
    email: &str,
) -> Result<Option<User>, sqlx::Error> {
    let row = sqlx::query(BY_EMAIL)
        .bind(email)
        .fetch_optional(connection)
        .await?;
    row.map(|row| read(&row)).transpose()
}

fn read(row: &sqlx::postgres::PgRow) -> Result<User, sqlx::Error> {
    Ok(User {
        id: row.try_get("id")?,
        email: row.try_get("email")?,
        is_active: row.try_get("is_active")?,
    })
}

/// The account with the e-mail address, and whether it is new. A new one has no password, hence no
/// way to log in yet.
pub(super) async fn ensure(
    connection: &mut PgConnection,
    email: &str,
) -> Result<(User, bool), sqlx::Error> {
    let made: Option<Uuid> = sqlx::query_scalar(
        "insert into users (id, email) values ($1, lower($2)) on conflict (email) do nothing returning id",
    )
    .bind(Uuid::now_v7())
    .bind(email)
    .fetch_optional(&mut *connection)
    .await?;
    let user = by_email(connection, email).await?;
    Ok((user.ok_or(sqlx::Error::RowNotFound)?, made.is_some()))
}
