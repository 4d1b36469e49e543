//! The GraphQL types, made from the catalog. async-graphql validates and introspects with them;
//! rows never pass through their resolvers.

use async_graphql::dynamic::{Schema, SchemaError};
use async_graphql::extensions::ExtensionFactory;

use super::catalog::RoleCatalog;
use super::{connection, filter, order, root, row, scalar};

/// Builds the schema of what a role may read; `extension` answers in the place of the resolvers.
pub fn build(
    role: RoleCatalog<'_>,
    extension: impl ExtensionFactory,
) -> Result<Schema, SchemaError> {
    let mut schema = Schema::build(root::QUERY, None, None).extension(extension);
    for scalar in scalar::scalars(role) {
        schema = schema.register(scalar);
    }
    for enumeration in scalar::enumerations(role) {
        schema = schema.register(enumeration);
    }
    for operators in filter::operators(role) {
        schema = schema.register(operators);
    }
    schema = schema
        .register(filter::text_mode())
        .register(order::direction())
        .register(connection::page_info())
        .register(connection::count())
        .register(connection::count_precision())
        .register(row::interface())
        .register(root::viewer(role.catalog))
        .register(root::query(role));
    for table in role.tables() {
        schema = schema
            .register(row::object(role, table))
            .register(connection::connection(table))
            .register(connection::edge(table))
            .register(filter::filter(role, table))
            .register(order::order(role, table));
    }
    // The guard bounds the levels, and its limit can be set.
    schema.limit_recursive_depth(usize::MAX).finish()
}
