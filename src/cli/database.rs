//! The database that a command uses: the configured one, or the embedded one.

use sqlx::{Connection, PgConnection};

use crate::config::Settings;
use crate::db::embedded::Embedded;
use crate::sample;

pub(super) struct Database {
    pub url: String,
    embedded: Option<Embedded>,
}

impl Database {
    /// Starts the embedded database where none is configured.
    pub async fn open(settings: &Settings) -> Result<Self, String> {
        if let Some(url) = &settings.server.database_url {
            return Ok(Self {
                url: url.clone(),
                embedded: None,
            });
        }
        let dir = settings.server.data_dir.clone();
        let embedded = tokio::task::spawn_blocking(move || Embedded::start(&dir))
            .await
            .map_err(|error| format!("the embedded database did not start: {error}"))??;
        Ok(Self {
            url: embedded.url(),
            embedded: Some(embedded),
        })
    }

    /// As [`Self::open`], but an embedded database must be there already.
    pub async fn open_existing(settings: &Settings) -> Result<Self, String> {
        let dir = &settings.server.data_dir;
        if settings.server.database_url.is_none() && !dir.join("postgres").exists() {
            return Err(format!(
                "there is no embedded database in {} yet; start `tessera` once to create it, or set --database-url",
                dir.display()
            ));
        }
        Self::open(settings).await
    }

    /// Runs a command on a connection that acts as the owner of the model, and closes the database.
    /// An embedded one is brought to this version of the model first.
    pub async fn with_owner<T>(
        self,
        command: impl AsyncFnOnce(&mut PgConnection) -> Result<T, String>,
    ) -> Result<T, String> {
        let outcome = self.run(command).await;
        let closed = self.close().await;
        let output = outcome?;
        closed.map(|()| output)
    }

    async fn run<T>(
        &self,
        command: impl AsyncFnOnce(&mut PgConnection) -> Result<T, String>,
    ) -> Result<T, String> {
        if self.is_embedded() {
            migration::up(&self.url)
                .await
                .map_err(|error| error.to_string())?;
        }
        let mut connection = sample::connect_as_owner(&self.url).await?;
        let outcome = command(&mut connection).await;
        // Whatever happened, the connection must be gone before the embedded database stops.
        let closed = connection.close().await;
        let output = outcome?;
        closed.map(|()| output).map_err(|error| error.to_string())
    }

    pub fn is_embedded(&self) -> bool {
        self.embedded.is_some()
    }

    /// Stops the embedded database; every connection must be closed by then.
    pub async fn close(self) -> Result<(), String> {
        let Some(embedded) = self.embedded else {
            return Ok(());
        };
        tokio::task::spawn_blocking(move || embedded.stop())
            .await
            .map_err(|error| format!("the embedded database did not stop: {error}"))?
    }
}
