//! The schema as each role sees it. Roles that see the same share one view.

use async_graphql::dynamic::Schema;

use super::catalog::{Catalog, Sight};
use super::{schema, validate};
use crate::session::Role;

/// What some roles see of the schema.
pub struct View {
    /// The least of the roles.
    pub from: Role,
    pub schema: Schema,
    pub types: validate::Types,
}

/// The views in the order of their roles. There is one at least; the last shows everything.
pub struct Views {
    lesser: Vec<View>,
    whole: View,
}

impl Views {
    /// Builds the schemas.
    ///
    /// # Errors
    /// What of the catalog makes no valid schema; a mistake in the code.
    pub fn new(catalog: &Catalog) -> Result<Self, String> {
        let view = |role| {
            let sight = Sight { catalog, role };
            let schema =
                schema::build(sight, validate::Validated).map_err(|error| error.to_string())?;
            Ok(View {
                from: role,
                types: validate::Types::read(&schema.sdl())?,
                schema,
            })
        };
        let mut views = catalog
            .steps()
            .into_iter()
            .map(view)
            .collect::<Result<Vec<View>, String>>()?;
        let whole = views.pop().ok_or("there is no role")?;
        Ok(Self {
            lesser: views,
            whole,
        })
    }

    /// Everything, whoever may see it.
    pub fn whole(&self) -> &View {
        &self.whole
    }

    /// What the role sees.
    pub fn of(&self, role: Role) -> &View {
        match self.lesser.first() {
            Some(least) if role < self.whole.from => {
                let mut seen = self.lesser.iter().rev();
                seen.find(|view| view.from <= role).unwrap_or(least)
            }
            _ => &self.whole,
        }
    }

    /// The least role whose view satisfies the test.
    pub fn least(&self, shows: impl Fn(&View) -> bool) -> Role {
        let shown = self.lesser.iter().find(|view| shows(view));
        shown.unwrap_or(&self.whole).from
    }
}
