//! Whether the model of the database is that of this program.

use super::Db;
use super::form::{Mode, ScopeSettings};
use super::scope::{Ask, Then};
use crate::error::Error;
use crate::sql::Statement;

impl Db {
    /// Whether the database has the migrations of this program and no others.
    ///
    /// # Errors
    /// As for any read; a database without any migrations is an error, too.
    pub async fn is_current(&self) -> Result<bool, Error> {
        let statement =
            Statement::once("select version::text from public.seaql_migrations order by version");
        let mut present = Vec::new();
        let take = |_, row: wire::Row| {
            let version = row.get(0).unwrap_or_default();
            present.push(String::from_utf8_lossy(version).into_owned());
            Ok(())
        };
        self.scope(ScopeSettings::none(self.time_left()), Mode::Read)
            .run(&[Ask::of(&statement)], Then::End, take)
            .await?;
        let mut known = migration::known();
        known.sort();
        Ok(present == known)
    }
}
