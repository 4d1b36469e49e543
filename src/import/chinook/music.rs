//! Genres, albums and tracks: what the record store sells.

use std::collections::BTreeMap;
use std::fmt::Write;

use rust_decimal::Decimal;
use sqlx::PgConnection;
use uuid::Uuid;

use super::shape::Track;
use super::store::Store;
use crate::import::catalog::{Catalog, Product, Variant};
use crate::import::error::ImportError;
use crate::import::rows::{Rows, copy};
use crate::import::summary::Summary;
use crate::import::target::Target;

const STAGE: &str = "
create temp table import_genres (id uuid primary key, name text) on commit drop;
create temp table import_albums (id uuid primary key, artist text, genre_id uuid) on commit drop";

const INSERT_GENRES: &str = "
insert into genres (workspace_id, id, name) select $1, id, name from import_genres on conflict do nothing";

/// The genre is the one of that id, or the one that the workspace had under the name.
const INSERT_ALBUMS: &str = "
insert into albums (workspace_id, id, product_id, artist, genre_id)
  select $1, s.id, s.id, s.artist, coalesce(by_id.id, by_name.id)
  from import_albums s
  join products p on p.workspace_id = $1 and p.id = s.id
  left join import_genres g on g.id = s.genre_id
  left join genres by_id on by_id.workspace_id = $1 and by_id.id = g.id
  left join genres by_name on by_name.workspace_id = $1 and by_name.name = g.name
  on conflict do nothing";

/// Writes the catalog. Afterwards `import_variants` says which variant each track is.
pub(super) async fn import(
    connection: &mut PgConnection,
    target: &mut Target,
    store: &Store<'_>,
    summary: &mut Summary,
) -> Result<(), ImportError> {
    let workspace = target.workspace;
    let mut genres = Rows::default();
    for genre in &store.document.genre {
        let id = target.keys.id("genre", genre.genre_id);
        genres.uuid(id).text(&genre.name.0).end();
    }
    let (catalog, albums) = catalog(target, store);

    sqlx::raw_sql(STAGE).execute(&mut *connection).await?;
    copy(connection, "copy import_genres from stdin", &genres).await?;
    copy(connection, "copy import_albums from stdin", &albums).await?;
    let new = insert(connection, INSERT_GENRES, workspace).await?;
    summary.count("genres", new, genres.count() - new);
    catalog.stage(connection, workspace).await?;
    catalog.insert(connection, workspace, summary).await?;
    let new = insert(connection, INSERT_ALBUMS, workspace).await?;
    summary.count("albums", new, albums.count() - new);
    Ok(())
}

async fn insert(
    connection: &mut PgConnection,
    sql: &'static str,
    workspace: Uuid,
) -> Result<u64, ImportError> {
    let done = sqlx::query(sql).bind(workspace).execute(connection).await?;
    Ok(done.rows_affected())
}

fn catalog(target: &mut Target, store: &Store<'_>) -> (Catalog, Rows) {
    let mut catalog = Catalog::default();
    let mut albums = Rows::default();
    for album in &store.document.album {
        let id = target.keys.id("album", album.album_id);
        let tracks = store
            .album_tracks
            .get(&album.album_id)
            .map_or(&[][..], Vec::as_slice);
        product(&mut catalog, id, &album.title.0, tracks, store);
        let artist = store.artists.get(&album.artist_id);
        albums
            .uuid(id)
            .text(artist.map_or("", |artist| &artist.name.0))
            .opt_plain(main_genre(tracks).map(|genre| target.keys.id("genre", genre)))
            .end();
        for track in tracks {
            variant(&mut catalog, target, id, track);
        }
    }
    for track in &store.document.track {
        if track.album_id.is_none() {
            let id = target.keys.id("single", track.track_id);
            product(&mut catalog, id, &track.name.0, &[track], store);
            variant(&mut catalog, target, id, track);
        }
    }
    (catalog, albums)
}

fn product(catalog: &mut Catalog, id: Uuid, title: &str, tracks: &[&Track], store: &Store<'_>) {
    let name = |genre: i64| store.genres.get(&genre).map(|genre| genre.name.0.as_str());
    let genres = genre_counts(tracks);
    let lowest = tracks.iter().map(|track| track.unit_price.0).min();
    let listing = listing(tracks);
    catalog.product(&Product {
        id,
        title,
        description: Some(&listing)
            .filter(|text| !text.is_empty())
            .map(String::as_str),
        collection: None,
        category: main_genre(tracks).and_then(name),
        tags: genres.keys().filter_map(|genre| name(*genre)).collect(),
        base_price: lowest.unwrap_or(Decimal::ZERO),
        status: if tracks.is_empty() {
            "inactive"
        } else {
            "active"
        },
    });
}

