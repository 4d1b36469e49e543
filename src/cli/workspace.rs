//! `tessera workspace`.

use clap::{Args, Subcommand};
use sqlx::PgConnection;
use uuid::Uuid;

use super::database::Database;
use super::follow;
use super::table::table;
use crate::accounts::{self, Workspace};
use crate::config::Settings;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Create a workspace. One that exists is left as it is.
    Create(Creation),
    /// List all workspaces.
    List,
}

#[derive(Args)]
pub(super) struct Creation {
    /// Slug: lower-case letters, digits and hyphens.
    slug: String,
    /// E-mail address of the owner; the account is created if there is none.
    #[arg(long, value_name = "EMAIL")]
    owner: String,
    /// Name shown to its members [default: the slug].
    #[arg(long)]
    name: Option<String>,
}

pub(super) async fn run(settings: &Settings, command: &Command) -> Result<(), String> {
    let text = match command {
        Command::Create(creation) => {
            let database = Database::open(settings).await?;
            database
                .with_owner(async |connection| create(settings, connection, creation).await)
                .await
        }
        Command::List => {
            let database = Database::open_existing(settings).await?;
            database.with_owner(list).await
        }
    }?;
    super::print(text)
}

async fn create(
    settings: &Settings,
    connection: &mut PgConnection,
    creation: &Creation,
) -> Result<String, String> {
    let Creation { slug, owner, name } = creation;
    let name = name.as_ref().unwrap_or(slug);
    let id = Uuid::now_v7();
    let (workspace, created) = accounts::ensure_workspace(connection, id, slug, name, owner)
        .await
        .map_err(|error| error.to_string())?;
    let Workspace {
        id, owner: user, ..
    } = &workspace;
    if !created && user.email != owner.trim().to_lowercase() {
        return Err(format!(
            "there is a workspace `{slug}` already, and its owner is {}; choose another slug, or run `tessera user add {} --workspace {slug} --role owner`",
            user.email,
            owner.trim()
        ));
    }
    let verb = if created {
        "was created"
    } else {
        "was there already"
    };
    Ok(format!(
        "The workspace `{slug}` ({id}) {verb}. Its owner is {}, user {}.\n{}\n",
        user.email,
        user.id,
        follow::token(settings, &user.email, slug)
    ))
}

async fn list(connection: &mut PgConnection) -> Result<String, String> {
    let workspaces = accounts::workspaces(connection)
        .await
        .map_err(|error| error.to_string())?;
    if workspaces.is_empty() {
        return Ok(
            "There is no workspace. To create one: tessera workspace create SLUG --owner EMAIL\n"
                .to_owned(),
        );
    }
    let rows: Vec<[String; 5]> = workspaces
        .into_iter()
        .map(|listed| {
            let members = listed.members.to_string();
            let Workspace {
                id,
                slug,
                name,
                owner,
            } = listed.workspace;
            [slug, name, owner.email, members, id.to_string()]
        })
        .collect();
    Ok(table(["slug", "name", "owner", "members", "id"], &rows))
}
