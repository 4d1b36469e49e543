//! `tessera import`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::database::Database;

use crate::config::Settings;
use crate::import::{self, Bar, Progress, Source, Summary};
use crate::sample;

/// The formats that are known.
#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// The CSV of UCI's Online Retail data set.
    OnlineRetail,
    /// The Chinook database as JSON.
    Chinook,
    /// A product export in Shopify's CSV format.
    ShopifyProducts,
}

#[derive(Args)]
pub(super) struct Arguments {
    format: Format,
    /// The file; may be compressed with gzip.
    file: PathBuf,
    /// Slug of the workspace to import into.
    #[arg(long)]
    workspace: String,
    /// Create the workspace if it does not exist, owned by the user with this e-mail address.
    #[arg(long, value_name = "EMAIL")]
    create_for: Option<String>,
}

pub(super) async fn run(settings: &Settings, arguments: &Arguments) -> Result<(), String> {
    let source = Source::open(&arguments.file).map_err(|error| error.to_string())?;
    let database = Database::open(settings).await?;
    let outcome = import(&database, arguments, source).await;
    database.close().await?;
    outcome
}

async fn import(database: &Database, arguments: &Arguments, source: Source) -> Result<(), String> {
    if database.is_embedded() {
        migration::up(&database.url)
            .await
            .map_err(|error| error.to_string())?;
    }
    let mut connection = sample::connect_as_owner(&database.url).await?;
    let outcome = fill(&mut connection, arguments, source).await;
    // Whatever happened, the connection must be gone before the embedded database stops.
    let closed = connection.close().await;
    super::print(format_args!("{}\n", outcome?))?;
    closed.map_err(|error| error.to_string())
}

async fn fill(
    connection: &mut PgConnection,
    arguments: &Arguments,
    source: Source,
) -> Result<Summary, String> {
    let workspace = &arguments.workspace;
    if let Some(owner) = &arguments.create_for {
        import::ensure_workspace(connection, Uuid::now_v7(), workspace, workspace, owner)
            .await
            .map_err(|error| error.to_string())?;
    }
    let progress = Bar::stderr();
    let imported = match arguments.format {
        Format::OnlineRetail => {
            import::online_retail(connection, workspace, source, &progress).await
        }
        Format::Chinook => import::chinook(connection, workspace, source, &progress).await,
        Format::ShopifyProducts => {
            import::shopify_products(connection, workspace, source, &progress).await
        }
    };
    progress.done();
    let summary = imported.map_err(|error| error.to_string())?;
    // The computed views would otherwise lag behind until the next hour.
    sqlx::query("select app.refresh_views()")
        .execute(connection)
        .await
        .map_err(|error| {
            format!("the import succeeded, but the materialized views were not refreshed: {error}")
        })?;
    Ok(summary)
}