fn variant(catalog: &mut Catalog, target: &mut Target, product_id: Uuid, track: &Track) {
    catalog.variant(&Variant {
        id: target.keys.id("track", track.track_id),
        product_id,
        sku: Some(&sku(track)),
        size: None,
        frame_type: None,
        condition: None,
        price: track.unit_price.0,
        cost: None,
        inventory_quantity: 0,
        is_available: true,
    });
}

/// A variant has no title, so its SKU carries the name of the track in a form fit for addresses.
pub(super) fn sku(track: &Track) -> String {
    const LONGEST: usize = 255;
    let mut sku = format!("track-{}", track.track_id);
    let mut gap = true;
    for character in track.name.0.chars().flat_map(char::to_lowercase) {
        if !character.is_alphanumeric() {
            // An apostrophe inside a word does not part it.
            gap |= !matches!(character, '\'' | '’');
            continue;
        }
        if std::mem::take(&mut gap) {
            sku.push('-');
        }
        sku.push(character);
    }
    let mut sku: String = sku.chars().take(LONGEST).collect();
    while sku.ends_with('-') {
        sku.pop();
    }
    sku
}

/// The tracks in their order, with length and composer.
fn listing(tracks: &[&Track]) -> String {
    let mut text = String::new();
    for (index, track) in tracks.iter().enumerate() {
        let seconds = track.milliseconds / 1000;
        if index > 0 {
            text.push('\n');
        }
        // Writing to a string does not fail.
        let _ = write!(
            text,
            "{}. {} ({}:{:02})",
            index + 1,
            track.name.0,
            seconds / 60,
            seconds % 60
        );
        if let Some(composer) = track.composer.get() {
            let _ = write!(text, ", {composer}");
        }
    }
    text
}

fn genre_counts(tracks: &[&Track]) -> BTreeMap<i64, usize> {
    let mut counts = BTreeMap::new();
    for genre in tracks.iter().filter_map(|track| track.genre_id) {
        *counts.entry(genre).or_default() += 1;
    }
    counts
}

/// The genre of most tracks; of several, the one with the lowest number.
pub(super) fn main_genre(tracks: &[&Track]) -> Option<i64> {
    let counts = genre_counts(tracks);
    let most = counts.iter().max_by(|a, b| a.1.cmp(b.1).then(b.0.cmp(a.0)));
    most.map(|(genre, _)| *genre)
}

#[cfg(test)]
mod tests {
    use super::super::shape::Track;
    use super::{listing, main_genre, sku};

    fn track(id: i64, name: &str, genre: i64) -> Track {
        serde_json::from_value(serde_json::json!({
            "TrackId": id, "Name": name, "AlbumId": 1, "MediaTypeId": 1, "GenreId": genre,
            "Composer": if id == 2 { "" } else { "Angus Young" }, "Milliseconds": 343_719 + id, "Bytes": 5, "UnitPrice": 0.99,
        }))
        .unwrap()
    }

    #[test]
    fn the_sku_carries_the_name_with_its_accents() {
        for (name, expected) in [
            (
                "For Those About To Rock (We Salute You)",
                "track-7-for-those-about-to-rock-we-salute-you",
            ),
            ("Can't Stop", "track-7-cant-stop"),
            ("Águas De Março", "track-7-águas-de-março"),
            ("???", "track-7"),
        ] {
            assert_eq!(sku(&track(7, name, 1)), expected);
        }
        assert_eq!(sku(&track(7, &"ab ".repeat(80), 1)).chars().count(), 247);
        assert!(sku(&track(7, &"ä".repeat(255), 1)).chars().count() == 255);
    }

    #[test]
    fn an_album_has_the_genre_of_most_of_its_tracks() {
        let tracks = [
            track(1, "a", 5),
            track(2, "b", 3),
            track(3, "c", 3),
            track(4, "d", 5),
        ];
        let tracks: Vec<&Track> = tracks.iter().collect();
        assert_eq!(main_genre(&tracks), Some(3));
        assert_eq!(main_genre(&tracks[..1]), Some(5));
        assert_eq!(main_genre(&[]), None);
        assert_eq!(
            listing(&tracks[..2]),
            "1. a (5:43), Angus Young\n2. b (5:43)"
        );
    }
}
