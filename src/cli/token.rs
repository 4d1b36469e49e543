//! `tessera token`.

use std::time::Duration;

use clap::Args;
use uuid::Uuid;

use super::identity;
use crate::auth::issue;
use crate::config::Settings;
use crate::sample;
use crate::session::Role;

#[derive(Args)]
pub(super) struct Arguments {
    /// Slug or id of the workspace; may be repeated.
    #[arg(long, required = true)]
    workspace: Vec<String>,
    /// Id of the user [default for a sample workspace: its owner].
    #[arg(long)]
    user: Option<Uuid>,
    /// Role of the token; it is reduced to that of the membership in the database.
    #[arg(long, default_value = "owner")]
    role: Role,
    /// Days until the token expires.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: u32,
}

pub(super) fn run(settings: &Settings, arguments: &Arguments) -> Result<(), String> {
    let secret = identity::secret(settings)?;
    let owner = || {
        sample::WORKSPACES
            .iter()
            .find(|one| arguments.workspace[0] == one.slug)
            .map(|one| one.owner())
    };
    let user = arguments
        .user
        .or_else(owner)
        .ok_or("set --user to the id of a user of the workspace")?;
    let workspaces: Vec<(&str, Role)> = arguments
        .workspace
        .iter()
        .map(|workspace| (workspace.as_str(), arguments.role))
        .collect();
    let lifetime = Duration::from_secs(u64::from(arguments.days) * 86_400);
    let token = issue(&secret, user, &workspaces, lifetime)?;
    super::print(format_args!("{token}\n"))
}
