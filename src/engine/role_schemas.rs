//! What of the schema each role lacks. One schema validates the documents of all roles; that of a
//! role alone is made when a caller asks about it, and forgotten when nobody does.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use async_graphql::Name;
use async_graphql::dynamic::Schema;
use moka::future::Cache;

use super::catalog::{Catalog, RoleCatalog};
use super::{schema, validate};
use crate::error::Error;
use crate::session::Role;

/// How long a role's own schema is kept after the last question about it.
const KEPT: Duration = Duration::from_secs(60);

/// A schema that validates, and answers questions about itself.
pub struct Validating {
    pub schema: Schema,
    pub types: validate::Types,
}

impl Validating {
    fn new(catalog: &Catalog, role: Role) -> Result<Self, String> {
        let role = RoleCatalog { catalog, role };
        let schema = schema::build(role, validate::Validated).map_err(|error| error.to_string())?;
        Ok(Self {
            types: validate::Types::read(&schema.sdl())?,
            schema,
        })
    }
}

/// What of the whole schema a role lacks.
pub struct Lacks {
    /// The least role that lacks no more.
    from: Role,
    types: HashSet<Name>,
    /// Fields of objects and inputs, by their type.
    fields: HashMap<Name, HashSet<Name>>,
}

impl Lacks {
    fn between(whole: &validate::Types, own: &validate::Types, from: Role) -> Self {
        let mut lacks = Self {
            from,
            types: HashSet::new(),
            fields: HashMap::new(),
        };
        for (name, kind) in whole.iter() {
            let Some(own) = own.get(name) else {
                lacks.types.insert(name.clone());
                continue;
            };
            let missing = kind.fields().filter(|field| !own.has(field));
            let missing: HashSet<Name> = missing.cloned().collect();
            if !missing.is_empty() {
                lacks.fields.insert(name.clone(), missing);
            }
        }
        lacks
    }

    pub fn a_type(&self, name: &str) -> bool {
        self.types.contains(name)
    }

    /// Whether it lacks a field of an object or of an input.
    pub fn a_field(&self, of: &str, name: &str) -> bool {
        self.a_type(of) || self.fields.get(of).is_some_and(|of| of.contains(name))
    }

    /// Whether something that is lacked has this name.
    fn anything(&self, name: &str) -> bool {
        self.a_type(name) || self.fields.values().any(|fields| fields.contains(name))
    }
}

/// The whole schema, and what roles lack of it.
pub struct RoleSchemas {
    catalog: Arc<Catalog>,
    /// The least role that lacks nothing.
    all: Role,
    whole: Validating,
    /// In the order of the roles.
    lesser: Vec<Lacks>,
    own: Cache<Role, Arc<Validating>>,
}

impl RoleSchemas {
    /// # Errors
    /// What of the catalog makes no valid schema; a mistake in the code.
    pub fn new(catalog: &Arc<Catalog>) -> Result<Self, String> {
        let (all, lesser) = catalog.steps();
        // They are dropped before the next one is made, so that not all are in memory at once.
        let whole = Validating::new(catalog, all)?;
        let lesser = lesser.into_iter().map(|role| {
            let own = Validating::new(catalog, role)?;
            Ok(Lacks::between(&whole.types, &own.types, role))
        });
        Ok(Self {
            lesser: lesser.collect::<Result<_, String>>()?,
            all,
            whole,
            catalog: Arc::clone(catalog),
            own: Cache::builder().time_to_idle(KEPT).build(),
        })
    }

    /// The schema that has everything.
    pub fn whole(&self) -> &Validating {
        &self.whole
    }

    /// What a role lacks, if anything.
    pub fn lacks(&self, role: Role) -> Option<&Lacks> {
        if role >= self.all {
            return None;
        }
        let mut lesser = self.lesser.iter().rev();
        // The first one is of the least role there is.
        let own = lesser.find(|lacks| lacks.from <= role);
        own.or(self.lesser.first())
    }

    /// The least role that may read the same.
    pub fn least_like(&self, role: Role) -> Role {
        self.lacks(role).map_or(self.all, |lacks| lacks.from)
    }

    /// The least role that does not lack something.
    pub fn least_with(&self, lacks: impl Fn(&Lacks) -> bool) -> Role {
        let least = self.lesser.iter().find(|one| !lacks(one));
        least.map_or(self.all, |one| one.from)
    }

    /// The schema of a role alone; none where it is the whole one. It is made beside the requests.
    ///
    /// # Errors
    /// `INTERNAL` for a mistake in the code.
    pub async fn own(&self, role: Role) -> Result<Option<Arc<Validating>>, Error> {
        let Some(lacks) = self.lacks(role) else {
            return Ok(None);
        };
        let (catalog, from) = (Arc::clone(&self.catalog), lacks.from);
        let make = async move {
            let made = tokio::task::spawn_blocking(move || Validating::new(&catalog, from));
            made.await.map_err(|error| error.to_string())?.map(Arc::new)
        };
        let own = self.own.try_get_with(from, make).await;
        own.map(Some).map_err(Error::internal)
    }

    /// Takes proposals out of an error that name what a role lacks.
    pub fn hide(&self, role: Role, error: &mut Error) {
        let Some(lacks) = self.lacks(role) else {
            return;
        };
        let names = |hint: &str| {
            let mut words = hint.split(|one: char| !one.is_ascii_alphanumeric() && one != '_');
            words.any(|word| lacks.anything(word))
        };
        if error.hint.as_ref().is_some_and(|hint| names(&hint.0)) {
            error.hint = None;
        }
    }
}
