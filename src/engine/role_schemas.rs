//! The schema of each role. Roles that may read the same share one. All are made at the start, side
//! by side, so that no request waits for one.

use std::thread;

use async_graphql::dynamic::Schema;

use super::catalog::{Catalog, RoleCatalog};
use super::{schema, validate};
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
    /// Those that lack something.
    lesser: Vec<RoleSchema>,
    whole: RoleSchema,
}

impl RoleSchemas {
    /// Builds all schemas.
    ///
    /// # Errors
    /// What of the catalog makes no valid schema; a mistake in the code.
    pub fn new(catalog: &Catalog) -> Result<Self, String> {
        let (last, lesser) = catalog.steps();
        let make = |role| RoleSchema::new(catalog, role);
        let (whole, lesser) = thread::scope(|scope| {
            let others = lesser.into_iter();
            let others: Vec<_> = others.map(|role| scope.spawn(move || make(role))).collect();
            let whole = make(last);
            let lesser = others.into_iter().map(|thread| {
                let made = thread.join();
                made.unwrap_or_else(|_| Err("building the schema of a role failed".to_owned()))
            });
            (whole, lesser.collect::<Result<Vec<_>, String>>())
        });
        Ok(Self {
            whole: whole?,
            lesser: lesser?,
        })
    }

    /// The schema that has everything.
    pub fn whole(&self) -> &RoleSchema {
        &self.whole
    }

    /// The schema of a role.
    pub fn of(&self, role: Role) -> &RoleSchema {
        if role >= self.whole.from {
            return &self.whole;
        }
        // The first schema is that of the least role there is.
        let mut lesser = self.lesser.iter().rev();
        let own = lesser.find(|schema| schema.from <= role);
        own.or(self.lesser.first()).unwrap_or(&self.whole)
    }

    /// The least role whose schema satisfies the test; that of the whole, if no lesser one does.
    pub fn least(&self, has: impl Fn(&RoleSchema) -> bool) -> Role {
        let least = self.lesser.iter().find(|schema| has(schema));
        least.map_or(self.whole.from, |schema| schema.from)
    }
}
