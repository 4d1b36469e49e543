//! `tessera migrate`.

use clap::Args;

use super::database::Database;
use crate::config::Settings;

#[derive(Args)]
pub(super) struct Arguments {
    /// Only list the pending migrations; exit with status 1 if there are any.
    #[arg(long, conflicts_with = "down")]
    pending: bool,
    /// Undo this number of migrations, the latest first; ALL their data is lost.
    #[arg(long, value_name = "NUMBER")]
    down: Option<u32>,
}

pub(super) async fn run(settings: &Settings, arguments: &Arguments) -> Result<(), String> {
    let database = Database::open(settings).await?;
    let outcome = migrate(&database.url, arguments).await;
    database.close().await?;
    outcome
}

async fn migrate(url: &str, arguments: &Arguments) -> Result<(), String> {
    if arguments.pending {
        let pending = migration::pending(url)
            .await
            .map_err(|error| error.to_string())?;
        for name in &pending {
            super::print(format_args!("{name}\n"))?;
        }
        return match pending.len() {
            0 => Ok(()),
            count => Err(format!(
                "{count} migrations are pending; run `tessera migrate`"
            )),
        };
    }
    let (names, verb) = match arguments.down {
        Some(count) => (migration::down(url, Some(count)).await, "undone"),
        None => (
            migration::up(url).await.map(|report| report.applied),
            "applied",
        ),
    };
    let names = names.map_err(|error| error.to_string())?;
    for name in &names {
        super::print(format_args!("{verb} {name}\n"))?;
    }
    if names.is_empty() {
        super::print("nothing to do\n")?;
    }
    Ok(())
}
