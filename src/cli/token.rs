//! `tessera token`.

use std::time::Duration;

use clap::Args;
use sqlx::PgConnection;
use uuid::Uuid;

use super::database::Database;
use super::identity;
use crate::accounts::{self, AccountError};
use crate::config::Settings;
use crate::sample;
use crate::session::Role;

#[derive(Args)]
pub(super) struct Arguments {
    /// Slug or id of the workspace; may be repeated.
    #[arg(long, required = true)]
    workspace: Vec<String>,
    /// E-mail address or id of the user [default: the owner of the first workspace].
    #[arg(long, value_name = "EMAIL")]
    user: Option<String>,
    /// Role of the token; it is reduced to that of the membership in the database.
    #[arg(long, default_value = "owner")]
    role: Role,
    /// Days until the token expires.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: u32,
}

pub(super) async fn run(settings: &Settings, arguments: &Arguments) -> Result<(), String> {
    let (identity, development) = identity::issuing(settings)?;
    let user = match sample_owner(settings, arguments) {
        Some(owner) => owner,
        None => member(settings, arguments).await?,
    };
    let workspaces: Vec<(&str, Role)> = arguments
        .workspace
        .iter()
        .map(|workspace| (workspace.as_str(), arguments.role))
        .collect();
    let lifetime = Duration::from_secs(u64::from(arguments.days) * 86_400);
    let token = identity.issue(user, &workspaces, lifetime)?;
    if let Some(path) = development {
        let text = format!("signed with the development secret in {}", path.display());
        super::note(settings, &text);
    }
    super::print(format_args!("{token}\n"))
}

/// The owner of a sample workspace, who is the same in every embedded database: while a gateway
/// uses the database, nobody else can ask it.
fn sample_owner(settings: &Settings, arguments: &Arguments) -> Option<Uuid> {
    let [slug] = &*arguments.workspace else {
        return None;
    };
    if settings.server.database_url.is_some() {
        return None;
    }
    let workspace = sample::WORKSPACES.iter().find(|one| slug == one.slug)?;
    let is_owner = arguments
        .user
        .as_ref()
        .is_none_or(|user| workspace.is_owner(user.trim()));
    is_owner.then(|| workspace.owner())
}

/// The user, who must be a member of all workspaces.
async fn member(settings: &Settings, arguments: &Arguments) -> Result<Uuid, String> {
    let database = match Database::open_existing(settings).await {
        Ok(database) => database,
        Err(reason) => return unchecked(settings, arguments, &reason),
    };
    database
        .with_owner(async |connection| {
            find(connection, arguments)
                .await
                .map_err(|error| error.to_string())?
        })
        .await
}

/// Without a database, an id can be put into a token, but nobody knows whose it is.
fn unchecked(settings: &Settings, arguments: &Arguments, reason: &str) -> Result<Uuid, String> {
    let id = arguments.user.as_ref().and_then(|user| user.parse().ok());
    let Some(id) = id else {
        return Err(format!(
            "the user and the workspace cannot be looked up: {reason}. Without the database, set --user to the id of the user"
        ));
    };
    let text = format!("the token is not checked against the database: {reason}");
    super::note(settings, &text);
    Ok(id)
}

async fn find(
    connection: &mut PgConnection,
    arguments: &Arguments,
) -> Result<Result<Uuid, String>, AccountError> {
    let mut user = match &arguments.user {
        Some(user) => Some(accounts::user(connection, user).await?),
        None => None,
    };
    for slug in &arguments.workspace {
        let workspace = accounts::find_workspace(connection, slug).await?;
        let user = user.get_or_insert_with(|| workspace.owner.clone());
        if !user.is_active {
            return Ok(Err(format!(
                "the account of {} is closed (`is_active` is false), so its tokens are refused",
                user.email
            )));
        }
        if accounts::role_of(connection, &workspace, user)
            .await?
            .is_none()
        {
            return Ok(Err(format!(
                "{} is no member of the workspace `{slug}`; to add the user, run `tessera user add {} --workspace {slug}`",
                user.email, user.email
            )));
        }
    }
    let user = user.ok_or("set --workspace to a workspace of the user");
    Ok(user.map(|user| user.id).map_err(str::to_owned))
}
