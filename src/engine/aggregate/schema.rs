//! Declares aggregates: one object for each table, and those of its columns.

use async_graphql::dynamic::{Object, TypeRef};

use super::{COUNT, Functions, columns};
use crate::engine::catalog::{Catalog, Column, RoleCatalog, Table};
use crate::engine::declare::field;
use crate::engine::scalar::type_name;

pub const ABOUT_COUNT: &str = "The number of rows.";

/// Name of the type of values about rows of a table.
pub fn aggregate_name(table: &Table) -> String {
    format!("{}Aggregate", table.type_name)
}

/// The type of values about rows of a table.
pub fn aggregate(role: RoleCatalog<'_>, table: &Table) -> Object {
    let object = Object::new(aggregate_name(table))
        .description(format!("Values about several {}.", table.nouns));
    fields(role, table, object, |column| Some(&column.comment))
}

/// Adds the values about rows of a table to an object type, of columns that get a description.
pub fn fields(
    role: RoleCatalog<'_>,
    table: &Table,
    object: Object,
    describe: impl Fn(&Column) -> Option<&str>,
) -> Object {
    let count = field(COUNT, TypeRef::named_nn(TypeRef::INT), ABOUT_COUNT);
    columns(role, table).fold(object.field(count), |object, (column, functions)| {
        let of = TypeRef::named_nn(functions.type_name());
        match describe(column) {
            Some(description) => object.field(field(&column.field, of, description)),
            None => object,
        }
    })
}

/// The type of what is computed over columns of a type.
pub fn functions(catalog: &Catalog, functions: Functions) -> Object {
    let object =
        Object::new(functions.type_name()).description("Values about a field in several rows.");
    functions.all().iter().fold(object, |object, &function| {
        let of = match functions.result(function) {
            Some(kind) => TypeRef::named(type_name(catalog, kind)),
            None => TypeRef::named_nn(TypeRef::INT),
        };
        object.field(field(function.name(), of, function.comment()))
    })
}
