//! `tessera refresh`.

use sqlx::{Connection, PgConnection};

use super::database::Database;
use crate::config::Settings;

/// Computes the materialized views anew. A gateway that serves does the same every hour.
pub(super) async fn run(settings: &Settings) -> Result<(), String> {
    let database = Database::open(settings).await?;
    let outcome = refresh(&database.url).await;
    database.close().await?;
    outcome?;
    super::print("The materialized views are refreshed.\n")
}

async fn refresh(url: &str) -> Result<(), String> {
    let failed = |error: sqlx::Error| format!("the materialized views are not refreshed: {error}");
    let mut connection = PgConnection::connect(url).await.map_err(failed)?;
    // Of two refreshes at once the second waits, and then counts what the first one missed.
    sqlx::query("select app.refresh_views()")
        .execute(&mut connection)
        .await
        .map_err(failed)?;
    connection.close().await.map_err(failed)
}
