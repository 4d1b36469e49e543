//! The importers on a real database: what a file becomes, twice, and broken.

mod chinook;
mod full;
mod online_retail;
mod sample;
mod sample_rows;
mod shopify;
mod workspace;

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use sqlx::postgres::PgRow;
use sqlx::{Connection, PgConnection, Row};
use tessera::accounts;
use tessera::import::{self, ImportError, Silent, Source, Summary};
use tokio::sync::{Mutex, MutexGuard, OnceCell};
use uuid::Uuid;

use crate::harness::database::{Database, create};

static DATABASE: OnceCell<Database> = OnceCell::const_new();

/// A workspace of its own for a test, and the one connection to the database.
struct Shop {
    /// None only while it is exchanged.
    connection: Option<PgConnection>,
    slug: &'static str,
    id: Uuid,
    /// The embedded server serves one connection at a time.
    _alone: MutexGuard<'static, ()>,
}

impl Shop {
    async fn open(slug: &'static str) -> Self {
        static ALONE: Mutex<()> = Mutex::const_new(());
        let alone = ALONE.lock().await;
        let database = DATABASE.get_or_init(|| create(None)).await;
        let mut connection = tessera::sample::connect_as_owner(&database.url)
            .await
            .expect("the owner of the model connects");
        let owner = format!("owner@{slug}.example");
        let (workspace, _) =
            accounts::ensure_workspace(&mut connection, Uuid::now_v7(), slug, slug, &owner)
                .await
                .expect("a workspace");
        Self {
            connection: Some(connection),
            slug,
            id: workspace.id,
            _alone: alone,
        }
    }

    async fn reconnect(&mut self) {
        let database = DATABASE.get().expect("the shop is open");
        // The embedded server answers the next connection when the former one is gone.
        drop(self.connection.take());
        let connected = tessera::sample::connect_as_owner(&database.url).await;
        self.connection = Some(connected.expect("the owner connects again"));
    }

    fn connection(&mut self) -> &mut PgConnection {
        self.connection.as_mut().expect("connected")
    }

    async fn close(self) {
        self.connection
            .expect("connected")
            .close()
            .await
            .expect("the connection closes");
    }

    async fn online_retail(&mut self, text: impl Into<Vec<u8>>) -> Result<Summary, ImportError> {
        let source = source("retail.csv", text);
        let slug = self.slug;
        import::online_retail(self.connection(), slug, source, &Silent).await
    }

    async fn chinook(&mut self, text: impl Into<Vec<u8>>) -> Result<Summary, ImportError> {
        let source = source("chinook.json", text);
        let slug = self.slug;
        import::chinook(self.connection(), slug, source, &Silent).await
    }

    async fn shopify(&mut self, text: impl Into<Vec<u8>>) -> Result<Summary, ImportError> {
        let source = source("products.csv", text);
        let slug = self.slug;
        import::shopify_products(self.connection(), slug, source, false, &Silent).await
    }

    /// Rows of a query whose `$1` is the workspace.
    async fn rows(&mut self, sql: &'static str) -> Vec<PgRow> {
        sqlx::query(sql)
            .bind(self.id)
            .fetch_all(self.connection())
            .await
            .expect("the query runs")
    }

    /// The same rows as one text: columns parted by `|`, which the query makes itself.
    async fn texts(&mut self, sql: &'static str) -> Vec<String> {
        let rows = self.rows(sql).await;
        rows.iter().map(|row| row.get(0)).collect()
    }

    async fn number(&mut self, sql: &'static str) -> i64 {
        self.rows(sql).await[0].get(0)
    }

    async fn run(&mut self, sql: &'static str) {
        sqlx::query(sql)
            .bind(self.id)
            .execute(self.connection())
            .await
            .expect("the statement runs");
    }

    /// Rows of the workspace in all tables that an import writes to.
    async fn size(&mut self) -> i64 {
        self.number(
            "select (select count(*) from customers where workspace_id = $1)
              + (select count(*) from products where workspace_id = $1)
              + (select count(*) from product_variants where workspace_id = $1)
              + (select count(*) from genres where workspace_id = $1)
              + (select count(*) from albums where workspace_id = $1)
              + (select count(*) from orders where workspace_id = $1)
              + (select count(*) from order_items where workspace_id = $1)
              + (select count(*) from transactions where workspace_id = $1)
              + (select count(*) from audit_logs where workspace_id = $1
                  and resource_type <> 'workspace_members')
              + (select count(*) - 1 from workspace_members where workspace_id = $1)",
        )
        .await
    }
}

fn source(name: &str, text: impl Into<Vec<u8>>) -> Source {
    Source::new(name, std::io::Cursor::new(text.into()))
}

fn gzip(text: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_ref()).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

/// Imported and already there, of a table.
fn counts(summary: &Summary, table: &str) -> (u64, u64) {
    let counted = summary
        .table(table)
        .unwrap_or_else(|| panic!("{table} is counted"));
    (counted.imported, counted.present)
}

fn noted(summary: &Summary, beginning: &str) -> u64 {
    let found = summary
        .notes
        .iter()
        .chain(&summary.left_out)
        .find(|note| note.what.starts_with(beginning));
    found.map_or(0, |note| note.count)
}
