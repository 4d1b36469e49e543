//! `tessera user`.

use clap::{Args, Subcommand};
use sqlx::PgConnection;

use super::database::Database;
use super::follow;
use super::table::table;
use crate::accounts::{self, Addition, Listed, Removal};
use crate::config::Settings;
use crate::session::Role;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Add a user to a workspace, or change the role of a member. The account is created if there
    /// is none.
    Add(New),
    /// List users with their workspaces and roles.
    List(Filter),
    /// Remove a user from a workspace. The account stays.
    Remove(Member),
}

#[derive(Args)]
pub(super) struct New {
    /// E-mail address; case makes no difference.
    email: String,
    /// Slug or id of the workspace.
    #[arg(long)]
    workspace: String,
    /// Role in the workspace: viewer, member, staff, manager, admin, owner or system (service
    /// account) [default: member; that of a member stays].
    #[arg(long)]
    role: Option<Role>,
}

#[derive(Args)]
pub(super) struct Filter {
    /// Only members of this workspace, by slug or id.
    #[arg(long)]
    workspace: Option<String>,
    /// Only members with this role.
    #[arg(long)]
    role: Option<Role>,
}

#[derive(Args)]
pub(super) struct Member {
    /// E-mail address or id.
    user: String,
    /// Slug or id of the workspace.
    #[arg(long)]
    workspace: String,
}

pub(super) async fn run(settings: &Settings, command: &Command) -> Result<(), String> {
    let database = Database::open_existing(settings).await?;
    let text = database
        .with_owner(async |connection| match command {
            Command::Add(new) => add(settings, connection, new).await,
            Command::List(filter) => list(connection, filter).await,
            Command::Remove(member) => remove(connection, member).await,
        })
        .await?;
    super::print(text)
}

async fn add(
    settings: &Settings,
    connection: &mut PgConnection,
    new: &New,
) -> Result<String, String> {
    let added = accounts::add_member(connection, &new.email, &new.workspace, new.role)
        .await
        .map_err(|error| error.to_string())?;
    let Addition {
        user,
        workspace,
        is_new_user,
        role,
        former_role,
    } = added;
    let (email, slug) = (&user.email, &workspace.slug);
    let told = match former_role {
        None => format!("{email} is a member of `{slug}` now, with the role {role}"),
        Some(former) if former == role => {
            format!("{email} was a member of `{slug}` already, with the role {role}")
        }
        Some(former) => format!("{email} has the role {role} in `{slug}` now; it was {former}"),
    };
    let account = if is_new_user { "a new account" } else { "user" };
    Ok(format!(
        "{told} ({account} {}).\n{}\n",
        user.id,
        follow::token(settings, email, slug)
    ))
}

async fn list(connection: &mut PgConnection, filter: &Filter) -> Result<String, String> {
    let (workspace, role) = (filter.workspace.as_deref(), filter.role);
    let listed = accounts::members(connection, workspace, role)
        .await
        .map_err(|error| error.to_string())?;
    if listed.is_empty() {
        return Ok(
            "There is no such user. To add one: tessera user add EMAIL --workspace SLUG\n"
                .to_owned(),
        );
    }
    let rows: Vec<[String; 5]> = listed
        .into_iter()
        .map(|listed| {
            let Listed { user, membership } = listed;
            let (slug, role) = membership.unwrap_or_default();
            let state = if user.is_active { "active" } else { "closed" };
            [
                user.email,
                slug,
                role,
                state.to_owned(),
                user.id.to_string(),
            ]
        })
        .collect();
    Ok(format!(
        "{}\nTo make a token: tessera token --user EMAIL --workspace {}\n",
        table(["e-mail", "workspace", "role", "account", "id"], &rows),
        workspace.unwrap_or("SLUG")
    ))
}

async fn remove(connection: &mut PgConnection, member: &Member) -> Result<String, String> {
    let removed = accounts::remove_member(connection, &member.user, &member.workspace)
        .await
        .map_err(|error| error.to_string())?;
    let Removal {
        user,
        workspace,
        former_role,
    } = removed;
    let (email, slug) = (user.email, workspace.slug);
    Ok(match former_role {
        Some(role) => format!(
            "{email} is no member of `{slug}` any more; the role was {role}. Tokens for `{slug}` are refused after the time of --membership-cache (5 seconds). The account {} stays.\n",
            user.id
        ),
        None => format!("{email} was no member of `{slug}`; nothing was changed.\n"),
    })
}
