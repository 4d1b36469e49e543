//! Privileges of the login in the database's URL that a gateway should not have.

use super::Db;
use super::form::{Mode, ScopeSettings};
use super::scope::{Ask, Then};
use crate::error::Error;
use crate::sql::Statement;

/// Selects what the login may do beyond acting as the gateway, one end of a sentence in each row.
pub const EXCESSIVE_PRIVILEGES: &str = "select v.found from pg_roles r cross join lateral (values \
     (r.rolsuper, 'is a superuser'), \
     (r.rolbypassrls, 'bypasses row level security'), \
     (r.rolcreaterole or r.rolcreatedb, 'may create roles or databases'), \
     (not r.rolsuper and pg_has_role(r.oid, 'model_owner', 'MEMBER'), 'may act as model_owner'), \
     (exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace \
       where c.relowner = r.oid and n.nspname in ('public', 'read', 'app', 'mv', 'part')), \
       'owns tables of the model')) v(holds, found) \
     where r.rolname = session_user and v.holds";

/// What mends it.
pub const SEPARATE_LOGIN: &str =
    "use a separate login: `create role tessera login password '…'; grant gateway to tessera`";

impl Db {
    /// What the login may do beyond acting as the gateway, as ends of sentences; nothing for a login
    /// as it should be.
    ///
    /// # Errors
    /// `UNAVAILABLE` or `INTERNAL` when the database cannot be asked.
    pub async fn excessive_privileges(&self) -> Result<Vec<String>, Error> {
        let statement = Statement::once(EXCESSIVE_PRIVILEGES);
        let mut found = Vec::new();
        let take = |_, row: wire::Row| {
            let text = row.get(0).unwrap_or_default();
            found.push(String::from_utf8_lossy(text).into_owned());
            Ok(())
        };
        self.scope(ScopeSettings::none(self.time_left()), Mode::Read)
            .run(&[Ask::of(&statement)], Then::End, take)
            .await?;
        Ok(found)
    }
}
