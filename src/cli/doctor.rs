//! `tessera doctor`.

use std::process::ExitCode;

use clap::Args;

use super::database::Database;
use crate::config::{Flags, Settings};
use crate::doctor::{self, Report, Target};

#[derive(Args)]
pub(super) struct Arguments {
    /// Print the findings as JSON.
    #[arg(long)]
    json: bool,
}

/// Prints what was found; a failure when something needs mending.
pub(super) fn run(flags: &Flags, arguments: &Arguments) -> Result<ExitCode, String> {
    let runtime = tokio::runtime::Runtime::new();
    let runtime = runtime.map_err(|error| format!("cannot start the runtime: {error}"))?;
    let report = runtime.block_on(examine(flags));
    if arguments.json {
        super::print(format_args!("{:#}\n", report.to_json()))
    } else {
        super::print(format_args!("{report}\n"))
    }?;
    Ok(match report.is_healthy() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

async fn examine(flags: &Flags) -> Report {
    let mut report = Report::default();
    let settings = match Settings::read(flags) {
        Ok(settings) => settings,
        Err(error) => {
            report.problem(
                "settings",
                error,
                "correct the setting and run `tessera doctor` again",
            );
            return report;
        }
    };
    doctor::examine_settings(&settings, &mut report).await;
    let data = settings.server.data_dir.join("postgres");
    if settings.server.database_url.is_none() && !data.exists() {
        report.warning(
            "database",
            format!(
                "there is no embedded database in {} yet",
                settings.server.data_dir.display()
            ),
            "start `tessera` once to create it, or set --database-url to the URL of a server",
        );
        return report;
    }
    let database = match Database::open(&settings).await {
        Ok(database) => database,
        Err(error) if error.starts_with("another process uses") => {
            report.warning(
                "database",
                error,
                "while a gateway uses it, check that gateway's /health/ready",
            );
            return report;
        }
        Err(error) => {
            report.problem(
                "database",
                error,
                "choose another directory with --data-dir, or restore it from a backup",
            );
            return report;
        }
    };
    let target = Target {
        settings: &settings,
        url: &database.url,
        embedded: database.is_embedded(),
    };
    doctor::examine_database(&target, &mut report).await;
    if let Err(error) = database.close().await {
        report.problem(
            "database",
            error,
            "check the disk and the permissions of the data directory",
        );
    }
    report
}
