//! The schema as each role sees it. Roles that see the same share one view, which is made when the
//! first of them asks: a schema takes some 10 MB, and many gateways serve administrators alone.

use std::sync::{Arc, OnceLock};

use async_graphql::dynamic::Schema;

use super::catalog::{Catalog, Sight};
use super::{schema, validate};
use crate::error::Error;
use crate::session::Role;

/// What some roles see of the schema.
pub struct View {
    /// The least of the roles.
    pub from: Role,
    pub schema: Schema,
    pub types: validate::Types,
}

impl View {
    fn new(catalog: &Catalog, from: Role) -> Result<Self, String> {
        let sight = Sight {
            catalog,
            role: from,
        };
        let schema =
            schema::build(sight, validate::Validated).map_err(|error| error.to_string())?;
        Ok(Self {
            from,
            types: validate::Types::read(&schema.sdl())?,
            schema,
        })
    }
}

/// The views in the order of their roles.
pub struct Views {
    catalog: Arc<Catalog>,
    /// Views that show less than everything, by the least of their roles.
    lesser: Vec<(Role, OnceLock<View>)>,
    whole: View,
}

impl Views {
    /// Builds the view that shows everything.
    ///
    /// # Errors
    /// What of the catalog makes no valid schema; a mistake in the code.
    pub fn new(catalog: Arc<Catalog>) -> Result<Self, String> {
        let (last, lesser) = catalog.steps();
        Ok(Self {
            whole: View::new(&catalog, last)?,
            lesser: lesser
                .into_iter()
                .map(|role| (role, OnceLock::new()))
                .collect(),
            catalog,
        })
    }

    /// Everything, whoever may see it.
    pub fn whole(&self) -> &View {
        &self.whole
    }

    /// What the role sees.
    ///
    /// # Errors
    /// `INTERNAL` when its part of the catalog makes no valid schema; a mistake in the code.
    pub fn of(&self, role: Role) -> Result<&View, Error> {
        if role >= self.whole.from {
            return Ok(&self.whole);
        }
        let mut lesser = self.lesser.iter().rev();
        match lesser.find(|(from, _)| *from <= role) {
            Some((from, view)) => self.made(*from, view),
            None => Err(Error::internal(format!(
                "no view of the schema is for {role}"
            ))),
        }
    }

    /// The least role whose view satisfies the test; that of the whole, if no lesser one does.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub fn least(&self, shows: impl Fn(&View) -> bool) -> Result<Role, Error> {
        for (from, view) in &self.lesser {
            if shows(self.made(*from, view)?) {
                return Ok(*from);
            }
        }
        Ok(self.whole.from)
    }

    fn made<'a>(&self, from: Role, view: &'a OnceLock<View>) -> Result<&'a View, Error> {
        if let Some(view) = view.get() {
            return Ok(view);
        }
        // Two requests at once may both make it; one of the two is kept.
        let made = View::new(&self.catalog, from).map_err(Error::internal)?;
        Ok(view.get_or_init(|| made))
    }
}
