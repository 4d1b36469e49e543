//! The engine: catalog -> schema, and for each request plan -> load -> write. It names no table.

mod aggregate;
mod budget;
pub mod catalog;
mod compiled;
mod connection;
mod cost;
mod declare;
mod document;
mod execute;
mod explain;
mod filter;
mod forbidden;
mod graph;
mod group;
mod load;
mod mutation;
pub mod names;
mod opaque;
mod order;
mod plan;
mod role_schemas;
mod root;
mod row;
mod scalar;
mod schema;
pub mod search;
mod select;
mod sizes;
mod validate;
mod write;

use std::fmt::Debug;
use std::sync::Arc;

use async_graphql::Variables;
use serde_json::{Map, Value};

use self::catalog::Catalog;
use self::compiled::Operations;
pub use self::cost::Cost;
pub use self::document::Document;
pub use self::explain::Explain;
pub use self::plan::choose;
use self::role_schemas::{RoleSchemas, Validating};
use self::select::Statements;
use self::sizes::Sizes;
pub use self::write::OnError;
use crate::db::About;
use crate::error::Error;
pub use crate::guard::Limits;
use crate::kept;
use crate::memory::Held;
use crate::rate::Account;

/// Answers operations over the tables of a catalog.
#[derive(Clone)]
pub struct Engine {
    catalog: Arc<Catalog>,
    schemas: Arc<RoleSchemas>,
    limits: Limits,
    sizes: Sizes,
    operations: Operations,
    statements: Statements,
}

/// What a caller asks for.
pub struct Operation<'a> {
    pub document: &'a Document,
    pub name: Option<&'a str>,
    pub variables: Variables,
}

/// What an operation may do.
pub struct Terms<'a> {
    /// Whether it may ask about the schema.
    pub introspection: bool,
    /// Pays the cost before anything is read; without an account every cost may be paid.
    pub account: Option<&'a Account<'a>>,
    /// Counts what the operation holds.
    pub held: Held,
    /// What becomes of the data where a field fails.
    pub on_error: OnError,
    /// What is told of its statements.
    pub explain: Option<Explain>,
    /// The header that makes a mutation of one root field safe to repeat.
    pub idempotency_key: Option<&'a str>,
    /// What the log of changes says of a mutation.
    pub about: Arc<About>,
}

/// The answer to an operation.
#[derive(Debug, Default)]
pub struct Answer {
    /// The answer as JSON as far as its member `data`, which is its first one: the last brace is
    /// missing. None when nothing was executed.
    pub data: Option<Vec<u8>>,
    pub errors: Vec<Error>,
    /// Nothing when the operation was refused before it was planned.
    pub cost: Cost,
    /// Members of `extensions`; without any the answer has none.
    pub extensions: Map<String, Value>,
    /// The bytes of `data` and `errors`, until they are sent.
    pub held: Option<Held>,
}

impl From<Vec<Error>> for Answer {
    fn from(errors: Vec<Error>) -> Self {
        Self {
            errors,
            ..Self::default()
        }
    }
}

impl From<Error> for Answer {
    fn from(error: Error) -> Self {
        vec![error].into()
    }
}

impl Engine {
    /// Builds the whole schema of the catalog.
    ///
    /// # Errors
    /// What of the catalog makes no valid schema; a mistake in the code.
    pub fn new(catalog: Catalog, limits: Limits) -> Result<Self, String> {
        let catalog = Arc::new(catalog);
        Ok(Self {
            schemas: Arc::new(RoleSchemas::new(&catalog)?),
            catalog,
            limits,
            sizes: Sizes::new(),
            operations: Operations::new(kept::BYTES),
            statements: Statements::new(kept::BYTES),
        })
    }

    /// The same schema with other limits, and with nothing kept of any request.
    #[must_use]
    pub fn anew(&self, limits: Limits) -> Self {
        Self {
            limits,
            sizes: Sizes::new(),
            operations: Operations::new(kept::BYTES),
            statements: Statements::new(kept::BYTES),
            ..self.clone()
        }
    }

    /// Keeps what was compiled within its share of so many bytes.
    #[must_use]
    pub fn keeping(self, bytes: u64) -> Self {
        Self {
            operations: Operations::new(bytes),
            statements: Statements::new(bytes),
            ..self
        }
    }

    /// What is kept of the requests so far, with its bytes.
    pub fn kept(&self) -> (impl Debug + '_, u64) {
        let bytes = self.operations.bytes() + self.statements.bytes();
        ((&self.operations, &self.statements), bytes)
    }

    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The whole schema in the schema definition language, sorted.
    pub fn sdl(&self) -> String {
        let options = async_graphql::SDLExportOptions::new()
            .sorted_fields()
            .sorted_arguments()
            .sorted_enum_items()
            .prefer_single_line_descriptions()
            .include_specified_by();
        let sdl = self.schemas.whole().schema.sdl_with_options(options);
        format!("{}{}{sdl}", mutation::CONSTRAINT_SDL, mutation::sdl())
    }

    /// Validates every operation of a document, whatever its variables will be.
    ///
    /// # Errors
    /// `GRAPHQL_VALIDATION_FAILED` with the places in the document.
    pub async fn check_all(&self, document: &Document) -> Result<(), Vec<Error>> {
        let Validating { schema, types } = self.schemas.whole();
        for (name, _) in document.parsed().operations.iter() {
            let name = name.map(|name| name.as_str());
            let validated =
                validate::validate((schema, types), document, name, Variables::default(), None);
            validated.await?;
        }
        Ok(())
    }

    /// What is wrong with an operation as far as the whole schema tells; nothing is executed.
    pub async fn check(&self, operation: Operation<'_>) -> Vec<Error> {
        let Operation {
            document,
            name,
            variables,
        } = operation;
        let Validating { schema, types } = self.schemas.whole();
        // The document is judged by itself; values of variables cannot make it better or worse.
        let validated =
            validate::validate((schema, types), document, name, Variables::default(), None);
        let mut errors = validated.await.err().unwrap_or_default();
        let coerced = plan::choose(document.parsed(), name)
            .map_err(|error| vec![error])
            .and_then(|operation| validate::coerce(types, operation, variables));
        errors.extend(coerced.err().unwrap_or_default());
        errors
    }
}
