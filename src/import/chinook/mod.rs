//! Chinook: the database of a record store that sells music by the track, as one JSON document.
//!
//! - An album becomes a product with its `albums` row (artist; the genre of most of its tracks;
//!   the document knows no year), a track one of its variants. A variant has no title, so the name
//!   is in its SKU (`track-1-for-those-about-to-rock-we-salute-you`), in the product's description
//!   with length and composer, and with all details in the `source_data` of each line that sold it.
//!   The product's `tags` are the genres of all its tracks.
//! - An invoice becomes an order (`delivered`, USD) under its number, its billing address the
//!   `shipping_address` with the kind `billing`.
//! - Customers keep their accents; empty strings become nulls, e-mail addresses lower-case. Who
//!   looks after them is a tag, `support-rep:` and the address.
//! - Employees become users and members: the general manager `admin`, other managers `manager`,
//!   everybody else `staff`. An account that exists is used as it is.
//! - There is no place for playlists, for artists without an album, and for media types of tracks
//!   that were not sold; they are left out, and counted.

mod invoices;
mod music;
mod people;
mod shape;
mod store;

use std::collections::HashSet;

use serde_json::error::Category;
use sqlx::{Connection, PgConnection};

use self::shape::Document;
use self::store::Store;
use super::error::ImportError;
use super::progress::{Progress, Unit};
use super::source::{Source, Text};
use super::summary::Summary;
use super::target::{self, Target};

/// The document is held in memory as a whole; the real one has 2 MB.
const LARGEST: usize = 256 * 1024 * 1024;

/// Imports a Chinook document (`.json` or `.json.gz`) into the workspace with the slug.
pub async fn chinook(
    connection: &mut PgConnection,
    workspace: &str,
    source: Source,
    progress: &dyn Progress,
) -> Result<Summary, ImportError> {
    let mut transaction = connection.begin().await?;
    let outcome = import(&mut transaction, workspace, source, progress).await;
    progress.done();
    target::close(transaction, outcome).await
}

async fn import(
    connection: &mut PgConnection,
    workspace: &str,
    source: Source,
    progress: &dyn Progress,
) -> Result<Summary, ImportError> {
    let mut target = Target::open(connection, workspace, "chinook").await?;
    progress.phase("Reading", source.size(), Unit::Bytes);
    let text = source.decode("the JSON document of the Chinook database")?;
    let file = text.file.clone();
    let document = match tokio::task::spawn_blocking(move || read(text)).await {
        Ok(document) => document?,
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    };
    let store = Store::new(&document, &file)?;

    let mut summary = Summary {
        source: "Chinook",
        workspace: workspace.to_owned(),
        unit: "records",
        ..Summary::default()
    };
    progress.phase("Catalog", None, Unit::Rows);
    music::import(connection, &mut target, &store, &mut summary).await?;
    progress.phase("People", None, Unit::Rows);
    people::import_staff(connection, &mut target, &store, &mut summary).await?;
    progress.phase("Orders", None, Unit::Rows);
    invoices::import(connection, &mut target, &store, &mut summary).await?;
    account(&store, &mut summary);
    target::analyze(connection, &["genres", "albums", "order_items"]).await?;
    target::finish(
        connection,
        &[
            "import_genres",
            "import_albums",
            "import_products",
            "import_variants",
            "import_orders",
            "import_items",
            "import_customers",
            "import_figures",
        ],
    )
    .await?;
    Ok(summary)
}

fn read(mut text: Text) -> Result<Document, ImportError> {
    text.allow(LARGEST);
    let document = serde_json::from_reader(std::io::BufReader::new(&mut text));
    document.map_err(|error| explain(&text, error))
}

fn explain(text: &Text, error: serde_json::Error) -> ImportError {
    let (line, column) = (error.line(), error.column());
    if error.classify() == Category::Io {
        return text.error(error.into(), line as u64);
    }
    let told = error.to_string();
    let place = format!(" at line {line} column {column}");
    ImportError::Json {
        file: text.file.clone(),
        line,
        column,
        reason: told.strip_suffix(&place).unwrap_or(&told).to_owned(),
    }
}

/// Completes the account of the records.
fn account(store: &Store<'_>, summary: &mut Summary) {
    let document = store.document;
    let count = |records: usize| records as u64;
    let with_album: HashSet<i64> = document.album.iter().map(|album| album.artist_id).collect();
    let artists = count(document.artist.len());
    let artists_without = document
        .artist
        .iter()
        .filter(|artist| !with_album.contains(&artist.artist_id));
    summary.leave_out("Artist without an album", count(artists_without.count()));
    summary.leave_out(
        "MediaType (named in source_data of the lines sold)",
        count(document.media_type.len()),
    );
    summary.leave_out("Playlist", count(document.playlist.len()));
    summary.leave_out("PlaylistTrack", count(document.playlist_track.len()));
    summary.read = artists
        + count(document.genre.len())
        + count(document.album.len())
        + count(document.track.len())
        + count(document.employee.len())
        + count(document.customer.len())
        + count(document.invoice.len())
        + count(document.invoice_line.len())
        + count(document.media_type.len())
        + count(document.playlist.len())
        + count(document.playlist_track.len());

    // A record counts by the row that it is the main one of; an artist is a word in its albums.
    let main = [
        "genres",
        "albums",
        "product_variants",
        "workspace_members",
        "customers",
        "orders",
        "order_items",
    ];
    let rows = summary
        .tables
        .iter()
        .filter(|rows| main.contains(&rows.table));
    let (imported, present) = rows.fold((0, 0), |(imported, present), rows| {
        (imported + rows.imported, present + rows.present)
    });
    let artists_with = count(with_album.len());
    let new_albums = summary
        .table("albums")
        .is_some_and(|rows| rows.imported > 0);
    (summary.imported, summary.present) = match new_albums {
        true => (imported + artists_with, present),
        false => (imported, present + artists_with),
    };

    let reports = document
        .employee
        .iter()
        .filter(|employee| employee.reports_to.is_some());
    summary.note(
        "Employee.ReportsTo: who reports to whom is not kept",
        count(reports.count()),
    );
    summary.note(
        "Employee: title (but for the role), birth and hire date, address and fax are not kept",
        count(document.employee.len()),
    );
    let faxes = document
        .customer
        .iter()
        .filter(|customer| customer.fax.get().is_some());
    summary.note("Customer.Fax is not kept", count(faxes.count()));
    let other_genre = store.album_tracks.values().flat_map(|tracks| {
        let main = music::main_genre(tracks);
        tracks.iter().filter(move |track| track.genre_id != main)
    });
    summary.note(
        "tracks of another genre than their album (a tag of the product)",
        count(other_genre.count()),
    );
}
