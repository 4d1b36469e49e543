//! `tessera token`.

use std::time::Duration;

use clap::Args;
use uuid::Uuid;

use crate::auth::{Secret, issue};
use crate::config::Settings;
use crate::sample;
use crate::session::Role;

#[derive(Args)]
pub(super) struct Arguments {
    /// Slug or id of the workspace; several may be given.
    #[arg(long, required = true)]
    workspace: Vec<String>,
    /// Id of the user; the owner of a sample workspace needs none.
    #[arg(long)]
    user: Option<Uuid>,
    /// Most that the token may do; the membership in the database may allow less.
    #[arg(long, default_value = "owner")]
    role: Role,
    /// Days until the token expires.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: u32,
}

pub(super) fn run(settings: &Settings, arguments: &Arguments) -> Result<(), String> {
    let secret = secret(settings)?;
    let owner = || {
        sample::WORKSPACES
            .iter()
            .find(|one| arguments.workspace[0] == one.slug)
            .map(|one| one.owner())
    };
    let user = arguments
        .user
        .or_else(owner)
        .ok_or("give the id of a user of the workspace with --user")?;
    let workspaces: Vec<(&str, Role)> = arguments
        .workspace
        .iter()
        .map(|workspace| (workspace.as_str(), arguments.role))
        .collect();
    let lifetime = Duration::from_secs(u64::from(arguments.days) * 86_400);
    println!("{}", issue(&secret, user, &workspaces, lifetime)?);
    Ok(())
}

/// The configured secret; in development one is made and kept in the data folder.
pub(super) fn secret(settings: &Settings) -> Result<Secret, String> {
    if let Some(secret) = &settings.auth.secret {
        return Ok(secret.clone());
    }
    if !settings.server.development {
        return Err(
            "no JWT secret is configured; set --jwt-secret-file or TESSERA_JWT_SECRET to the secret that your issuer signs with"
                .to_owned(),
        );
    }
    development_secret(settings)
}

fn development_secret(settings: &Settings) -> Result<Secret, String> {
    let path = settings.server.data_dir.join("development.secret");
    let failed = |error: std::io::Error| {
        format!(
            "cannot keep the development secret in {}: {error}",
            path.display()
        )
    };
    std::fs::create_dir_all(&settings.server.data_dir).map_err(failed)?;
    if let Ok(text) = std::fs::read(&path)
        && let Ok(secret) = Secret::new(text)
    {
        return Ok(secret);
    }
    // Two random UUIDs hold 244 bits from the operating system's generator.
    let text = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(&path).map_err(failed)?;
    std::io::Write::write_all(&mut file, text.as_bytes()).map_err(failed)?;
    Secret::new(text)
}
