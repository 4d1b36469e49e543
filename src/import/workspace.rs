//! Makes the workspace that a first import goes into.

use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::error::ImportError;

/// Finds the workspace by its slug, or makes it with this id and its owner. One that exists is left
/// as it is, and so is an account with the e-mail address of the owner.
pub async fn ensure_workspace(
    connection: &mut PgConnection,
    id: Uuid,
    slug: &str,
    name: &str,
    owner_email: &str,
) -> Result<Uuid, ImportError> {
    check(slug, name, owner_email)?;
    let mut transaction = connection.begin().await?;
    let known: Option<Uuid> = sqlx::query_scalar("select id from workspaces where slug = $1")
        .bind(slug)
        .fetch_optional(&mut *transaction)
        .await?;
    let workspace = match known {
        Some(workspace) => workspace,
        None => make(&mut transaction, id, slug, name, owner_email).await?,
    };
    transaction.commit().await?;
    Ok(workspace)
}

async fn make(
    connection: &mut PgConnection,
    id: Uuid,
    slug: &str,
    name: &str,
    owner_email: &str,
) -> Result<Uuid, ImportError> {
    let owner = ensure_user(connection, owner_email).await?;
    // Another process may just have made it; then that one is the workspace, with its own owner.
    let made: Option<Uuid> = sqlx::query_scalar(
        "insert into workspaces (id, slug, name, owner_id) values ($1, $2, $3, $4) \
         on conflict (slug) do nothing returning id",
    )
    .bind(id)
    .bind(slug)
    .bind(name)
    .bind(owner)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(workspace) = made else {
        return Ok(
            sqlx::query_scalar("select id from workspaces where slug = $1")
                .bind(slug)
                .fetch_one(connection)
                .await?,
        );
    };
    sqlx::query(
        "insert into workspace_members (id, workspace_id, user_id, role) values ($1, $2, $3, 'owner')",
    )
    .bind(Uuid::now_v7())
    .bind(workspace)
    .bind(owner)
    .execute(connection)
    .await?;
    Ok(workspace)
}

/// The account with the e-mail address. A new one has no password, hence no way to log in yet.
async fn ensure_user(connection: &mut PgConnection, email: &str) -> Result<Uuid, ImportError> {
    let email = email.trim().to_lowercase();
    sqlx::query("insert into users (id, email) values ($1, $2) on conflict (email) do nothing")
        .bind(Uuid::now_v7())
        .bind(&email)
        .execute(&mut *connection)
        .await?;
    Ok(sqlx::query_scalar("select id from users where email = $1")
        .bind(&email)
        .fetch_one(connection)
        .await?)
}

fn check(slug: &str, name: &str, owner_email: &str) -> Result<(), ImportError> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let parts = [
        (
            "the slug",
            slug,
            (1..=100).contains(&slug.len()) && slug.bytes().all(plain),
            "1 to 100 lower-case letters, digits and hyphens",
        ),
        (
            "the name",
            name,
            !name.trim().is_empty() && name.chars().count() <= 255 && !name.contains('\0'),
            "1 to 255 characters",
        ),
        (
            "the owner",
            owner_email,
            is_email(owner_email.trim()) && !owner_email.contains('\0'),
            "an e-mail address",
        ),
    ];
    for (what, found, valid, expected) in parts {
        if !valid {
            return Err(ImportError::InvalidWorkspace {
                what,
                found: found.to_owned(),
                expected,
            });
        }
    }
    Ok(())
}

fn is_email(text: &str) -> bool {
    text.chars().count() <= 255
        && !text.contains(char::is_whitespace)
        && text
            .split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn what_no_workspace_can_have_is_refused_by_name() {
        assert!(check("demo-1", "Demo", "Owner@Example.com").is_ok());
        for (slug, name, owner, named) in [
            ("", "Demo", "a@b.c", "the slug"),
            ("De mo", "Demo", "a@b.c", "the slug"),
            ("demo", " ", "a@b.c", "the name"),
            ("demo", "Demo", "nobody", "the owner"),
            ("demo", "Demo", "a@b@c", "the owner"),
        ] {
            let error = check(slug, name, owner).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }
}
