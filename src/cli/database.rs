//! The database that a command uses: the configured one, or the embedded one.

use crate::config::Settings;
use crate::db::embedded::Embedded;

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
