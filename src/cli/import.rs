//! `tessera import`.

use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::database::Database;
use super::follow;
use crate::accounts::{self, Workspace};
use crate::config::Settings;
use crate::import::{self, Bar, ImportError, Progress, Source, Summary};

/// The formats that are known.
#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// The lines of UCI's Online Retail data sets (I and II) as CSV.
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
    /// Refuse a file with a word that is not known, such as a product's status; without it, such
    /// words are listed, and the product is inactive (shopify-products).
    #[arg(long)]
    strict: bool,
}

/// What an import did, and for whom.
struct Imported {
    summary: Summary,
    /// With `--create-for`: the workspace, and whether it was created.
    workspace: Option<(Workspace, bool)>,
}

impl Display for Imported {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}", self.summary)?;
        let Some((workspace, created)) = &self.workspace else {
            return Ok(());
        };
        let Workspace { slug, owner, .. } = workspace;
        let (email, id) = (&owner.email, owner.id);
        match created {
            true => write!(
                out,
                "  The workspace `{slug}` was created. Its owner is {email}, user {id}."
            ),
            false => write!(
                out,
                "  The workspace `{slug}` was there already. Its owner is {email}, user {id}; --create-for changed nothing."
            ),
        }
    }
}

pub(super) async fn run(settings: &Settings, arguments: &Arguments) -> Result<(), String> {
    let source = Source::open(&arguments.file).map_err(|error| error.to_string())?;
    let database = Database::open(settings).await?;
    let imported = database
        .with_owner(async |connection| fill(connection, arguments, source).await)
        .await?;
    let token = imported.workspace.as_ref().map(|(workspace, _)| {
        let Workspace { slug, owner, .. } = workspace;
        format!("\n  {}\n", follow::token(settings, &owner.email, slug))
    });
    super::print(format_args!("{imported}{}", token.unwrap_or_default()))
}

async fn fill(
    connection: &mut PgConnection,
    arguments: &Arguments,
    source: Source,
) -> Result<Imported, String> {
    let progress = Bar::stderr();
    let imported = transfer(connection, arguments, source, &progress).await;
    progress.done();
    let imported = imported.map_err(|error| error.to_string())?;
    // The computed views would otherwise lag behind until the next hour.
    sqlx::query("select app.refresh_views()")
        .execute(connection)
        .await
        .map_err(|error| {
            format!("the import succeeded, but the materialized views were not refreshed: {error}")
        })?;
    Ok(imported)
}

/// One transaction around everything: a file that is refused leaves no workspace behind.
async fn transfer(
    connection: &mut PgConnection,
    arguments: &Arguments,
    source: Source,
    progress: &dyn Progress,
) -> Result<Imported, ImportError> {
    let mut transaction = connection.begin().await?;
    match steps(&mut transaction, arguments, source, progress).await {
        Ok(imported) => {
            transaction.commit().await?;
            Ok(imported)
        }
        Err(error) => {
            // Where this fails the connection is gone, and the server rolls back by itself.
            let _ = transaction.rollback().await;
            Err(error)
        }
    }
}

async fn steps(
    connection: &mut PgConnection,
    arguments: &Arguments,
    source: Source,
    progress: &dyn Progress,
) -> Result<Imported, ImportError> {
    let slug = &arguments.workspace;
    let workspace = match &arguments.create_for {
        Some(owner) => {
            let id = Uuid::now_v7();
            Some(accounts::ensure_workspace(connection, id, slug, slug, owner).await?)
        }
        None => None,
    };
    let strict = arguments.strict;
    let summary = match arguments.format {
        Format::OnlineRetail => import::online_retail(connection, slug, source, progress).await,
        Format::Chinook => import::chinook(connection, slug, source, progress).await,
        Format::ShopifyProducts => {
            import::shopify_products(connection, slug, source, strict, progress).await
        }
    }?;
    Ok(Imported { summary, workspace })
}
