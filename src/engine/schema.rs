//! The GraphQL types, made from the catalog. async-graphql validates and introspects with them;
//! rows never pass through their resolvers.

use std::collections::BTreeSet;

use async_graphql::dynamic::{Schema, SchemaError};
use async_graphql::extensions::ExtensionFactory;

use super::aggregate::{self, Functions};
use super::catalog::{Cardinality, RoleCatalog};
use super::{connection, filter, graph, group, mutation, order, root, row, scalar, search};

/// Builds the schema of what a role may read; `extension` answers in the place of the resolvers.
pub fn build(
    role: RoleCatalog<'_>,
    extension: impl ExtensionFactory,
) -> Result<Schema, SchemaError> {
    let mutation = mutation::writes(role).then_some(mutation::MUTATION);
    let schema = Schema::build(root::QUERY, mutation, None).extension(extension);
    let mut schema = mutation::register(role, schema);
    for scalar in scalar::scalars(role) {
        schema = schema.register(scalar);
    }
    for enumeration in scalar::enumerations(role) {
        schema = schema.register(enumeration);
    }
    for operators in filter::operators(role) {
        schema = schema.register(operators);
    }
    for one in Functions::ALL {
        schema = schema
            .register(aggregate::functions(role.catalog, one))
            .register(filter::functions_filter(role.catalog, one))
            .register(order::functions_order(one));
    }
    schema = schema
        .register(group::date_time_bucket())
        .register(group::date_bucket())
        .register(group::bucket_unit())
        .register(group::fill())
        .register(filter::text_mode())
        .register(order::direction())
        .register(connection::page_info())
        .register(connection::count())
        .register(connection::count_precision())
        .register(search::text_search())
        .register(search::hybrid_search())
        .register(search::mode_type())
        .register(search::ranks())
        .register(search::highlight())
        .register(row::interface())
        .register(root::viewer(role))
        .register(root::query(role));
    for table in role.tables() {
        schema = schema
            .register(row::object(role, table))
            .register(connection::connection(table))
            .register(connection::edge(table))
            .register(aggregate::aggregate(role, table))
            .register(filter::filter(role, table))
            .register(filter::aggregate_filter(role, table))
            .register(order::order(role, table))
            .register(group::group_connection(table))
            .register(group::group(role, table))
            .register(group::group_key(role, table))
            .register(group::group_by(role, table))
            .register(group::group_order(role, table));
    }
    for graph in role.tables().filter_map(|table| role.graph(table)) {
        schema = schema
            .register(graph::direction())
            .register(graph::neighbourhood(role.catalog, graph))
            .register(graph::neighbour(role.catalog, graph))
            .register(graph::path_step(role.catalog, graph));
    }
    // The schema lists no type that nothing leads to.
    let relations = role.tables().flat_map(|table| role.relations(table));
    let many = relations.filter(|relation| relation.cardinality == Cardinality::Many);
    for id in many.map(|relation| relation.to).collect::<BTreeSet<_>>() {
        let table = role.catalog.table(id);
        schema = schema
            .register(filter::to_many_filter(table))
            .register(order::to_many_order(table))
            .register(order::aggregate_order(role, table));
    }
    // The guard bounds the levels, and its limit can be set.
    schema.limit_recursive_depth(usize::MAX).finish()
}
