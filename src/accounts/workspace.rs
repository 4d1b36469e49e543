//! Workspaces: found, listed, and created with their owner.

use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::error::AccountError;
use super::user::User;
use super::{act_as_system, email, in_transaction, similar, user};

/// A workspace and the user who owns it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    pub id: Uuid,
    pub slug: String,
    pub name: String,
    pub owner: User,
}

/// A line of the list of workspaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkspaceSummary {
    pub workspace: Workspace,
    /// Number of members, the owner included.
    pub members: i64,
}

const WORKSPACES: &str = "
select w.id, w.slug, w.name, u.id as owner_id, u.email, u.is_active,
    (select count(*) from workspace_members m where m.workspace_id = w.id) as members
  from workspaces w join users u on u.id = w.owner_id
  where $1::text is null or w.slug = $1 or w.id::text = lower($1) order by w.slug";

/// All workspaces, by slug.
///
/// # Errors
/// What the database says.
pub async fn workspaces(
    connection: &mut PgConnection,
) -> Result<Vec<WorkspaceSummary>, AccountError> {
    read(connection, None).await
}

/// Finds a workspace by its slug or its id.
///
/// # Errors
/// `NoWorkspace`, which names those like it.
pub async fn find_workspace(
    connection: &mut PgConnection,
    slug: &str,
) -> Result<Workspace, AccountError> {
    match read(connection, Some(slug)).await?.into_iter().next() {
        Some(found) => Ok(found.workspace),
        None => Err(AccountError::NoWorkspace {
            slug: slug.to_owned(),
            known: unknown_workspace(connection, slug).await?,
        }),
    }
}

async fn read(
    connection: &mut PgConnection,
    slug: Option<&str>,
) -> Result<Vec<WorkspaceSummary>, AccountError> {
    let rows = sqlx::query(WORKSPACES)
        .bind(slug)
        .fetch_all(connection)
        .await?;
    let read = rows.iter().map(|row| {
        Ok(WorkspaceSummary {
            workspace: Workspace {
                id: row.try_get("id")?,
                slug: row.try_get("slug")?,
                name: row.try_get("name")?,
                owner: User {
                    id: row.try_get("owner_id")?,
                    email: row.try_get("email")?,
                    is_active: row.try_get("is_active")?,
                },
            },
            members: row.try_get("members")?,
        })
    });
    read.collect()
}

/// The workspaces that exist, as the end of the sentence that there is none with the slug.
pub(crate) async fn unknown_workspace(
    connection: &mut PgConnection,
    slug: &str,
) -> Result<String, sqlx::Error> {
    let slugs: Vec<String> = sqlx::query_scalar("select slug from workspaces order by slug")
        .fetch_all(connection)
        .await?;
    Ok(similar::known(slug, &slugs, ", nor any other"))
}

/// Finds the workspace by its slug, or creates it with this id and its owner; tells whether it did.
/// One that exists is left as it is, and so is an account with the e-mail address of the owner.
///
/// # Errors
/// `Invalid`, if no workspace can have the slug, the name or the owner.
pub async fn ensure_workspace(
    connection: &mut PgConnection,
    id: Uuid,
    slug: &str,
    name: &str,
    owner_email: &str,
) -> Result<(Workspace, bool), AccountError> {
    check(slug, name)?;
    let owner_email = email::check(owner_email)?;
    in_transaction(connection, async |connection| {
        let mut created = false;
        if read(connection, Some(slug)).await?.is_empty() {
            created = create(connection, id, slug, name, owner_email).await?;
        }
        Ok((find_workspace(connection, slug).await?, created))
    })
    .await
}

/// False if another process has just created it; then that one is the workspace, with its own
/// owner.
async fn create(
    connection: &mut PgConnection,
    id: Uuid,
    slug: &str,
    name: &str,
    owner_email: &str,
) -> Result<bool, AccountError> {
    let (owner, _) = user::ensure(connection, owner_email).await?;
    if !owner.is_active {
        return Err(AccountError::Closed { email: owner.email });
    }
    let created = sqlx::query(
        "insert into workspaces (id, slug, name, owner_id) values ($1, $2, $3, $4) on conflict (slug) do nothing",
    )
    .bind(id)
    .bind(slug)
    .bind(name)
    .bind(owner.id)
    .execute(&mut *connection)
    .await?;
    if created.rows_affected() == 0 {
        return Ok(false);
    }
    act_as_system(connection, id).await?;
    sqlx::query(
        "insert into workspace_members (id, workspace_id, user_id, role) values ($1, $2, $3, 'owner')",
    )
    .bind(Uuid::now_v7())
    .bind(id)
    .bind(owner.id)
    .execute(connection)
    .await?;
    Ok(true)
}

fn check(slug: &str, name: &str) -> Result<(), AccountError> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let parts = [
        (
            "the slug",
            slug,
            (1..=100).contains(&slug.len())
                && slug.bytes().all(plain)
                && !slug.starts_with('-')
                && !slug.ends_with('-'),
            "1 to 100 lower-case letters, digits and hyphens, without a hyphen at the beginning or the end",
        ),
        (
            "the name",
            name,
            !name.trim().is_empty()
                && name.chars().count() <= 255
                && !name.contains(email::is_invisible),
            "1 to 255 characters that can be seen",
        ),
    ];
    for (what, found, valid, expected) in parts {
        if !valid {
            return Err(AccountError::Invalid {
                what,
                found: found.to_owned(),
                expected,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::email;
    use super::check;

    #[test]
    fn what_no_workspace_can_have_is_refused_by_name() {
        assert!(check("demo-1", "Demo").is_ok());
        for (slug, name, named) in [
            ("", "Demo", "the slug"),
            ("De mo", "Demo", "the slug"),
            ("demo", " ", "the name"),
        ] {
            let error = check(slug, name).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
        assert!(email::check(" Owner@Example.com ").is_ok());
        for email in ["nobody", "a@b@c", "@b", "a@", "a b@c", "a\0@c", ""] {
            let error = email::check(email).unwrap_err().to_string();
            assert!(error.contains("the e-mail address cannot be"), "{error}");
        }
    }
}
