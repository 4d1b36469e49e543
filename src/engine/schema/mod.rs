//! The GraphQL types, made from the catalog. async-graphql validates and introspects with them;
//! rows never pass through their resolvers.

mod connection;
mod enumeration;
mod filter;
mod object;
mod order;
mod root;
mod scalar;

pub use self::root::QUERY;

use async_graphql::dynamic::{Field, FieldFuture, Schema, SchemaError, TypeRef};
use async_graphql::extensions::ExtensionFactory;

use super::catalog::{Catalog, Kind, Sight};

/// Builds the schema of what a role sees; `extension` answers in the place of the resolvers.
pub fn build(sight: Sight<'_>, extension: impl ExtensionFactory) -> Result<Schema, SchemaError> {
    let catalog = sight.catalog;
    let mut schema = Schema::build(QUERY, None, None).extension(extension);
    for scalar in scalar::all(sight) {
        schema = schema.register(scalar);
    }
    for one in enumeration::all(sight) {
        schema = schema.register(one);
    }
    for filter in filter::operators(sight) {
        schema = schema.register(filter);
    }
    schema = schema
        .register(object::node_interface())
        .register(connection::page_info())
        .register(connection::count())
        .register(root::viewer(catalog))
        .register(root::query(sight));
    for table in sight.tables() {
        schema = schema
            .register(object::object(sight, table))
            .register(connection::connection(table))
            .register(connection::edge(table))
            .register(filter::filter(sight, table))
            .register(order::order(sight, table));
    }
    // The guard bounds the levels, and its limit can be set.
    schema.limit_recursive_depth(usize::MAX).finish()
}

/// A field whose value the engine writes.
fn field(name: impl Into<String>, of: TypeRef, description: impl Into<String>) -> Field {
    Field::new(name, of, |_| FieldFuture::from_value(None)).description(description)
}

/// The GraphQL type of a column's values.
fn type_name(catalog: &Catalog, kind: Kind) -> String {
    match kind {
        Kind::Uuid => TypeRef::ID,
        Kind::Text => TypeRef::STRING,
        Kind::Int => TypeRef::INT,
        Kind::Boolean => TypeRef::BOOLEAN,
        Kind::BigInt => scalar::BIG_INT,
        Kind::Decimal => scalar::DECIMAL,
        Kind::Timestamp => scalar::DATE_TIME,
        Kind::Date => scalar::DATE,
        Kind::Json => scalar::JSON,
        Kind::Inet => scalar::INET,
        Kind::Vector => scalar::VECTOR,
        // Lists are wrapped where the type is used.
        Kind::TextArray => TypeRef::STRING,
        Kind::Enum(index) => return catalog.enums[index].type_name.clone(),
    }
    .to_owned()
}

/// The type of a column's values, as a list where the column holds one.
fn value_type(catalog: &Catalog, kind: Kind, nullable: bool) -> TypeRef {
    let name = type_name(catalog, kind);
    match (kind == Kind::TextArray, nullable) {
        (true, true) => TypeRef::named_nn_list(name),
        (true, false) => TypeRef::named_nn_list_nn(name),
        (false, true) => TypeRef::named(name),
        (false, false) => TypeRef::named_nn(name),
    }
}
