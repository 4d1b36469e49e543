//! `tessera import`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use sqlx::Connection;

use super::database::Database;
use crate::config::Settings;
use crate::import::{self, Bar, Progress, Source};
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
    /// The file, compressed with gzip or not.
    file: PathBuf,
    /// Slug of the workspace that the rows go into.
    #[arg(long)]
    workspace: String,
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
    let progress = Bar::stderr();
    let workspace = &arguments.workspace;
    let imported = match arguments.format {
        Format::OnlineRetail => {
            import::online_retail(&mut connection, workspace, source, &progress).await
        }
        Format::Chinook => import::chinook(&mut connection, workspace, source, &progress).await,
        Format::ShopifyProducts => {
            import::shopify_products(&mut connection, workspace, source, &progress).await
        }
    };
    progress.done();
    // Whatever happened, the connection must be gone before the embedded database stops.
    let closed = connection.close().await;
    let summary = imported.map_err(|error| error.to_string())?;
    closed.map_err(|error| error.to_string())?;
    println!("{summary}");
    Ok(())
}
