//! The schema of each role. Roles that may read the same share one, which is made when the first
//! of them needs it: a schema takes some 10 MB, and many gateways serve administrators alone.

use std::sync::{Arc, OnceLock};

use async_graphql::dynamic::Schema;

use super::catalog::{Catalog, RoleCatalog};
use super::{schema, validate};
use crate::error::Error;
use crate::session::Role;

/// The schema of some roles.
pub struct RoleSchema {
    /// The least of the roles.
    pub from: Role,
    pub schema: Schema,
    pub types: validate::Types,
}

impl RoleSchema {
    fn new(catalog: &Catalog, from: Role) -> Result<Self, String> {
        let role = RoleCatalog {
            catalog,
            role: from,
        };
        let schema = schema::build(role, validate::Validated).map_err(|error| error.to_string())?;
        Ok(Self {
            from,
            types: validate::Types::read(&schema.sdl())?,
            schema,
        })
    }
}

/// The schemas in the order of their roles.
pub struct RoleSchemas {
    catalog: Arc<Catalog>,
    /// Those that lack something, by the least of their roles.
    lesser: Vec<(Role, OnceLock<RoleSchema>)>,
    whole: RoleSchema,
}

impl RoleSchemas {
    /// Builds the schema that has everything.
    ///
    /// # Errors
    /// What of the catalog makes no valid schema; a mistake in the code.
    pub fn new(catalog: Arc<Catalog>) -> Result<Self, String> {
        let (last, lesser) = catalog.steps();
        Ok(Self {
            whole: RoleSchema::new(&catalog, last)?,
            lesser: lesser
                .into_iter()
                .map(|role| (role, OnceLock::new()))
                .collect(),
            catalog,
        })
    }

    /// The schema that has everything.
    pub fn whole(&self) -> &RoleSchema {
        &self.whole
    }

    /// The schema of a role.
    ///
    /// # Errors
    /// `INTERNAL` when its part of the catalog makes no valid schema; a mistake in the code.
    pub fn of(&self, role: Role) -> Result<&RoleSchema, Error> {
        if role >= self.whole.from {
            return Ok(&self.whole);
        }
        let mut lesser = self.lesser.iter().rev();
        match lesser.find(|(from, _)| *from <= role) {
            Some((from, schema)) => self.made(*from, schema),
            None => Err(Error::internal(format!("there is no schema for {role}"))),
        }
    }

    /// The least role whose schema satisfies the test; that of the whole, if no lesser one does.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub fn least(&self, has: impl Fn(&RoleSchema) -> bool) -> Result<Role, Error> {
        for (from, schema) in &self.lesser {
            if has(self.made(*from, schema)?) {
                return Ok(*from);
            }
        }
        Ok(self.whole.from)
    }

    fn made<'a>(
        &self,
        from: Role,
        schema: &'a OnceLock<RoleSchema>,
    ) -> Result<&'a RoleSchema, Error> {
        if let Some(schema) = schema.get() {
            return Ok(schema);
        }
        // Two requests at once may both make it; one of the two is kept.
        let made = RoleSchema::new(&self.catalog, from).map_err(Error::internal)?;
        Ok(schema.get_or_init(|| made))
    }
}
