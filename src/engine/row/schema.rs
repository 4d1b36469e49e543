//! Declares object types: one for each table, with its columns and its relations.

use async_graphql::dynamic::{Interface, InterfaceField, Object, TypeRef};

use super::NODE;
use crate::engine::catalog::{Cardinality, NODE_ID, RoleCatalog, Table};
use crate::engine::connection::list_field;
use crate::engine::declare::field;
use crate::engine::scalar::value_type;

const ABOUT_NODE_ID: &str =
    "The global id of the row, unique among the rows of all types, for the root field `node`.";

pub fn interface() -> Interface {
    let id = InterfaceField::new(NODE_ID, TypeRef::named_nn(TypeRef::ID));
    Interface::new(NODE)
        .description("A row of any type with a global id.")
        .field(id.description(ABOUT_NODE_ID))
}

pub fn object(role: RoleCatalog<'_>, table: &Table) -> Object {
    let catalog = role.catalog;
    let mut object = Object::new(&table.type_name)
        .description(&table.comment)
        .implement(NODE)
        .field(field(
            NODE_ID,
            TypeRef::named_nn(TypeRef::ID),
            ABOUT_NODE_ID,
        ));
    for (_, column) in role.fields(table) {
        let of = value_type(catalog, column.kind, column.nullable);
        object = object.field(field(&column.field, of, &column.comment));
    }
    for relation in role.relations(table) {
        let other = catalog.table(relation.to);
        let (name, comment) = (&relation.field, &relation.comment);
        object = object.field(match relation.cardinality {
            Cardinality::Many => list_field(name, other, comment),
            Cardinality::One if relation.nullable => {
                field(name, TypeRef::named(&other.type_name), comment)
            }
            Cardinality::One => field(name, TypeRef::named_nn(&other.type_name), comment),
        });
    }
    object
}
