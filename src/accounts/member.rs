//! Members of workspaces: added, listed and removed.

use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::error::AccountError;
use super::user::{self, User};
use super::workspace::{Workspace, find_workspace};
use super::{act_as_system, email, in_transaction};
use crate::session::Role;

/// What became of adding a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addition {
    pub user: User,
    pub workspace: Workspace,
    /// Whether the account was created.
    pub is_new_user: bool,
    /// The role that the member has now.
    pub role: String,
    /// The role that the member had before; none for a new member.
    pub former_role: Option<String>,
}

/// What became of removing a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    pub user: User,
    pub workspace: Workspace,
    /// The role that the member had; none if the user was no member.
    pub former_role: Option<String>,
}

/// A user, and the membership in one workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub user: User,
    /// Slug and role; none for a user without any workspace.
    pub membership: Option<(String, String)>,
}

const MEMBERS: &str = "
select u.id, u.email, u.is_active, w.slug, m.role::text
  from users u
  left join workspace_members m on m.user_id = u.id
  left join workspaces w on w.id = m.workspace_id
  where ($1::uuid is null or m.workspace_id = $1) and ($2::text is null or m.role::text = $2)
  order by w.slug, u.email";

/// The next owner of a workspace: whoever is an owner beside the user for longest.
const NEXT_OWNER: &str = "
select m.user_id from workspace_members m join users u on u.id = m.user_id and u.is_active
  where m.workspace_id = $1 and m.user_id <> $2 and m.role = 'owner' order by m.joined_at, m.id limit 1";

/// Adds the user with the e-mail address to the workspace, and creates the account if there is
/// none. A member who is there gets the role, if one is given; a new member without one is a
/// `member`.
///
/// # Errors
/// `NoWorkspace`; `Closed`; `OnlyOwner`, if the workspace would be left without an owner.
pub async fn add_member(
    connection: &mut PgConnection,
    email: &str,
    workspace: &str,
    role: Option<Role>,
) -> Result<Addition, AccountError> {
    let email = email::check(email)?;
    in_transaction(connection, async |connection| {
        add(connection, email, workspace, role).await
    })
    .await
}

async fn add(
    connection: &mut PgConnection,
    email: &str,
    workspace: &str,
    role: Option<Role>,
) -> Result<Addition, AccountError> {
    let workspace = lock(connection, workspace).await?;
    let (user, is_new_user) = user::ensure(connection, email).await?;
    if !user.is_active {
        return Err(AccountError::Closed { email: user.email });
    }
    let former_role = role_of(connection, &workspace, &user).await?;
    let role = match (&former_role, role) {
        (Some(former), None) => former.clone(),
        (_, role) => role.unwrap_or(Role::Member).name().to_owned(),
    };
    if former_role.as_ref() != Some(&role) {
        if former_role.is_some() && role != Role::Owner.name() {
            pass_on(connection, &workspace, &user).await?;
        }
        sqlx::query(
            "insert into workspace_members (id, workspace_id, user_id, role) values ($1, $2, $3, $4::workspace_role) \
             on conflict (workspace_id, user_id) do update set role = excluded.role",
        )
        .bind(Uuid::now_v7())
        .bind(workspace.id)
        .bind(user.id)
        .bind(&role)
        .execute(&mut *connection)
        .await?;
    }
    Ok(Addition {
        user,
        workspace,
        is_new_user,
        role,
        former_role,
    })
}

/// Removes a user, given by e-mail address or id, from the workspace. The account stays.
///
/// # Errors
/// `NoWorkspace`; `NoUser`; `OnlyOwner`, if the workspace would be left without an owner.
pub async fn remove_member(
    connection: &mut PgConnection,
    who: &str,
    workspace: &str,
) -> Result<Removal, AccountError> {
    in_transaction(connection, async |connection| {
        remove(connection, who, workspace).await
    })
    .await
}

async fn remove(
    connection: &mut PgConnection,
    who: &str,
    workspace: &str,
) -> Result<Removal, AccountError> {
    let workspace = lock(connection, workspace).await?;
    let user = user::user(connection, who).await?;
    let former_role = role_of(connection, &workspace, &user).await?;
    if former_role.is_some() {
        pass_on(connection, &workspace, &user).await?;
        sqlx::query("delete from workspace_members where workspace_id = $1 and user_id = $2")
            .bind(workspace.id)
            .bind(user.id)
            .execute(&mut *connection)
            .await?;
    }
    Ok(Removal {
        user,
        workspace,
        former_role,
    })
}

/// Users with their memberships: those of one workspace, or all; those of one role, or all.
///
/// # Errors
/// `NoWorkspace`.
pub async fn members(
    connection: &mut PgConnection,
    workspace: Option<&str>,
    role: Option<Role>,
) -> Result<Vec<Listed>, AccountError> {
    let workspace = match workspace {
        Some(slug) => Some(find_workspace(connection, slug).await?.id),
        None => None,
    };
    let rows = sqlx::query(MEMBERS)
        .bind(workspace)
        .bind(role.map(Role::name))
        .fetch_all(connection)
        .await?;
    let read = rows.iter().map(|row| {
        let slug: Option<String> = row.try_get("slug")?;
        let role: Option<String> = row.try_get("role")?;
        Ok(Listed {
            user: User {
                id: row.try_get("id")?,
                email: row.try_get("email")?,
                is_active: row.try_get("is_active")?,
            },
            membership: slug.zip(role),
        })
    });
    read.collect()
}

/// The workspace, whose members nobody else changes until the transaction ends.
async fn lock(connection: &mut PgConnection, slug: &str) -> Result<Workspace, AccountError> {
    let workspace = find_workspace(connection, slug).await?;
    sqlx::query("select from workspaces where id = $1 for update")
        .bind(workspace.id)
        .execute(&mut *connection)
        .await?;
    act_as_system(connection, workspace.id).await?;
    // Its owner may have changed while it was waited for.
    find_workspace(connection, slug).await
}

/// The role of the user in the workspace; none for a user who is no member.
///
/// # Errors
/// What the database says.
pub async fn role_of(
    connection: &mut PgConnection,
    workspace: &Workspace,
    user: &User,
) -> Result<Option<String>, AccountError> {
    let role = sqlx::query_scalar(
        "select role::text from workspace_members where workspace_id = $1 and user_id = $2",
    )
    .bind(workspace.id)
    .bind(user.id)
    .fetch_optional(connection)
    .await?;
    Ok(role)
}

/// Gives the workspace another owner, where the user owns it.
async fn pass_on(
    connection: &mut PgConnection,
    workspace: &Workspace,
    user: &User,
) -> Result<(), AccountError> {
    if workspace.owner.id != user.id {
        return Ok(());
    }
    let next: Option<Uuid> = sqlx::query_scalar(NEXT_OWNER)
        .bind(workspace.id)
        .bind(user.id)
        .fetch_optional(&mut *connection)
        .await?;
    let Some(next) = next else {
        return Err(AccountError::OnlyOwner {
            email: user.email.clone(),
            slug: workspace.slug.clone(),
        });
    };
    sqlx::query("update workspaces set owner_id = $2 where id = $1")
        .bind(workspace.id)
        .bind(next)
        .execute(connection)
        .await?;
    Ok(())
}
