//! The throw-away database that codegen reads: embedded PostgreSQL, brought up to date by the migrations.

use anyhow::{Context, Result};
use pglite_oxide::{PgliteServer, extensions};
use sqlx::{
    Executor, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

/// Starts an empty embedded server, which lives until it is dropped.
pub fn start() -> Result<PgliteServer> {
    PgliteServer::builder()
        .temporary()
        .extension(extensions::VECTOR)
        .start()
        .context("cannot start the embedded PostgreSQL")
}

/// A pool of one connection, because the embedded server has one backend.
pub async fn connect(url: &str) -> Result<PgPool> {
    let options: PgConnectOptions = url.parse().context("the database address is malformed")?;
    PgPoolOptions::new()
        .max_connections(1)
        // Names come out of the catalogue qualified or not depending on this.
        .after_connect(|connection, _| {
            Box::pin(async move {
                connection.execute("set search_path = public").await?;
                Ok(())
            })
        })
        .connect_with(options)
        .await
        .context("cannot connect to the embedded PostgreSQL")
}
