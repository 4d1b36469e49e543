//! `tessera doctor`: checks settings and database, and says for each problem how to fix it. It
//! changes nothing.

mod grants;
mod keys;
mod login;
mod model;
mod policies;
mod pooler;
mod report;
mod search;
mod server;
mod settings;
mod triggers;
mod views;

use std::time::Duration;

use sqlx::Connection;

pub use self::report::{Finding, Level, Report};

use crate::config::Settings;

/// How long the examination of a database may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// The database to examine.
pub struct Target<'a> {
    pub settings: &'a Settings,
    pub url: &'a str,
    /// The embedded one has one backend and one login, which is a superuser.
    pub embedded: bool,
}

/// Looks at what needs no database.
pub async fn examine_settings(settings: &Settings, report: &mut Report) {
    settings::check(settings, report);
    settings::documents(settings, report).await;
    keys::check(settings, report).await;
}

/// Looks at the database. What cannot be looked at is a problem too.
pub async fn examine_database(target: &Target<'_>, report: &mut Report) {
    let examination = tokio::time::timeout(PATIENCE, examine(target, report)).await;
    match examination {
        Ok(Ok(())) => {}
        Ok(Err(error)) => report.problem(
            "database",
            format!("a query failed: {error}"),
            "check the log of PostgreSQL and run `tessera doctor` again",
        ),
        Err(_) => report.problem(
            "database",
            format!("it did not respond within {} s", PATIENCE.as_secs()),
            "check pg_stat_activity for running statements and locks",
        ),
    }
}

async fn examine(target: &Target<'_>, report: &mut Report) -> Result<(), sqlx::Error> {
    let Some(mut connection) = server::connect(target, report).await else {
        return Ok(());
    };
    server::check(target, &mut connection, report).await?;
    // The embedded server takes one connection at a time, and the next check opens its own.
    connection.close().await?;
    if !model::migrations(target.url, report).await {
        return Ok(());
    }
    let Some(mut connection) = server::connect(target, report).await else {
        return Ok(());
    };
    model::extension(&mut connection, report).await?;
    if model::roles(&mut connection, report).await? {
        login::check(target, &mut connection, report).await?;
        grants::check(&mut connection, report).await?;
        views::check(&mut connection, target.embedded, report).await?;
    }
    policies::check(&mut connection, report).await?;
    triggers::check(&mut connection, report).await?;
    search::check(&mut connection, report).await?;
    model::functions(&mut connection, report).await?;
    model::nothing_without_a_workspace(&mut connection, report).await?;
    connection.close().await?;
    if !target.embedded {
        pooler::check(target, report).await;
    }
    Ok(())
}
